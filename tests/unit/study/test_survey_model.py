"""The compiled answer to a survey history against the readable nodes of women, draw for draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decidua.inference.history import chances_of_loss, prepared_for
from decidua.inference.prepared import law_parameters_at
from decidua.life.parameters import LOG_NORMAL
from decidua.study.survey_model import MIDDLE, history_of, model_chances
from decidua.study.validation_women import BIRTH, LOSS, women_of

STRUCTURE = "fading-log_normal"
WORDS = {"miscarriage": LOSS, "live_birth": BIRTH}
THIN = 50
PASTS = (
    (28, ()),
    (41, ()),
    (31, (("miscarriage", 30),)),
    (34, (("miscarriage", 30), ("live_birth", 32))),
    (34, (("live_birth", 30), ("miscarriage", 32))),
    (36, (("miscarriage", 32), ("miscarriage", 33), ("miscarriage", 35))),
)


def by_nodes(past, draws):
    """The same chance from nodes, and the weights of draws by how well each explains the history."""
    age, earlier = past
    events = [(WORDS[outcome], years + MIDDLE) for outcome, years in earlier]
    reached, lost = np.empty(len(draws)), np.empty(len(draws))
    for i in range(len(draws)):
        women = women_of(law_parameters_at(draws, i), shape=LOG_NORMAL)
        weights = women.after(events)
        reached[i] = weights.sum()
        lost[i] = (weights * women.chances(age + MIDDLE).loss).sum()
    return float(draws.weight @ lost / (draws.weight @ reached))


def seen_by_scan(past):
    """The nodes know clinical losses alone, so the compiled answer is asked about losses seen by scan."""
    history = history_of(past)
    seen = tuple(
        replace(pregnancy, confirmed="scan") if pregnancy.is_loss else pregnancy
        for pregnancy in history.pregnancies
    )
    return replace(history, pregnancies=seen)


@pytest.mark.parametrize("past", PASTS)
def test_both_ways_to_the_same_chance(past):
    history = seen_by_scan(past)
    p, weight = chances_of_loss(history, structure=STRUCTURE, thin=THIN)
    draws = prepared_for(history, structure=STRUCTURE, thin=THIN).draws
    # Here uterine NK cells are a cause of their own, there a part of the residual with the same variance.
    assert float(p @ weight) == pytest.approx(by_nodes(past, draws), abs=0.004)


def test_a_history_is_worked_out_once_for_all_who_share_it():
    chances = model_chances([PASTS[2], PASTS[0], PASTS[2]], structure=STRUCTURE, draws=10)
    assert chances.shape == (3,)
    assert chances[0] == chances[2] > chances[1]

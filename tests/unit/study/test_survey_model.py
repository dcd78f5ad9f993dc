"""The compiled answer to a survey history against the readable nodes of women."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence.draws import load_draws
from decidua.inference.prepared import law_parameters_at
from decidua.life.parameters import LOG_NORMAL
from decidua.study.survey_model import model_chances
from decidua.study.validation import spread_over
from decidua.study.validation_women import BIRTH, LOSS, women_of

STRUCTURE = "fading-log_normal"
WORDS = {"miscarriage": LOSS, "live_birth": BIRTH}
DRAWS = 100
PASTS = (
    (28, ()),
    (41, ()),
    (31, (("miscarriage", 30),)),
    (34, (("miscarriage", 30), ("live_birth", 32))),
    (34, (("live_birth", 30), ("miscarriage", 32))),
    (36, (("miscarriage", 32), ("miscarriage", 33), ("miscarriage", 35))),
)


def by_nodes(past):
    """The same chance from nodes: draws weighted by how well each explains the history."""
    draws = spread_over(load_draws(STRUCTURE), DRAWS)
    age, earlier = past
    events = [(WORDS[outcome], float(years)) for outcome, years in earlier]
    reached, lost = np.empty(len(draws)), np.empty(len(draws))
    for i in range(len(draws)):
        women = women_of(law_parameters_at(draws, i), shape=LOG_NORMAL)
        weights = women.after(events)
        reached[i] = weights.sum()
        lost[i] = (weights * women.chances(float(age)).loss).sum()
    return float(draws.weight @ lost / (draws.weight @ reached))


@pytest.mark.parametrize("past", PASTS)
def test_both_ways_to_the_same_chance(past):
    # Other draws of the same posterior, and uterine NK cells as a cause of their own, not in the residual.
    found = model_chances([past], structure=STRUCTURE, draws=DRAWS)[0]
    assert found == pytest.approx(by_nodes(past), abs=0.012)


def test_a_history_is_worked_out_once_for_all_who_share_it():
    chances = model_chances([PASTS[2], PASTS[0], PASTS[2]], structure=STRUCTURE, draws=10)
    assert chances.shape == (3,)
    assert chances[0] == chances[2] > chances[1]

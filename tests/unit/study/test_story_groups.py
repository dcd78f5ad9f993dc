"""Groups, drugs, waiting and questions agree with `answer_history` and with what must hold."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference.benefit import CARRIED_BY, carried_by, share_assumed
from decidua.inference.evaluation import ANY_BIRTH, NEXT_BIRTH
from decidua.inference.history import answer_history
from decidua.study.story_drugs import run_drug
from decidua.study.story_groups import (
    births_by_count,
    estimate,
    evaluated,
    lenses,
    losses_history,
    older,
    with_reading,
)
from decidua.study.story_questions import question_values, told_history
from decidua.study.story_script import load_script
from decidua.study.story_waiting import Chain, expected_further_losses_while_waiting

LEDGER = load_ledger()
OWN, AVERAGE = lenses("attack")
GROUP = losses_history(3, age_years=34.0, loss_week=8)
QUESTIONS = {step.id: step for step in load_script().questions if step.history}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_the_answer_of_decidua_history(name):
    step = QUESTIONS[name]
    values = question_values(step, lenses=(OWN, AVERAGE))
    answer = answer_history(told_history(step.history), changes=False)
    if answer.current is not None:
        assert_same(values[f"avg.{name}.live_birth"], answer.current.live_birth)
        assert_same(values[f"avg.{name}.untreated_here"], answer.current.untreated_also_here)
    elif answer.next_live_birth is not None:
        assert_same(values[f"avg.{name}.births"], answer.next_live_birth)
    assert_same(values[f"avg.{name}.density_whole"], answer.uterine_nk.density_after)
    assert_same(values[f"avg.{name}.density_none"], answer.uterine_nk.density_before)


def assert_same(one, other):
    """Equal to the last digit anyone could see: sums over draws may be taken in another order."""
    assert one.to_dict() == pytest.approx(other.to_dict(), rel=1e-12)


def test_the_storys_own_world_is_that_of_the_mechanism_alone():
    history = told_history(QUESTIONS["c"].history)
    alone = answer_history(history, mechanism="attack", changes=False)
    values = question_values(QUESTIONS["c"], lenses=(OWN,))
    assert values["own.c.births"].mean == pytest.approx(alone.next_live_birth.mean, abs=1e-9)


def test_a_count_that_does_nothing_moves_no_birth():
    table = births_by_count(GROUP)
    (marker, _) = lenses("marker")
    weights = np.array(table.evaluation.prepared.draws.mechanism) == marker.mechanism
    moved = table.at(300.0)[weights] - table.at(133.0)[weights]
    assert np.abs(moved).max() < 1e-9
    # Where a high count does harm, births fall on average; in single draws they may rise, since among women
    # with the same losses a high count takes the place of other causes.
    attack = np.array(table.evaluation.prepared.draws.mechanism) == "attack"
    assert np.mean(table.at(300.0)[attack] - table.at(133.0)[attack]) < 0.0


def test_every_drug_says_what_it_rests_on():
    assert {name for names in CARRIED_BY.values() for name in names} <= set(LEDGER)
    assert 0.0 <= share_assumed(carried_by(("story_protocol",)), LEDGER) <= 1.0
    assert share_assumed(carried_by(("aspirin_low_dose",)), LEDGER) == 1.0


def test_a_drug_that_is_none_changes_nothing_and_the_bands_make_up_the_whole():
    group = with_reading(GROUP, 300.0)
    run = run_drug("aspirin_low_dose", group=group, from_week=6, ledger=LEDGER)
    whole = run.effect(AVERAGE)
    assert whole.p_net_harm <= whole.p_no_benefit
    assert whole.gain.mean == pytest.approx(whole.births_with.mean - whole.births_without.mean, abs=1e-12)
    bands = run.across_repeatability(AVERAGE)
    assert bands[0].repeatability_lo == pytest.approx(0.3)
    assert bands[-1].repeatability_hi == pytest.approx(0.7)
    # The sign of a drug with no path but its own log hazard ratio is the sign of that ratio.
    ratio = run.without.prepared.draws.columns["law.aspirin_log_hazard_ratio"]
    gain = run.births_with - run.births_without
    assert np.all(np.sign(gain) == -np.sign(ratio))


def test_waiting_agrees_with_the_law_and_with_lives_drawn_one_by_one():
    chain = Chain(age_years=34.0, loss_week=8)
    wait = expected_further_losses_while_waiting(chain, tested_after=2, instead_of=4, lens=AVERAGE)
    now = chain.after(2)
    total = sum(1.0 - estimate(now, now.ahead(ANY_BIRTH + k), AVERAGE).mean for k in range(2))
    # The look ahead lets ages run on by a pregnancy's interval; the page keeps the age.
    assert wait.losses.mean == pytest.approx(total, abs=0.03)
    first, second = (
        1.0 - estimate(e, e.ahead(NEXT_BIRTH), AVERAGE).mean for e in (chain.after(2), chain.after(3))
    )
    random = np.random.default_rng(5).random((400_000, 2))
    lost = (random[:, 0] < first).astype(float)
    lost += (random[:, 0] < first) & (random[:, 1] < second)
    assert wait.losses.mean == pytest.approx(lost.mean(), abs=0.02)


def test_waiting_longer_costs_more_and_nothing_to_wait_for_is_refused():
    chain = Chain(age_years=34.0, loss_week=8)
    waits = [
        expected_further_losses_while_waiting(chain, tested_after=2, instead_of=until, lens=AVERAGE)
        for until in (3, 4, 5)
    ]
    assert waits[0].losses.mean < waits[1].losses.mean < waits[2].losses.mean
    assert all(wait.losses.mean + wait.birth.mean > 0.99 - 1e-9 for wait in waits)
    with pytest.raises(ValueError, match="no wait"):
        expected_further_losses_while_waiting(chain, tested_after=3, instead_of=3, lens=AVERAGE)


def test_older_moves_every_age_and_lowers_births():
    history = told_history(QUESTIONS["c"].history)
    moved = older(history, 8.0)
    assert moved.age_years == history.age_years + 8.0
    here, later = evaluated(history), evaluated(moved)
    assert (
        estimate(later, later.ahead(NEXT_BIRTH), AVERAGE).mean
        < estimate(here, here.ahead(NEXT_BIRTH), AVERAGE).mean
    )

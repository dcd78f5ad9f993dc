"""Care in simulated lives against what must hold whatever the numbers: exact zeros, and closed forms."""

from __future__ import annotations

import math

import factories
import numpy as np
import pytest
from lives_world import one_draw_world
from verdicts import verdict

from decidua.care.pathways import load_pathway, pathway_from
from decidua.inference import cells
from decidua.life.pathway import UTERINE_NK
from decidua.life.rows import PREGNANCY_NUMBERS, WOMAN_NUMBERS
from decidua.life.tally import COUNTS
from decidua.life.ways import DAYS_IN_YEAR, INDUCED, MISCARRIAGE
from decidua.measure.nk_tests import p_reads_above
from decidua.study import waiting_lives
from decidua.study.care_world import cared_world
from decidua.study.population_chunks import simulate_lives
from decidua.study.population_world import Plan, world_of
from decidua.study.story_groups import AVERAGE, Lens
from decidua.study.story_script import load_script
from decidua.study.story_waiting import Chain, expected_further_losses_while_waiting

WOMEN, SEED, MOST_Z = 120_000, 20_261_122, 4.0
WAITING = ("day_of_age", "previous_losses_consecutive", "outcome")
WAITING_MAY_DIFFER = 0.06  # losses of one woman: ages and partners move on in lives, in the closed form not
MARKS = ("tested", "flagged", "treated")
UNMARKED = {
    "pregnancies": [k for k, name in enumerate(PREGNANCY_NUMBERS) if name not in MARKS],
    "women": [k for k, name in enumerate(WOMAN_NUMBERS) if name not in MARKS],
}


def lives(world, pathway, women=WOMEN):
    return simulate_lives(world, seed=SEED, first=0, last=women, pathway=pathway, with_rows=True).rows


def column(rows: np.ndarray, name: str) -> np.ndarray:
    return rows[:, WOMAN_NUMBERS.index(name)]


@pytest.fixture(scope="module")
def arms():
    names = ("never_test", "test_after_1", "test_after_3", "blood_test_after_3", "progesterone_after_3")
    world, pathways = cared_world(Plan(draws=50), [load_pathway(name) for name in names])
    return world, {name: lives(world, pathways[name]) for name in names}


def differing(a, b) -> int:
    """Numbers that two arms do not share, marks of care apart; all of them where rows come or go."""
    total = 0
    for name, columns in UNMARKED.items():
        one, other = getattr(a, name), getattr(b, name)
        if one.shape != other.shape:
            return max(one.size, other.size)
        total += int((one[:, columns] != other[:, columns]).sum())
    return total + int((a.latents != b.latents).sum())


def exact_zero(name: str, found: int, women: int) -> None:
    verdict(name, statistic=float(found), threshold=0.0, smallest_detectable=1.0 / women)


def test_a_treatment_without_effect_and_delay_differs_by_exactly_zero():
    world = one_draw_world(
        factories.law_parameters(uterine_nk_excess=0.6), nk=cells.uterine_nk_table("attack")
    )
    idle = factories.care_pathway(test=UTERINE_NK, after_losses=1, cut=math.log(133.0))
    without, care = lives(world, factories.care_pathway()), lives(world, idle)
    assert column(care.women, "treated").sum() > 0.05 * WOMEN
    exact_zero("no effect, no delay: numbers that differ", differing(without, care), WOMEN)


def test_whoever_care_does_not_reach_has_the_same_life(arms):
    _, found = arms
    base = found["never_test"]
    for name, rows in found.items():
        reached = (column(rows.women, "tested") | column(rows.women, "treated")) == 1
        kept = [
            each.pregnancies[~reached[each.pregnancies[:, 0]]][:, UNMARKED["pregnancies"]]
            for each in (base, rows)
        ]
        same_women = base.women[~reached][:, UNMARKED["women"]] == rows.women[~reached][:, UNMARKED["women"]]
        moved = 0 if np.array_equal(*kept) and same_women.all() else 1
        diverged = (base.women != rows.women)[:, UNMARKED["women"]].any(axis=1).mean()
        exact_zero(f"{name}: untouched lives differ ({diverged:.4f} of all lives diverge)", moved, WOMEN)


def test_share_of_readings_above_the_cut(arms):
    world, found = arms
    rows = found["test_after_1"]
    tested, draw = column(rows.women, "tested") == 1, column(rows.women, "draw")
    _, pathways = cared_world(Plan(draws=50), [load_pathway("test_after_1")])
    spread = pathways["test_after_1"].reading[draw[tested], 0]
    chance = p_reads_above(300.0, log_density=rows.latents[tested, :1], cycle_log_sd=spread)[:, 0]
    flagged = column(rows.women, "flagged")[tested]
    error = math.sqrt(float((chance * (1.0 - chance)).sum()))
    verdict(
        f"readings above the cut: {flagged.sum()} of {tested.sum()}, expected {chance.sum():.1f}",
        statistic=abs(float(flagged.sum() - chance.sum())) / error,
        threshold=MOST_Z,
        smallest_detectable=MOST_Z * error / tested.sum(),
        largest_tolerable=0.02,
    )
    assert world.mechanism


def test_infections_that_courses_add():
    pathway = factories.care_pathway(to_all_after_losses=1, infection=0.05)
    world = one_draw_world(factories.law_parameters())
    counted = simulate_lives(world, seed=SEED, first=0, last=WOMEN, pathway=pathway).tally.by_draw[0]
    courses, infections = (
        counted[COUNTS.index(n)] for n in ("treated_pregnancies", "infections_added_at_most")
    )
    error = math.sqrt(courses * 0.05 * 0.95)
    verdict(
        f"infections added by {courses} courses: {infections}, expected {0.05 * courses:.0f}",
        statistic=abs(infections - 0.05 * courses) / error,
        threshold=MOST_Z,
        smallest_detectable=MOST_Z * error / courses,
        largest_tolerable=0.01,
    )


def test_where_cells_do_nothing_a_test_acts_only_through_effect_harm_and_delay():
    """Under `marker` the steroid's row of the womb is that of no treatment, to the last bit."""
    raw = load_pathway("test_after_1").model_dump() | {"days_until_result": 0, "wait_to_conceive_days": 0}
    care = pathway_from(raw)
    world, pathways = cared_world(Plan(draws=5, mechanism="marker"), [care])
    pathway = pathways[care.name]
    idle = pathway._replace(effects=np.zeros_like(pathway.effects))
    without, found = lives(world, pathway._replace(after_losses=0)), lives(world, idle)
    assert column(found.women, "treated").sum() > 0
    exact_zero(
        "marker, steroid without direct effect or harm: numbers that differ", differing(without, found), WOMEN
    )
    moved = differing(without, lives(world, pathway))
    assert moved > 0


def test_waiting_in_lives_against_its_closed_form():
    """Losses on the way from two in a row to four, among women who become pregnant again each time.

    The closed form keeps every woman at one age, with losses a year apart; in lives she grows older and what
    faded is drawn anew with a new partner. So the two may differ a little, and by no more.
    """
    given, lens = load_script().inputs, Lens(AVERAGE, None)
    chain = Chain(age_years=float(given.age_years), loss_week=given.loss_week)
    wait = expected_further_losses_while_waiting(chain, tested_after=2, instead_of=4, lens=lens)
    closed = wait.losses.mean
    rows = waiting_lives.rows_of_women_with(world_of(Plan()), 0, 1_500_000, 2)
    age, run, outcome = (rows[:, PREGNANCY_NUMBERS.index(name)] for name in WAITING)
    near = np.abs(age / DAYS_IN_YEAR - given.age_years - 1.0) <= 2.0
    ends = near & (outcome != INDUCED)
    shares = [(outcome[ends & (run == n)] == MISCARRIAGE) for n in (2, 3)]
    first, second = (share.mean() for share in shares)
    error = math.hypot(*(share.std() / math.sqrt(share.size) for share in shares))
    lived = first + first * second
    verdict(
        f"losses while waiting from two to four, lives and closed form: {lived:.3f} and {closed:.3f}",
        statistic=abs(lived - closed),
        threshold=WAITING_MAY_DIFFER,
        smallest_detectable=WAITING_MAY_DIFFER + MOST_Z * error,
        largest_tolerable=0.12,
    )

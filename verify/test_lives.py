"""Simulated pregnancies against the closed form of the law, row by row: each row has its own chances.

Every woman's latents are written down, so the expected number of each ending is a sum of known chances over
the very pregnancies that were simulated. Fading is off here, since it is not written; the twin has it.
"""

from __future__ import annotations

import math

import factories
import numpy as np
import pytest
from lives_world import one_draw_world
from verdicts import verdict

from decidua.inference import cells
from decidua.life import differences, law, outcomes
from decidua.life.parameters import CAUSES, FIRST_WEEK, LOSS_WEEKS, VIABLE_WEEK
from decidua.life.rows import PREGNANCY_NUMBERS
from decidua.life.tally import tables_of
from decidua.life.ways import DAYS_IN_YEAR, INDUCED, LIVE_BIRTH, MISCARRIAGE, STILLBIRTH, YEARS
from decidua.study.population_chunks import simulate_lives

WOMEN, SEED, MOST_Z = 16_000, 20_261_122, 4.0
# a course with a direct effect, births that come earlier, and more very early losses
COURSE = {"regimen": 1, "log_hazard_ratio": -0.4, "preterm": 1.2, "very_early": 0.5}
UNDER = tuple(COURSE.values())
CONDITIONS = slice(12, 16)
TREATED = PREGNANCY_NUMBERS.index("treated")


def parameters():
    return factories.law_parameters(
        euploid_log_hazard=-2.2, sd_shared_lasting=0.4, sd_euploid_lasting=0.9, sd_shared_fading=0.0,
        prevalence_antiphospholipid=0.05, prevalence_translocation=0.03, excess_antiphospholipid=1.5,
        excess_translocation=2.0, uterine_nk_excess=0.6, stillbirth_hazard_per_week=0.002,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["untreated", "treated"])
def lived(request):
    """Rows, latents and the expected chance of every ending of every row."""
    p, table = parameters(), cells.uterine_nk_table("attack")
    after = 0 if request.param == "untreated" else 1
    pathway = factories.care_pathway(to_all_after_losses=after, **COURSE)
    world = one_draw_world(p, nk=table, p_induced=np.zeros(YEARS))
    lives = simulate_lives(world, seed=SEED, first=0, last=WOMEN, pathway=pathway, with_rows=True)
    tables = law.law_tables(p, cells.birth_shares())
    mean, variance = cells.excess_over_women(p, table)

    weight, _ = differences.remaining_budget(p, mean, variance)
    rows, women, latents, _ = lives.rows
    miscarriage = np.zeros((len(rows), len(CAUSES), LOSS_WEEKS))
    late = np.zeros((len(rows), 2, cells.birth_shares().size))
    for k, row in enumerate(rows):
        she = row[0]
        woman = outcomes.Woman(
            latents[she, 1], latents[she, 2], latents[she, 0], *women[she, CONDITIONS].astype(float)
        )
        under = UNDER if row[TREATED] else (0, 0.0, 0.0, 0.0)
        conceived = outcomes.Pregnancy(row[3] / DAYS_IN_YEAR, partner_age(row), *under)
        found = outcomes.pregnancy_outcomes(woman, conceived, weight, p, tables, table)
        miscarriage[k], late[k] = found.miscarriage, (found.stillbirth, found.live_birth)
    return request.param, rows, miscarriage, late


def partner_age(row: np.ndarray) -> float:
    """The partner's age as written, to the day; the kernel used it unrounded."""
    return float(row[4]) / DAYS_IN_YEAR


def compare(name: str, happened: np.ndarray, chance: np.ndarray, largest: float = 0.05) -> None:
    """Sum over rows of what happened against the sum of its chances, in standard errors."""
    error = math.sqrt(float((chance * (1.0 - chance)).sum()))
    verdict(
        f"{name}: happened {happened.sum():.0f}, expected {chance.sum():.1f} of {len(chance)}",
        statistic=abs(float(happened.sum() - chance.sum())) / error,
        threshold=MOST_Z,
        smallest_detectable=MOST_Z * error / len(chance),
        largest_tolerable=largest,
    )


@pytest.mark.parametrize("cause", range(len(CAUSES)))
def test_losses_by_cause(lived, cause):
    name, rows, chances, _ = lived
    happened = (rows[:, 6] == MISCARRIAGE) & (rows[:, 9] == cause)
    compare(f"{name}: loss through {CAUSES[cause]}", happened, chances[:, cause].sum(axis=1), 0.01)


@pytest.mark.parametrize("week", range(FIRST_WEEK, VIABLE_WEEK))
def test_losses_by_week(lived, week):
    name, rows, chances, _ = lived
    happened = (rows[:, 6] == MISCARRIAGE) & (rows[:, 7] == week)
    compare(f"{name}: loss in week {week}", happened, chances[:, :, week - FIRST_WEEK].sum(axis=1), 0.01)


@pytest.mark.parametrize("age", range(20, 45, 5))
def test_losses_by_age(lived, age):
    name, rows, chances, _ = lived
    here = (rows[:, 3] >= age * DAYS_IN_YEAR) & (rows[:, 3] < (age + 5) * DAYS_IN_YEAR)
    happened = rows[here, 6] == MISCARRIAGE
    compare(f"{name}: loss at ages {age} to {age + 4}", happened, chances[here].sum(axis=(1, 2)), 0.06)


@pytest.mark.parametrize("outcome", [STILLBIRTH, LIVE_BIRTH])
@pytest.mark.parametrize("last", [27, 31, 36, 38, 39, 40, 45])
def test_births_and_stillbirths_up_to_a_week(lived, outcome, last):
    name, rows, _, late = lived
    kind = 0 if outcome == STILLBIRTH else 1
    happened = (rows[:, 6] == outcome) & (rows[:, 7] <= last)
    chance = late[:, kind, : last - VIABLE_WEEK + 1].sum(axis=1)
    compare(f"{name}: {('stillbirth', 'live birth')[kind]} by week {last}", happened, chance, 0.02)


def test_an_ending_by_choice_competes_with_loss():
    """Losses that come first are kept, later ones are not seen."""
    p = parameters()
    everyone = {"induced_first_week": 9, "induced_last_week": 9, "p_induced": np.ones(YEARS)}
    with_choice = simulate_lives(
        one_draw_world(p, **everyone), seed=SEED, first=0, last=WOMEN, with_rows=True
    ).rows.pregnancies
    without = simulate_lives(
        one_draw_world(p, p_induced=np.zeros(YEARS)), seed=SEED, first=0, last=WOMEN, with_rows=True
    ).rows.pregnancies
    first, usual = (rows[rows[:, 1] == 1] for rows in (with_choice, without))
    early = usual[:, 7] < 9
    assert np.array_equal(first[early], usual[early])
    assert set(first[~early, 6]) == {INDUCED}
    assert set(first[~early, 7]) == {9}


def test_counts_and_rows_tell_the_same():
    world = one_draw_world(parameters())
    lives = simulate_lives(world, seed=1, first=0, last=4000, with_rows=True)
    rows, women, *_ = lives.rows
    tables = tables_of(lives.tally)
    known = rows[rows[:, 8] == 1]
    for outcome in (MISCARRIAGE, LIVE_BIRTH, STILLBIRTH, INDUCED):
        assert tables["by_age"][:, outcome].sum() == (known[:, 6] == outcome).sum()
    assert tables["by_age"][:, 4].sum() == (rows[:, 8] == 0).sum()
    assert np.array_equal(tables["women_by_births"][0], np.bincount(women[:, 9], minlength=13))
    assert np.array_equal(tables["women_by_losses"][0], np.bincount(women[:, 8], minlength=13))
    runs = tables["by_losses_in_a_row"].sum(axis=1)
    assert np.array_equal(runs, np.bincount(np.minimum(known[:, 13], 12), minlength=13))

"""Limits in which the answer is known without any simulation: fixed seed, z below 4."""

from __future__ import annotations

import math

import factories
import numpy as np
import pytest
from lives_world import Couples, flat_in_age, nobody_sterile, one_draw_world
from scipy import stats
from verdicts import verdict

from decidua.inference import generations
from decidua.life import differences, law
from decidua.life.parameters import SHAPES
from decidua.life.tally import LONGEST_WAIT, tables_of
from decidua.life.ways import MISCARRIAGE, YEARS
from decidua.study.population_chunks import simulate_lives

SEED, MOST_Z = 20_261_122, 4.0
NO_EARLY = {"preclinical_share_aneuploid": 0.0, "preclinical_hazard_euploid": 0.0}
GO_ON = (0.9, 0.8, 0.5, 0.3)


def compare(name: str, found: float, expected: float, error: float, largest: float) -> None:
    verdict(
        f"{name}: simulated {found:.4f}, expected {expected:.4f}",
        statistic=abs(found - expected) / error,
        threshold=MOST_Z,
        smallest_detectable=MOST_Z * error,
        largest_tolerable=largest,
    )


@pytest.mark.parametrize("p_conceive", [0.03, 0.25, 0.6])
def test_constant_fecundability_gives_geometric_waiting_times(p_conceive):
    women = 300_000
    world = one_draw_world(
        factories.law_parameters(**NO_EARLY), couples=Couples(0.0, p_conceive),
        **nobody_sterile(),
    )  # fmt: skip
    counts = tables_of(simulate_lives(world, seed=SEED, first=0, last=women).tally)["cycles_to_first"][0]
    assert counts[0] == 0
    cycles = np.arange(1, LONGEST_WAIT)
    expected = women * np.append(
        p_conceive * (1.0 - p_conceive) ** (cycles - 1), (1.0 - p_conceive) ** (LONGEST_WAIT - 1)
    )
    enough = expected > 10.0
    pooled = [np.append(x[enough], x[~enough].sum()) for x in (counts[1:], expected)]
    keep = pooled[1] > 0.0
    chi = float(((pooled[0] - pooled[1])[keep] ** 2 / pooled[1][keep]).sum())
    verdict(
        f"waiting times at {p_conceive} per cycle against the geometric law, {keep.sum()} classes",
        statistic=chi,
        threshold=float(stats.chi2.isf(6e-5, keep.sum() - 1)),
        smallest_detectable=4.0 * math.sqrt(p_conceive * (1.0 - p_conceive) / women),
        largest_tolerable=0.01,
    )


def test_no_differences_between_women_give_no_gradient():
    p = flat_in_age(factories.without_differences())
    world = one_draw_world(p, p_induced=np.zeros(YEARS))
    by_run = tables_of(simulate_lives(world, seed=SEED, first=0, last=400_000).tally)["by_losses_in_a_row"]
    expected = law.p_clinical_loss(law.aneuploid_odds(30.0, math.nan, p), law.euploid_hazard(30.0, p), p)
    for run in range(3):
        lost, known = by_run[run, MISCARRIAGE], by_run[run].sum()
        error = math.sqrt(expected * (1.0 - expected) / known)
        name = f"no differences: chance of loss after {run} losses in a row"
        compare(name, lost / known, expected, error, 0.02)


def test_where_all_are_aneuploid_no_euploid_cause_has_any_effect():
    p = factories.law_parameters(aneuploid_log_odds=60.0, viable_aneuploid_share=0.2)
    excess = np.array([0.0, 3.0])[:, None, None] * np.linspace(0.0, 1.0, 5)[None, :, None]
    nk = factories.uterine_nk_table(excess, regimens=2)
    heavy = p._replace(euploid_log_hazard=1.0, excess_antiphospholipid=5.0)
    plain = simulate_lives(one_draw_world(p, nk=nk), seed=3, first=0, last=20_000)
    care = factories.care_pathway(to_all_after_losses=1, regimen=1, log_hazard_ratio=-2.0)
    treated = simulate_lives(one_draw_world(heavy, nk=nk), seed=3, first=0, last=20_000, pathway=care)
    a, b = tables_of(plain.tally), tables_of(treated.tally)
    verdict(
        "all aneuploid: counts that a treatment or a euploid cause has moved",
        statistic=float(sum(np.abs(a[name] - b[name]).sum() for name in a)),
        threshold=0.0,
        smallest_detectable=1.0 / 20_000,
        largest_tolerable=0.01,
    )


@pytest.mark.parametrize("frailty", SHAPES)
def test_expected_generations(frailty):
    """The recursion of calibration, with waits, ages, partners and early losses switched off."""
    p = factories.law_parameters(
        euploid_log_hazard=-2.2, sd_shared_lasting=0.4, sd_euploid_lasting=0.75, sd_shared_fading=0.5,
        fading_correlation=0.6, fading_renewal_at_birth=0.7, high_class_share=0.15, uterine_nk_excess=0.0,
        stillbirth_hazard_per_week=0.0, **NO_EARLY,
    )  # fmt: skip
    p = flat_in_age(p)
    shape = SHAPES[frailty]
    world = one_draw_world(
        p, shape=shape, go_on=GO_ON[0], p_induced=np.zeros(YEARS), rate_new_partner_per_year=0.0,
        couples=Couples(0.0, 1.0), wait_after_birth_days=0.0,
        wait_after_loss_days=0.0, p_wants_at_most=wanted(), **nobody_sterile(),
    )  # fmt: skip
    women = 150_000
    lives = simulate_lives(world, seed=SEED, first=0, last=women, with_rows=True)
    rows = lives.rows.pregnancies[lives.rows.pregnancies[:, 1] <= generations.ORDERS]
    counts = expected_counts(p, shape)
    last = generations.RUNS - 1
    for run in range(generations.RUNS):
        here = rows[np.minimum(rows[:, 13], last) == run]
        lost = here[:, 6] == MISCARRIAGE
        chance = counts.losses[run] / counts.pregnancies[run]
        error = math.sqrt(chance * (1.0 - chance) / len(here)) * 1.3  # several pregnancies of one woman
        name = f"generations, {frailty}: chance of loss after {run} losses in a row"
        compare(name, lost.mean(), chance, error, 0.06)
        share = counts.pregnancies[run] / women_per_woman(counts)
        error = 1.5 * math.sqrt(share * (1.0 - share) / len(rows))
        name = f"generations, {frailty}: share of pregnancies after {run}"
        compare(name, len(here) / len(rows), share, error, 0.01)


def women_per_woman(counts) -> float:
    return float(counts.pregnancies.sum())


def wanted() -> np.ndarray:
    more = np.cumprod([*GO_ON[1:], *[GO_ON[-1]] * 20])
    return np.append(1.0 - more, 1.0)


def expected_counts(p, shape: int):
    z, z_weights = differences.normal_nodes(7)
    budget = differences.remaining_budget(p, 0.0, 0.0)
    nodes = generations.build_nodes(p, shape, z, z_weights, *budget)
    odds, hazard = law.aneuploid_odds(30.0, math.nan, p), law.euploid_hazard(30.0, p)
    p_loss = generations.loss_at_nodes(nodes, odds, hazard, p)
    return generations.expected_generations(nodes, p_loss, p, np.array(GO_ON))

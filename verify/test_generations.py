"""The recursion of expected counts against women simulated one by one: fixed seed, z below 4 for each number.

Conditions are made commoner and losses more frequent than in any population, so that rare groups are large
enough to see an error of the recursion.
"""

from __future__ import annotations

import math

import factories
import numpy as np
import pytest
from verdicts import verdict
from women_one_by_one import Tally, Women, simulate_women

from decidua.inference import generations
from decidua.life import differences, law
from decidua.life.parameters import CONDITIONS, SHAPES

WOMEN, SEED, AGE, MOST_Z = 1_200_000, 20240607, 37.0, 4.0
GO_ON = (0.9, 0.8, 0.5, 0.3)
STRUCTURES = [(recurrence, frailty) for recurrence in ("fading", "exchangeable") for frailty in SHAPES]


def parameters(recurrence: str):
    fading = {"sd_shared_fading": 0.5, "fading_correlation": 0.6, "fading_renewal_at_birth": 0.7}
    none = {"sd_shared_fading": 0.0, "fading_correlation": 1.0}
    return factories.law_parameters(
        euploid_log_hazard=-2.2,
        sd_shared_lasting=0.4,
        sd_euploid_lasting=0.75,
        high_class_share=0.15,
        excess_antiphospholipid=2.0,
        excess_uterine_anomaly=1.3,
        excess_thyroid_antibodies=0.6,
        excess_translocation=4.0,
        prevalence_antiphospholipid=0.04,
        prevalence_translocation=0.015,
        uterine_nk_excess=0.0,
        **(fading if recurrence == "fading" else none),
    )


def expected(p, shape: int):
    """Nodes and counts as the calibration makes them."""
    z, z_weights = differences.normal_nodes(5)
    budget = differences.remaining_budget(p, 0.0, 0.0)
    nodes = generations.build_nodes(p, shape, z, z_weights, *budget)
    odds, hazard = law.aneuploid_odds(AGE, math.nan, p), law.euploid_hazard(AGE, p)
    p_loss = generations.loss_at_nodes(nodes, odds, hazard, p)
    return nodes, generations.expected_generations(nodes, p_loss, p, np.array(GO_ON))


@pytest.fixture(scope="module", params=STRUCTURES, ids="-".join)
def both(request):
    recurrence, frailty = request.param
    p = parameters(recurrence)
    two_class = frailty == "two_class"
    women = simulate_women(p, women=WOMEN, seed=SEED, age=AGE, go_on=GO_ON, two_class=two_class)
    return f"{recurrence}, {frailty}", p, women, *expected(p, SHAPES[frailty])


def compare(name: str, tally: Tally, expected_value: float, largest_tolerable: float) -> None:
    """Print the distance in standard errors, and the error in the number's own unit that it could see."""
    error = tally.standard_error
    verdict(
        f"{name}, simulated {tally.ratio:.4f}, expected {expected_value:.4f}",
        statistic=abs(tally.ratio - expected_value) / error,
        threshold=MOST_Z,
        smallest_detectable=MOST_Z * error,
        largest_tolerable=largest_tolerable,
    )


@pytest.mark.parametrize("run", range(generations.RUNS))
def test_chance_of_loss_by_run_of_losses_before(both, run):
    name, _, women, _, counts = both
    tally = Tally(women.losses[:, run], women.pregnancies[:, run])
    compare(
        f"{name}: chance of loss after {run} losses in a row",
        tally,
        counts.losses[run] / counts.pregnancies[run],
        0.02,
    )


@pytest.mark.parametrize("run", range(generations.RUNS))
def test_share_of_pregnancies_by_run_of_losses_before(both, run):
    name, _, women, _, counts = both
    tally = Tally(women.pregnancies[:, run], women.pregnancies.sum(axis=1))
    value = counts.pregnancies[run] / counts.pregnancies.sum()
    compare(f"{name}: share of pregnancies after {run} losses in a row", tally, value, 0.005)


def test_pregnancies_of_a_woman(both):
    name, _, women, _, counts = both
    tally = Tally(women.pregnancies.sum(axis=1), np.ones(WOMEN))
    compare(f"{name}: pregnancies of a woman", tally, counts.pregnancies.sum(), 0.02)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_prevalence_of_conditions_at_a_loss(both, condition, order):
    name, p, women, nodes, counts = both
    k = CONDITIONS.index(condition)
    at_loss = women.second_loss if order == 2 else women.third_loss
    masses = counts.after_losses[order - 2]
    first, last = generations.branch(nodes, 1 + k)
    _, everyone = generations.branch(nodes, 0)
    prevalence = getattr(p, f"prevalence_{condition}")
    value = prevalence * masses[first:last].sum() / masses[:everyone].sum()
    tally = Tally((at_loss & women.conditions[:, k]).astype(float), at_loss.astype(float))
    compare(f"{name}: {condition} at loss {order}", tally, value, 0.01)


@pytest.mark.parametrize("factor", ["shared", "multiplier", "fading"])
def test_mean_factor_over_pregnancies(both, factor):
    name, p, women, nodes, counts = both
    value = factor_mean(nodes, counts, factor)
    if factor == "fading" and p.sd_shared_fading == 0.0:
        assert value == pytest.approx(1.0, rel=1e-14)  # exchangeable: there is nothing to compare
        return
    compare(f"{name}: mean {factor} factor over pregnancies", factor_tally(women, factor), value, 0.02)


def factor_tally(women: Women, factor: str) -> Tally:
    number = women.pregnancies.sum(axis=1)
    if factor == "fading":
        return Tally(women.fading_total, number)
    return Tally(getattr(women, factor) * number, number)


def factor_mean(nodes, counts, factor: str) -> float:
    lasting = counts.pregnant.shape[0]
    values = nodes.fading[None, :] if factor == "fading" else getattr(nodes, factor)[:lasting, None]
    return float((counts.pregnant * values).sum())

"""Uterine NK density and high readings before and after a history, against plain normal sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from decidua.evidence import load_ledger
from decidua.inference import nk_report
from decidua.inference.evaluation import evaluate
from decidua.inference.prepared import WITH_TESTS, prepared_draws
from decidua.measure.history import History, Pregnancy, Test

LEDGER = load_ledger()
LOSS = Pregnancy(outcome="miscarriage", age_years=33.0, week=8, karyotype="euploid")
READING = 420.0
CUT = 300.0


@pytest.fixture(scope="module")
def prepared():
    return prepared_draws("fading-log_normal", thin=100, grid=WITH_TESTS)


@pytest.fixture(scope="module")
def spread(prepared):
    """Median, lasting spread and noise of the log density by draw."""
    columns = prepared.draws.columns
    control = LEDGER.value("measure.uterine_nk.control_log_sd")
    noise = control * np.sqrt(1.0 - columns["measure.uterine_nk.repeatability"])
    return columns["law.uterine_nk_log_median"], columns["law.uterine_nk_lasting_log_sd"], noise


def report(prepared, *pregnancies: Pregnancy, value: float | None = None):
    tests = () if value is None else (Test(test="uterine_nk", value=value, unit="cells_per_mm2"),)
    history = History(age_years=34.0, pregnancies=pregnancies, tests=tests)
    found = evaluate(history, prepared)
    return nk_report.uterine_nk(history, found, LEDGER), found


def test_before_anything_is_known_density_and_high_readings_are_those_of_all_women(prepared, spread):
    median, sd, noise = spread
    found, _ = report(prepared)
    weights = prepared.draws.weight
    assert found.density_before.mean == pytest.approx(weights @ np.exp(median + sd**2 / 2.0), rel=1e-6)
    high = norm.sf((np.log(CUT) - median) / np.hypot(sd, noise))
    assert found.p_above_cut_before.mean == pytest.approx(weights @ high, rel=1e-4)
    assert (found.cut, found.cut_unit) == (CUT, "cells_per_mm2")


def test_a_history_without_pregnancies_or_tests_moves_nothing(prepared):
    found, _ = report(prepared)
    assert found.density_after.mean == pytest.approx(found.density_before.mean, rel=1e-9)
    assert found.p_above_cut_after.mean == pytest.approx(found.p_above_cut_before.mean, rel=1e-9)


def test_a_reading_alone_gives_the_normal_posterior_of_each_draw(prepared, spread):
    median, sd, noise = spread
    found, evaluated = report(prepared, value=READING)
    slope = 0.5 * (np.log(2.5) / 4.0 + np.log(8.0 / 2.5) / 5.0)
    precision = 1.0 / sd**2 + 1.0 / (noise**2 + 0.4**2 + slope**2)
    mean = median + (np.log(READING) - median) * (1.0 - 1.0 / (sd**2 * precision))
    high = norm.sf((np.log(CUT) - mean) / np.hypot(precision**-0.5, noise))
    assert found.p_above_cut_after.mean == pytest.approx(evaluated.weights @ high, rel=1e-3)
    density = evaluated.weights @ np.exp(mean + 0.5 / precision)
    assert found.density_after.mean == pytest.approx(density, rel=1e-3)


def test_fine_weights_are_chances_and_keep_the_mean_to_a_tenth_of_a_standard_score(prepared):
    _, found = report(prepared, LOSS, LOSS, LOSS, value=READING)
    nodes = nk_report.fine_nodes(prepared, CUT, LEDGER)
    weights = nk_report.weights_on(nodes, found)
    assert weights.min() >= 0.0
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    at_nodes = found.posterior.density @ prepared.stack.density_score
    np.testing.assert_allclose(weights @ nodes.score, at_nodes, rtol=0.0, atol=0.1)


def test_women_with_a_birth_are_women_with_a_birth_and_nothing_else(prepared):
    born = Pregnancy(outcome="live_birth")
    by_itself, _ = report(prepared, born)
    beside_losses, _ = report(prepared, LOSS, LOSS, value=READING)
    same = beside_losses.share_high_among_women_with_births
    assert same.mean == pytest.approx(by_itself.p_above_cut_after.mean, rel=1e-12)


@pytest.mark.parametrize(("mechanism", "rises"), [("attack", 1), ("too_few", -1), ("marker", 0)])
def test_losses_move_the_density_as_the_mechanism_says(mechanism, rises):
    prepared = prepared_draws("fading-log_normal", thin=100, mechanism=mechanism, grid=WITH_TESTS)
    history = History(age_years=34.0, pregnancies=(LOSS,) * 3)
    found = evaluate(history, prepared)
    moved = found.posterior.density @ prepared.stack.density_score
    if rises == 0:
        np.testing.assert_allclose(moved, 0.0, atol=1e-12)
    else:
        assert np.all(np.sign(moved) == rises)

"""The calibration tables as cells: printed numbers with their errors, in the order of a prediction."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from decidua.evidence import load_ledger
from decidua.inference.posterior import likelihood_of
from decidua.inference.priors import DEFAULT_STRUCTURE
from decidua.inference.targets import Cell, Targets, calibration_targets

LEDGER = load_ledger()
TARGETS = calibration_targets(LEDGER)
LIKELIHOOD = likelihood_of(LEDGER, DEFAULT_STRUCTURE, TARGETS)
NAMES = LIKELIHOOD.stage.names
# Each nuisance and each drug belongs to one table, so that moving it shows where that table's cells lie.
BELONGS = {
    "calibration.karyotype_laboratory_log_odds": {"PENDINA"},
    "calibration.embryo_log_odds": {"FRANASIAK"},
    "calibration.zauche_log_shift": {"ZAUCHE_WEEK"},
    "law.paternal_log_odds_per_year": {"PATERNAL_AGE"},
    "law.progesterone_log_hazard_ratio": {"PROMISE_2015"},
    "law.loss_week_median": {"ZAUCHE_WEEK"},
    "law.p_recognised_week_4": {"WILCOX88"},
    "calibration.uterine_share_raising_loss": {"UTERUS"},
    "law.prevalence_translocation": {"TRANSLOC"},
}


def central() -> np.ndarray:
    """Prior medians, with excesses small enough for the budget of variance."""
    values = LIKELIHOOD.stage.transform(np.full(len(NAMES), 0.5))
    for name in NAMES:
        if name.startswith("law.excess_"):
            values[NAMES.index(name)] = 0.2
    return values


@pytest.mark.parametrize("name", BELONGS)
def test_cells_and_predictions_are_in_the_same_order(name):
    values = central()
    before = LIKELIHOOD.predicted(values)
    values[NAMES.index(name)] *= 1.1
    values[NAMES.index(name)] += 0.01
    moved = ~np.isclose(before, LIKELIHOOD.predicted(values), rtol=1e-9, atol=0.0)
    tables = {cell.table for cell, has_moved in zip(TARGETS.cells, moved, strict=True) if has_moved}
    if name == "law.prevalence_translocation":  # the budget carries it to the other causes as well
        assert "TRANSLOC" in tables
    else:
        assert tables == BELONGS[name]


def test_every_table_of_the_issue_is_there():
    assert set(TARGETS.tables) == {
        "MAGNUS_AGE_ADJ", "MAGNUS_REC", "PENDINA", "FRANASIAK", "PATERNAL_AGE", "ZAUCHE_WEEK", "WILCOX88",
        "UTERUS", "APS", "THYROID", "TRANSLOC", "PROMISE_2015",
    }  # fmt: skip


def test_the_recurrence_gradient_is_the_printed_one_with_its_own_error_and_the_declared_one():
    cells = [cell for cell in TARGETS.cells if cell.table == "MAGNUS_REC"]
    rows = [row for row in LEDGER.calibration_rows("MAGNUS_REC") if row.lo is not None]
    assert [cell.value for cell in cells] == [1.54, 2.21, 3.97]
    declared = LEDGER.value("calibration.discrepancy.recurrence")
    for cell, row in zip(cells, rows, strict=True):
        own = (math.log(row.hi) - math.log(row.lo)) / (2 * 1.959963984540054)
        assert cell.sd == pytest.approx(math.hypot(own, declared), rel=1e-12)


def test_the_life_table_is_counts():
    weeks = [cell for cell in TARGETS.cells if cell.table == "ZAUCHE_WEEK"]
    assert {cell.scale for cell in weeks} == {"counts"}
    assert weeks[0].value * weeks[0].trials == pytest.approx(15)


def test_one_cell_has_the_likelihood_of_its_scale():
    logit = Cell("T", "x", "logit", 0.3, sd=0.2)
    z = (math.log(0.3 / 0.7) - math.log(0.25 / 0.75)) / 0.2
    assert logit.log_likelihood(0.25) == pytest.approx(-0.5 * z * z, rel=1e-12)
    log = Cell("T", "x", "log", 1.5, sd=0.1)
    known = stats.norm(math.log(1.4), 0.1)
    other = known.logpdf(math.log(1.5)) - known.logpdf(math.log(1.4))
    assert log.log_likelihood(1.4) == pytest.approx(other, rel=1e-9)
    counts = Cell("T", "x", "counts", 0.2, trials=50.0)
    known_difference = stats.binom(50, 0.25).logpmf(10) - stats.binom(50, 0.15).logpmf(10)
    assert counts.log_likelihood(0.25) - counts.log_likelihood(0.15) == pytest.approx(known_difference)
    floor = Cell("T", "x", "floor", 0.1, sd=0.3)
    assert floor.log_likelihood(0.6) == pytest.approx(0.0, abs=1e-9)
    assert floor.log_likelihood(0.1) == pytest.approx(math.log(0.5))
    assert floor.log_likelihood(0.02) < math.log(0.01)


def test_all_cells_at_once_are_the_cells_one_by_one():
    predicted = LIKELIHOOD.predicted(central())
    one_by_one = [cell.log_likelihood(p) for cell, p in zip(TARGETS.cells, predicted, strict=True)]
    np.testing.assert_allclose(TARGETS.log_likelihoods(predicted), one_by_one, rtol=1e-10)


@pytest.mark.parametrize(
    "cell",
    [
        Cell("T", "x", "logit", 0.3, sd=0.2),
        Cell("T", "x", "log", 2.0, sd=0.15),
        Cell("T", "x", "counts", 0.05, trials=1000.0),
    ],
    ids=lambda cell: cell.scale,
)
def test_numbers_that_a_table_might_print_spread_as_its_error_says(cell):
    rng = np.random.default_rng(1)
    drawn = np.array([cell.draw(0.2, rng) for _ in range(4000)])
    if cell.scale == "counts":
        mean, sd, values = 0.2, math.sqrt(0.2 * 0.8 / 1000.0), drawn
    else:
        mean, sd, values = cell.on_scale(0.2), cell.sd, np.array([cell.on_scale(x) for x in drawn])
    assert values.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(4000))
    assert values.std() == pytest.approx(sd, rel=0.06)


def test_ages_lie_inside_their_bands_and_follow_the_counts():
    rows = LEDGER.calibration_rows("MAGNUS_AGE")
    ages, weights = TARGETS.design.band_ages_years, TARGETS.design.band_weights
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    assert np.all(np.diff(ages, axis=1) > 0.0)
    for row, band in zip(rows, ages, strict=True):
        assert (row.age_lo or 15.0) < band[0]
        assert band[-1] < (row.age_hi or 47.0) + 1.0
    forties = next(i for i, row in enumerate(rows) if row.age_lo == 40)
    assert weights[forties] @ ages[forties] < 42.0  # most of them are 40 or 41
    twenties = next(i for i, row in enumerate(rows) if row.age_lo == 20)
    assert weights[twenties] @ ages[twenties] > 22.5


def test_a_table_that_is_not_for_fitting_stays_closed():
    opened = {dataset for dataset in LEDGER.datasets if dataset in TARGETS.tables}
    assert all(any(row.role == "CALIBRATION" for row in LEDGER.table(name).rows) for name in opened)
    assert isinstance(TARGETS, Targets)

"""Results of NK tests against plain normal densities, and the links between scales."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from decidua.evidence import load_ledger
from decidua.measure import nk_tests
from decidua.measure.history import Test

LEDGER = load_ledger()
MEDIAN = LEDGER.value("measure.uterine_nk.control_median_cells_per_mm2")
CONTROL_LOG_SD = LEDGER.value("measure.uterine_nk.control_log_sd")
LABORATORY = LEDGER.value("measure.uterine_nk.between_laboratory_log_sd")
DATING_DAYS = LEDGER.value("measure.uterine_nk.dating_error_days")
BLOOD_MEAN = LEDGER.value("measure.blood_nk.women_mean_percent_of_lymphocytes")
BLOOD_SD = LEDGER.value("measure.blood_nk.women_sd_percent_of_lymphocytes")

LOG_DENSITY = np.log([[60.0, 133.0, 300.0], [80.0, 120.0, 500.0]])
SCORE = np.array([-1.5, 0.0, 1.5])
CYCLE_LOG_SD = np.array([0.2, 0.35])


def fold(day: int) -> float:
    return LEDGER.value(f"measure.uterine_nk.cycle_multiplier_day_{day}")


def uterine(value: float, day: float | None = None, unit: str = "cells_per_mm2") -> Test:
    return Test(test="uterine_nk", value=value, unit=unit, days_after_ovulation=day)


def blood(value: float) -> Test:
    return Test(test="blood_nk", value=value, unit="percent_of_lymphocytes")


def likelihood(*tests: Test, correlation: float = 0.0) -> np.ndarray:
    return nk_tests.likelihood_of_tests(
        tests,
        log_density=LOG_DENSITY,
        score=SCORE,
        cycle_log_sd=CYCLE_LOG_SD,
        blood_correlation=np.full(2, correlation),
        ledger=LEDGER,
    )


def up_to_a_constant(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found / found[0, 0], expected / expected[0, 0], rtol=1e-10)


def blur_at_day_7() -> float:
    """Half a day on either side lies on two lines: from day 3, and to day 12."""
    slope = 0.5 * (math.log(fold(7) / fold(3)) / 4.0 + math.log(fold(12) / fold(7)) / 5.0)
    return math.hypot(LABORATORY, DATING_DAYS * slope)


@pytest.mark.parametrize("day", [None, 7.0])
def test_a_reading_on_the_usual_day_is_normal_around_the_lasting_log_density(day):
    sd = np.hypot(CYCLE_LOG_SD, blur_at_day_7())[:, None]
    up_to_a_constant(likelihood(uterine(310.0, day)), norm.pdf(math.log(310.0), LOG_DENSITY, sd))


@pytest.mark.parametrize(("day", "expected"), [(3.0, fold(3) / fold(7)), (12.0, fold(12) / fold(7))])
def test_a_reading_on_another_day_is_put_on_the_scale_of_the_usual_day(day, expected):
    reading = nk_tests.uterine_reading(uterine(200.0, day), LEDGER)
    assert math.exp(reading.log_density) == pytest.approx(200.0 / expected, rel=1e-12)
    assert reading.extra_log_sd >= LABORATORY


def test_between_the_days_the_logarithm_rises_on_a_straight_line_and_beyond_them_it_stays():
    expected = math.log(fold(3) / fold(7)) / 2.0
    assert nk_tests.log_multiplier_of_cycle(5.0, LEDGER) == pytest.approx(expected, rel=1e-12)
    ends = [nk_tests.log_multiplier_of_cycle(day, LEDGER) for day in (0.0, 3.0, 12.0, 28.0)]
    assert (ends[0], ends[2]) == (ends[1], ends[3])
    assert nk_tests.log_multiplier_of_cycle(nk_tests.USUAL_DAY, LEDGER) == 0.0


def test_an_error_in_dating_blurs_by_the_slope_of_that_day():
    slope = math.log(fold(12) / fold(7)) / 5.0
    found = nk_tests.uterine_reading(uterine(200.0, 10.0), LEDGER).extra_log_sd
    assert found == pytest.approx(math.sqrt(LABORATORY**2 + (DATING_DAYS * slope) ** 2), rel=1e-12)


def test_readings_multiply_and_no_reading_says_nothing():
    first, second = uterine(310.0), uterine(90.0, 5.0)
    np.testing.assert_allclose(likelihood(first, second), likelihood(first) * likelihood(second), rtol=1e-14)
    np.testing.assert_array_equal(likelihood(), np.ones_like(LOG_DENSITY))


def test_a_draw_with_more_noise_is_weighed_with_its_own_height():
    """Between draws too the density of a normal counts, height included."""
    sd = np.hypot(CYCLE_LOG_SD, blur_at_day_7())[:, None]
    found, expected = likelihood(uterine(133.0)), norm.pdf(math.log(133.0), LOG_DENSITY, sd)
    assert found[1, 0] / found[0, 0] == pytest.approx(expected[1, 0] / expected[0, 0], rel=1e-12)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_a_share_of_stroma_is_the_density_at_the_same_quantile_of_controls(quantile):
    controls = LEDGER["measure.uterine_nk.control_median_percent_of_stroma.sheffield"].chosen
    lo, hi = controls.interval
    largest = norm.ppf((controls.n - 0.375) / (controls.n + 0.25))
    percent_log_sd = math.log(hi / lo) / (2.0 * largest)
    percent = math.exp(norm.ppf(quantile, math.log(controls.value), percent_log_sd))
    expected = norm.ppf(quantile, math.log(MEDIAN), CONTROL_LOG_SD)
    found = nk_tests.uterine_reading(uterine(percent, unit="percent_of_stroma"), LEDGER)
    assert found.log_density == pytest.approx(expected, rel=1e-10)


def test_the_median_share_of_stroma_is_the_median_density():
    found = nk_tests.uterine_reading(uterine(5.0, unit="percent_of_stroma"), LEDGER)
    assert math.exp(found.log_density) == pytest.approx(133.0, rel=1e-12)


def test_blood_without_a_correlation_says_nothing_of_the_density():
    found = likelihood(blood(30.0))
    np.testing.assert_allclose(found, np.full_like(found, found[0, 0]), rtol=1e-14)


@pytest.mark.parametrize("correlation", [-0.2, 0.3])
def test_blood_is_one_of_a_normal_pair(correlation):
    z = (30.0 - BLOOD_MEAN) / BLOOD_SD
    expected = norm.pdf(z, correlation * SCORE, math.sqrt(1.0 - correlation**2))
    up_to_a_constant(likelihood(blood(30.0), correlation=correlation), np.tile(expected, (2, 1)))


def test_blood_says_less_than_a_reading_from_the_womb_as_far_from_its_mean():
    two_sd_blood, two_sd_womb = blood(BLOOD_MEAN + 2.0 * BLOOD_SD), uterine(MEDIAN * math.exp(2 * 0.47))
    ratios = [
        found[:, -1] / found[:, 0]
        for found in (likelihood(two_sd_blood, correlation=0.3), likelihood(two_sd_womb))
    ]
    assert np.all(ratios[0] > 1.0)
    assert np.all(ratios[0] < ratios[1])


def test_a_high_reading_is_a_normal_tail_in_the_laboratory_of_the_cut():
    found = nk_tests.p_reads_above(300.0, log_density=LOG_DENSITY, cycle_log_sd=CYCLE_LOG_SD)
    expected = norm.sf(math.log(300.0), LOG_DENSITY, CYCLE_LOG_SD[:, None])
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert found[0, 2] == pytest.approx(0.5, abs=1e-12)


def test_the_normal_below_is_that_of_scipy_in_both_tails():
    z = np.linspace(-12.0, 12.0, 49).reshape(7, 7)
    np.testing.assert_allclose(nk_tests.normal_below(z), norm.cdf(z), rtol=1e-11)

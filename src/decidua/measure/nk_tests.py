"""What a uterine or blood NK result says of the lasting density: day, laboratory and cycle all blur it."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled
from decidua.evidence import Ledger
from decidua.measure.records import Test

FloatArray = NDArray[np.float64]

CYCLE_DAYS = (3.0, 7.0, 12.0)  # days after ovulation with a declared multiplier
USUAL_DAY = 7.0  # mid-luteal, the day of the control counts


class Reading(NamedTuple):
    """One result as the law sees it: log density on the scale of the controls, with its own blur."""

    log_density: float
    extra_log_sd: float  # laboratory and dating, beside the spread from cycle to cycle


def uterine_reading(test: Test, ledger: Ledger) -> Reading:
    """Turn a uterine NK result into a log density on the scale of the control counts.

    Scales of different laboratories are linked by the quantile among that laboratory's controls alone.

    Arguments:  test    uterine_nk in cells_per_mm2 or percent_of_stroma
                ledger  for the control distributions, the cycle and the declared spreads
    Returns:    Reading, natural log of cells per mm2
    Source:     ledger entries measure.uterine_nk.*
    Checked by: tests/unit/measure/test_nk_tests.py
    """
    day = USUAL_DAY if test.days_after_ovulation is None else test.days_after_ovulation
    reading = math.log(test.value) - log_multiplier_of_cycle(day, ledger)
    if test.unit == "percent_of_stroma":
        reading = _from_percent(reading, ledger)
    return Reading(reading, error_log_sd(day, ledger))


def error_log_sd(day: float, ledger: Ledger) -> float:
    """Log spread of laboratory and dating for a sample on this day after ovulation, the cycle apart."""
    laboratory = ledger.value("measure.uterine_nk.between_laboratory_log_sd")
    dating = ledger.value("measure.uterine_nk.dating_error_days") * log_slope_of_cycle(day, ledger)
    return math.hypot(laboratory, dating)


def _from_percent(log_percent: float, ledger: Ledger) -> float:
    """Log density at the same quantile among controls as this share of stroma."""
    controls = ledger["measure.uterine_nk.control_median_percent_of_stroma.sheffield"].chosen
    if controls.interval is None or controls.n is None:
        raise LookupError("the control range of the share of stroma needs its limits and number")
    # the range of n normal values spans about twice the largest expected score (Blom)
    largest = NormalDist().inv_cdf((controls.n - 0.375) / (controls.n + 0.25))
    log_sd = math.log(controls.interval[1] / controls.interval[0]) / (2.0 * largest)
    score = (log_percent - math.log(controls.value)) / log_sd
    median = ledger.value("measure.uterine_nk.control_median_cells_per_mm2")
    return math.log(median) + score * ledger.value("measure.uterine_nk.control_log_sd")


def log_multiplier_of_cycle(day: float, ledger: Ledger) -> float:
    """Log density on a day after ovulation against the usual day of the test; straight lines between days."""
    logs = [math.log(ledger.value(f"measure.uterine_nk.cycle_multiplier_day_{int(d)}")) for d in CYCLE_DAYS]
    usual = float(np.interp(USUAL_DAY, CYCLE_DAYS, logs))
    return float(np.interp(day, CYCLE_DAYS, logs)) - usual


def log_slope_of_cycle(day: float, ledger: Ledger) -> float:
    """Rise of the log density per day around this day."""
    inside = min(max(day, CYCLE_DAYS[0] + 0.5), CYCLE_DAYS[-1] - 0.5)
    return log_multiplier_of_cycle(inside + 0.5, ledger) - log_multiplier_of_cycle(inside - 0.5, ledger)


def likelihood_of_tests(
    tests: tuple[Test, ...],
    *,
    log_density: FloatArray,
    score: FloatArray,
    cycle_log_sd: FloatArray,
    blood_correlation: FloatArray,
    ledger: Ledger,
) -> FloatArray:
    """Likelihood of all results at every lasting density.

    Arguments:  tests              results, any number
                log_density        shape (draws, densities), natural log of cells per mm2
                score              standard score of each density, shape (densities,)
                cycle_log_sd       spread of one reading around the lasting density, shape (draws,)
                blood_correlation  of blood with uterine NK, shape (draws,)
                ledger             for the measurement models
    Returns:    shape (draws, densities), up to a constant
    """
    out = np.ones_like(log_density)
    for test in tests:
        if test.test == "uterine_nk":
            reading = uterine_reading(test, ledger)
            sd = np.hypot(cycle_log_sd, reading.extra_log_sd)[:, None]
            out *= np.exp(-0.5 * ((reading.log_density - log_density) / sd) ** 2) / sd
        else:
            out *= _blood(test, score, blood_correlation, ledger)
    return out


def _blood(test: Test, score: FloatArray, correlation: FloatArray, ledger: Ledger) -> FloatArray:
    """Blood and uterine NK share next to nothing: a normal pair with a correlation near zero."""
    mean = ledger.value("measure.blood_nk.women_mean_percent_of_lymphocytes")
    sd = ledger.value("measure.blood_nk.women_sd_percent_of_lymphocytes")
    z = (test.value - mean) / sd
    left = np.sqrt(1.0 - correlation**2)[:, None]
    return np.asarray(np.exp(-0.5 * ((z - correlation[:, None] * score[None, :]) / left) ** 2) / left)


def cycle_log_sd(control_log_sd: float, repeatability: FloatArray) -> FloatArray:
    """Log spread of one reading around the lasting density: what two cycles of one woman do not share.

    Arguments:  control_log_sd  of single readings among controls, natural log
                repeatability   correlation of two readings of one woman, 0 to 1
    """
    return np.asarray(control_log_sd * np.sqrt(1.0 - repeatability))


def p_reads_above(
    cut_cells_per_mm2: float, *, log_density: FloatArray, cycle_log_sd: FloatArray
) -> FloatArray:
    """Chance that one reading in the laboratory of the cut lies above it, shape of `log_density`."""
    return normal_below((log_density - math.log(cut_cells_per_mm2)) / cycle_log_sd[:, None])


@compiled
def normal_below(z: FloatArray) -> FloatArray:
    """Chance that a standard normal lies below each score; SciPy has it too, but takes long to import."""
    out = np.empty_like(z)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            out[i, j] = 0.5 * math.erfc(-z[i, j] / math.sqrt(2.0))
    return out

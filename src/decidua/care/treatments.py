"""What a treatment does in a pregnancy, for every draw: its direct effect, and its harms as published.

A harm's size is not known, so each draw holds one quantile of its published interval, the same in every run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from decidua.base.address import uniforms_at
from decidua.base.estimates import Estimate
from decidua.base.normal import normal_quantile
from decidua.life.harms import Harm, preterm_log_odds_ratio
from decidua.life.parameters import FloatArray
from decidua.life.pathway import EFFECTS, INFECTION, LOG_HAZARD_RATIO, PRETERM, VERY_EARLY
from decidua.life.ways import IntArray

ADDRESS = 1  # of the quantiles; not a seed of lives, which anybody may choose
HALF_WIDTH = NormalDist().inv_cdf(0.975)  # of a 95% interval, in standard errors


def effects_of(log_hazard_ratio: FloatArray, harms: Sequence[Harm], *, numbers: IntArray) -> FloatArray:
    """Everything that one treatment does beside the womb, by draw.

    Arguments:  log_hazard_ratio  direct effect on euploid loss, shape (draws,)
                harms             of its steroid, none without one
                numbers           of the draws among those that ship: addresses of the quantiles
    Returns:    shape (draws, EFFECTS), columns as in `life.pathway`
    Checked by: tests/unit/care/test_treatments.py
    """
    out = np.zeros((numbers.size, EFFECTS))
    out[:, LOG_HAZARD_RATIO] = log_hazard_ratio
    by_name = {harm.name: harm for harm in harms if harm.status in ("estimate", "upper_bound")}
    if "preterm_birth" in by_name:
        out[:, PRETERM] = _preterm(by_name["preterm_birth"], numbers)
    if "very_early_loss" in by_name:
        out[:, VERY_EARLY] = log_ratios(by_name["very_early_loss"].ratio, numbers, purpose=VERY_EARLY)
    if "infection" in by_name:
        out[:, INFECTION] = _added(by_name["infection"])
    return out


def log_ratios(ratio: Estimate | None, numbers: IntArray, *, purpose: int) -> FloatArray:
    """A published ratio on the log scale, one quantile of its interval for each draw; normal errors."""
    if ratio is None:
        return np.zeros(numbers.size)
    u = uniforms_at(ADDRESS, numbers, np.zeros_like(numbers), purpose)
    score = np.array([normal_quantile(each) for each in u])
    error = (math.log(ratio.hi) - math.log(ratio.lo)) / (2.0 * HALF_WIDTH)
    return np.asarray(math.log(ratio.mean) + error * score)


def _preterm(harm: Harm, numbers: IntArray) -> FloatArray:
    """Log odds ratios that give these ratios of chances at the chance without the course."""
    if harm.chances is None:
        return np.zeros(numbers.size)
    ratios = np.exp(log_ratios(harm.ratio, numbers, purpose=PRETERM))
    return np.array([preterm_log_odds_ratio(ratio, p_without=harm.chances[0]) for ratio in ratios])


def _added(harm: Harm) -> float:
    """Chance that a course adds an infection: the published rate, which is an upper bound, less the usual."""
    if harm.chances is None:
        return 0.0
    without, with_course = harm.chances
    return with_course.mean - without

"""What simulated women say of a mean or a chance over draws, and what so few of them leave open."""

from __future__ import annotations

import math
from dataclasses import dataclass

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.care.treatments import HALF_WIDTH
from decidua.life.parameters import FloatArray
from decidua.life.ways import IntArray

ADDED = 2  # to those with and to those without
INTERVALS_ARE = "95% over draws of parameters and mechanisms, widened by the simulation's error"


@dataclass(frozen=True)
class Spread:
    """A mean over women, and the same by draw without the chance of the simulation.

    error     standard error of the mean from the number of women
    resolved  share of the variance of simulated values over draws that is no chance
    """

    mean: float
    by_draw: FloatArray
    weight: FloatArray
    error: float
    resolved: float

    def estimate(self, scale: float) -> Estimate:
        """Mean and interval over draws, made wider by what so few women leave open."""
        found, open_ = weighted_estimate(self.by_draw, self.weight), HALF_WIDTH * self.error
        lo, hi = min(found.lo, self.mean), max(found.hi, self.mean)
        return Estimate(
            scale * self.mean,
            scale * (self.mean - math.hypot(self.mean - lo, open_)),
            scale * (self.mean + math.hypot(hi - self.mean, open_)),
        )


def spread_over_draws(sums: IntArray, squares: IntArray, women: IntArray, weight: FloatArray) -> Spread:
    """What sums over women say of a mean, and of how it differs between draws.

    Assumes women differ as much under every draw, so that draws with few of them count for what they are.

    Arguments:  sums, squares  over the women of each draw, shape (draws,)
                women          of each draw, > 0
                weight         of each draw
    Returns:    Spread
    Checked by: tests/unit/study/test_spread.py
    """
    freedom = max(float((women - 1).sum()), 1.0)
    within = max(float((squares - sums * (sums / women)).sum()), 0.0) / freedom
    return _spread(sums, women, weight, within=within)


def chance_over_draws(happened: IntArray, among: IntArray, weight: FloatArray) -> Estimate:
    """The chance that so many of so many show; nothing is known of what was never tried.

    Two more of each stand for what was not seen, so that none of a thousand is not never (Agresti and Coull
    1998). Assumes that those of one woman are independent given the draw.

    Arguments:  happened  of each draw, shape (draws,)
                among     how many there were, of each draw
                weight    of each draw
    Returns:    Estimate
    Checked by: tests/unit/study/test_spread.py
    """
    there = among > 0
    if not there.any():
        return Estimate(0.0, 0.0, 1.0)
    shrunk = float(happened.sum() + ADDED) / float(among.sum() + 2 * ADDED)
    within = shrunk * (1.0 - shrunk)
    found = _spread(happened[there], among[there], weight[there], within=within).estimate(1.0)
    return Estimate(found.mean, max(found.lo, 0.0), min(found.hi, 1.0))


def _spread(sums: IntArray, women: IntArray, weight: FloatArray, *, within: float) -> Spread:
    """With the variance between women of one draw."""
    share, mean = weight / weight.sum(), float(sums.sum() / women.sum())
    moved, resolved = _without_chance(sums / women, within / women, share, mean=mean)
    return Spread(mean, moved, share, math.sqrt(within / float(women.sum())), resolved)


def _without_chance(
    values: FloatArray, sampling: FloatArray, weight: FloatArray, *, mean: float
) -> tuple[FloatArray, float]:
    r"""Simulated values by draw, drawn towards their mean by what chance in the simulation adds to them.

    $$ x' = \bar x + \sqrt{r} (x - \bar x), \qquad r = \max(0, 1 - v / V) $$
    with V the variance of the values over draws and v the mean of what sampling alone gives.

    Arguments:  values    by draw, shape (draws,)
                sampling  variance of each from sampling alone, shape (draws,)
                weight    of each draw, sums to 1
    Returns:    the values so moved, and r: the share of their variance that is no chance
    """
    total, chance = float(weight @ (values - mean) ** 2), float(weight @ sampling)
    kept = max(0.0, 1.0 - chance / total) if total > 0.0 else 0.0
    return mean + math.sqrt(kept) * (values - mean), kept

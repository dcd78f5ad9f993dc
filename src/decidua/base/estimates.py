"""A number with its 95% interval, and how to get one from weighted draws."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOWER_TAIL = 0.025
UPPER_TAIL = 0.975

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with the interval that holds 95% of the weight."""

    mean: float
    lo: float
    hi: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.mean, self.lo, self.hi)):
            raise ValueError(f"an estimate needs finite numbers, not {self.mean}, {self.lo}, {self.hi}")
        if self.lo > self.hi:
            raise ValueError(f"the interval is upside down: {self.lo} is above {self.hi}")

    def to_dict(self) -> dict[str, float]:
        """The estimate in the form of the JSON contract: mean, lo, hi."""
        return {"mean": self.mean, "lo": self.lo, "hi": self.hi}


class Ranked:
    """Values put in order once, to be weighted as often as is asked."""

    def __init__(self, values: ArrayLike) -> None:
        draws = np.asarray(values, dtype=np.float64)
        if draws.ndim != 1:
            raise ValueError(f"values need one axis, not shape {draws.shape}")
        self._order = np.argsort(draws)
        self._draws = draws[self._order]
        self._are_distinct = bool(np.all(self._draws[1:] != self._draws[:-1]))

    def estimate(self, weights: ArrayLike) -> Estimate:
        """What `weighted_estimate` says of these values under some weights."""
        draws, shares = self._carrying(weights)
        lo, hi = self._quantiles(draws, shares, (LOWER_TAIL, UPPER_TAIL))
        # Not draws @ shares: that wakes the threads of a linear algebra library, which then spin for a while.
        mean = np.clip((draws * shares).sum(), draws[0], draws[-1])
        return Estimate(mean=float(mean), lo=lo, hi=hi)

    def quantiles(self, weights: ArrayLike, *, at: tuple[float, ...]) -> tuple[float, ...]:
        """What `weighted_quantiles` says of these values under some weights."""
        return self._quantiles(*self._carrying(weights), at)

    def _carrying(self, weights: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Draws that carry weight, in order, with weights that sum to one."""
        shares = np.asarray(weights, dtype=np.float64)
        if shares.shape != self._draws.shape:
            raise ValueError(
                f"values and weights need one equal length, not {self._draws.shape} and {shares.shape}"
            )
        total = shares.sum()
        if not (np.isfinite(total) and total > 0.0) or np.any(shares < 0.0):
            raise ValueError("weights must be finite, none negative and not all zero")
        shares = shares[self._order] / total
        carrying = shares > 0.0
        draws = self._draws
        if not carrying.all():
            draws, shares = draws[carrying], shares[carrying]
        if not np.isfinite(draws[[0, -1]]).all():  # in order, so that what is not finite stands at an end
            raise ValueError("values that carry weight must be finite")
        return draws, shares

    def _quantiles(self, draws: FloatArray, shares: FloatArray, at: tuple[float, ...]) -> tuple[float, ...]:
        """Quantiles of draws in order, linear between the middles of their steps."""
        if self._are_distinct:
            middles = np.cumsum(shares) - shares / 2.0
        else:
            middles, draws = _middles_of_steps(draws, shares)
        return tuple(float(quantile) for quantile in np.interp(at, middles, draws))


def weighted_estimate(values: ArrayLike, weights: ArrayLike) -> Estimate:
    """Weighted mean with the weighted 2.5% and 97.5% quantiles.

    Arguments:  values   draws, shape (draws,), finite
                weights  one for each draw, shape (draws,), >= 0, not all zero; need not sum to one
    Returns:    Estimate in the unit of the values
    Raises:     ValueError naming what is wrong with the values or weights
    Checked by: tests/unit/base/test_estimates.py (equal weights, repeated draws, scaling)
    """
    return Ranked(values).estimate(weights)


def weighted_quantiles(values: ArrayLike, weights: ArrayLike, *, at: tuple[float, ...]) -> tuple[float, ...]:
    """Quantiles of weighted draws, linear between the middles of their steps.

    With equal weights this is Hazen's rule, the fifth of Hyndman and Fan; it depends only on the shares, so
    that multiplying all weights by a constant changes nothing.

    Arguments:  values   draws, shape (draws,), finite
                weights  one for each draw, shape (draws,), >= 0, not all zero
                at       shares of the weight, each 0 to 1
    Returns:    one quantile for each share, in the unit of the values
    Raises:     ValueError naming what is wrong with the values or weights
    Checked by: tests/unit/base/test_estimates.py
    """
    return Ranked(values).quantiles(weights, at=at)


def _middles_of_steps(draws: FloatArray, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the first and the last step of each value stand among the weights, where draws repeat a value.

    Equal draws count as if in order of weight, so that the order they came in cannot matter: among them the
    first step is the smallest and the last the largest, and what lies between is flat.
    """
    first = np.flatnonzero(np.concatenate(([True], draws[1:] != draws[:-1])))
    until = np.cumsum(np.add.reduceat(shares, first))
    smallest, largest = np.minimum.reduceat(shares, first), np.maximum.reduceat(shares, first)
    from_step = np.concatenate(([0.0], until[:-1])) + smallest / 2.0
    return np.column_stack([from_step, until - largest / 2.0]).ravel(), np.repeat(draws[first], 2)

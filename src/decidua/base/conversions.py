"""Exact conversions between rates, probabilities, odds and the logit scale."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@overload
def p_from_rate(rate: float, *, duration: float = 1.0) -> float: ...
@overload
def p_from_rate(rate: ArrayLike, *, duration: float = 1.0) -> FloatArray | float: ...
def p_from_rate(rate: ArrayLike, *, duration: float = 1.0) -> FloatArray | float:
    r"""Chance that an event with a constant rate happens within a duration.

    $$ p = 1 - e^{-\lambda t} $$
    Assumes the rate stays constant and nothing else removes the person first.

    Arguments:  rate      events per unit of time, any shape, >= 0
                duration  in the same unit of time, >= 0
    Returns:    chance, 0 to 1, same shape
    Raises:     ValueError when a rate or the duration is negative
    Checked by: tests/unit/base/test_conversions.py
    """
    rates = _checked(rate, name="rate", lowest=0.0)
    _checked(duration, name="duration", lowest=0.0)
    return _as_given(-np.expm1(-rates * duration))


@overload
def rate_from_p(p: float, *, duration: float = 1.0) -> float: ...
@overload
def rate_from_p(p: ArrayLike, *, duration: float = 1.0) -> FloatArray | float: ...
def rate_from_p(p: ArrayLike, *, duration: float = 1.0) -> FloatArray | float:
    r"""Constant rate that gives a chance within a duration; a chance of one gives infinity.

    $$ \lambda = -\ln(1 - p) / t $$
    Assumes the rate stays constant and nothing else removes the person first.

    Arguments:  p         chance, any shape, 0 to 1
                duration  unit of time the rate is wanted in, > 0
    Returns:    events per unit of time, same shape, >= 0
    Raises:     ValueError when a chance lies outside 0 to 1 or the duration is not positive
    Checked by: tests/unit/base/test_conversions.py
    """
    chances = _checked(p, name="p", lowest=0.0, highest=1.0)
    if not duration > 0.0:
        raise ValueError(f"duration must be positive, not {duration}")
    with np.errstate(divide="ignore"):
        return _as_given(-np.log1p(-chances) / duration)


@overload
def odds(p: float) -> float: ...
@overload
def odds(p: ArrayLike) -> FloatArray | float: ...
def odds(p: ArrayLike) -> FloatArray | float:
    """Odds of a chance, p / (1 - p); a chance of one gives infinity.

    Arguments:  p  chance, any shape, 0 to 1
    Returns:    odds, same shape, >= 0
    Raises:     ValueError when a chance lies outside 0 to 1
    Checked by: tests/unit/base/test_conversions.py
    """
    chances = _checked(p, name="p", lowest=0.0, highest=1.0)
    with np.errstate(divide="ignore"):
        return _as_given(chances / (1.0 - chances))


@overload
def p_from_odds(odds_for: float) -> float: ...
@overload
def p_from_odds(odds_for: ArrayLike) -> FloatArray | float: ...
def p_from_odds(odds_for: ArrayLike) -> FloatArray | float:
    """Chance that has these odds, o / (1 + o); infinite odds give one.

    Arguments:  odds_for  odds, any shape, >= 0
    Returns:    chance, same shape, 0 to 1
    Raises:     ValueError when odds are negative
    Checked by: tests/unit/base/test_conversions.py
    """
    values = _checked(odds_for, name="odds", lowest=0.0)
    finite = np.where(np.isinf(values), 0.0, values)
    return _as_given(np.where(np.isinf(values), 1.0, finite / (1.0 + finite)))


@overload
def logit(p: float) -> float: ...
@overload
def logit(p: ArrayLike) -> FloatArray | float: ...
def logit(p: ArrayLike) -> FloatArray | float:
    """Natural logarithm of the odds; chances of zero and one give minus and plus infinity.

    Arguments:  p  chance, any shape, 0 to 1
    Returns:    log odds, same shape
    Raises:     ValueError when a chance lies outside 0 to 1
    Checked by: tests/unit/base/test_conversions.py
    """
    chances = _checked(p, name="p", lowest=0.0, highest=1.0)
    with np.errstate(divide="ignore"):
        return _as_given(np.log(chances) - np.log1p(-chances))


@overload
def expit(log_odds: float) -> float: ...
@overload
def expit(log_odds: ArrayLike) -> FloatArray | float: ...
def expit(log_odds: ArrayLike) -> FloatArray | float:
    """Chance that has these log odds, exact to rounding also far out in both tails.

    Arguments:  log_odds  natural logarithm of the odds, any shape
    Returns:    chance, same shape, 0 to 1
    Raises:     ValueError when a value is not a number
    Checked by: tests/unit/base/test_conversions.py
    """
    values = _checked(log_odds, name="log odds")
    return _as_given(np.exp(-np.logaddexp(0.0, -values)))


def _checked(given: ArrayLike, *, name: str, lowest: float = -np.inf, highest: float = np.inf) -> FloatArray:
    values = np.asarray(given, dtype=np.float64)
    # Written so that a NaN, which compares as false, is refused too.
    inside = (values >= lowest) & (values <= highest)
    if not np.all(inside):
        first = values[~inside].flat[0]
        raise ValueError(f"{name} must lie between {lowest} and {highest}, not {first}")
    return values


def _as_given(values: FloatArray) -> FloatArray | float:
    """A plain float for a single value, so that it prints and serialises as a number."""
    return float(values) if values.ndim == 0 else values

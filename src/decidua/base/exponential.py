"""The exponential function by arithmetic alone, so that the processor works out several at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled_in_place, compiled_step

LOG2_E = 1.4426950408889634
LN_2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)  # its first 33 bits, and the rest
ROUNDING = 1.5 * 2.0**52  # added to a number, leaves its nearest whole number in the last bits
MANTISSA_BITS = 52
SMALLEST = 700.0  # exp(-700) is 1e-304; less than that is not told from it


@compiled_in_place
def exp_minus(x: float) -> float:
    r"""The exponential of -x.

    $$ e^{-x} = 2^k \, e^r, \quad |r| \le \tfrac12 \ln 2 $$

    with the series of e^r up to r^13, which is right to rounding. The C library's function is as exact, but
    is called for one number at a time; tried, those calls took two thirds of the time of a history.

    Arguments:  x  0 or more
    Returns:    within 6e-16 relative, down to 1e-304
    Checked by: tests/unit/base/test_exponential.py
    """
    x = min(x, SMALLEST)
    shifted = ROUNDING - x * LOG2_E
    k = shifted - ROUNDING
    r = (-x - k * LN_2[0]) - k * LN_2[1]
    r2 = r * r
    r4 = r2 * r2
    # Not term after term, where each would wait for the one before.
    to_r3 = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0))
    to_r7 = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0))
    to_r11 = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0))
    to_r13 = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    series = to_r3 + r4 * to_r7 + r4 * r4 * (to_r11 + r4 * to_r13)
    power = np.float64(shifted).view(np.int64) << MANTISSA_BITS
    return float(np.int64(np.float64(series).view(np.int64) + power).view(np.float64))


@compiled_step
def decay(exponents: NDArray[np.float64]) -> None:
    """Put the exponential of -x in the place of every x.

    Arguments:  exponents  shape (any,), each 0 or more
    """
    for i in range(exponents.size):
        exponents[i] = exp_minus(exponents[i])

"""Small steps on arrays, for compiled code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled_in_place


@compiled_in_place
def put(values: NDArray[np.float64], place: NDArray[np.float64]) -> None:
    """Copy values into an array of the same length, one after the other.

    Tried: an assignment to a slice brings along the compiler's code for strings, for what it would say of
    unequal lengths; with it the first use of `decidua population` took 31 seconds, and takes 26.
    """
    for at in range(place.size):
        place[at] = values[at]

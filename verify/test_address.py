"""Numbers by address look random along every axis along which a life walks: one line for each question.

A chi-square of n numbers in k classes sees a class that is off by about sqrt(k / n) of its share; the line
prints that error.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from verdicts import verdict

from decidua.base.address import PURPOSES, stream_of, uniform_at
from decidua.base.compiled import compiled

SIZE, CLASSES, SMALLEST_P = 400_000, 64, 6e-5
AXES = ("woman", "pregnancy", "purpose", "seed")


@compiled
def along(axis: int, count: int, start: int) -> np.ndarray:
    """Numbers whose address changes along one axis only, or in turn along two where one is short."""
    out = np.empty(count)
    for k in range(count):
        if axis == 0:
            out[k] = uniform_at(stream_of(11, start + k), 1, 5)
        elif axis == 1:
            out[k] = uniform_at(stream_of(11, start), 1 + k, 5)
        elif axis == 2:
            out[k] = uniform_at(stream_of(11, start + k // PURPOSES), 1, k % PURPOSES)
        else:
            out[k] = uniform_at(stream_of(start + k, 7), 1, 5)
    return out


def chi_square(name: str, counts: np.ndarray) -> None:
    expected = counts.sum() / counts.size
    verdict(
        name,
        statistic=float(((counts - expected) ** 2 / expected).sum()),
        threshold=float(stats.chi2.isf(SMALLEST_P, counts.size - 1)),
        smallest_detectable=4.0 * math.sqrt(counts.size / counts.sum()),
        largest_tolerable=0.3,
    )


@pytest.mark.parametrize("axis", AXES)
def test_uniform(axis):
    u = along(AXES.index(axis), SIZE, 1000)
    chi_square(f"numbers along {axis}: uniform", np.histogram(u, CLASSES, (0.0, 1.0))[0])
    verdict(
        f"numbers along {axis}: Kolmogorov distance from uniform",
        statistic=float(stats.kstest(u, "uniform").statistic),
        threshold=2.24 / math.sqrt(SIZE),
        smallest_detectable=2.24 / math.sqrt(SIZE),
        largest_tolerable=0.01,
    )


@pytest.mark.parametrize("lag", [1, 2, 7])
@pytest.mark.parametrize("axis", AXES)
def test_neighbours_know_nothing_of_each_other(axis, lag):
    u = along(AXES.index(axis), SIZE, 5000)
    pairs, _, _ = np.histogram2d(u[:-lag], u[lag:], 16, [[0.0, 1.0], [0.0, 1.0]])
    chi_square(f"numbers along {axis}, {lag} apart: pairs", pairs)


@pytest.mark.parametrize("axis", AXES)
def test_every_bit_is_even(axis):
    bits = (along(AXES.index(axis), SIZE, 9000) * 2.0**52).astype(np.uint64)
    ones = np.array([int(((bits >> np.uint64(b)) & np.uint64(1)).sum()) for b in range(52)])
    z = np.abs(ones - SIZE / 2) / math.sqrt(SIZE / 4)
    verdict(
        f"numbers along {axis}: most uneven of 52 bits",
        statistic=float(z.max()),
        threshold=float(stats.norm.isf(SMALLEST_P / 104)),
        smallest_detectable=5.0 / math.sqrt(SIZE),
        largest_tolerable=0.01,
    )


@pytest.mark.parametrize("axes", [("woman", "seed"), ("woman", "pregnancy"), ("pregnancy", "seed")])
def test_streams_know_nothing_of_each_other(axes):
    first, second = (along(AXES.index(axis), SIZE, 1) for axis in axes)
    pairs, _, _ = np.histogram2d(first, second, 16, [[0.0, 1.0], [0.0, 1.0]])
    chi_square(f"numbers along {axes[0]} beside those along {axes[1]}: pairs", pairs)

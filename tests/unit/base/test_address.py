"""Addresses: a number depends on its address alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from decidua.base.address import MAX_SEED, stream_of, uniforms_at
from decidua.base.normal import normal_quantile

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mixed(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def in_whole_numbers(seed: int, woman: int, occasion: int, purpose: int) -> float:
    """The same number from the page's formula with Python's own integers."""
    start = mixed(mixed((seed + GOLDEN) & MASK) ^ mixed((woman * GOLDEN + 1) & MASK))
    step = mixed((start + GOLDEN) & MASK) | 1
    if (step ^ (step >> 1)).bit_count() < 24:
        step ^= 0xAAAAAAAAAAAAAAAA
    counter = occasion * 32 + purpose + 1
    return ((mixed((start + counter * step) & MASK) >> 12) + 0.5) / 2**52


@pytest.mark.parametrize("seed", [0, 1, 12345, MAX_SEED])
@pytest.mark.parametrize("woman", [0, 1, 99_999_999, 2**40])
def test_a_number_is_what_its_formula_says(seed, woman):
    for occasion, purpose in [(0, 0), (1, 0), (0, 31), (60, 17)]:
        expected = in_whole_numbers(seed, woman, occasion, purpose)
        found = uniforms_at(seed, np.array([woman]), np.array([occasion]), purpose)
        assert found.tolist() == [expected]
        assert 0.0 < expected < 1.0


def test_women_have_streams_of_their_own():
    starts = {int(stream_of(7, woman).start) for woman in range(20_000)}
    assert len(starts) == 20_000


def test_the_normal_quantile_is_scipys():
    u = np.concatenate([np.linspace(0.001, 0.999, 999), 10.0 ** -np.arange(1.0, 17.0)])
    found = np.array([normal_quantile(float(x)) for x in u])
    assert found == pytest.approx(special.ndtri(u), rel=1e-14, abs=1e-16)
    assert normal_quantile(1.0 - 2.0**-53) == pytest.approx(-normal_quantile(2.0**-53), rel=1e-14)

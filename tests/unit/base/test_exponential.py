"""The exponential by arithmetic agrees with the C library's to rounding, over all that a chance can be."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.base.exponential import SMALLEST, decay

TO_ROUNDING = 6e-16


def decayed(x: np.ndarray) -> np.ndarray:
    out = np.array(x, dtype=np.float64)
    decay(out)
    return out


@pytest.mark.parametrize("most", [1e-12, 0.3, 5.0, SMALLEST])
def test_it_is_the_exponential_to_rounding(most):
    x = np.random.default_rng(1).uniform(0.0, most, 100_000)
    np.testing.assert_allclose(decayed(x), np.exp(-x), rtol=TO_ROUNDING)


def test_where_the_nearest_power_of_two_changes_it_is_as_exact():
    halves = (np.arange(1000) + 0.5) * np.log(2.0)
    x = np.concatenate([np.nextafter(halves, 0.0), halves, np.nextafter(halves, np.inf)])
    np.testing.assert_allclose(decayed(x), np.exp(-x), rtol=TO_ROUNDING)


def test_no_hazard_leaves_everybody_and_a_sure_one_nearly_nobody():
    assert decayed([0.0, 5e-324]).tolist() == [1.0, 1.0]
    assert decayed([SMALLEST, 1e6, np.inf]).tolist() == pytest.approx([np.exp(-SMALLEST)] * 3, rel=1e-15)

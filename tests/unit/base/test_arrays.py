"""Small steps on arrays."""

from __future__ import annotations

import numpy as np

from decidua.base.arrays import put


def test_values_are_copied_one_after_the_other():
    place = np.zeros((2, 3))
    put(np.array([1.0, 2.0, 3.0]), place[1])
    np.testing.assert_array_equal(place, [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])

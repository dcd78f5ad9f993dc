"""Data that differ give words that differ; the last bit of a number does not count."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decidua.base.digests import digest_of

DATA = {
    "cells": [["age", "under 20", 0.158], ["age", "20 to 24", 1.0 / 3.0]],
    "held": (1.5, None),
    "live": True,
}


@pytest.mark.parametrize("towards", [-math.inf, math.inf])
def test_the_last_bit_of_a_number_does_not_count(towards):
    cells = [["age", "under 20", 0.158], ["age", "20 to 24", float(np.nextafter(1.0 / 3.0, towards))]]
    assert digest_of(DATA | {"cells": cells}) == digest_of(DATA)


def test_names_in_another_order_are_the_same_data():
    assert digest_of(dict(reversed(DATA.items()))) == digest_of(DATA)


@pytest.mark.parametrize(
    "change",
    [
        {"cells": [["age", "20 to 24", 1.0 / 3.0], ["age", "under 20", 0.158]]},
        {"cells": [["age", "under 20", 0.158], ["age", "20 to 24", 0.33333333]]},
        {"held": (1.5, 0.0)},
        {"held": (1.5 + 1e-11, None)},
        {"live": "True"},
        {"more": []},
    ],
)
def test_other_data_are_another_word(change):
    assert digest_of(DATA | change) != digest_of(DATA)

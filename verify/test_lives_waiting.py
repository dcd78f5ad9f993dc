"""The short cut by which the couples were fitted, against waits of whole simulated lives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lives_waiting import NEVER, fecundability, lived_waits, of_cell, tables_and_expected
from verdicts import verdict

WOMEN, MOST_Z = 200_000, 4.0
# Ages rise while women wait, which the short cut leaves out and which matters where fecundability falls fast.
BEFORE_38, FROM_38 = 0.08, 0.20


@pytest.fixture(scope="module")
def waits():
    return lived_waits(women=WOMEN)


def test_published_levels_are_those_of_simulated_lives(waits):
    """Every absolute cell, within the declared allowance and noise."""
    tables, expected = tables_and_expected()
    for cell, value in zip(tables.cells, expected, strict=True):
        if cell.is_ratio:
            continue
        found, error = of_cell(waits, cell, tables)
        allowed = FROM_38 if cell.age_years > 38.0 else BEFORE_38
        verdict(
            f"fecundability at {cell.label}: lives {found:.3f}, short cut {value:.3f}",
            statistic=abs(math.log(found / value)),
            threshold=allowed + MOST_Z * error,
            smallest_detectable=allowed + MOST_Z * error,
            largest_tolerable=0.35,
        )


def test_lives_miss_no_published_level_by_more_than_its_error_allows(waits):
    tables, _ = tables_and_expected()
    for cell in tables.cells:
        if not cell.is_ratio:
            found, _ = of_cell(waits, cell, tables)
            assert abs(math.log(found / cell.value)) < 2.5 * cell.log_sd, cell.label


def test_fecundability_is_pregnancies_over_cycles_at_risk():
    """Pregnant in cycles 1 and 3, and never: 2 pregnancies in 1 + 3 + 12 cycles."""
    found, _ = fecundability(np.array([1, 3, NEVER]), 12)
    assert found == pytest.approx(2 / 16, rel=1e-12)


def test_waits_begin_at_the_first_cycle_of_a_woman_who_tries(waits):
    assert waits.noticed.min() == 1
    assert 19.9 < waits.age_years.min() < 20.1

"""Recurrence in whole lives against the recursion of the calibration: at one age, and at all ages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lives_recurrence import (
    CELLS,
    adjusted_ratio,
    lived,
    lives_around_30,
    lives_over_ages,
    recursion_at_30,
    recursion_over_ages,
    world_of_chosen,
)
from verdicts import verdict

from decidua.evidence import load_ledger

WOMEN, MOST_Z = 400_000, 4.0
# What the recursion leaves out: ages at the pregnancies before, by which late runs weigh more than it says.
LARGEST_AT_ALL_AGES = (0.05, 0.05, 0.20)  # of the log odds ratio


@pytest.fixture(scope="module")
def counts():
    return lived(world_of_chosen(), women=WOMEN)


def compare(name: str, found, expected: float, *, allowed: float, largest: float) -> None:
    off = abs(math.log(found.value / expected))
    verdict(
        f"{name}: lives {found.value:.3f}, recursion {expected:.3f}",
        statistic=off,
        threshold=allowed + MOST_Z * found.log_error,
        smallest_detectable=allowed + MOST_Z * found.log_error,
        largest_tolerable=largest,
    )


@pytest.mark.parametrize("cell", range(len(CELLS)))
def test_at_the_age_of_the_fit_lives_and_recursion_agree(counts, cell):
    """Within the declared discrepancy and noise."""
    allowed = load_ledger().value("calibration.discrepancy.recurrence")
    name = f"recurrence at 28 to 31 after {CELLS[cell]}"
    compare(name, lives_around_30(counts)[cell], recursion_at_30()[cell], allowed=allowed, largest=0.6)


@pytest.mark.parametrize("cell", range(len(CELLS)))
def test_at_all_ages_lives_and_recursion_agree(counts, cell):
    found, expected = lives_over_ages(counts)[cell], recursion_over_ages()[cell]
    allowed = LARGEST_AT_ALL_AGES[cell]
    compare(f"recurrence at all ages after {CELLS[cell]}", found, expected, allowed=allowed, largest=0.4)


def test_the_one_age_of_the_fit_does_not_stand_for_all_ages(counts):
    """The finding itself: with ages mixed as in the register, lives have a flatter gradient than the fit."""
    for found, fitted in zip(lives_over_ages(counts), recursion_at_30(), strict=True):
        assert math.log(fitted / found.value) > MOST_Z * found.log_error


def test_the_adjusted_ratio_of_one_stratum_is_the_plain_one():
    counts = np.zeros((1, 4, 2))
    counts[0, 0], counts[0, 1] = (900.0, 100.0), (80.0, 20.0)
    found = adjusted_ratio(counts, 1)
    assert found.value == pytest.approx((20 / 80) / (100 / 900), rel=1e-12)
    assert found.log_error == pytest.approx(math.sqrt(1 / 20 + 1 / 80 + 1 / 100 + 1 / 900), rel=1e-12)


def test_strata_with_one_odds_ratio_give_it_whatever_their_levels():
    counts = np.zeros((2, 4, 2))
    counts[0, 0], counts[0, 1] = (900.0, 100.0), (90.0, 30.0)  # odds 1/9 and 1/3
    counts[1, 0], counts[1, 1] = (50.0, 50.0), (25.0, 75.0)  # odds 1 and 3
    assert adjusted_ratio(counts, 1).value == pytest.approx(3.0, rel=1e-12)

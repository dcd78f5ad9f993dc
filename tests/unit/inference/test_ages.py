"""Ages that nobody gave: filled from those given, never backwards, or those of a register."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference import age_bands
from decidua.inference.ages import OLDEST_YEARS, YOUNGEST_YEARS, age_scenarios, filled_ages
from decidua.measure.history import History, Pregnancy

LEDGER = load_ledger()
REGISTER = LEDGER.calibration_rows("MAGNUS_AGE")

FILLED = {  # ages told, age now, ages filled at one year apart
    "all told": ([28.0, 30.5], 33.0, [28.0, 30.5]),
    "none told, from now backwards": ([None, None, None], 35.0, [32.0, 33.0, 34.0]),
    "before and after one": ([None, 30.0, None], 40.0, [29.0, 30.0, 31.0]),
    "between two": ([28.0, None, None, 34.0], 40.0, [28.0, 30.0, 32.0, 34.0]),
    "never past now": ([30.0, None, None], 30.5, [30.0, 30.5, 30.5]),
    "never too young": ([None, None, 16.0], 30.0, [15.0, 15.0, 16.0]),
    "no age now": ([None, 27.0], None, [26.0, 27.0]),
    "nothing to fill": ([], 30.0, []),
}


@pytest.mark.parametrize("case", FILLED)
def test_unknown_ages_are_filled_from_the_known_ones(case):
    known, now, expected = FILLED[case]
    np.testing.assert_allclose(filled_ages(known, now, 1.0), expected, rtol=1e-14)


def test_the_step_is_the_usual_interval_of_the_ledger():
    step = LEDGER.value("life.interval_between_pregnancies_years")
    told = (Pregnancy(outcome="miscarriage", age_years=30.0), Pregnancy(outcome="live_birth"))
    [(ages, weight)] = age_scenarios(History(age_years=40.0, pregnancies=told), LEDGER)
    assert (ages.tolist(), weight) == ([30.0, 30.0 + step], 1.0)


@pytest.mark.parametrize("history", [History(age_years=30.0), History()])
def test_without_pregnancies_there_is_one_scenario_without_ages(history):
    [(ages, weight)] = age_scenarios(history, LEDGER)
    assert (ages.size, weight) == (0, 1.0)


@pytest.fixture(scope="module")
def scenarios():
    return age_scenarios(History(pregnancies=(Pregnancy(outcome="miscarriage"),) * 6), LEDGER)


def test_with_no_age_at_all_the_bands_of_the_register_weigh_by_their_pregnancies(scenarios):
    counts = [6983, 49018, 104546, 109954, 58709, 14072, 1006]
    assert [weight for _, weight in scenarios] == pytest.approx([n / sum(counts) for n in counts], rel=1e-12)


def test_the_first_pregnancy_lies_inside_its_band(scenarios):
    for (ages, _), row in zip(scenarios, REGISTER, strict=True):
        low = YOUNGEST_YEARS if row.age_lo is None else row.age_lo
        high = age_bands.LARGEST_AGE_YEARS if row.age_hi is None else row.age_hi + 1.0
        assert low < ages[0] < high


def test_the_others_follow_a_usual_interval_apart_and_stop_at_the_oldest(scenarios):
    step = LEDGER.value("life.interval_between_pregnancies_years")
    for ages, _ in scenarios:
        expected = [min(ages[0] + k * step, OLDEST_YEARS) for k in range(6)]
        np.testing.assert_allclose(ages, expected, rtol=1e-14)
    assert scenarios[-1][0][-1] == OLDEST_YEARS


def test_between_40_and_44_most_women_are_nearer_40():
    ages, weights = age_bands.band_points(REGISTER)
    band = [row.age_lo for row in REGISTER].index(40.0)
    assert weights[band].sum() == pytest.approx(1.0, rel=1e-12)
    assert weights[band][0] > weights[band][1] > weights[band][2]
    assert float(ages[band] @ weights[band]) < 42.5


def test_the_mean_age_of_a_band_follows_the_line_through_the_neighbouring_counts():
    """Before the middle of 25 to 29 the counts rise from band to band, after it they rise by less."""
    ages, weights = age_bands.band_points(REGISTER)
    before, after = math.log(104546 / 49018) / 5.0, math.log(109954 / 104546) / 5.0
    years = np.linspace(25.0, 30.0, 20001)
    density = np.exp(np.where(years < 27.5, before, after) * (years - 27.5))
    expected = float((years * density).sum() / density.sum())
    assert float(ages[2] @ weights[2]) == pytest.approx(expected, abs=0.02)

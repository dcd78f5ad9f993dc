"""What must hold between fields: weeks with outcomes, ages in order, one ongoing pregnancy, units, tests."""

from __future__ import annotations

from collections.abc import Sequence

from decidua.measure.fields import Number, Place
from decidua.measure.layout import TEST_UNITS, WEEKS
from decidua.measure.records import History, Pregnancy, Test


def check_pregnancies(history: History, places: Sequence[Place], *, trying: Place) -> None:
    """Refuse pregnancies that contradict themselves, each other or the age now.

    Arguments:  history  the history as read so far; its tests are not looked at
                places   where each pregnancy was given, for the message
                trying   where the months of trying were given
    Raises:     InputError at the first contradiction, in the order of the history
    Checked by: tests/unit/measure/test_history_refusals.py
    """
    for pregnancy, place in zip(history.pregnancies, places, strict=True):
        _check_one(pregnancy, place)
    _check_ages(history, places)
    for pregnancy, place in zip(history.pregnancies[:-1], places, strict=False):
        if pregnancy.outcome == "ongoing":
            raise place.inside("outcome").refusal(
                "ongoing", allowed="one ongoing pregnancy, the last of the list"
            )
    if history.is_ongoing and history.trying_months:
        raise trying.refusal(history.trying_months, allowed="0 while a pregnancy is ongoing")


def check_test(test: Test, place: Place) -> None:
    """Refuse a unit that the test is not measured in, and a value that its unit cannot have."""
    units = TEST_UNITS[test.test]
    if test.unit not in units:
        raise place.inside("unit").refusal(test.unit, allowed=f"{', '.join(units)} for {test.test}")
    bounds = Number(0, units[test.unit], unit=test.unit, is_above_lowest=True)
    bounds.read(test.value, place.inside("value"))


def _check_one(pregnancy: Pregnancy, place: Place) -> None:
    first, last = WEEKS[pregnancy.outcome]
    if pregnancy.week is not None and not first <= pregnancy.week <= last:
        allowed = f"completed weeks {first} to {last} for {pregnancy.outcome}"
        raise place.inside("week").refusal(pregnancy.week, allowed=allowed)
    if pregnancy.karyotype != "unknown" and not pregnancy.is_loss:
        allowed = "a karyotype of a miscarriage or stillbirth only"
        raise place.inside("karyotype").refusal(pregnancy.karyotype, allowed=allowed)
    if "none" in pregnancy.treatments and len(pregnancy.treatments) > 1:
        raise place.inside("treatments").refusal("none", allowed="none alone, or treatments without it")


def _check_ages(history: History, places: Sequence[Place]) -> None:
    before = 0.0
    for pregnancy, place in zip(history.pregnancies, places, strict=True):
        if pregnancy.age_years is None:
            continue
        here = place.inside("age")
        if pregnancy.age_years < before:
            raise here.refusal(pregnancy.age_years, allowed="ages that never go back, oldest pregnancy first")
        if history.age_years is not None and pregnancy.age_years > history.age_years:
            raise here.refusal(pregnancy.age_years, allowed="an age that is not above her age now")
        before = pregnancy.age_years

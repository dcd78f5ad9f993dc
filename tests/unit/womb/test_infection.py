"""An infection is cleared, more slowly the higher the dose, and trophoblast is not harmed."""

import numpy as np
import pytest

from decidua.womb import regimen_from, simulate_pregnancy


def steroid(mg):
    steps = [
        {"drug": "prednisolone", "dose_mg_per_day": mg, "start_gestation_weeks": 4, "duration_weeks": 12}
    ]
    return regimen_from({"name": "steady", "title": "steady dose", "steps": steps})


def infected(mg):
    return simulate_pregnancy(
        "marker", density_per_mm2=133.0, regimen=steroid(mg), infection_week=8.0, end_week=20.0
    )


@pytest.fixture(scope="module")
def courses():
    return {mg: infected(mg) for mg in (0.0, 10.0, 20.0)}


def days_to_a_hundredth(course):
    after = course.time_days >= 56.0
    return np.interp(2.0, -np.log10(course.variables["infection"][after]), course.time_days[after]) - 56.0


def test_the_infection_is_cleared_with_and_without_steroid(courses):
    for course in courses.values():
        assert course.variables["infection"].max() == pytest.approx(1.0, rel=1e-6)
        assert course.variables["infection"][-1] < 1e-4


def test_clearing_is_slower_the_higher_the_dose(courses):
    none, ten, twenty = (days_to_a_hundredth(courses[mg]) for mg in (0.0, 10.0, 20.0))
    assert none < ten < twenty
    # The declared burden ratio of 20 mg is 1.5.
    assert twenty / none == pytest.approx(1.5, rel=0.05)


def test_trophoblast_is_untouched_by_an_infection(courses):
    clean = simulate_pregnancy("marker", density_per_mm2=133.0, end_week=20.0)
    for course in courses.values():
        assert course.variables["trophoblast"] == pytest.approx(
            clean.variables["trophoblast"], rel=1e-7, abs=1e-10
        )


def test_without_an_infection_the_load_stays_zero():
    clean = simulate_pregnancy("marker", density_per_mm2=133.0)
    assert np.all(clean.variables["infection"] == 0.0)


def test_more_cells_clear_faster():
    few, many = (
        simulate_pregnancy("marker", density_per_mm2=density, infection_week=8.0, end_week=20.0)
        for density in (60.0, 400.0)
    )
    assert days_to_a_hundredth(few) > days_to_a_hundredth(many)


def test_the_story_protocol_halves_the_steroid_for_two_weeks_of_infection():
    course = simulate_pregnancy(
        "attack", density_per_mm2=500.0, regimen="story_protocol", infection_week=8.0, end_week=20.0
    )
    dose = course.variables["prednisolone_mg_per_day"]
    shown = [float(dose[course.time_days == day][0]) for day in (54.0, 57.0, 69.0, 71.0, 80.0)]
    assert shown == [20.0, 10.0, 10.0, 20.0, 20.0]

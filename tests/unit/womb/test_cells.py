"""Uterine NK cells, their activation, the arteries and the decidua, against published courses."""

import numpy as np
import pytest

from decidua.womb import MECHANISMS, simulate_pregnancy


def on_day(course, name, day):
    return float(course.variables[name][course.time_days == day][0])


@pytest.fixture(scope="module")
def usual():
    return simulate_pregnancy("marker", density_per_mm2=133.0)


def test_the_density_of_a_woman_is_her_density_on_the_mid_luteal_day(usual):
    assert on_day(usual, "uterine_nk", 21.0) == pytest.approx(133.0, rel=1e-4)


def test_density_rises_through_the_luteal_phase_as_the_declared_shape_says(usual):
    # LH surge on day 13: LH+3, LH+7, LH+12 are days 16, 20, 25.
    start, middle, late = (on_day(usual, "uterine_nk", day) for day in (16.0, 20.0, 25.0))
    assert 2.0 < middle / start < 3.0
    assert 6.0 < late / start < 10.0


def test_level_course_meets_the_tissue_sections_by_trimester(usual):
    # Williams: 45.2, 48.7, 29.0 percent.
    first, second, third = (on_day(usual, "uterine_nk", 7.0 * week) for week in (8.0, 20.0, 38.0))
    assert second / first == pytest.approx(48.7 / 45.2, rel=0.02)
    assert third / first == pytest.approx(29.0 / 45.2, rel=0.02)


def test_steady_fall_meets_the_flow_cytometry_by_trimester():
    course = simulate_pregnancy("marker", density_per_mm2=133.0, unk_course="steady_fall")
    # Bartmann: 84.5 and 50.4 percent, here at the middles of weeks 6 to 13 and 13 to 28.
    early, late = (on_day(course, "uterine_nk", day) for day in (66.0, 143.0))
    assert late / early == pytest.approx(50.4 / 84.5, rel=0.02)
    weekly = course.weekly("uterine_nk")[7:]
    assert np.all(np.diff(weekly) < 0.0)


def test_an_unknown_course_is_refused():
    with pytest.raises(Exception, match="level_then_lower, steady_fall"):
        simulate_pregnancy("marker", density_per_mm2=133.0, unk_course="rising")


def test_missing_recognition_activates_and_recognition_calms():
    levels = [0.0, 0.2, 0.5, 0.8, 1.0]
    late = [
        on_day(simulate_pregnancy("marker", density_per_mm2=133.0, recognition=r), "activation", 140.0)
        for r in levels
    ]
    # With equal rates and full contact the fixed point is 1 - recognition.
    assert late == pytest.approx([1.0 - r for r in levels], abs=0.02)


def test_plugs_open_in_weeks_10_to_12(usual):
    assert on_day(usual, "plugs_open", 70.0) < 0.2
    assert on_day(usual, "plugs_open", 84.0) > 0.8
    assert on_day(usual, "perfusion", 63.0) < 0.05 * on_day(usual, "perfusion", 112.0)


def test_fewer_cells_leave_more_arteries_narrow_and_none_close_again():
    narrow = [
        simulate_pregnancy("too_few", density_per_mm2=density).variables["narrow_arteries"]
        for density in (30.0, 133.0, 500.0)
    ]
    assert narrow[0][-1] > narrow[1][-1] > narrow[2][-1]
    assert all(np.all(np.diff(values) <= 1e-12) for values in narrow)


def test_steroid_leaves_more_senescent_cells_per_woman():
    plain, treated = (
        simulate_pregnancy("decidual_quality", density_per_mm2=400.0, regimen=regimen)
        for regimen in ("none", "prednisolone_tang2013")
    )
    assert on_day(treated, "senescent_cells", 70.0) > on_day(plain, "senescent_cells", 70.0)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_only_attack_takes_trophoblast(mechanism):
    course = simulate_pregnancy(mechanism, density_per_mm2=600.0, recognition=0.2)
    share = on_day(course, "trophoblast", 84.0) / on_day(course, "trophoblast_normal", 84.0)
    if mechanism == "attack":
        assert 0.1 < share < 0.95
    else:
        assert share == pytest.approx(1.0, rel=1e-6)


def test_marker_adds_nothing_to_loss(usual):
    high = simulate_pregnancy("marker", density_per_mm2=900.0, recognition=0.0)
    assert np.all(high.variables["loss_signal"] == 0.0)
    assert not high.assumes_contested_mechanism
    assert simulate_pregnancy("attack", density_per_mm2=133.0).assumes_contested_mechanism


def test_weekly_means_are_trapezoid_means_of_days(usual):
    values = usual.variables["uterine_nk"][usual.time_days >= 0.0]
    by_hand = [np.trapezoid(values[7 * w : 7 * w + 8]) / 7.0 for w in range(40)]
    assert usual.weekly("uterine_nk") == pytest.approx(by_hand, rel=1e-12)
    assert usual.weeks().tolist() == list(range(40))

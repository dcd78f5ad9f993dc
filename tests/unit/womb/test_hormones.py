"""The handover of progesterone, the fetal cortisol pulse and maternal cortisol."""

import numpy as np
import pytest

from decidua.womb import simulate_pregnancy


def ended_week(week, regimen="none"):
    course = simulate_pregnancy(
        "marker", density_per_mm2=133.0, corpus_luteum_removed_week=week, regimen=regimen, end_week=20.0
    )
    return course.ended_week


@pytest.mark.parametrize("week", [5.0, 6.0, 6.5, 6.9])
def test_without_the_corpus_luteum_before_week_7_the_pregnancy_ends(week):
    ended = ended_week(week)
    assert ended is not None
    assert week < ended < week + 3.0


@pytest.mark.parametrize("week", [5.0, 6.0, 6.9])
def test_given_progesterone_rescues(week):
    assert ended_week(week, "progesterone_promise2015") is None


@pytest.mark.parametrize("week", [9.0, 9.5, 10.0, 12.0])
def test_from_week_9_the_placenta_is_enough(week):
    assert ended_week(week) is None


def test_an_undisturbed_pregnancy_never_lacks_progesterone():
    course = simulate_pregnancy("marker", density_per_mm2=133.0)
    level = course.variables["progesterone"][course.time_days >= 23.0]
    assert level.min() > 0.9
    assert course.ended_week is None


def test_placental_progesterone_rises_as_in_women_with_donor_eggs():
    course = simulate_pregnancy("marker", density_per_mm2=133.0)
    placental = course.variables["placental_progesterone"]
    # Half of the rise 34 +/- 1.6 days after a transfer on day 16.
    half = course.time_days[np.searchsorted(placental, 0.5)]
    assert 50.0 - 3.2 <= half <= 50.0 + 3.2


def test_fetal_cortisol_peaks_at_weeks_10_to_11_and_falls_by_more_than_half():
    course = simulate_pregnancy("marker", density_per_mm2=133.0)
    fetal = course.variables["fetal_cortisol"]
    peak = int(np.argmax(fetal))
    assert 10.0 <= course.time_days[peak] / 7.0 <= 11.5
    assert fetal[peak + 28] < 0.5 * fetal[peak]
    assert fetal[course.time_days == 56.0][0] < 0.1 * fetal[peak]


def test_fetal_cortisol_adds_nothing_to_the_mothers_side():
    """Her cortisol and her drug follow their own courses through the fetal peak."""
    course = simulate_pregnancy("marker", density_per_mm2=133.0)
    mother = course.variables["maternal_cortisol"]
    assert np.all(np.diff(mother) > 0.0)
    assert np.all(course.variables["prednisolone_ng_per_ml"] == 0.0)
    assert mother[course.time_days == 280.0][0] == pytest.approx(3.0, rel=0.02)


def test_total_free_and_globulin_rise_as_printed_by_term():
    course = simulate_pregnancy("marker", density_per_mm2=133.0)
    term = course.time_days == 280.0
    # Threefold, 1.6-fold, 2- to 3-fold; before pregnancy each is 1.
    assert course.variables["maternal_cortisol"][term][0] == pytest.approx(3.0, rel=0.01)
    assert course.variables["maternal_cortisol_free"][term][0] == pytest.approx(1.6, rel=0.01)
    assert 2.0 <= course.variables["corticosteroid_binding_globulin"][term][0] <= 3.0
    for name in ("maternal_cortisol", "maternal_cortisol_free", "corticosteroid_binding_globulin"):
        assert course.variables[name][0] == pytest.approx(1.0, abs=0.03), name


def test_prednisolone_holds_her_axis_down_and_it_comes_back_over_weeks():
    plain, treated = (
        simulate_pregnancy("marker", density_per_mm2=133.0, regimen=regimen)
        for regimen in ("none", "prednisolone_tang2013")
    )
    drive = {
        week: treated.variables["adrenal_drive"][treated.time_days == 7.0 * week][0]
        for week in (4, 11, 14, 30)
    }
    assert plain.variables["adrenal_drive"] == pytest.approx(1.0, rel=1e-9)
    assert drive[4] == pytest.approx(1.0, rel=1e-6)
    assert drive[11] < 0.4
    assert drive[11] < drive[14] < 0.95
    assert drive[30] > 0.98
    at = treated.time_days == 77.0
    for name in ("maternal_cortisol", "maternal_cortisol_free"):
        assert treated.variables[name][at][0] < 0.6 * plain.variables[name][at][0]


def test_the_fetal_pulse_changes_next_to_nothing_for_the_mother():
    with_pulse, without = (
        simulate_pregnancy(
            "attack", density_per_mm2=400.0, regimen="prednisolone_tang2013", fetal_cortisol_made=made
        )
        for made in (True, False)
    )
    assert without.variables["fetal_cortisol"].max() == 0.0
    free = [course.variables["maternal_cortisol_free"] for course in (with_pulse, without)]
    assert 0.0 < np.max(free[0] - free[1]) < 0.005
    for name in ("prednisolone_ng_per_ml", "uterine_nk", "loss_signal", "adrenal_drive"):
        assert with_pulse.variables[name] == pytest.approx(without.variables[name], rel=1e-6, abs=1e-9), name

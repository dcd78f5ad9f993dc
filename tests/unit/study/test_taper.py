"""Tapers from different weeks of one course, and the run without the baby's cortisol."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from decidua.base.errors import InputError
from decidua.study.pregnancy import PregnancyQuestion, doses_by_day, regimen_named, run_course
from decidua.study.taper import move_of, moves_without_fetal_cortisol, study_tapers, taper_weeks, tapered_from
from decidua.womb import load_regimen

STORY = load_regimen("story_protocol")
TANG = load_regimen("prednisolone_tang2013")


@pytest.fixture(scope="module")
def study():
    question = PregnancyQuestion(regimen=STORY, mechanism="marker", end_week=30.0)
    return study_tapers(question, weeks_from=8, weeks_to=16)


def test_weeks_are_two_apart_and_within_limits():
    assert taper_weeks(8, 20) == [8, 10, 12, 14, 16, 18, 20]
    for first, last in ((2, 8), (12, 10), (8, 31)):
        with pytest.raises(InputError):
            taper_weeks(first, last)


def test_a_protocol_tapers_from_the_week_asked_for():
    moved = tapered_from(STORY, 9)
    assert moved.protocol is not None
    assert moved.protocol.taper_from_gestation_weeks == 9.0
    assert moved.protocol.taper == STORY.protocol.taper


def test_a_fixed_course_keeps_its_steps_and_moves_its_taper():
    """20 mg from week 5, then 10 and 5 mg for a week each: the first now lasts until week 14."""
    course = run_course(PregnancyQuestion(regimen=tapered_from(TANG, 14), end_week=20.0))
    doses = doses_by_day(course)["prednisolone"]
    assert [doses[7 * week + 3] for week in (4, 5, 13, 14, 15, 16)] == [0.0, 20.0, 20.0, 10.0, 5.0, 0.0]
    assert tapered_from(TANG, 11).steps == TANG.steps


@pytest.mark.parametrize("name", ["none", "aspirin_low_dose"])
def test_a_course_without_prednisolone_cannot_be_tapered(name):
    with pytest.raises(InputError, match="regimen"):
        tapered_from(load_regimen(name), 12)


def test_a_taper_before_the_course_begins_is_refused():
    with pytest.raises(InputError):
        tapered_from(TANG, 5)


def test_a_density_at_which_the_protocol_does_not_start_is_refused():
    question = PregnancyQuestion(regimen=STORY, density_per_mm2=120.0)
    with pytest.raises(InputError, match="density"):
        study_tapers(question, weeks_from=12, weeks_to=12)


def test_a_later_taper_means_more_drug_and_longer_low_adrenals(study):
    totals = [taper.total_mg for taper in study.tapers]
    exposures = [taper.exposure_ng_days for taper in study.tapers]
    low = [taper.weeks_axis_low for taper in study.tapers]
    assert [taper.week for taper in study.tapers] == [8, 10, 12, 14, 16]
    # Two weeks more of the full dose, whatever it is: the same step every time.
    assert all(b - a == pytest.approx(totals[1] - totals[0]) for a, b in itertools.pairwise(totals))
    assert exposures == sorted(exposures)
    assert low == sorted(low)
    assert low[-1] - low[0] == pytest.approx(8.0, abs=1.5)


def test_exposure_is_proportional_to_the_dose_given(study):
    per_mg = [taper.exposure_ng_days / taper.total_mg for taper in study.tapers]
    assert max(per_mg) / min(per_mg) == pytest.approx(1.0, abs=0.02)


def test_cells_come_back_after_the_taper(study):
    first, last = study.tapers[0], study.tapers[-1]
    untreated = study.untreated.weekly("uterine_nk")[20]
    assert first.uterine_nk[20] == pytest.approx(untreated, rel=0.01)
    assert last.uterine_nk[16] < first.uterine_nk[16]


def test_the_infection_is_worse_on_the_drug_than_after_it(study):
    assert study.tapers[0].infection_burden < study.tapers[-1].infection_burden
    assert study.tapers[0].infection_burden == pytest.approx(1.0, abs=0.1)


def test_losses_do_not_move_where_cells_do_not_matter(study):
    assert all(taper.against_story["marker"].mean == 0.0 for taper in study.tapers)
    story = study.story_taper
    assert story.week == 12
    assert all(one.lo == one.hi == 0.0 for one in story.against_story.values())


def test_under_attack_a_longer_course_means_no_more_losses(study):
    means = [taper.losses["attack"].mean for taper in study.tapers]
    assert means == sorted(means, reverse=True)
    assert means[0] < study.losses_untreated["attack"].mean


def test_the_fetal_pulse_comes_at_weeks_10_to_11_and_falls(study):
    assert 10.0 <= study.fetal_peak_week <= 11.5
    assert study.fetal_late_share < 0.5


def test_the_babys_cortisol_moves_nothing_on_the_mothers_side(study):
    assert not study.pulse_matters
    assert study.largest_moves["prednisolone_ng_per_ml"] == pytest.approx(0.0, abs=1e-6)
    assert study.largest_moves["loss_signal"] == pytest.approx(0.0, abs=1e-6)


def test_the_counterfactual_does_switch_the_baby_off():
    """Else the test above could not fail: the fetal side moves by its whole range."""
    question = PregnancyQuestion(regimen=regimen_named("none"), density_per_mm2=400.0, end_week=14.0)
    usual, without = run_course(question), run_course(question, fetal_cortisol_made=False)
    assert move_of("fetal_cortisol", usual, without) > 0.99
    assert without.variables["fetal_cortisol"].max() == pytest.approx(0.0, abs=1e-9)
    assert set(moves_without_fetal_cortisol(replace(question, end_week=12.0))) > {"uterine_nk", "loss_signal"}

"""One pregnancy asked: regimens by name or file, the same without drugs, added hazard by explanation."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.base.errors import InputError
from decidua.study.pregnancy import (
    PregnancyQuestion,
    added_hazard,
    ask_pregnancy,
    dose_spans,
    doses_by_day,
    regimen_named,
    run_course,
)

TWO_STEPS = """
name: mine
title: A course of one's own
steps:
  - {drug: prednisolone, dose_mg_per_day: 20, start_gestation_weeks: 5, duration_weeks: 2}
  - {drug: prednisolone, dose_mg_per_day: 10, start_gestation_weeks: 7, duration_weeks: 1}
  - {drug: aspirin, dose_mg_per_day: 81, start_gestation_weeks: 6, duration_weeks: 3}
"""


@pytest.fixture
def own_file(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(TWO_STEPS, encoding="utf-8")
    return str(file)


def test_a_regimen_is_a_name_or_a_file(own_file):
    assert regimen_named("prednisolone_tang2013").name == "prednisolone_tang2013"
    assert regimen_named(own_file).name == "mine"


@pytest.mark.parametrize("text", ["prednisolone", "absent.yaml", "no/such/file"])
def test_anything_else_is_refused(text):
    with pytest.raises(InputError):
        regimen_named(text)


def test_spans_and_doses_are_those_of_the_file(own_file):
    course = run_course(PregnancyQuestion(regimen=regimen_named(own_file), end_week=12.0))
    assert sorted(dose_spans(course)) == [
        ("aspirin", 6.0, 9.0, 81.0),
        ("prednisolone", 5.0, 7.0, 20.0),
        ("prednisolone", 7.0, 8.0, 10.0),
    ]
    assert doses_by_day(course)["prednisolone"].sum() == 14 * 20 + 7 * 10


def test_the_answer_holds_the_same_pregnancy_without_drugs(own_file):
    answer = ask_pregnancy(PregnancyQuestion(regimen=regimen_named(own_file), end_week=14.0))
    assert answer.is_treated
    assert answer.untreated.regimen == "none"
    before = answer.course.time_days < 35.0
    np.testing.assert_allclose(
        answer.course.variables["uterine_nk"][before],
        answer.untreated.variables["uterine_nk"][before],
        rtol=1e-6,
    )
    assert answer.course.weekly("uterine_nk")[7] < answer.untreated.weekly("uterine_nk")[7]


def test_the_high_cut_adds_one_more_than_the_control_median():
    """The unit of the added hazard, averaged over recognition in the bridge; here at its middle level."""

    def at(density: float) -> float:
        question = PregnancyQuestion(
            regimen=regimen_named("none"), mechanism="perfusion", density_per_mm2=density, end_week=14.0
        )
        return added_hazard(run_course(question))

    assert at(300.0) - at(133.0) == pytest.approx(1.0, abs=0.1)


def test_marker_adds_nothing_and_steroid_cannot_help_it():
    answer = ask_pregnancy(PregnancyQuestion(regimen=regimen_named("prednisolone_tang2013"), end_week=14.0))
    assert answer.added_hazard["marker"] == (0.0, 0.0)
    without, treated = answer.added_hazard["attack"]
    assert treated < without
    assert not answer.course.assumes_contested_mechanism


@pytest.mark.parametrize(
    ("field", "value"),
    [("density_per_mm2", 0.0), ("recognition", 1.5), ("end_week", 60.0), ("infection_week", -1.0)],
)
def test_an_input_outside_its_range_is_refused_by_name(field, value):
    with pytest.raises(InputError, match=field):
        ask_pregnancy(PregnancyQuestion(regimen=regimen_named("none"), **{field: value}))


def test_an_unknown_mechanism_course_or_genotype_is_refused():
    none = regimen_named("none")
    for given in ({"mechanism": "magic"}, {"unk_course": "up"}, {"genotype": "zz"}):
        with pytest.raises(InputError):
            ask_pregnancy(PregnancyQuestion(regimen=none, **given))

"""What a reader of the article may change moves the model in the direction that the text says."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from explorer_story import story_numbers
from scipy import stats

from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.study.try_out import (
    AGREEMENT_OF_100,
    COUNTS_PER_MM2,
    course_of,
    try_course,
    try_meeting,
    try_test,
)
from decidua.tell.try_charts import births_figure, cells_figure, infection_figure, one_test_figure


def burden(course) -> float:
    return float(np.trapezoid(course.variables["infection"], course.time_days))


def test_a_higher_dose_lowers_the_count_and_slows_the_clearing_of_an_infection():
    courses = [try_course(dose, 12) for dose in (0, 10, 40)]
    counts = [float(one.treated.weekly("uterine_nk")[8]) for one in courses]
    burdens = [burden(one.infected_treated) for one in courses]
    assert counts == sorted(counts, reverse=True)
    assert burdens == sorted(burdens)
    assert counts[0] == pytest.approx(float(courses[0].untreated.weekly("uterine_nk")[8]), rel=1e-9)


def test_a_later_taper_gives_more_of_the_drug_and_leaves_the_babys_cortisol_alone():
    early, late = try_course(20, 8), try_course(20, 16)
    assert (
        late.treated.variables["prednisolone_mg_per_day"].sum()
        > early.treated.variables["prednisolone_mg_per_day"].sum()
    )
    fetal = [one.treated.variables["fetal_cortisol"] for one in (early, late)]
    assert np.allclose(*fetal, rtol=1e-6)


def test_a_course_is_one_dose_then_half_then_a_quarter():
    steps = course_of(20, 12).steps
    assert [(step.mg_per_day, step.start_day / 7, step.duration_weeks) for step in steps] == [
        (20.0, 0.0, 12.0),
        (10.0, 12.0, 1.0),
        (5.0, 13.0, 1.0),
    ]
    assert course_of(0, 12).steps == ()


def test_in_the_storys_own_world_badly_known_embryos_grow_less_and_otherwise_do_not():
    badly, well = try_meeting(350, 0), try_meeting(350, 100)
    own = [float(one.own_world.weekly("trophoblast")[12]) for one in (badly, well)]
    other = [float(one.otherwise.weekly("trophoblast")[12]) for one in (badly, well)]
    assert own[0] < 0.9 * own[1]
    assert other[0] == pytest.approx(other[1], rel=1e-6)


@pytest.mark.parametrize(("high", "agreement"), [(10, 30), (60, 50), (100, 70), (350, 50), (400, 30)])
def test_one_test_is_that_of_two_normal_variables_that_hang_together(high, agreement):
    """The lasting count and a reading of it, with the correlation that two readings of one woman imply."""
    share, correlation = high / 1000, (agreement / 100) ** 0.5
    lasts = stats.norm.isf(share)
    both = stats.multivariate_normal.cdf(
        [-lasts, -lasts * correlation], cov=[[1.0, correlation], [correlation, 1.0]]
    )
    tested = try_test(high, agreement)
    # The middles of 400 steps leave an error of some parts in 100,000.
    assert tested.high_reads_high == pytest.approx(both, rel=1e-4)
    assert tested.high_reads_high + tested.high_reads_usual == pytest.approx(share, rel=1e-12)
    reads_high = tested.high_reads_high + tested.usual_reads_high
    assert reads_high == pytest.approx(stats.norm.sf(lasts * correlation), rel=1e-3)
    assert sum(asdict(tested).values()) == pytest.approx(1.0, rel=1e-12)


def test_tests_agree_within_the_range_that_the_ledger_declares():
    prior = load_ledger()["measure.uterine_nk.repeatability"].prior.parameters
    assert (round(100 * prior["lo"]), round(100 * prior["hi"])) == AGREEMENT_OF_100


def test_a_high_result_is_righter_where_more_are_high_and_where_tests_agree():
    assert try_test(50, 50).right_of_high < try_test(200, 50).right_of_high
    assert try_test(100, 30).right_of_high < try_test(100, 70).right_of_high


def test_the_caption_of_a_test_tells_the_numbers_of_the_table():
    figure = one_test_figure(100, 50)
    women = {row[:2]: row[2] for row in figure.rows}
    right, wrong = (women[who, "reads high"] for who in ("high for good", "all others"))
    assert (
        f"{right + wrong} of the 1,000 get a high result. {right} of them have a high count" in figure.caption
    )
    assert (
        f"{women['high for good', 'reads usual']} have a high count for good, but a usual" in figure.caption
    )
    assert "among women with births" in figure.caption


def test_births_at_a_count_are_those_of_the_story():
    numbers = story_numbers()
    assert set(numbers.births["avg"]) == set(COUNTS_PER_MM2)
    for lens, points in numbers.story.by_count.items():
        for count, estimate in points:
            if count in COUNTS_PER_MM2:
                assert numbers.births[lens][int(count)] == estimate


def test_the_caption_of_births_tells_the_numbers_of_the_table():
    figure = births_figure(story_numbers().births, count=300)
    (own,) = [row[2] for row in figure.rows if row[:2] == ("300", "the story's own world")]
    assert f"about {own} of 100 have a baby and about {100 - int(own)} do not" in figure.caption


def test_without_a_drug_the_figure_says_that_the_lines_are_one():
    assert "two lines are one" in cells_figure(try_course(0, 12)).caption
    assert infection_figure(try_course(0, 12)).rows


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: try_meeting(5, 50), "cells"),
        (lambda: try_meeting(250, 101), "recognition"),
        (lambda: try_test(0, 50), "high"),
        (lambda: try_test(100, 71), "agreement"),
        (lambda: try_course(41, 12), "dose"),
        (lambda: try_course(20, 5), "taper_week"),
    ],
)
def test_a_choice_outside_its_range_is_refused(call, field):
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.field == field

"""Formulas of the law against values worked out by hand."""

import math

import factories
import numpy as np
import pytest

from decidua.life import law
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CLINICAL_WEEK,
    FIRST_WEEK,
    LAST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
    parameters_of,
)

SIX = CLINICAL_WEEK - FIRST_WEEK


def test_the_axis_of_weeks():
    assert (FIRST_WEEK, CLINICAL_WEEK, VIABLE_WEEK, LAST_WEEK) == (4, 6, 24, 45)
    assert (LOSS_WEEKS, BIRTH_WEEKS) == (20, 22)


def test_a_row_of_numbers_becomes_the_tuple_in_the_order_of_its_fields():
    row = np.arange(1.0, 1.0 + len(factories.WIDE))
    assert tuple(parameters_of(row)) == tuple(row)
    assert parameters_of(row)._fields == tuple(factories.WIDE)


@pytest.mark.parametrize(
    ("distance", "width", "expected"),
    [
        (0.0, 2.0, 2.0 * math.log(2.0)),
        (2.0 * math.log(3.0), 2.0, 2.0 * math.log(4.0)),
        (100.0, 2.0, 100.0),
        (-100.0, 2.0, 0.0),
        (-1e6, 0.3, 0.0),
    ],
)
def test_bend(distance, width, expected):
    assert law.bend(distance, width) == pytest.approx(expected, rel=1e-13, abs=1e-20)


def test_bend_has_no_step_where_the_straight_line_begins():
    assert law.bend(30.0 * 1.5 + 1e-12, 1.5) == pytest.approx(law.bend(30.0 * 1.5 - 1e-12, 1.5), rel=1e-12)


def test_partner_counts_against_the_usual_partner_of_her_age():
    p = factories.law_parameters(
        paternal_log_odds_per_year=0.02, paternal_bend_age_years=27.5, partner_age_gap_years=2.5
    )
    assert law.paternal_log_odds(30.0, math.nan, p) == 0.0
    assert law.paternal_log_odds(30.0, 32.5, p) == 0.0
    assert law.paternal_log_odds(30.0, 42.5, p) == pytest.approx(0.2, rel=1e-14)
    assert law.paternal_log_odds(30.0, 20.0, p) == pytest.approx(-0.1, rel=1e-14)
    assert law.paternal_log_odds(20.0, 27.0, p) == 0.0  # both below the bend


def test_odds_of_aneuploidy_far_from_the_bends():
    p = factories.law_parameters(
        aneuploid_log_odds=-3.0,
        aneuploid_log_odds_per_year=0.25,
        aneuploid_bend_age_years=34.0,
        aneuploid_bend_width_years=0.1,
        young_log_multiplier_per_year=0.1,
        young_bend_age_years=20.0,
        young_bend_width_years=0.1,
        setting_log_shift=0.5,
    )
    assert law.aneuploid_odds(28.0, math.nan, p) == pytest.approx(math.exp(-2.5), rel=1e-12)
    assert law.aneuploid_odds(42.0, math.nan, p) == pytest.approx(math.exp(-0.5), rel=1e-12)
    assert law.aneuploid_odds(15.0, math.nan, p) == pytest.approx(math.exp(-2.0), rel=1e-12)


def test_euploid_hazard_is_stated_at_age_30():
    p = factories.law_parameters(
        euploid_log_hazard=-3.0, euploid_log_hazard_per_decade=0.4, young_log_multiplier_per_year=0.0
    )
    assert law.euploid_hazard(30.0, p) == pytest.approx(math.exp(-3.0), rel=1e-14)
    assert law.euploid_hazard(45.0, p) == pytest.approx(math.exp(-2.4), rel=1e-14)


def test_aneuploidy_at_week_4_gives_the_odds_at_week_6():
    p = factories.law_parameters(preclinical_share_aneuploid=0.5, preclinical_hazard_euploid=math.log(1.25))
    # of 100 pregnancies 40 are aneuploid; 20 of them and 48 of the 60 others reach week 6
    tables = law.law_tables(p, np.ones(1))
    assert law.p_aneuploid_at_week_4(20.0 / 48.0, tables) == pytest.approx(0.4, rel=1e-14)


def test_share_of_the_weeks_of_loss():
    median = 12.0  # 6 and 24 lie equally far from it on the log scale
    assert law.log_normal_share(6.0, median, 0.4) == 0.0
    assert law.log_normal_share(12.0, median, 0.4) == pytest.approx(0.5, rel=1e-14)
    assert law.log_normal_share(24.0, median, 0.4) == 1.0
    # one sd from the median out of two: log 2 is two sds here
    one, two = math.erf(1.0 / math.sqrt(2.0)), math.erf(math.sqrt(2.0))
    share = law.log_normal_share(12.0 * math.sqrt(2.0), median, 0.5 * math.log(2.0))
    assert share == pytest.approx(0.5 + 0.5 * one / two, rel=1e-13)


@pytest.fixture
def p():
    return factories.law_parameters(
        viable_aneuploid_share=0.04,
        preclinical_share_aneuploid=0.5,
        preclinical_hazard_euploid=0.2,
        loss_week_median=12.0,
        euploid_log_delay=0.0,
        euploid_tail_share=0.3,
    )


def test_survival_at_the_boundaries_of_weeks(p):
    tables = factories.law_tables(p)
    assert tables.aneuploid_survival[:3] == pytest.approx([1.0, 0.75, 0.5], rel=1e-15)
    assert tables.preclinical_survival[:3] == pytest.approx([1.0, math.exp(-0.1), math.exp(-0.2)], rel=1e-15)
    assert np.all(tables.preclinical_survival[SIX:] == tables.preclinical_survival[SIX])
    assert tables.aneuploid_survival[12 - FIRST_WEEK] == pytest.approx(0.5 * (1.0 - 0.96 * 0.5), rel=1e-14)
    assert tables.aneuploid_survival[LOSS_WEEKS] == pytest.approx(0.5 * 0.04, rel=1e-13)


def test_cumulative_euploid_hazard_is_a_share(p):
    cumulative = factories.law_tables(p).euploid_cumulative
    assert np.all(cumulative[: SIX + 1] == 0.0)
    assert np.all(np.diff(cumulative[SIX:]) > 0.0)
    assert cumulative[12 - FIRST_WEEK] == pytest.approx(0.7 * 0.5 + 0.3 * 6.0 / 18.0, rel=1e-14)
    assert cumulative[LOSS_WEEKS] == pytest.approx(1.0, rel=1e-15)


def test_a_delay_moves_euploid_losses_only(p):
    later = p._replace(euploid_log_delay=0.1)
    usual, delayed = factories.law_tables(p), factories.law_tables(later)
    assert np.all(delayed.aneuploid_survival == usual.aneuploid_survival)
    assert np.all(
        delayed.euploid_cumulative[SIX + 1 : LOSS_WEEKS] < usual.euploid_cumulative[SIX + 1 : LOSS_WEEKS]
    )


def test_euploid_survival_takes_multiplier_and_cells(p):
    tables = factories.law_tables(p)
    cells = 0.5 * tables.euploid_cumulative
    alive = law.euploid_survival(LOSS_WEEKS, 0.1, 2.0, cells, tables)
    assert alive == pytest.approx(math.exp(-0.2) * math.exp(-0.1 * 2.5), rel=1e-14)
    assert law.euploid_survival(0, 0.1, 2.0, cells, tables) == 1.0
    assert law.euploid_survival(SIX, 0.1, 2.0, cells, tables) == pytest.approx(math.exp(-0.2), rel=1e-15)


def test_clinical_loss_by_hand(p):
    # odds 1/4: one in five is aneuploid, of whom 96 in 100 are lost; of the others half
    assert law.p_clinical_loss(0.25, math.log(2.0), p) == pytest.approx(0.2 * 0.96 + 0.8 * 0.5, rel=1e-14)
    assert law.p_loss_of_classes(0.25, 0.5, p) == pytest.approx(0.592, rel=1e-14)
    assert law.p_clinical_loss(0.0, 0.0, p) == 0.0


def test_recognition_by_week():
    p = factories.law_parameters(p_recognised_week_4=0.1, p_recognised_week_5=0.3)
    assert [law.p_recognised(week, p) for week in (4, 5, 6, 23)] == [0.1, 0.3, 1.0, 1.0]


def test_losses_before_anyone_notices():
    p = factories.law_parameters(p_recognised_week_4=0.1, p_recognised_week_5=0.3)
    survival = np.array([1.0, 0.8, 0.7, 0.2])
    assert law.p_unrecognised(survival, p) == pytest.approx(0.2 * 0.9 + 0.1 * 0.7, rel=1e-14)


def test_live_birth_in_a_world_of_two_weeks():
    p = factories.law_parameters(stillbirth_hazard_per_week=-math.log(0.9))
    tables = factories.law_tables(p, np.array([0.5, 1.0]))
    assert law.p_live_birth_if_alive_at(24, 1.0, p, tables) == pytest.approx(0.45 + 0.45 * 0.9, rel=1e-14)
    assert law.p_live_birth_if_alive_at(25, 1.0, p, tables) == pytest.approx(0.9, rel=1e-14)
    assert law.p_live_birth_if_alive_at(24, 0.0, p, tables) == 1.0
    assert law.p_live_birth_if_alive_at(25, 2.0, p, tables) == pytest.approx(0.81, rel=1e-14)


def test_a_week_before_viability_counts_from_viability_on():
    p = factories.law_parameters(stillbirth_hazard_per_week=0.01)
    tables = factories.law_tables(p)
    assert law.p_live_birth_if_alive_at(20, 1.0, p, tables) == law.p_live_birth_if_alive_at(
        24, 1.0, p, tables
    )

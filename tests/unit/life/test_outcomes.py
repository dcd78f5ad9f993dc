"""How one pregnancy ends: causes, weeks, birth and stillbirth, by hand."""

import math

import factories
import numpy as np
import pytest

from decidua.life import harms, outcomes
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CAUSES,
    CLINICAL_WEEK,
    FIRST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
)

SIX = CLINICAL_WEEK - FIRST_WEEK


def ends(p, *, weight=1.0, table=None, share=None, pregnancy=None, **traits):
    return outcomes.pregnancy_outcomes(
        factories.woman(**traits),
        pregnancy or factories.pregnancy(),
        weight,
        p,
        factories.law_tables(p, share),
        table or factories.uterine_nk_table(),
    )


def by_cause(result, name):
    return float(result.miscarriage[CAUSES.index(name)].sum())


@pytest.fixture
def euploid():
    """No aneuploid conceptus, no preclinical loss, a cumulative hazard of log 2 for the mean woman."""
    return factories.without_differences(
        aneuploid_log_odds=-800.0,
        preclinical_hazard_euploid=0.0,
        euploid_log_hazard=math.log(math.log(2.0)),
        euploid_log_hazard_per_decade=0.0,
        young_log_multiplier_per_year=0.0,
        stillbirth_hazard_per_week=0.0,
    )


def test_half_of_the_pregnancies_of_the_mean_woman_are_lost(euploid):
    result = ends(euploid)
    assert by_cause(result, "euploid_other") == pytest.approx(0.5, rel=1e-13)
    assert result.miscarriage[:-1].max() == 0.0
    assert result.live_birth.sum() == pytest.approx(0.5, rel=1e-13)
    assert result.miscarriage[:, :SIX].sum() == 0.0


def test_a_condition_takes_its_part_of_the_losses(euploid):
    p = euploid._replace(excess_translocation=3.0)
    result = ends(p, has_translocation=1.0)
    # four times the hazard: one in sixteen survives; three quarters of the losses are by the translocation
    assert by_cause(result, "translocation") == pytest.approx(0.75 * 15.0 / 16.0, rel=1e-13)
    assert by_cause(result, "euploid_other") == pytest.approx(0.25 * 15.0 / 16.0, rel=1e-13)
    assert by_cause(ends(p), "translocation") == 0.0


def test_uterine_nk_cells_take_their_part_week_by_week(euploid):
    p = euploid._replace(uterine_nk_excess=0.5)
    weeks = np.zeros(LOSS_WEEKS)
    weeks[10] = 6.0  # three times the mean hazard, in one week alone
    result = ends(p, table=factories.uterine_nk_table(weeks))
    cells, rest = (
        result.miscarriage[CAUSES.index("uterine_nk")],
        result.miscarriage[CAUSES.index("euploid_other")],
    )
    assert np.flatnonzero(cells).tolist() == [10]
    assert cells[10] == pytest.approx(3.0 * rest[10], rel=1e-12)


def test_regimen_chooses_its_table(euploid):
    p = euploid._replace(uterine_nk_excess=1.0)
    excess = np.stack([np.full((5, LOSS_WEEKS), 1.0), np.zeros((5, LOSS_WEEKS))])
    table = factories.uterine_nk_table(excess, regimens=2)
    untreated, treated = (ends(p, table=table, pregnancy=factories.pregnancy(regimen=r)) for r in (0, 1))
    assert untreated.live_birth.sum() == pytest.approx(0.25, rel=1e-13)
    assert treated.live_birth.sum() == pytest.approx(0.5, rel=1e-13)


def test_treatment_and_weight_scale_the_hazard(euploid):
    half = factories.pregnancy(log_hazard_ratio=-math.log(2.0))
    assert ends(euploid, pregnancy=half).live_birth.sum() == pytest.approx(math.sqrt(0.5), rel=1e-13)
    assert ends(euploid, weight=2.0).live_birth.sum() == pytest.approx(0.25, rel=1e-13)
    assert ends(euploid, shared=3.0).live_birth.sum() == pytest.approx(0.125, rel=1e-13)


def test_a_woman_free_of_every_euploid_cause_loses_no_euploid_pregnancy(euploid):
    """The low class of the two-class shape may have a factor of exactly 0."""
    result = ends(euploid, residual=0.0)
    assert result.miscarriage.sum() == 0.0
    assert result.live_birth.sum() == pytest.approx(1.0, rel=1e-13)


def test_early_losses_have_no_named_cause(euploid):
    p = euploid._replace(preclinical_hazard_euploid=math.log(2.0), excess_translocation=3.0)
    early = ends(p, has_translocation=1.0).miscarriage[:, :SIX]
    assert early[-1] == pytest.approx([1.0 - math.sqrt(0.5), math.sqrt(0.5) - 0.5], rel=1e-13)
    assert early[:-1].max() == 0.0


def test_aneuploid_pregnancies_by_hand():
    p = factories.without_differences(
        aneuploid_log_odds=700.0, preclinical_share_aneuploid=0.5, viable_aneuploid_share=0.1
    )
    result = ends(p)
    assert result.miscarriage[0, :SIX] == pytest.approx([0.25, 0.25], rel=1e-13)
    assert by_cause(result, "aneuploid") == pytest.approx(0.95, rel=1e-13)
    assert result.miscarriage[1:].max() == 0.0


def test_birth_and_stillbirth_by_week(euploid):
    p = euploid._replace(stillbirth_hazard_per_week=-math.log(0.9))
    share = np.zeros(BIRTH_WEEKS)
    share[1], share[-1] = 0.5, 1.0
    result = ends(p, share=share)
    assert result.stillbirth[:2] == pytest.approx([0.05, 0.045], rel=1e-12)
    assert result.live_birth[:2] == pytest.approx([0.0, 0.5 * 0.9 * 0.9 * 0.5], rel=1e-12)
    assert result.stillbirth[2] == pytest.approx(0.5 * 0.9**2 * 0.5 * 0.1, rel=1e-12)
    assert result.live_birth[-1] == pytest.approx(0.5 * 0.9**BIRTH_WEEKS * 0.5, rel=1e-12)
    assert np.flatnonzero(result.live_birth).tolist() == [1, BIRTH_WEEKS - 1]


def test_a_course_that_brings_births_forward_wins_and_loses_none(euploid):
    p = euploid._replace(stillbirth_hazard_per_week=0.01)
    share = np.full(BIRTH_WEEKS, 0.1)
    share[-1] = 1.0
    usual = ends(p, share=share)
    log_odds = math.log(2.5)
    moved = ends(p, share=share, pregnancy=factories.pregnancy()._replace(preterm_log_odds_ratio=log_odds))
    early = harms.PRETERM_WEEK - VIABLE_WEEK
    odds = [r.live_birth[:early].sum() / r.live_birth[early:].sum() for r in (usual, moved)]
    assert odds[1] / odds[0] == pytest.approx(2.5, rel=1e-12)
    assert moved.live_birth.sum() == pytest.approx(usual.live_birth.sum(), rel=1e-13)
    np.testing.assert_array_equal(moved.stillbirth, usual.stillbirth)
    np.testing.assert_array_equal(moved.miscarriage, usual.miscarriage)

"""Harms by dose against the published groups and hand arithmetic; unknown stays unknown, never zero."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decidua.base.estimates import Estimate
from decidua.life.harms import (
    HARMS,
    PRETERM_WEEK,
    Doses,
    HarmFigures,
    Ratio,
    band_of,
    harms_of,
    log_odds_ratio_of,
    preterm_log_odds_ratio,
    preterm_ratio,
    retimed_births,
)
from decidua.life.parameters import BIRTH_WEEKS, VIABLE_WEEK

EARLY = PRETERM_WEEK - VIABLE_WEEK
# As printed: cumulative mg to risk ratio with its interval.
GROUPS = {265: (1.38, 0.79, 2.38), 883: (1.81, 1.10, 2.97), 2209: (4.77, 2.76, 8.26)}


def ratio(value, lo, hi, measure="risk_ratio"):
    return Ratio(value, lo, hi, measure, ("entry",))


FIGURES = HarmFigures(
    preterm_dose_mg=np.array([0.0, *GROUPS]),
    preterm_log_ratio=np.log(np.array([(1.0, 1.0, 1.0), *GROUPS.values()])).T.copy(),
    preterm_counted_days=139,
    preterm_entries=("groups",),
    infection_dose_mg=np.array([0.0, 5.0, 10.0, np.inf]),
    infection_per_year=np.array([0.040, 0.052, 0.081, 0.106]),
    infection_entries=("bands",),
    late=ratio(2.45, 1.32, 4.56, "hazard_ratio"),
    late_low=ratio(1.18, 0.60, 2.30, "hazard_ratio"),
    late_dose_mg=10.0,
    very_early_loss=ratio(1.75, 1.03, 2.99),
    diabetes=ratio(1.01, 0.99, 1.03),
    diabetes_early=ratio(1.10, 1.03, 1.17),
    diabetes_early_days=(28, 49),
    diabetes_high_dose=ratio(3.0, 1.13, 7.95),
    hypertension_high_dose=ratio(2.6, 0.96, 7.03),
    high_dose_mg=30.0,
    cleft=ratio(1.16, 1.01, 1.33, "odds_ratio"),
)
BIRTHS = np.concatenate(
    [np.full(EARLY, 0.06 / EARLY), np.full(BIRTH_WEEKS - EARLY, 0.9 / (BIRTH_WEEKS - EARLY))]
)


def course(*blocks, first_day=35):
    """Doses from blocks of (mg per day, days)."""
    return Doses(first_day, np.concatenate([np.full(days, float(mg)) for mg, days in blocks]))


def harms(doses):
    return {harm.name: harm for harm in harms_of(doses, FIGURES, birth_share_by_week=BIRTHS)}


@pytest.mark.parametrize(("mg", "printed"), GROUPS.items())
def test_the_published_groups_are_met_with_their_intervals(mg, printed):
    found = preterm_ratio(float(mg), FIGURES)
    assert (found.mean, found.lo, found.hi) == pytest.approx(printed, rel=1e-12)


def test_between_the_groups_logs_are_straight_and_nothing_falls_with_dose():
    half = preterm_ratio((265 + 883) / 2.0, FIGURES)
    assert half.mean == pytest.approx(math.sqrt(1.38 * 1.81))
    assert preterm_ratio(0.0, FIGURES) == Estimate(1.0, 1.0, 1.0)
    rising = [preterm_ratio(mg, FIGURES).mean for mg in np.linspace(0.0, 3000.0, 200)]
    assert np.all(np.diff(rising) >= 0.0)
    assert rising[-1] == pytest.approx(4.77)


def test_the_trial_course_of_945_mg_counts_as_945_mg():
    found = harms(course((20, 42), (10, 7), (5, 7)))["preterm_birth"]
    way = (945 - 883) / (2209 - 883)
    assert found.ratio.mean == pytest.approx(1.81 * (4.77 / 1.81) ** way, rel=1e-12)
    assert found.ratio.lo == pytest.approx(1.10 * (2.76 / 1.10) ** way, rel=1e-12)


def test_doses_before_pregnancy_and_after_the_counted_days_are_not_added_up():
    inside = course((10, 100), first_day=0)
    longer = Doses(-28, np.full(28 + 100, 10.0))
    assert harms(inside)["preterm_birth"].ratio == harms(longer)["preterm_birth"].ratio
    late = harms(course((12, 50), first_day=200))["preterm_birth"]
    assert (late.measure, late.ratio.mean) == ("hazard_ratio", 2.45)
    assert harms(course((5, 50), first_day=200))["preterm_birth"].ratio.mean == 1.18


def test_births_move_by_the_odds_and_none_is_won_or_lost():
    log_odds = math.log(3.0)
    moved = retimed_births(BIRTHS, log_odds)
    before, after = BIRTHS[:EARLY].sum(), moved[:EARLY].sum()
    total = BIRTHS.sum()
    assert moved.sum() == pytest.approx(total, rel=1e-14)
    assert after / (total - after) == pytest.approx(3.0 * before / (total - before), rel=1e-12)
    np.testing.assert_array_equal(retimed_births(BIRTHS, 0.0), BIRTHS)


def test_a_ratio_of_chances_is_met_on_the_odds_scale():
    p = 0.0625
    theta = preterm_log_odds_ratio(1.81, p_without=p)
    odds = p / (1.0 - p) * math.exp(theta)
    assert odds / (1.0 + odds) == pytest.approx(1.81 * p)
    found = harms(course((20, 42), (10, 7), (5, 7)))["preterm_birth"]
    without, with_course = found.chances
    assert with_course.mean == pytest.approx(found.ratio.mean * without, rel=1e-12)
    assert log_odds_ratio_of(found) == pytest.approx(
        preterm_log_odds_ratio(found.ratio.mean, p_without=without)
    )


def test_even_a_large_ratio_leaves_a_chance_below_one():
    assert preterm_log_odds_ratio(8.26, p_without=0.3) < math.inf


@pytest.mark.parametrize(
    ("mg", "band"), [(0.0, 0), (2.5, 1), (5.0, 1), (7.5, 2), (10.0, 2), (10.5, 3), (60.0, 3)]
)
def test_a_daily_dose_falls_in_the_printed_band(mg, band):
    assert band_of(mg, FIGURES.infection_dose_mg) == band


def test_infection_is_an_upper_bound_and_rises_with_the_dose():
    by_dose = [harms(course((mg, 60)))["infection"] for mg in (5, 10, 20)]
    assert [harm.status for harm in by_dose] == ["upper_bound"] * 3
    means = [harm.ratio.mean for harm in by_dose]
    assert means == sorted(means)
    year = harms(Doses(0, np.full(365, 20.0)))["infection"]
    assert year.chances[1].mean == pytest.approx(0.106, rel=2e-3)
    assert year.ratio.lo == 1.0


def test_what_nobody_has_measured_is_unknown_and_never_a_number():
    for doses in (course((20, 42)), Doses(-28, np.full(330, 40.0))):
        found = harms(doses)
        for name in ("adrenal_suppression", "sleep", "mood"):
            assert found[name].status == "unknown"
            assert found[name].ratio is None
            assert found[name].to_dict()["ratio"] is None
            assert found[name].reason


def test_each_harm_is_asked_of_the_weeks_it_belongs_to():
    late = harms(course((20, 20), first_day=150))
    assert late["very_early_loss"].status == late["cleft"].status == "not_exposed"
    from_before = harms(Doses(0, np.full(60, 10.0)))
    assert from_before["very_early_loss"].ratio.mean == 1.75
    assert harms(course((20, 42)))["very_early_loss"].status == "unknown"
    assert harms(course((20, 42)))["gestational_diabetes"].ratio.mean == 1.10
    assert late["gestational_diabetes"].ratio.mean == 1.01


def test_figures_of_a_high_dose_to_term_speak_of_such_a_course_alone():
    assert harms(course((20, 42)))["hypertension"].status == "unknown"
    to_term = harms(Doses(0, np.full(280, 40.0)))
    assert to_term["hypertension"].ratio.mean == 2.6
    assert to_term["gestational_diabetes"].ratio.mean == 3.0


def test_every_harm_is_answered_in_order_and_names_what_it_rests_on():
    found = harms_of(course((20, 42)), FIGURES, birth_share_by_week=BIRTHS)
    assert tuple(harm.name for harm in found) == HARMS
    assert all(bool(harm.entries) == (harm.ratio is not None) for harm in found)

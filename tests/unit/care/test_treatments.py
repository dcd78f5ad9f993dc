"""What a treatment does, by draw: quantiles of published intervals that belong to the draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decidua.base.estimates import Estimate
from decidua.care.pathways import load_pathway
from decidua.care.readings import cut_of, reading_log_sd
from decidua.care.treatments import effects_of, log_ratios
from decidua.evidence import load_ledger
from decidua.inference.harms import harms_of_regimen
from decidua.life.pathway import INFECTION, LOG_HAZARD_RATIO, PRETERM, VERY_EARLY

NUMBERS = np.arange(4000)
NONE = np.zeros(4000)


def test_quantiles_fill_the_published_interval():
    found = log_ratios(Estimate(1.75, 1.03, 2.99), NUMBERS, purpose=VERY_EARLY)
    assert np.mean(found) == pytest.approx(math.log(1.75), abs=0.02)
    inside = (found > math.log(1.03)) & (found < math.log(2.99))
    assert inside.mean() == pytest.approx(0.95, abs=0.012)


def test_a_draw_keeps_its_quantile_whatever_other_draws_there_are():
    ratio = Estimate(2.0, 1.0, 4.0)
    few = log_ratios(ratio, np.array([7, 3]), purpose=PRETERM)
    assert np.array_equal(few, log_ratios(ratio, NUMBERS, purpose=PRETERM)[[7, 3]])
    assert not np.array_equal(few, log_ratios(ratio, np.array([7, 3]), purpose=VERY_EARLY))


def test_a_course_without_a_steroid_has_no_harm_of_one():
    found = effects_of(NONE + 0.1, harms_of_regimen("progesterone_promise2015"), numbers=NUMBERS)
    assert set(found[:, LOG_HAZARD_RATIO]) == {0.1}
    assert not found[:, PRETERM:].any()


def test_a_course_from_week_five_has_no_figure_for_very_early_loss():
    late = effects_of(NONE, harms_of_regimen("prednisolone_tang2013"), numbers=NUMBERS)
    early = effects_of(NONE, harms_of_regimen("story_course"), numbers=NUMBERS)
    assert not late[:, VERY_EARLY].any()
    assert early[:, VERY_EARLY].mean() == pytest.approx(math.log(1.75), abs=0.02)
    assert 0.0 < late[0, INFECTION] < early[0, INFECTION] < 0.1


def test_a_reading_is_blurred_by_cycle_laboratory_and_dating():
    ledger, cycle = load_ledger(), np.array([0.0, 0.3])
    laboratory = ledger.value("measure.uterine_nk.between_laboratory_log_sd")
    found = reading_log_sd(cycle, ledger)
    assert found[0] > laboratory
    assert found[1] ** 2 - found[0] ** 2 == pytest.approx(0.09)
    assert cut_of(load_pathway("test_after_1"), ledger) == pytest.approx(math.log(300.0))
    assert cut_of(load_pathway("blood_test_after_3"), ledger) == pytest.approx((12.0 - 16.0) / 7.6)

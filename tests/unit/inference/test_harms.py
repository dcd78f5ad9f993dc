"""The harms of shipped regimens: doses by day, and figures that are the ledger's own."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference.harms import (
    births_by_week,
    doses_by_week,
    doses_of,
    harm_figures,
    harms_of_doses,
    harms_of_regimen,
    harms_of_treatments,
)
from decidua.life.harms import HARMS
from decidua.womb import load_regimen, regimen_from


def test_the_trial_course_is_945_mg_by_day():
    doses = doses_of(load_regimen("prednisolone_tang2013"))
    assert doses.mg_per_day.sum() == 945.0
    assert (doses.first_day, doses.mg_per_day.size) == (35, 56)
    assert doses.mg_per_day[[0, 41, 42, 48, 49, 55]].tolist() == [20, 20, 10, 10, 5, 5]


def test_doses_by_week_are_those_of_the_days():
    by_week = doses_by_week([20.0] * 6 + [10.0, 5.0], first_week=5)
    by_day = doses_of(load_regimen("prednisolone_tang2013"))
    np.testing.assert_array_equal(by_week.mg_per_day, by_day.mg_per_day)
    assert by_week.first_day == by_day.first_day


def test_a_regimen_without_a_steroid_has_no_harms_of_one():
    assert harms_of_regimen("aspirin_low_dose") == ()
    assert harms_of_regimen("none") == ()
    assert harms_of_treatments(("progesterone_promise2015",)) == ()


def test_the_treatment_with_the_steroid_is_the_one_that_counts():
    found = harms_of_treatments(("aspirin_low_dose", "prednisolone_tang2013"))
    assert found == harms_of_regimen("prednisolone_tang2013")


def test_the_figures_are_those_of_the_ledger():
    ledger, figures = load_ledger(), harm_figures(load_ledger())
    printed = [1.38, 1.81, 4.77]
    assert np.exp(figures.preterm_log_ratio[0, 1:]) == pytest.approx(printed)
    assert figures.infection_per_year == pytest.approx([0.040, 0.052, 0.081, 0.106])
    for harm in harms_of_regimen("prednisolone_sun2023"):
        for name in harm.entries:
            assert ledger[name].chosen.reference.source


def test_the_law_births_sum_to_one_and_some_come_early():
    births = births_by_week()
    assert births.sum() == pytest.approx(1.0)
    # Norway's register: 0.37, 0.54 and 4.65 in 100 before 28, 32 and 37 weeks
    assert births[:13].sum() == pytest.approx(0.0556, abs=2e-4)


def test_sun_2023_names_very_early_loss_and_tang_2013_does_not_know_it():
    sun = {harm.name: harm for harm in harms_of_regimen("prednisolone_sun2023")}
    tang = {harm.name: harm for harm in harms_of_regimen("prednisolone_tang2013")}
    assert (sun["very_early_loss"].ratio.mean, sun["very_early_loss"].ratio.hi) == (1.75, 2.99)
    assert tang["very_early_loss"].status == "unknown"


def test_a_written_regimen_has_harms_too():
    step = {
        "drug": "prednisolone",
        "dose_mg_per_day": 40,
        "start_gestation_weeks": 5,
        "duration_weeks": 33,
    }
    own = regimen_from({"name": "mine", "title": "A high dose to term", "steps": [step]})
    found = {harm.name: harm for harm in harms_of_regimen(own)}
    assert tuple(found) == HARMS
    assert found["hypertension"].status == "estimate"
    assert "above the highest dose" in found["preterm_birth"].reason
    assert harms_of_doses(doses_of(own)) == tuple(found.values())

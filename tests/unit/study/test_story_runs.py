"""Runs of the story against equations, simulation and limits that are known on other grounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.study import story_tests
from decidua.study.story_script import load_script
from decidua.study.story_worlds import (
    burden,
    implantation_by_draw,
    recognition_ratio,
    run_worlds,
    world_values,
)
from decidua.womb import load_bridge

LEDGER = load_ledger()
INPUTS = load_script().inputs


@pytest.mark.parametrize("hundredths", story_tests.REPEATABILITIES)
def test_the_next_reading_with_no_drug_follows_from_the_equation_behind_the_table(hundredths):
    values = story_tests.regression_values(LEDGER)
    first = LEDGER.value("treatment.prednisolone.uterine_nk_before_percent_of_stroma")
    after = LEDGER.value("treatment.prednisolone.uterine_nk_after_percent_of_stroma")
    # The table says that its median of all women of the laboratory is 9 in 100, an assumption.
    reading = story_tests.second_reading(first, group_median=9.0, repeatability=hundredths / 100)
    assert values[f"regression.reading_{hundredths}"] == pytest.approx(reading, abs=0.05)
    share = 100 * (first - reading) / (first - after)
    assert values[f"regression.share_{hundredths}"] == pytest.approx(share, abs=1.0)


def test_return_to_the_mean_agrees_with_simulated_women():
    random = np.random.default_rng(3)
    lasting, r, sd = random.normal(size=400_000), 0.5, 0.6
    one, two = (
        math.sqrt(r) * lasting + math.sqrt(1 - r) * random.normal(size=lasting.size) for _ in range(2)
    )
    chosen = np.abs(one - math.log(14 / 9) / sd) < 0.02
    expected = story_tests.second_reading(14.0, group_median=9.0, repeatability=r)
    assert 9.0 * math.exp(sd * two[chosen].mean()) == pytest.approx(expected, rel=0.02)


def test_half_of_two_readings_differ_by_what_is_said():
    said = story_tests.half_of_second_readings_differ_by(LEDGER)
    noise = 0.47 * math.sqrt(0.5)
    assert stats.norm.cdf(math.log(1 - said), scale=noise * math.sqrt(2)) == pytest.approx(0.25, abs=1e-6)


def test_a_blood_cut_calls_most_healthy_women_high():
    assert story_tests.share_of_healthy_women_above(12.0, LEDGER) == pytest.approx(
        stats.norm.sf(12, loc=16.0, scale=7.6), rel=1e-9
    )


def test_guidelines_are_counted_once_for_each_body():
    counts = story_tests.guideline_counts(LEDGER, left_out=INPUTS.guidelines_not_counted)
    assert set(INPUTS.guidelines_not_counted) <= set(LEDGER.guidelines)
    triggers = [
        b.trigger_losses for n, b in LEDGER.guidelines.items() if n not in INPUTS.guidelines_not_counted
    ]
    assert [counts[f"guidelines.{word}"] for word in ("one", "two", "three")] == [
        sum(t == number for t in triggers) for number in (1, 2, 3)
    ]


@pytest.fixture(scope="module")
def worlds():
    return run_worlds("attack", inputs=INPUTS)


def test_the_course_lowers_the_count_and_slows_the_clearing_of_an_infection(worlds):
    values = world_values(worlds, inputs=INPUTS)
    assert 0.0 < values["world.treated_fall"] < 0.5
    assert burden(worlds.infected_treated) > burden(worlds.infected)
    assert values["world.usual_density"] < 300 < values["world.high_density"]


def test_the_babys_cortisol_is_a_wave_that_is_over_when_it_is_said_to_be(worlds):
    weekly = worlds.treated.weekly("fetal_cortisol")
    assert 9 <= int(np.argmax(weekly)) <= 11
    assert weekly[INPUTS.late_week] < 0.3 * weekly.max()


def test_recognition_does_nothing_where_the_count_does_nothing():
    assert recognition_ratio("marker", density_per_mm2=300.0) == 1.0
    assert (
        recognition_ratio("attack", density_per_mm2=300.0)
        > 1.0
        > recognition_ratio("too_few", density_per_mm2=60.0)
    )


def test_implantation_is_untouched_at_the_median_and_where_the_count_does_nothing():
    draws = load_draws("fading-log_normal")
    usual = implantation_by_draw(draws, density_per_mm2=133.0)
    high = implantation_by_draw(draws, density_per_mm2=300.0)
    names = np.array(draws.mechanism)
    assert np.allclose(usual, 1.0, atol=0.02)
    assert np.all(high[names == "marker"] == 1.0)
    assert np.all(high[names == "attack"] < 1.0)
    effect = draws.columns["law.uterine_nk_implantation_log_effect"][names == "attack"]
    # The bridge's unit: minus one at the high cut.
    assert np.allclose(np.log(high[names == "attack"]), -effect, rtol=0.02)
    assert load_bridge().regimens[0] == "none"

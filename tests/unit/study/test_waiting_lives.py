"""What waiting costs in lives: counted right, shipped fresh, told with what it rests on."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.life.rows import PREGNANCY_NUMBERS
from decidua.life.ways import DAYS_IN_YEAR, LIVE_BIRTH, MISCARRIAGE
from decidua.study.story_script import load_script
from decidua.study.waiting_lives import content, count_waiting, lived_waiting, waiting_of, waits_of

INPUTS = load_script().inputs


def life(woman, *endings):
    """Recognised pregnancies of one woman: `l` and `a` are losses, `a` aneuploid, `b` a birth."""
    rows, run = [], 0
    for order, ending in enumerate(endings, start=1):
        row = dict.fromkeys(PREGNANCY_NUMBERS, 0)
        row |= {"woman": woman, "order": order, "draw": woman, "previous_losses_consecutive": run}
        row |= {"day_of_age": int((30 + order) * DAYS_IN_YEAR) + 1, "aneuploid": int(ending == "a")}
        row["outcome"] = LIVE_BIRTH if ending == "b" else MISCARRIAGE
        run = 0 if ending == "b" else run + 1
        rows.append(list(row.values()))
    return rows


def test_runs_of_losses_are_followed_to_more_losses_a_birth_or_nothing():
    rows = np.array([*life(0, *"lllaab"), *life(1, *"llab"), *life(2, *"blla"), *life(3, *"llbll")])
    age, draw, (further, birth, stopped, aneuploid) = waits_of(rows, 2, 4)
    assert draw.tolist() == [0, 1, 2, 3, 3]
    assert further.tolist() == [2, 1, 1, 0, 0]
    assert birth.tolist() == [0, 1, 0, 1, 0]
    assert stopped.tolist() == [0, 0, 1, 0, 1]
    assert aneuploid.tolist() == [1, 1, 1, 0, 0]
    assert age.astype(int).tolist() == [32, 32, 33, 32, 35]


def test_the_shipped_counts_are_those_of_the_present_law():
    """When this fails, the counts are stale: make them again with python -m decidua.study."""
    assert lived_waiting()["content"] == content()


def test_a_smaller_count_agrees_with_the_shipped_one():
    few = count_waiting(women=400_000)["groups"]
    for age in INPUTS.ages_years:
        for name in ("losses", "birth", "stopped"):
            mine, shipped = few[str(age)]["4"]["average"][name], waiting_of(age, 4, None)[name]
            assert mine["mean"] == pytest.approx(shipped.mean, abs=4.0 * mine["error"])


def test_waiting_longer_costs_more_losses_and_brings_more_births():
    for age in INPUTS.ages_years:
        four, five = (waiting_of(age, until, None) for until in INPUTS.waited_until_losses)
        assert five["losses"].mean > four["losses"].mean
        assert five["birth"].mean > four["birth"].mean
        assert four["losses"].lo < four["losses"].mean < four["losses"].hi

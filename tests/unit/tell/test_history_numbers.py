"""Whole numbers out of 100: rounded, added up, never surer than the interval, words below 30."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.base.estimates import Estimate
from decidua.tell.whole_numbers import (
    about,
    complement,
    how_many,
    is_small,
    is_too_wide,
    out_of_100,
    out_of_1000,
    outward,
)

CHANCE = st.floats(0.0, 1.0, allow_nan=False)


@pytest.mark.parametrize(
    ("p", "whole"), [(0.0, 0), (0.001, 1), (0.625, 63), (0.745, 75), (0.744, 74), (0.999, 99), (1.0, 100)]
)
def test_a_chance_becomes_a_whole_number(p, whole):
    assert out_of_100(p) == whole


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_chance_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        out_of_100(p)


def test_what_sums_in_floating_point_leave_beside_0_and_1_is_no_matter():
    assert (out_of_100(1.0 + 3e-16), out_of_100(-3e-16)) == (100, 0)
    assert outward(Estimate(1.0 + 3e-16, 1.0, 1.0 + 3e-16)) == (100, 100)
    assert how_many(1.0 + 3e-16) == "all"


def test_an_interval_is_rounded_outward():
    assert outward(Estimate(0.748, 0.604, 0.853)) == (60, 86)


def test_an_interval_on_whole_numbers_is_left_as_it_is():
    # 100 * 0.57 and 100 * 0.29 are not whole in floating point.
    assert outward(Estimate(0.4, 0.29, 0.57)) == (29, 57)


@given(st.tuples(CHANCE, CHANCE, CHANCE))
def test_a_rounded_interval_holds_the_interval_and_its_middle(chances):
    lo, mean, hi = sorted(chances)
    low, high = outward(Estimate(mean, lo, hi))
    assert 0 <= low <= out_of_100(mean) <= high <= 100
    assert low <= 100 * lo + 1e-6
    assert high >= 100 * hi - 1e-6


@given(st.floats(0.01, 0.99))
def test_both_sides_add_up_to_100(p):
    said = [int(words.removeprefix("about ")) for words in (about(p), complement(p))]
    assert sum(said) == 100


def test_the_ends_are_said_in_words():
    assert (about(0.004), complement(0.004)) == ("fewer than 1", "more than 99")
    assert (about(0.996), complement(0.996)) == ("more than 99", "fewer than 1")


def test_small_chances_and_wide_intervals_are_known_as_such():
    assert is_small(0.299)
    assert not is_small(0.3)
    assert is_too_wide(Estimate(0.5, 0.2, 0.61))
    assert not is_too_wide(Estimate(0.5, 0.3, 0.69))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0, "none"),
        (0.004, "hardly any"),
        (0.29, "less than a third"),
        (0.5, "about half"),
        (0.99, "nearly all"),
        (1.0, "all"),
    ],
)
def test_shares_have_words_without_numbers(p, words):
    assert how_many(p) == words


def test_counts_out_of_1000_come_in_tens():
    assert out_of_1000(0.1249) == "about 120"
    assert out_of_1000(0.003) == "fewer than 10"

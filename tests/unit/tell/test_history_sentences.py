"""The main sentence and the comparison: both sides, whole numbers, words first for small chances."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from decidua.base.estimates import Estimate
from decidua.tell.history_sentences import comparison, contested, headline, with_numbers


def test_the_headline_gives_both_sides_and_what_studies_fit(two_losses):
    assert headline(two_losses) == (
        "Out of 100 people with a history like this, about 75 have a baby born alive, about 25 have another "
        "loss, if pregnant again. Studies fit anything from 60 to 86."
    )


def test_a_first_loss_is_not_called_another(late):
    assert "about 74 have a loss" in headline(late, numbers="clinician")


def test_a_small_chance_has_words_first_and_its_number_on_request(late):
    public, clinician = headline(late), headline(late, numbers="clinician")
    assert "less likely than not" in public
    assert not re.search(r"\d", public)
    assert clinician.index("less likely than not") < clinician.index("about 26")
    assert "from 12 to 45" in clinician


@pytest.mark.parametrize("name", ["two_losses", "late"])
def test_words_alone_hold_no_number(name, request):
    answer = request.getfixturevalue(name)
    said = headline(answer, numbers="none") + comparison(answer, numbers="none")
    assert not re.search(r"\d", said)
    assert "if pregnant again" in said


def test_without_an_age_there_is_no_prospect_to_tell(past_only):
    with pytest.raises(ValueError, match="past only"):
        headline(past_only)
    with pytest.raises(ValueError, match="past only"):
        comparison(past_only)


def test_the_comparison_is_a_difference_out_of_100(two_losses):
    assert comparison(two_losses) == (
        "Among people of the same age without a loss it is about 83: here, 8 fewer out of every 100."
    )


def test_the_comparison_can_go_the_other_way(two_losses):
    better = replace(two_losses, next_live_birth=Estimate(0.861, 0.7, 0.93))
    assert comparison(better).endswith("here, 3 more out of every 100.")


def test_a_difference_that_nobody_would_notice_is_none(two_losses):
    same = replace(two_losses, same_age_no_losses=Estimate(0.7549, 0.6, 0.85))
    assert "about the same" in comparison(same)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [("none", "unlikely"), ("public", "unlikely"), ("clinician", "unlikely: about 5 (2 to 10)")],
)
def test_one_chance_in_the_form_its_reader_asked_for(numbers, said):
    assert with_numbers(Estimate(0.05, 0.021, 0.099), numbers=numbers) == said


def test_one_mechanism_says_that_it_is_contested(two_losses):
    assert contested(two_losses) == ""
    assert "assumes a contested mechanism" in contested(replace(two_losses, mechanism="attack"))

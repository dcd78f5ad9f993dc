"""Harms in words: what is clear, what is not, what nobody knows; numbers for those who ask."""

from __future__ import annotations

import re
from dataclasses import replace

from decidua.base.estimates import Estimate
from decidua.life.harms import HARMS, Harm, not_exposed, unknown
from decidua.tell.harm_lines import harm_numbers, harm_sentences
from decidua.tell.words import label, sentence


def harm(name, lo, status="estimate", chances=None):
    return Harm(name, status, "risk_ratio", Estimate(1.5, lo, 2.5), chances, ("entry",), "why")


COURSE = (
    harm("preterm_birth", 1.1, chances=(0.05, Estimate(0.075, 0.055, 0.125))),
    replace(harm("gestational_diabetes", 1.03), ratio=Estimate(1.1, 1.03, 1.17)),
    harm("cleft", 0.9),
    harm("infection", 1.0, status="upper_bound"),
    not_exposed("very_early_loss", "too late"),
    unknown("sleep", "no study"),
)


def test_clear_and_unclear_harms_stand_apart():
    clear, small, unclear, bound, unmeasured = harm_sentences(COURSE)
    assert label("harm", "preterm_birth") in clear
    assert label("harm", "gestational_diabetes") in small
    assert "a little" in small
    assert label("harm", "cleft") in unclear
    assert label("harm", "infection") in bound
    assert label("harm", "sleep") in unmeasured
    assert sentence("unknown_harm") in unmeasured
    assert all(label("harm", "very_early_loss") not in said for said in harm_sentences(COURSE))


def test_words_for_the_public_hold_no_number():
    assert not re.search(r"\d", " ".join(harm_sentences(COURSE)))


def test_numbers_come_with_interval_chances_and_reason():
    lines = harm_numbers(COURSE)
    assert lines[0] == (
        "early birth: 1.50 times (1.10 to 2.50 fits), a ratio of chances; out of 100, 7.5 against 5.0; why"
    )
    assert lines[3].startswith("infections that need a hospital: up to 1.50 times, ")
    assert lines[4].endswith("does not apply; too late")
    assert lines[5] == "poor sleep: not known; no study"


def test_a_course_without_a_steroid_has_nothing_to_say():
    assert harm_sentences(()) == ()
    assert harm_numbers(()) == ()


def test_every_harm_has_a_name_in_plain_words():
    assert all(label("harm", name) for name in HARMS)


def test_what_one_trial_saw_at_another_dose_is_said_and_not_called_unmeasured():
    (said,) = harm_sentences((unknown("hypertension", "another course"),))
    assert "much higher doses until birth, one trial saw" in said
    assert "nobody knows" in said
    assert sentence("unknown_harm") not in said

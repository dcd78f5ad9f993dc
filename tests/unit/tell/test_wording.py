"""A reader's own words: they replace ours everywhere but in what others said, and keep every rule."""

from __future__ import annotations

import itertools

import pytest

from decidua.base.errors import InputError
from decidua.tell.history_parts import Wish
from decidua.tell.history_sections import history_sections
from decidua.tell.safety import check_public_text
from decidua.tell.wording import choices, reworded


def test_the_first_choice_changes_nothing():
    first = {matter: words[0] for matter, words in choices().items()}
    assert reworded("A loss: one of 100 people, a baby born alive.", first) == (
        "A loss: one of 100 people, a baby born alive."
    )


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (
            {"loss": "miscarriage"},
            "Miscarriages: another miscarriage, no miscarriages, and 3 people with babies.",
        ),
        ({"person": "woman"}, "Losses: another loss, no pregnancy losses, and 3 women with babies."),
        ({"baby": "child"}, "Losses: another loss, no pregnancy losses, and 3 people with children."),
    ],
)
def test_a_word_changes_with_its_plural_and_its_capital(chosen, said):
    text = "Losses: another loss, no pregnancy losses, and 3 people with babies."
    assert reworded(text, chosen) == said


def test_words_inside_other_words_stay():
    assert reworded("lossless glossary", {"loss": "miscarriage"}) == "lossless glossary"


def test_what_others_said_keeps_their_words():
    said = "In 2023: “three losses, not tied to one person”, of a loss."
    assert reworded(said, {"loss": "miscarriage", "person": "woman"}) == (
        "In 2023: “three losses, not tied to one person”, of a miscarriage."
    )


def test_a_word_that_nobody_offers_is_refused():
    with pytest.raises(InputError, match="loss, miscarriage"):
        reworded("a loss", {"loss": "failure"})


@pytest.mark.parametrize("words", list(itertools.product(*choices().values())))
def test_every_choice_keeps_the_rules(two_losses, words):
    from decidua.measure.history import History, Pregnancy

    history = History(age_years=34.0, pregnancies=(Pregnancy("miscarriage"),) * 2)
    chosen = dict(zip(choices(), words, strict=True))
    for section in history_sections(two_losses, history=history, wish=Wish()):
        for part in section.parts:
            text = part if isinstance(part, str) else " ".join(getattr(part, "lines", ()))
            assert check_public_text(reworded(text, chosen)) == check_public_text(text)

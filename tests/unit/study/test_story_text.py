"""Numbers are filled in with their origin; none is typed into a text."""

from __future__ import annotations

import re

import pytest

from decidua.base.errors import InputError
from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.study.story_script import load_script
from decidua.tell.story_text import TOKEN, Filler, Piece, plain

VALUES = {
    "p": 0.618,
    "gain": Estimate(0.012, -0.05, 0.08),
    "count": 133.4,
    "small": -0.004,
    "word": "gets there",
}
FILLER = Filler(load_ledger(), VALUES)
MEN = "measure.blood_nk.men_mean_percent_of_lymphocytes"
# Hundred people is the denominator everywhere; a letter in brackets names a question.
DENOMINATOR = re.compile(r"\b100\b")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{p|n100} and {p|not100}", "62 and 38"),
        ("{count|whole}, {count|tens}, {count|one}", "133, 130, 133.4"),
        ("{gain|more}", "about 1 more has a baby than without it"),
        ("{gain|lo100} to {gain|hi100}", "-5 to 8"),
        ("{small|size100}", "less than 1"),
        ("{small|more}", "about as many have a baby as without it"),
        ("It {word}.", "It gets there."),
        (f"{{={MEN}}}, {{={MEN}|whole}}, {{={MEN}|n}}", "18.8, 19, 104"),
        ("{unknown_harm}", "Nobody has measured this harm well enough to give a number."),
    ],
)
def test_a_number_is_shown_in_its_form(text, shown):
    assert plain(FILLER.fill(text)) == shown


def test_a_number_keeps_where_it_comes_from():
    assert FILLER.fill(f"{{p|n100}} and {{={MEN}}}") == (
        Piece("62", "run:p"),
        Piece(" and "),
        Piece("18.8", f"evidence:{MEN}"),
    )


def test_words_of_a_claim_are_quoted_only_where_they_stand():
    assert FILLER.fill("{~h1|weeks 7 to 9}") == (Piece("weeks 7 to 9", "claim:h1"),)
    with pytest.raises(InputError, match="weeks 8 to 9"):
        FILLER.fill("{~h1|weeks 8 to 9}")


@pytest.mark.parametrize("text", ["{nothing}", "{=no.such.id}"])
def test_a_name_that_is_not_there_is_refused(text):
    with pytest.raises(InputError, match="is not accepted"):
        FILLER.fill(text)


def texts() -> list[tuple[str, str]]:
    return [
        (step.id, text)
        for step in load_script().walk
        for text in (step.title, *step.own_world, *step.evidence, *(t for d in step.details for t in d.text))
    ]


@pytest.mark.parametrize(("name", "text"), texts())
def test_no_number_is_typed_into_a_text(name, text):
    left = DENOMINATOR.sub("", TOKEN.sub("", text))
    assert not re.search(r"\d", left), f"{name}: {left}"

"""The article: in the order of the story, in plain words, every claim marked, every number with a source."""

from __future__ import annotations

import copy

import pytest
from explorer_story import story_numbers
from safety.test_reading import reading_grade

from decidua.base.errors import InputError
from decidua.study.story_script import load_script
from decidua.tell.article import checked_article, load_article, tell_article
from decidua.tell.story_text import plain

HIGHEST_GRADE = 7.0
FEWEST_WORDS = 30


@pytest.fixture(scope="module")
def article():
    return tell_article(story_numbers().story)


def passages(article) -> dict[str, str]:
    found = {told.section.id: " ".join(map(plain, told.text)) for told in article.sections}
    found["opening"] = " ".join(map(plain, article.opening))
    found["closing"] = " ".join(map(plain, article.closing))
    return found


def test_every_section_can_be_read_at_the_age_of_twelve(article):
    grades = {name: reading_grade(text) for name, text in passages(article).items()}
    assert not {name: grade for name, grade in grades.items() if grade > HIGHEST_GRADE}


def test_sections_are_short_and_in_the_order_of_the_story(article):
    assert [told.section.step for told in article.sections] == [step.id for step in load_script().steps]
    assert not [name for name, text in passages(article).items() if len(text.split()) > 150]


def test_every_section_has_claims_with_verdicts_reasons_and_sources(article):
    for told in article.sections:
        assert told.step.claims
        assert told.step.sources
        assert all(claim.verdict and claim.reason for claim in told.step.claims)


def test_every_filled_number_says_where_it_is_from(article):
    for told in article.sections:
        for text in told.text:
            for piece in text:
                bare = piece.text.replace("100", "")
                assert piece.origin or not any(letter.isdigit() for letter in bare), piece


def test_each_live_figure_stands_once():
    live = [section.live for section in load_article().sections if section.live]
    assert sorted(live) == ["births", "course", "meeting", "tested"]


def test_an_article_out_of_order_or_with_an_unknown_figure_is_refused():
    content = load_article().model_dump()
    swapped = copy.deepcopy(content)
    swapped["sections"] = tuple(reversed(swapped["sections"]))
    with pytest.raises(InputError, match="in this order"):
        checked_article(swapped, load_script())
    wrong = copy.deepcopy(content)
    wrong["sections"][0]["figure"] = "storks"
    with pytest.raises(InputError, match="storks"):
        checked_article(wrong, load_script())

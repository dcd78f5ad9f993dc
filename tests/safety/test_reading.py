"""How hard the public pages are to read: a report for each section, and a limit for the whole page."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

import pytest
from safety.registry import STORY, made

from decidua.tell.pages import page_from_html, page_from_text, sentences_of

PROJECT = Path(__file__).parents[2]
# A section aims at grade 7, a reading age of about 12. Names of sources and drugs push single sections above
# it, so the limit, with some room, is on the middle section.
AIM = 7.0
LIMIT = 9.0


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; right for most English words."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    is_silent = re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$", word.lower()) is not None
    return max(1, groups - is_silent)


def reading_grade(text: str) -> float:
    """School grade by Flesch and Kincaid (1975)."""
    sentences = [re.findall(r"[A-Za-z]+", sentence) for sentence in sentences_of(text)]
    sentences = [words for words in sentences if len(words) > 2]
    words = [word for sentence in sentences for word in sentence]
    per_word = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / len(sentences) + 11.8 * per_word - 15.59


def grades(sections: list[str]) -> dict[str, float]:
    return {section[:50]: reading_grade(section) for section in sections if len(section.split()) >= 30}


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cell", 1),
        ("baby", 2),
        ("placenta", 3),
        ("like", 1),
        ("natural", 3),
        ("people", 2),
        ("wanted", 2),
        ("used", 1),
    ],
)
def test_syllables_are_counted_well_enough(word, count):
    assert syllables(word) == count


def test_the_grade_tells_easy_text_from_hard():
    easy = "The cells help to build the womb. They do not hurt you."
    hard = "Immunological abnormalities characteristically necessitate multidisciplinary evaluation."
    assert reading_grade(easy) < 3 < 20 < reading_grade(hard)


def check(name: str, sections: list[str]) -> None:
    found = grades(sections)
    lines = [
        f"{grade:5.1f} {'above the aim' if grade > AIM else '':13} {start}" for start, grade in found.items()
    ]
    assert median(found.values()) <= LIMIT, "\n".join([f"reading grades of {name}:", *lines])


def test_the_story_page_can_be_read():
    (html,) = made(STORY)
    check("the story", page_from_html(html).sections)


def test_the_storys_map_can_be_read():
    text = (PROJECT / "docs" / "the-story.md").read_text(encoding="utf-8")
    check("docs/the-story.md", page_from_text(text).sections)

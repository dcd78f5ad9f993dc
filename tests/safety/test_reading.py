"""How hard the public pages are to read: a report for each section, and a limit for the whole page."""

from __future__ import annotations

import html
import re
from pathlib import Path
from statistics import median

import pytest
from explorer_story import told_app
from safety.registry import STORY, made
from starlette.testclient import TestClient

from decidua.tell.pages import page_from_html, page_from_text, sentences_of

PROJECT = Path(__file__).parents[2]
# A section aims at grade 7, a reading age of about 12. Names of sources and drugs push single sections above
# it, so the limit, with some room, is on the middle section.
AIM = 7.0
LIMIT = 9.0
# Every part of a page of the explorer, without its labels, tables and names of organisations.
LIMIT_OF_A_PART = 7.5
FOR_THE_PUBLIC = ("/", "/article", "/questions", "/groups", "/womb", "/studies", "/about", "/history")
TWO_LOSSES = {
    "age": "34", "p1-outcome": "miscarriage", "p1-age": "30.5", "p1-week": "8", "p2-outcome": "miscarriage",
}  # fmt: skip
ANSWERS = (
    {},
    {"causes": "yes", "nk": "yes"},
    {"numbers": "none", "causes": "yes"},
    {"p3-outcome": "ongoing", "p3-week": "8", "p3-prednisolone_tang2013": "yes"},
)


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


def prose(page: str) -> dict[str, str]:
    """Paragraphs, points of lists and captions of each part of a page, by its heading."""
    main = page.partition("<main")[2].partition("</main>")[0]
    found = {}
    for part in re.split("<section", main):
        heading = re.search(r"<h[1-3][^>]*>(.*?)</h[1-3]>", part, re.DOTALL)
        said = [words for _, words in re.findall(r"<(p|li|figcaption)\b[^>]*>(.*?)</\1>", part, re.DOTALL)]
        texts = [" ".join(html.unescape(re.sub(r"<[^>]+>", "", one)).split()) for one in said]
        whole = [text if text[-1] in ".?:" else f"{text}." for text in texts if len(text.split()) > 3]
        if heading and len(" ".join(whole).split()) >= 30:
            found[re.sub(r"<[^>]+>", "", heading[1])] = " ".join(whole)
    return found


def too_hard(page: str) -> dict[str, float]:
    graded = {name: reading_grade(text) for name, text in prose(page).items()}
    assert graded
    return {name: grade for name, grade in graded.items() if grade > LIMIT_OF_A_PART}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(told_app())


@pytest.mark.parametrize("path", FOR_THE_PUBLIC)
def test_every_part_of_a_page_for_the_public_can_be_read(client, path):
    hard = too_hard(client.get(path).text)
    hard.pop("Further reading and support", None)  # names of organisations
    assert hard == {}


@pytest.mark.parametrize("asked", ANSWERS)
def test_every_part_of_an_answer_can_be_read(client, asked):
    assert too_hard(client.post("/history", data={**TWO_LOSSES, **asked, "do": "answer"}).text) == {}

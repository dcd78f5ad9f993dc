"""The page, the terminal and the JSON tell one story; every number on the page says where it is from."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from decidua.base.errors import InputError
from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.inference.class_weights import weights_are
from decidua.study.story import walk_the_story
from decidua.study.story_script import claims_by_id
from decidua.tell.story_charts import CHARTS
from decidua.tell.story_hundred import hundred_figure
from decidua.tell.story_json import story_record
from decidua.tell.story_page import HUNDREDS, figure_named, story_html
from decidua.tell.story_terminal import print_story
from decidua.tell.story_told import tell_steps
from decidua.tell.words import load_words, sentence

ORIGINS = {
    "data-evidence",
    "data-run",
    "data-claim",
    "data-guideline",
    "data-sources",
    "data-provenance",
    "data-place",
}
VOID = {"meta", "br", "link"}
LEDGER = load_ledger()


@pytest.fixture(scope="module")
def story():
    return walk_the_story()


@pytest.fixture(scope="module")
def page(story):
    return story_html(story)


class Numbers(HTMLParser):
    """Texts with a digit, each with the attributes of everything it stands in."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        if re.search(r"\d", data) and not {"style", "code", "title", "desc"} & set(inside):
            self.found.append((data, {name for _, attrs in self.open for name in attrs}))


def own_words() -> list[str]:
    """Fixed sentences, and the denominator of a hundred people, are no results."""
    return sorted([*load_words().sentences.values()], key=len, reverse=True)


def test_every_number_on_the_page_says_where_it_is_from(page):
    reader = Numbers()
    reader.feed(page)
    homeless = []
    for text, names in reader.found:
        left = text
        for fixed in own_words():
            left = left.replace(fixed, "")
        left = re.sub(r"\b100\b", "", left)
        if re.search(r"\d", left) and not names & ORIGINS:
            homeless.append(text.strip())
    assert len(reader.found) > 300
    assert homeless == []


def test_every_id_on_the_page_exists(page, story):
    named = {name for attribute in re.findall(r'data-evidence="([^"]+)"', page) for name in attribute.split()}
    assert len(named) > 20
    assert not [name for name in named if name not in LEDGER]
    claims = set(re.findall(r'data-claim="([^"]+)"', page))
    assert claims <= set(claims_by_id(LEDGER))
    spans = set(re.findall(r'<span data-run="([^"]+)"', page))
    missing = [name for name in spans if name not in story.values and ".repeatability" not in name]
    assert [name for name in missing if not re.fullmatch(r"avg\.drug\.\w+", name)] == []


def test_no_id_stands_twice_and_every_link_inside_leads_somewhere(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    inside = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert inside <= set(ids)


def test_the_page_needs_no_script_and_nothing_from_elsewhere(page):
    assert "<script" not in page
    assert not re.search(r'\b(?:src|srcset|data|poster)="', page)
    assert "@import" not in page
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1


def test_every_figure_has_a_title_a_message_and_its_data(page, story):
    drawn = [figure_named(story, name) for step in story.script.walk for name in step.figures]
    assert {figure.name for figure in drawn} == set(CHARTS) | set(HUNDREDS)
    assert page.count("<figcaption>") == len(drawn)
    for figure in drawn:
        assert 'role="img"' in figure.svg
        assert figure.rows
        assert all(len(row) == len(figure.columns) for row in figure.rows)
        assert figure.caption.endswith(".")


def test_a_chart_is_the_same_each_time(story):
    first, again = (CHARTS["births_by_losses"](story, LEDGER).svg for _ in range(2))
    assert first == again
    assert "var(--average)" in first


def test_a_hundred_marks_are_a_hundred():
    figure = hundred_figure(Estimate(0.62, 0.51, 0.79), name="x", title="t", what="w", origin="run:x")
    assert [count for _, count in figure.rows] == [51, 28, 21]
    assert figure.svg.count("<circle") == 100


def test_steroid_steps_carry_the_sentence(page, story):
    told = [one for one in tell_steps(story) if one.names_a_steroid]
    assert {one.step.id for one in told} >= {
        "steroid",
        "infection",
        "weeks-ten-and-twelve",
        "implantation",
        "d",
    }
    assert page.count(sentence("steroid")) >= 1 + len(told)


def test_beside_a_benefit_stand_its_other_sides(story):
    for one in tell_steps(story):
        assert bool(one.benefit) == bool(one.step.benefits) == bool(one.drug_rows)
        said = " ".join(piece.text for text in one.benefit for piece in text).lower()
        for name in ("no_benefit", "net_harm", "prior_alone") if one.benefit else ():
            assert sentence(name) in said


def test_the_terminal_keeps_to_80_columns_and_tells_every_step(story):
    file = io.StringIO()
    print_story(story, Console(file=file, width=200, highlight=False))
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    flat = " ".join(" ".join(lines).split())
    for one in tell_steps(story):
        assert one.claims[0].quote.split(",")[0] in flat
    assert "(about causes)" not in flat


def test_json_holds_every_step_and_number(story):
    record = json.loads(json.dumps(story_record(story), allow_nan=False))
    assert len(record["steps"]) == len(story.script.walk)
    assert record["assumes"] == sentence("contested_mechanism")
    assert record["provenance"]["mechanism_weights"]["weights_are"] == weights_are()
    assert record["numbers"]["avg.a.births"]["lo"] < record["numbers"]["avg.a.births"]["hi"]


def test_another_mechanism_has_its_own_words():
    other = walk_the_story("perfusion")
    assert "In a world where too much blood flows in early" in story_html(other)


def test_a_mechanism_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="mechanism: too_few is not accepted; allowed: attack, perfusion"):
        walk_the_story("too_few")


def test_what_the_captions_and_texts_claim_holds_in_the_numbers(story):
    """Sentences without a number are claims too: when the draws change, these must be looked at again."""
    for lens in ("own", "avg"):
        assert all(
            band.effect.gain.lo < 0.0 < band.effect.gain.hi for band in story.repeated["story_protocol", lens]
        )
        births = [found.mean for _, found in story.by_losses[lens]]
        assert births == sorted(births, reverse=True)
        assert births[3] > 0.5
        counts = [found.mean for _, found in story.by_count[lens]]
        assert max(counts) - min(counts) < 0.05
        stages = [story.values[f"{lens}.a.density_{stage}"].mean for stage in ("none", "loss", "whole")]
        assert max(stages) - min(stages) < 0.1 * stages[0]
    for (_, own), (_, average) in zip(story.by_losses["own"], story.by_losses["avg"], strict=True):
        assert abs(own.mean - average.mean) < 0.03
    assert story.values["world.normalised"] == "does not get there"
    assert (
        story.values["avg.births.losses_3.age_40"].mean
        < story.values["avg.births.losses_3.age_30"].mean - 0.05
    )
    implantation = story.values["avg.implantation_high"]
    assert implantation.lo < 1.0 < implantation.hi

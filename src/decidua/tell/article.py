"""The article of the explorer: short sections in the order of the story, with what the story's steps hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import decidua.evidence
from decidua.base.errors import InputError
from decidua.base.records import checked
from decidua.base.yaml_text import data_of
from decidua.evidence import load_ledger
from decidua.study.story import Story
from decidua.study.story_script import Record, Script, load_script
from decidua.tell.story_charts import CHARTS
from decidua.tell.story_text import Filler, Text
from decidua.tell.story_told import ToldStep, tell_steps

FILE = "article.yaml"
Live = Literal["meeting", "births", "tested", "course"]


class Section(Record):
    """One section; `step` is the story's step that it tells, `live` the figure that a reader can change.

    `figure` lies behind a click unless `is_figure_open`: a phone shows few of them before the text is lost.
    """

    id: str
    title: str
    step: str
    text: tuple[str, ...]
    figure: str | None = None
    is_figure_open: bool = False
    live: Live | None = None


class Article(Record):
    """The whole article."""

    reviewed: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True)
class ToldSection:
    """A section with its numbers filled in, beside the step of the story that it tells."""

    section: Section
    title: Text
    text: tuple[Text, ...]
    step: ToldStep


@dataclass(frozen=True)
class ToldArticle:
    """The article, ready for a page."""

    reviewed: str
    opening: tuple[Text, ...]
    sections: tuple[ToldSection, ...]
    closing: tuple[Text, ...]


def tell_article(story: Story) -> ToldArticle:
    """The article with its numbers.

    Arguments:  story  as `walk_the_story` gives it
    Returns:    ToldArticle
    Raises:     InputError when the file names a step or a number that is not there
    Checked by: tests/unit/tell/test_article.py, tests/safety
    """
    article, filler = load_article(), Filler(load_ledger(), story.values)
    steps = {told.step.id: told for told in tell_steps(story)}

    def filled(texts: tuple[str, ...]) -> tuple[Text, ...]:
        return tuple(filler.fill(text) for text in texts)

    sections = tuple(
        ToldSection(one, filler.fill(one.title), filled(one.text), steps[one.step])
        for one in article.sections
    )
    return ToldArticle(article.reviewed, filled(article.opening), sections, filled(article.closing))


@cache
def load_article() -> Article:
    """The article that ships with the program."""
    return checked_article(_content(), load_script())


def checked_article(content: Any, script: Script) -> Article:
    """An article from plain data, refused where it leaves the story's order or names what is not there."""
    article = checked(Article, content, file=FILE)
    steps = [step.id for step in script.steps]
    told = [section.step for section in article.sections]
    if told != steps:
        raise InputError(
            file=FILE, field="sections", value=told, allowed=f"in this order: {', '.join(steps)}"
        )
    for section in article.sections:
        if section.figure is not None and section.figure not in CHARTS:
            allowed = ", ".join(CHARTS)
            raise InputError(file=FILE, field=f"{section.id}.figure", value=section.figure, allowed=allowed)
    return article


def _content() -> Any:
    path = Path(decidua.evidence.__file__).parent / FILE
    return data_of(path.read_text(encoding="utf-8"))

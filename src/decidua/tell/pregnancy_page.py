"""One simulated pregnancy, or a study of tapers, as a page that loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from decidua.study.pregnancy import PregnancyAnswer
from decidua.tell import pregnancy_words as words
from decidua.tell.pregnancy_charts import figures_of
from decidua.tell.story_figure import Figure
from decidua.tell.story_page import origin_attribute
from decidua.tell.template import template
from decidua.tell.words import load_words

TITLE = "A simulated pregnancy, week by week"


@dataclass(frozen=True)
class PageTable:
    """A table of a page."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Page:
    """What the template shows, in order: words, figures, tables, the regimen."""

    title: str
    opening: Sequence[str]
    findings: Sequence[str]
    figures: Sequence[Figure]
    tables: Sequence[PageTable]
    regimen: Sequence[str]
    provenance: Mapping[str, Any]


def pregnancy_html(answer: PregnancyAnswer) -> str:
    """The whole page of one answer.

    Arguments:  answer  as `ask_pregnancy` gives it
    Returns:    HTML
    Checked by: tests/unit/tell/test_pregnancy_told.py, tests/safety
    """
    heads = ("explanation", "without drugs", "with this course")
    explained = PageTable(
        words.EXPLANATIONS_TITLE, heads, words.explanation_rows(answer), words.EXPLANATIONS_NOTE
    )
    return page_html(
        Page(
            title=TITLE,
            opening=words.opening(answer),
            findings=words.findings(answer),
            figures=figures_of(answer),
            tables=[PageTable("Week by week", *words.week_rows(answer)), explained],
            regimen=words.regimen_words(answer)[:-1],
            provenance=answer.provenance,
        )
    )


def page_html(page: Page) -> str:
    """A page from its parts."""
    return template("pregnancy.html.j2").render(
        page=page,
        figures=[safe(figure) for figure in page.figures],
        sentences=load_words().sentences,
        made=page.provenance,
        origin=origin_attribute,
    )


def safe(figure: Figure) -> dict[str, Any]:
    """A figure as a template takes it, its drawing as it is."""
    held = {name: getattr(figure, name) for name in Figure.__dataclass_fields__}
    return held | {"svg": Markup(figure.svg)}  # noqa: S704 - drawn by this program

"""A study of pathways as a report: what was found first, then the numbers, then what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decidua.evidence import load_ledger
from decidua.study.comparison import StudyResult, rests_on
from decidua.tell import study_words as words
from decidua.tell.pregnancy_page import PageTable, safe
from decidua.tell.story_figure import Figure
from decidua.tell.story_page import origin_attribute
from decidua.tell.study_charts import study_figures
from decidua.tell.study_finding import finding
from decidua.tell.template import template
from decidua.tell.weights_words import weights_sentence
from decidua.tell.words import load_words, sentence


@dataclass(frozen=True)
class Section:
    """One part of the report: figures, then tables, then words."""

    name: str
    title: str
    figures: Sequence[Figure] = ()
    tables: Sequence[PageTable] = ()
    lines: Sequence[str] = ()
    is_folded: bool = False  # its words lie behind a click on a page


@dataclass(frozen=True)
class StudyPage:
    """The report, in the order in which it is read; terminal, page and explorer show the same."""

    title: str
    question: str
    finding: str
    opening: Sequence[str]
    sections: Sequence[Section]
    provenance: Mapping[str, Any]


def study_page(result: StudyResult, *, is_drawn: bool = True) -> StudyPage:
    """The report of a result.

    Arguments:  result    as `run_study` gives it
                is_drawn  whether figures are drawn; a terminal shows none
    Returns:    StudyPage
    Checked by: tests/unit/tell/test_study_told.py
    """
    return StudyPage(
        title=result.study.file.title,
        question=result.study.file.question,
        finding=finding(result),
        opening=words.opening(result),
        sections=_sections(result, study_figures(result) if is_drawn else {}),
        provenance=result.provenance,
    )


def study_html(result: StudyResult) -> str:
    """The report as a page that loads nothing from elsewhere."""
    page = study_page(result)
    return template("study.html.j2").render(
        page=page,
        safe=safe,
        origin=origin_attribute,
        sentences=load_words().sentences,
        made=page.provenance,
    )


def _sections(result: StudyResult, figures: Mapping[str, Figure]) -> list[Section]:
    def drawn(name: str) -> list[Figure]:
        return [figures[name]] if name in figures else []

    return [
        Section(
            "births",
            "What changes",
            figures=drawn("births"),
            tables=_differences(result),
            lines=[words.how_to_read()],
        ),
        Section(
            "explanations",
            "Under each explanation",
            tables=_explanations(result),
            lines=[weights_sentence()],
        ),
        Section(
            "reached",
            "Whom each pathway reaches",
            figures=drawn("reached"),
            tables=_levels(result),
            lines=words.readings(result),
        ),
        Section("pathways", "Each pathway in words", lines=words.pathways(result), is_folded=True),
        Section(
            "harms",
            "Harms, and the courses of drugs",
            lines=[*words.harms(result), *words.courses(result)],
        ),
        Section("assumed", "What was assumed", lines=[*words.assumed(result), sources(result)]),
        Section("open", "What this cannot tell", lines=words.LIMITS),
    ]


def _differences(result: StudyResult) -> list[PageTable]:
    heads, rows = words.difference_heads(), words.difference_rows(result)
    moved = PageTable(words.difference_title(result), heads, rows)
    sides = PageTable(words.SIDES_TITLE, words.SIDE_HEADS, words.side_rows(result), words.SIDES_NOTE)
    return [moved, sides] if sides.rows else [moved]


def _explanations(result: StudyResult) -> list[PageTable]:
    return [
        PageTable(
            words.MECHANISM_TITLE,
            words.mechanism_heads(result),
            words.mechanism_rows(result),
            words.mechanism_note(result),
        ),
        PageTable(
            words.REPEATABILITY_TITLE,
            words.repeatability_heads(result),
            words.repeatability_rows(result),
            words.REPEATABILITY_NOTE,
        ),
    ]


def _levels(result: StudyResult) -> list[PageTable]:
    heads = words.arm_heads(result)
    return [
        PageTable(words.LEVELS_TITLE, heads, words.level_rows(result)),
        PageTable(words.ALL_TITLE, heads, words.all_rows(result)),
    ]


def sources(result: StudyResult) -> str:
    """Where the numbers come from, each to be looked up by its id."""
    names = dict.fromkeys(name for arm in result.arms for name in rests_on(arm.care))
    ledger = load_ledger()
    told_ids = ", ".join(f"{name} ({ledger[name].kind})" for name in names)
    return f"What the pathways rest on, each to be read with `decidua evidence ID`: {told_ids}."


def sentence_of(result: StudyResult) -> str:
    """The whole study in a few sentences.

    Arguments:  result  as `run_study` gives it
    Returns:    text
    Checked by: tests/unit/tell/test_study_told.py
    """
    lines = [result.study.file.question, finding(result), *words.opening(result), words.how_to_read()]
    arms = [words.arm_words(arm) for arm in words.compared(result)]
    last = f"{weights_sentence()} {sentence('steroid')} {sentence('not_a_device')}"
    return "\n".join([*lines, *arms, last])

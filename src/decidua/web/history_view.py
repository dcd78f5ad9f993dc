"""What the page of an answer shows: sections, the figure, a comparison, and the same as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from decidua.inference.answer import HistoryAnswer
from decidua.inference.history import answer_history
from decidua.measure.history import History
from decidua.tell.history_figure import figure_in_page
from decidua.tell.history_now import speaks_of_next, steroid_lines
from decidua.tell.history_page import section_text
from decidua.tell.history_parts import Bar, Grid, Listed, Part, Section, Wish
from decidua.tell.history_past import CAUSES_TITLE
from decidua.tell.history_rows import ranged_rows, spoken_rows
from decidua.tell.history_sections import gives_numbers, history_sections
from decidua.tell.history_support import closing_section
from decidua.tell.history_uterine_nk import compared_rows
from decidua.tell.history_ways import COPY, PAGE
from decidua.tell.whole_numbers import about, complement
from decidua.tell.wording import choices, reworded
from decidua.tell.words import sentence
from decidua.web import history_options as options
from decidua.web.history_fields import Fields
from decidua.web.history_share import fragment_of
from decidua.web.render import drawn

NUMBERS = {"public": "whole numbers", "clinician": "all numbers", "none": "no numbers"}
TEXT_WIDTH = 78
COMPARED = {False: "Births out of 100 people", True: "How many people have a baby born alive"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of a section as the template lays it out: a paragraph, a list, or a figure with its table."""

    kind: str
    text: str = ""
    lines: tuple[str, ...] = ()
    figure: str = ""
    caption: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its pieces."""

    title: str
    parts: tuple[Shown, ...]
    is_quiet: bool
    offers_causes: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that the template of an answer needs."""

    sections: tuple[ShownSection, ...]
    text: str
    fragment: str
    given: str
    compared: tuple[tuple[str, ...], ...]
    is_compared: bool
    compared_title: str
    groups: str
    has_tests: bool
    is_ahead: bool
    is_ongoing: bool
    gives_numbers: bool


def wish_of(fields: Fields) -> Wish:
    """What the reader asked to see; without a wish, whole numbers and neither causes nor cells."""
    numbers: Any = fields.get("numbers") if fields.get("numbers") in NUMBERS else "public"
    return Wish(
        numbers=numbers,
        nk="nk" in fields,
        causes="causes" in fields,
        later="later" in fields,
        ways=PAGE,
        is_page=True,
    )


def words_of_reader(fields: Fields) -> dict[str, str]:
    """The words that the reader chose, by matter; an unknown word is no choice."""
    return {
        matter: fields[f"word-{matter}"]
        for matter, words in choices().items()
        if fields.get(f"word-{matter}") in words
    }


def work_out(history: History, wish: Wish) -> HistoryAnswer:
    """The answer that a page with this wish needs; what lies behind a click is worked out after the click."""
    has_next = wish.has_later or not history.is_ongoing
    return answer_history(history, causes=wish.causes, changes=has_next)


def tell(history: History, fields: Fields, *, earlier: History | None) -> Told:
    """Work out an answer and lay it out.

    Arguments:  history  as read
                fields   of the form, for the reader's wishes
                earlier  another history to compare with, or None
    Returns:    Told
    """
    wish, chosen = wish_of(fields), words_of_reader(fields)
    answer = work_out(history, wish)
    before = None if earlier is None else answer_history(earlier, changes=False, causes=False)
    has_nk = wish.nk or bool(history.tests) or bool(earlier and earlier.tests)
    sections = history_sections(answer, history=history, wish=wish)
    given = reworded(_given(history), chosen)
    return Told(
        sections=tuple(_shown(one, answer, wish, chosen) for one in sections),
        text=_for_notes(given, answer, history, wish, chosen),
        given=given,
        fragment=fragment_of(history),
        compared=_compared(before, answer, wish, chosen, has_nk=has_nk),
        is_compared=before is not None,
        compared_title=reworded(_compared_title(answer, wish), chosen),
        groups=reworded(sentence("groups_not_you"), chosen),
        has_tests=bool(history.tests),
        is_ahead=answer.next_live_birth is not None,
        is_ongoing=answer.current is not None,
        gives_numbers=gives_numbers(answer, wish),
    )


def _shown(section: Section, answer: HistoryAnswer, wish: Wish, chosen: Mapping[str, str]) -> ShownSection:
    said = section.reworded(chosen)
    parts = tuple(_part(part, answer, chosen) for part in said.parts)
    offers_causes = section.title == CAUSES_TITLE and not wish.causes
    return ShownSection(said.title, parts, section.is_quiet, offers_causes)


def _part(part: Part, answer: HistoryAnswer, chosen: Mapping[str, str]) -> Shown:
    """A part in the words of its reader, with what is drawn of it."""
    if isinstance(part, Bar):
        rows = spoken_rows(answer, numbers="clinician", of=(part.pregnancy,))
        return Shown(
            "figure",
            text=f"Births out of 100 {part.group}",
            figure=drawn(reworded(figure_in_page(part, name=part.pregnancy), chosen)),
            caption=reworded(_figure_says(part), chosen),
            rows=_reworded_rows(rows, chosen),
        )
    if isinstance(part, Grid):
        return Shown("table", text=part.title, heads=(part.what, *part.heads), rows=part.rows)
    if isinstance(part, Listed):
        return Shown("list", lines=part.lines)
    return Shown("text", text=part)


def _figure_says(bar: Bar) -> str:
    birth = bar.rows[0][1].mean
    return (
        f"Each mark is one of a hundred {bar.group}. The line parts {about(birth)} with a baby born alive "
        f"from {complement(birth)} without."
    )


def _reworded_rows(rows: Iterable[tuple[str, ...]], chosen: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(reworded(cell, chosen) for cell in row) for row in rows)


def _compared_title(answer: HistoryAnswer, wish: Wish) -> str:
    """Only a pregnancy to come is one "if pregnant again"; a row may be about the one that goes on."""
    if not speaks_of_next(answer, wish):
        return COMPARED[wish.is_without_numbers]
    has_now = answer.current is not None and answer.current.live_birth is not None
    which = "; in a next pregnancy, " if has_now else ", "
    return COMPARED[wish.is_without_numbers] + which + sentence("if_pregnant_again")


def _compared(
    before: HistoryAnswer | None,
    now: HistoryAnswer,
    wish: Wish,
    chosen: Mapping[str, str],
    *,
    has_nk: bool,
) -> tuple[tuple[str, ...], ...]:
    if before is None:
        return ()
    then, here = (_rows_of(answer, wish, has_nk=has_nk) for answer in (before, now))
    return _reworded_rows(((what, then[what], said) for what, said in here.items() if what in then), chosen)


def _rows_of(answer: HistoryAnswer, wish: Wish, *, has_nk: bool) -> dict[str, str]:
    """Chances with their ranges; and of NK cells where a test was given, or they were asked for."""
    about_nk = compared_rows(answer, wish) if has_nk else ()
    return dict((*ranged_rows(answer, wish), *about_nk))


def _given(history: History) -> str:
    """What a page on paper is about, and its day: nobody can tell two sheets apart without."""
    said = ". ".join(f"{name}: {value}" for name, value in options.told(history))
    today = datetime.now().astimezone()
    return f"Given: {said}. Made on {today.day} {today:%B %Y}."


def _for_notes(
    given: str, answer: HistoryAnswer, history: History, wish: Wish, chosen: Mapping[str, str]
) -> str:
    """The page as plain text for the notes of a clinic, which need no note before reading and no bars."""
    told = history_sections(answer, history=history, wish=replace(wish, ways=COPY))[1:]
    sections = (section.without_bars().reworded(chosen) for section in (*told, closing_section()))
    first = Section("What was given", (given, *(steroid_lines(history) if answer.current is None else ())))
    return "".join(section_text(section, width=TEXT_WIDTH) for section in (first, *sections))

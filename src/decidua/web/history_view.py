"""What the page of an answer shows: sections, the figure, a comparison, and the same as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from decidua.inference.answer import HistoryAnswer
from decidua.inference.history import answer_history
from decidua.measure.history import History
from decidua.tell.history_figure import history_figure
from decidua.tell.history_page import section_text
from decidua.tell.history_parts import Bar, Listed, Section, Wish
from decidua.tell.history_past import CAUSES_TITLE
from decidua.tell.history_rows import spoken_rows
from decidua.tell.history_sections import history_sections
from decidua.tell.history_sentences import prospect
from decidua.tell.history_support import closing_section
from decidua.tell.history_ways import PAGE
from decidua.tell.whole_numbers import about, complement
from decidua.tell.wording import choices, reworded
from decidua.web.history_fields import Fields, history_of
from decidua.web.history_share import fragment_of
from decidua.web.render import drawn

NUMBERS = {"public": "whole numbers", "clinician": "all numbers", "none": "no numbers"}
TEXT_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a section as the template lays it out: a paragraph, a list, or the figure."""

    kind: str
    text: str = ""
    lines: tuple[str, ...] = ()
    svg: str = ""
    caption: str = ""
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A section with its pieces."""

    title: str
    parts: tuple[Part, ...]
    is_quiet: bool
    offers_causes: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that the template of an answer needs."""

    sections: tuple[Shown, ...]
    text: str
    fragment: str
    compared: tuple[tuple[str, str, str], ...]
    has_tests: bool
    is_ahead: bool


def wish_of(fields: Fields) -> Wish:
    """What the reader asked to see; without a wish, whole numbers and neither causes nor cells."""
    numbers: Any = fields.get("numbers") if fields.get("numbers") in NUMBERS else "public"
    return Wish(
        numbers=numbers,
        nk="nk" in fields,
        causes="causes" in fields,
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
    return answer_history(history, causes=wish.causes)


def tell(history: History, fields: Fields, *, earlier: Fields | None) -> Told:
    """Work out an answer and lay it out.

    Arguments:  history  as read
                fields   of the form, for the reader's wishes
                earlier  another form to compare with, or None
    Returns:    Told
    Raises:     InputError where the earlier form is not accepted
    """
    wish, chosen = wish_of(fields), words_of_reader(fields)
    answer = work_out(history, wish)
    before = None if earlier is None else answer_history(history_of(earlier), changes=False, causes=False)
    sections = history_sections(answer, history=history, wish=wish)
    return Told(
        sections=tuple(_shown(one, answer, wish, chosen) for one in sections),
        text=_as_text(sections, chosen),
        fragment=fragment_of(history),
        compared=_compared(before, answer, wish, chosen),
        has_tests=bool(history.tests),
        is_ahead=answer.next_live_birth is not None,
    )


def _shown(section: Section, answer: HistoryAnswer, wish: Wish, chosen: Mapping[str, str]) -> Shown:
    parts = tuple(_part(part, answer, chosen) for part in section.parts)
    offers_causes = section.title == CAUSES_TITLE and not wish.causes
    return Shown(reworded(section.title, chosen), parts, section.is_quiet, offers_causes)


def _part(part: str | Bar | Listed, answer: HistoryAnswer, chosen: Mapping[str, str]) -> Part:
    if isinstance(part, Bar):
        svg = reworded(history_figure(answer, name="next", is_inline=True), chosen)
        caption = reworded(_figure_says(answer), chosen)
        rows = spoken_rows(answer, numbers="clinician")
        return Part("figure", svg=drawn(svg), caption=caption, rows=_reworded_rows(rows, chosen))
    if isinstance(part, Listed):
        return Part("list", lines=tuple(reworded(line, chosen) for line in part.lines))
    return Part("text", text=reworded(part, chosen))


def _figure_says(answer: HistoryAnswer) -> str:
    birth = prospect(answer).mean
    return (
        "Each mark is one of a hundred people with a history like this, if pregnant again. The line parts "
        f"{about(birth)} with a baby born alive from {complement(birth)} without."
    )


def _reworded_rows(
    rows: tuple[tuple[str, str], ...], chosen: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    return tuple((reworded(what, chosen), reworded(said, chosen)) for what, said in rows)


def _compared(
    before: HistoryAnswer | None, now: HistoryAnswer, wish: Wish, chosen: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    if before is None:
        return ()
    numbers = wish.numbers
    then = dict(_reworded_rows(spoken_rows(before, numbers=numbers), chosen))
    here = dict(_reworded_rows(spoken_rows(now, numbers=numbers), chosen))
    return tuple((what, then[what], said) for what, said in here.items() if what in then)


def _as_text(sections: tuple[Section, ...], chosen: Mapping[str, str]) -> str:
    """The page as plain text, to be copied into notes."""
    text = "".join(section_text(section, width=TEXT_WIDTH) for section in (*sections, closing_section()))
    return reworded(text, chosen)

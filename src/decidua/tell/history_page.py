"""The answer to a history as a page for the terminal, 80 columns wide at most."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.measure.history import History
from decidua.tell.history_parts import Bar, Grid, Listed, Part, Section, Wish
from decidua.tell.history_sections import history_sections

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 80  # lines longer than this are hard to read
LABEL_WIDTH = 22
BAR_CELLS = 50  # two out of 100 each
# From the edge of the interval inward, then the mark; the second set is for terminals without these signs.
SHADES = "░▒▓"
ASCII_SHADES = ".:="
OUTSIDE, MARK, ASCII_MARK = " ", "█", "#"


def print_history(answer: HistoryAnswer, *, history: History, wish: Wish, console: Console) -> None:
    """Print the page.

    Arguments:  answer   as worked out
                history  as read
                wish     what the reader asked to see
                console  where to print
    Checked by: tests/unit/tell/test_history_page.py, tests/safety
    """
    width = min(console.width, WIDEST)
    for section in history_sections(answer, history=history, wish=wish):
        print_section(section, console=console, width=width)


def print_section(section: Section, *, console: Console, width: int = WIDEST) -> None:
    """Print one section."""
    from rich.text import Text

    heading, *parts = _section_lines(section, width=width, is_ascii=console.options.ascii_only)
    console.print(Text(heading, style="bold"), soft_wrap=True)
    for part in parts:
        console.print(Text(part, style="dim" if section.is_quiet else ""), soft_wrap=True)


def section_text(section: Section, *, width: int = WIDEST) -> str:
    """The same section as plain text."""
    return "".join(f"{lines}\n" for lines in _section_lines(section, width=width, is_ascii=False))


def _section_lines(section: Section, *, width: int, is_ascii: bool) -> list[str]:
    """The heading in a line across, then each part with a blank line after it."""
    line = "-" if is_ascii else "─"
    # The line comes first, so that a reader of plain text can tell where a section begins.
    heading = f"{line * 2} {section.title} "
    parts = (_lines(part, width=width, is_ascii=is_ascii) for part in section.parts)
    return [heading + line * (width - len(heading)), *("\n".join([*lines, ""]) for lines in parts)]


def _lines(part: Part, *, width: int, is_ascii: bool) -> list[str]:
    if isinstance(part, Bar):
        return [*bar_lines(part, is_ascii=is_ascii), *_wrapped(part.legend, width)]
    if isinstance(part, Listed):
        return _listed(part.lines, width)
    if isinstance(part, Grid):
        apart = (["", f"{head}:", "", *_listed(lines, width)] for head, lines in part.columns())
        return [line for lines in apart for line in lines][1:]
    return _wrapped(part, width)


def _listed(lines: tuple[str, ...], width: int) -> list[str]:
    return [line for said in lines for line in _wrapped(said, width, first=" - ", then="   ")]


def _wrapped(text: str, width: int, *, first: str = "", then: str = "") -> list[str]:
    """Lines no wider than asked, with links and long names left whole."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )


def bar_lines(bar: Bar, *, is_ascii: bool = False) -> list[str]:
    """One line for each chance under a scale from 0 to 100."""
    half = BAR_CELLS // 2
    scale = f"{'':<{LABEL_WIDTH}} 0{'50':>{half}}{'100':>{half - 1}}"
    rows = (f"{label:<{LABEL_WIDTH}} {band(it, is_ascii=is_ascii)}" for label, it in bar.rows)
    return [scale, *(row.rstrip() for row in rows)]


def band(estimate: Estimate, *, is_ascii: bool = False) -> str:
    """A soft band over 0 to 100: nothing outside the interval, darker towards the mark at the mean."""
    shades, mark = (ASCII_SHADES, ASCII_MARK) if is_ascii else (SHADES, MARK)
    cells = [_shade((i + 0.5) / BAR_CELLS, estimate, shades) for i in range(BAR_CELLS)]
    cells[min(int(estimate.mean * BAR_CELLS), BAR_CELLS - 1)] = mark
    return "".join(cells)


def _shade(at: float, estimate: Estimate, shades: str) -> str:
    """How close a point of the scale is to the mean, as one of the shades."""
    half_cell = 0.5 / BAR_CELLS
    if not estimate.lo - half_cell < at < estimate.hi + half_cell:
        return OUTSIDE
    edge = estimate.lo if at < estimate.mean else estimate.hi
    reach = abs(estimate.mean - edge)
    closeness = abs(at - edge) / reach if reach > half_cell else 1.0
    return shades[min(int(closeness * len(shades)), len(shades) - 1)]

"""One figure of the answer to a history: a hundred marks, a soft band, and the same age without losses."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import Any

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.tell.history_parts import Bar
from decidua.tell.history_sentences import both_sides, comparison, contested, fits, loss_word, prospect
from decidua.tell.history_sentences import lead_in_words as small_in_words
from decidua.tell.template import template
from decidua.tell.whole_numbers import about, complement, out_of_100, outward, words_of
from decidua.tell.words import sentence

TEMPLATE, PAGE_TEMPLATE = "history.svg.j2", "history_figure.html.j2"
WIDTH, MARGIN = 680, 36
COLUMNS, STEP, RADIUS = 10, 28, 10
# Rough widths of a letter of the text sizes in use, in units of the drawing.
LETTER_WIDTH = {18: 9.7, 14: 7.0, 12: 6.1}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text at a place."""

    x: float
    y: float
    size: int
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the hundred marks, in order from the left of the top row."""

    kind: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Ruler:
    """The scale from 0 to 100 that bands are drawn on, in units of the drawing."""

    left: float
    right: float

    def at(self, out_of_hundred: float) -> float:
        """Place of a count out of 100."""
        return self.left + (self.right - self.left) * out_of_hundred / 100

    def ticks(self, y: float, *, size: int) -> list[Line]:
        """The numbers under it."""
        return [Line(self.at(count), y, size, str(count)) for count in (0, 25, 50, 75, 100)]

    def band(self, kind: str, label: str, estimate: Estimate, *, y: float = 0) -> dict[str, Any]:
        """A chance on it: words, ends, middle, and how far along the band its middle lies."""
        lo, hi = outward(estimate)
        middle = out_of_100(estimate.mean)
        return {
            "kind": kind,
            "text": f"{label}: {about(estimate.mean)}, studies fit {lo} to {hi}",
            "left": self.at(lo),
            "right": self.at(hi),
            "middle": self.at(middle),
            "share": round(100 * (middle - lo) / max(hi - lo, 1)),
            "y": y,
        }


RULER = Ruler(2 * MARGIN, WIDTH - 2 * MARGIN)
# In a page: room for a line around the marks, and bands that fill a narrow column.
EDGE, PAGE_WIDTH = 2, 340
PAGE_RULER = Ruler(16, PAGE_WIDTH - 16)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of the hundred marks are of each kind; they add up to 100 and agree with the sentence.

    certain    births even at the lower end of the interval
    uncertain  births inside the interval alone: its width
    other      no birth even at its upper end
    middle     births by the sentence, where the line is drawn
    """

    certain: int
    uncertain: int
    other: int
    middle: int

    @property
    def kinds(self) -> list[str]:
        """The kind of every mark in order."""
        return ["certain"] * self.certain + ["uncertain"] * self.uncertain + ["other"] * self.other


def counts_of(birth: Estimate) -> Counts:
    """The hundred marks of a chance with its interval, rounded outward.

    Arguments:  birth  chance of a live birth
    Returns:    Counts that add up to 100
    Checked by: tests/unit/tell/test_history_figure.py (they equal the sentence)
    """
    lo, hi = outward(birth)
    return Counts(certain=lo, uncertain=hi - lo, other=100 - hi, middle=out_of_100(birth.mean))


def history_figure(answer: HistoryAnswer, *, name: str = "history-figure") -> str:
    """The figure as SVG, to stand alone as a file.

    Only results are in it, nothing of the history. It loads nothing, follows a dark or high-contrast setting,
    prints in black on white, and tells apart its marks by filling, hatch and ring.

    Arguments:  answer  to a history with an age now
                name    prefix of the ids, so that two figures may stand in one page
    Returns:    text of one SVG element
    Raises:     ValueError when the answer is about the past only
    Source:     answer
    Checked by: tests/unit/tell/test_history_figure.py, tests/safety
    """
    birth = prospect(answer)
    counts = counts_of(birth)
    wide = WIDTH - 2 * MARGIN
    head = _wrapped(_head(answer), x=MARGIN, y=40, size=18, width=wide)
    grid_top = head[-1].y + 26
    band_top = grid_top + COLUMNS * STEP + 52
    foot = _wrapped(_foot(answer), x=MARGIN, y=band_top + 128, size=12, width=wide)
    return template(TEMPLATE).render(
        name=name,
        styles=figure_styles(f"#{name}"),
        width=WIDTH,
        height=foot[-1].y + 22,
        title=f"A hundred people with a history like this, {sentence('if_pregnant_again')}",
        description=figure_description(answer),
        texts=[*head, *foot],
        marks=_marks(counts, MARGIN, grid_top),
        radius=RADIUS,
        edge=_edge(counts.middle, MARGIN, grid_top),
        legend=_legend(legend_texts(birth, loss_word(answer)), grid_top),
        ruler=RULER,
        ruler_y=band_top + 80,
        ticks=RULER.ticks(band_top + 98, size=12),
        bands=_bands(answer, band_top),
    )


def figure_in_page(bar: Bar, *, name: str) -> str:
    """The same marks, legend and bands as parts of a page, whose words keep the size of the page's own.

    Arguments:  bar   what is drawn: its first row as a hundred marks, all of its rows as bands
                name  prefix of the ids, so that two figures may stand in one page
    Returns:    HTML; its colours are in `figure_styles`
    Checked by: tests/unit/tell/test_history_figure.py, tests/browser/test_explorer_pages.py
    """
    birth = bar.rows[0][1]
    counts = counts_of(birth)
    rows = [
        (f"{name}-{at}", label[:1].upper() + label[1:], chance) for at, (label, chance) in enumerate(bar.rows)
    ]
    return template(PAGE_TEMPLATE).render(
        name=name,
        title=f"A hundred {bar.group}",
        marks=_marks(counts, EDGE, EDGE),
        side=COLUMNS * STEP + 2 * EDGE,
        radius=RADIUS,
        edge=_edge(counts.middle, EDGE, EDGE),
        legend=legend_texts(birth, bar.other),
        ruler=PAGE_RULER,
        ticks=PAGE_RULER.ticks(19, size=14),
        width=PAGE_WIDTH,
        bands=[PAGE_RULER.band(*row) for row in rows],
    )


def legend_texts(birth: Estimate, other: str) -> tuple[tuple[str, str], ...]:
    """What each kind of mark stands for, and the line: kind and words.

    Arguments:  birth  chance of a live birth
                other  what those without a birth have, such as "another loss"
    """
    counts = counts_of(birth)
    return (
        ("certain", f"{counts.certain}: a baby born alive, even at the low end"),
        ("uncertain", f"{counts.uncertain}: not sure: studies and clinics differ"),
        ("other", f"{counts.other}: {other}, even at the high end"),
        ("edge", f"The line: {about(birth.mean)} with a baby, {complement(birth.mean)} without"),
    )


def figure_description(answer: HistoryAnswer) -> str:
    """What the figure shows, for a reader who cannot see it; also the caption under it in a page."""
    return f"{_head(answer)} {comparison(answer, numbers='clinician')} {sentence('where_it_starts')}"


def _head(answer: HistoryAnswer) -> str:
    """Whoever asks for the figure asks for its numbers; a small chance still has its words first."""
    birth = prospect(answer)
    words = words_of(birth.mean)
    first = small_in_words(words) if words else ""
    said = f"{both_sides(birth, loss_word(answer))} {fits(birth)}"
    return " ".join(filter(None, [contested(answer), first, said]))


def _foot(answer: HistoryAnswer) -> str:
    made = answer.provenance
    versions = (
        f"decidua {made['version']}, model {made['model_version']}, evidence {made['evidence_version']}."
    )
    parts = ("where_it_starts", "groups_not_you", "little_discrimination", "not_a_device")
    return " ".join([*(sentence(part) for part in parts), versions])


def _wrapped(text: str, *, x: float, y: float, size: int, width: float) -> list[Line]:
    lines = textwrap.wrap(text, int(width / LETTER_WIDTH[size]))
    return [Line(x, y + i * round(1.4 * size), size, line) for i, line in enumerate(lines)]


def _marks(counts: Counts, left: float, top: float) -> list[Mark]:
    def place(i: int) -> tuple[float, float]:
        return left + STEP * (i % COLUMNS + 0.5), top + STEP * (i // COLUMNS + 0.5)

    return [Mark(kind, *place(i)) for i, kind in enumerate(counts.kinds)]


def _edge(middle: int, left: float, top: float) -> str:
    """Path of the line that parts the births of the sentence from the rest."""
    row, column = divmod(middle, COLUMNS)
    right, upper = left + COLUMNS * STEP, top + row * STEP
    if column == 0:
        return f"M {left} {upper} H {right}"
    return f"M {left} {upper + STEP} H {left + column * STEP} V {upper} H {right}"


def _legend(rows: tuple[tuple[str, str], ...], top: float) -> list[dict[str, Any]]:
    x = MARGIN + COLUMNS * STEP + 36
    room = WIDTH - MARGIN - x - 34
    return [
        {"kind": kind, "x": x + 10, "y": y, "texts": _wrapped(text, x=x + 34, y=y + 5, size=14, width=room)}
        for (kind, text), y in zip(rows, range(round(top) + 40, round(top) + 280, 60), strict=False)
    ]


def _bands(answer: HistoryAnswer, top: float) -> list[dict[str, Any]]:
    rows = [("history", "A history like this", prospect(answer))]
    if answer.same_age_no_losses is not None:
        rows.append(("others", "Same age, no losses", answer.same_age_no_losses))
    return [RULER.band(*row, y=top + 44 * at) for at, row in enumerate(rows)]


@cache
def figure_styles(selector: str = ".history-figure") -> str:
    """Colours of the figure under a light, dark, high-contrast or printed page, for a style sheet.

    Arguments:  selector  of the figure; in a page that holds several, their class
    Returns:    rules
    Checked by: tests/unit/tell/test_history_figure.py
    """
    return template("history_figure.css.j2").render(figure=selector)

"""One figure of the answer to a history: a hundred marks, a soft band, and the same age without losses."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import Any

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.tell.history_sentences import both_sides, comparison, contested, fits, loss_word, prospect
from decidua.tell.history_sentences import lead_in_words as small_in_words
from decidua.tell.template import template
from decidua.tell.whole_numbers import about, complement, out_of_100, outward, words_of
from decidua.tell.words import sentence

TEMPLATE = "history.svg.j2"
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


def history_figure(answer: HistoryAnswer, *, name: str = "history-figure", is_inline: bool = False) -> str:
    """The figure as SVG, to stand alone as a file or inside a page.

    Only results are in it, nothing of the history. It loads nothing, follows a dark or high-contrast setting,
    prints in black on white, and tells apart its marks by filling, hatch and ring.

    Arguments:  answer     to a history with an age now
                name       prefix of the ids, so that two figures may stand in one page
                is_inline  leave the sentence to the page around it, and the colours to a style sheet that has
                           `figure_styles`
    Returns:    text of one SVG element
    Raises:     ValueError when the answer is about the past only
    Source:     answer
    Checked by: tests/unit/tell/test_history_figure.py, tests/safety
    """
    counts = counts_of(prospect(answer))
    wide = WIDTH - 2 * MARGIN
    head = [] if is_inline else _wrapped(_head(answer), x=MARGIN, y=40, size=18, width=wide)
    grid_top = head[-1].y + 26 if head else MARGIN
    band_top = grid_top + COLUMNS * STEP + 52
    foot = [] if is_inline else _wrapped(_foot(answer), x=MARGIN, y=band_top + 128, size=12, width=wide)
    return template(TEMPLATE).render(
        name=name,
        styles="" if is_inline else figure_styles(f"#{name}"),
        width=WIDTH,
        height=foot[-1].y + 22 if foot else band_top + 110,
        title=f"A hundred people with a history like this, {sentence('if_pregnant_again')}",
        description=figure_description(answer),
        texts=[*head, *foot],
        marks=_marks(counts, grid_top),
        radius=RADIUS,
        edge=_edge(counts.middle, grid_top),
        legend=_legend(answer, counts, grid_top),
        scale=_scale(band_top),
        bands=_bands(answer, band_top),
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


def _marks(counts: Counts, top: float) -> list[Mark]:
    def place(i: int) -> tuple[float, float]:
        return MARGIN + STEP * (i % COLUMNS + 0.5), top + STEP * (i // COLUMNS + 0.5)

    return [Mark(kind, *place(i)) for i, kind in enumerate(counts.kinds)]


def _edge(middle: int, top: float) -> str:
    """Path of the line that parts the births of the sentence from the rest."""
    row, column = divmod(middle, COLUMNS)
    left, right, upper = MARGIN, MARGIN + COLUMNS * STEP, top + row * STEP
    if column == 0:
        return f"M {left} {upper} H {right}"
    return f"M {left} {upper + STEP} H {left + column * STEP} V {upper} H {right}"


def _legend(answer: HistoryAnswer, counts: Counts, top: float) -> list[dict[str, Any]]:
    birth = prospect(answer)
    x = MARGIN + COLUMNS * STEP + 36
    rows = (
        ("certain", f"{counts.certain}: a baby born alive, even at the low end"),
        ("uncertain", f"{counts.uncertain}: not sure: studies and clinics differ"),
        ("other", f"{counts.other}: {loss_word(answer)}, even at the high end"),
        ("edge", f"The line: {about(birth.mean)} with a baby, {complement(birth.mean)} without"),
    )
    room = WIDTH - MARGIN - x - 34
    return [
        {"kind": kind, "x": x + 10, "y": y, "texts": _wrapped(text, x=x + 34, y=y + 5, size=14, width=room)}
        for (kind, text), y in zip(rows, range(round(top) + 40, round(top) + 280, 60), strict=False)
    ]


def _across(out_of_hundred: float) -> float:
    """Place along the scale from 0 to 100."""
    return 2 * MARGIN + (WIDTH - 4 * MARGIN) * out_of_hundred / 100


def _scale(top: float) -> dict[str, Any]:
    ticks = [Line(_across(at), top + 98, 12, str(at)) for at in (0, 25, 50, 75, 100)]
    return {"left": _across(0), "right": _across(100), "y": top + 80, "ticks": ticks}


def _bands(answer: HistoryAnswer, top: float) -> list[dict[str, Any]]:
    rows = [("history", "A history like this", prospect(answer))]
    if answer.same_age_no_losses is not None:
        rows.append(("others", "Same age, no losses", answer.same_age_no_losses))
    return [_band(*row, y=top + 44 * i) for i, row in enumerate(rows)]


def _band(kind: str, label: str, estimate: Estimate, *, y: float) -> dict[str, Any]:
    lo, hi = outward(estimate)
    middle = out_of_100(estimate.mean)
    return {
        "kind": kind,
        "text": f"{label}: {about(estimate.mean)}, studies fit {lo} to {hi}",
        "left": _across(lo),
        "right": _across(hi),
        "middle": _across(middle),
        "share": round(100 * (middle - lo) / max(hi - lo, 1)),
        "y": y,
    }


@cache
def figure_styles(selector: str = ".history-figure") -> str:
    """Colours of the figure under a light, dark, high-contrast or printed page, for a style sheet.

    Arguments:  selector  of the figure; in a page that holds several, their class
    Returns:    rules
    Checked by: tests/unit/tell/test_history_figure.py
    """
    return template("history_figure.css.j2").render(figure=selector)

"""The charts of one simulated pregnancy: curves over weeks, with the regimen beneath on the same axis."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from decidua.study.pregnancy import PregnancyAnswer, dose_spans
from decidua.tell.story_figure import AVERAGE, HEIGHT, INK, MARK, OWN, SOFT, WIDTH, Cell, Figure, drawn, table
from decidua.tell.story_marks import altair_module
from decidua.tell.words import sentence
from decidua.womb import WombCourse
from decidua.womb.parameters import DAYS_PER_WEEK

COLOURS = (AVERAGE, OWN, MARK)
DASHES = ([1, 0], [6, 4], [2, 2])
ROW_HEIGHT = 20
LEAST_SHOWN = 0.001
WEEKS = "weeks since the last period"
EVERY_DAYS = 2
LETTERS_A_LINE, LINE_HEIGHT = 64, 14
WIDE_WEEKS = 2.0
TABLE_WEEKS = range(4, 41, 4)
FIRST_WEEK = 0.0
# The colours of the page, for a figure that stands alone.
LIGHT = (
    "svg{--paper:#fdfcf9;--ink:#22272e;--soft:#c9ced4;--grid:#e4e4e0;--own:#9a5b00;--average:#1f5f8b;"
    "--mark:#5c2d84;background:var(--paper)}"
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """What one chart shows: variables of the course, by the words of its legend.

    series    words to variable; `untreated:` before a variable takes it from the run without drugs
    band_of   variable whose band of virtual women lies behind, or None
    """

    name: str
    title: str
    caption: str
    unit: str
    series: dict[str, str]
    band_of: str | None = None


PANELS = (
    Panel(
        "cells",
        "NK cells in the womb lining",
        "They rise before and in early pregnancy. A steroid lowers how many come in.",
        "cells per mm²",
        {"in this run": "uterine_nk", "the same without drugs": "untreated:uterine_nk"},
        "uterine_nk",
    ),
    Panel(
        "placenta",
        "The early placenta and its blood flow",
        "Plugs keep the arteries shut at first; they open around weeks 10 to 12.",
        "share of full size",
        {"early placenta": "trophoblast", "blood flow": "perfusion"},
        "trophoblast",
    ),
    Panel(
        "progesterone",
        "Progesterone: ovary, then placenta",
        "Around weeks 7 to 9 the placenta takes over from the ovary.",
        "ovary in week 5 = 1",
        {"all together": "progesterone", "ovary": "corpus_luteum", "placenta": "placental_progesterone"},
        "progesterone",
    ),
    Panel(
        "cortisol",
        "Cortisol of mother and baby, and her own adrenals",
        "The baby's cortisol has an early peak and stays on its own side. After that its level is a guess.",
        "before pregnancy, or usual, = 1",
        {
            "mother's cortisol": "maternal_cortisol",
            "baby's cortisol": "fetal_cortisol",
            "her own adrenals": "adrenal_drive",
        },
        "maternal_cortisol",
    ),
    Panel(
        "drug",
        "Prednisolone in her blood",
        "The level follows the doses beneath within a day; cells answer to it over days.",
        "ng/mL",
        {"in her blood": "prednisolone_ng_per_ml", "in the baby's": "fetal_prednisolone_ng_per_ml"},
        "prednisolone_ng_per_ml",
    ),
    Panel(
        "infection",
        "An infection of the womb lining",
        "NK cells clear it and spare the early placenta. A steroid makes that slower.",
        "first day = 1",
        {"in this run": "infection", "the same without drugs": "untreated:infection"},
        "infection",
    ),
)


def figures_of(answer: PregnancyAnswer) -> list[Figure]:
    """Every chart that has something to show, in order."""
    return [_figure(answer, panel) for panel in PANELS if _has_curve(answer, panel)]


def standalone(figure: Figure, *, notes: Sequence[str]) -> str:
    """The drawing of a figure as a file of its own: a page's colours, and the notes that must stand with it.

    Arguments:  figure  as drawn for a page
                notes   sentences to write beneath
    Returns:    SVG
    """
    lines = [line for note in notes for line in textwrap.wrap(note, LETTERS_A_LINE)]
    left, top, width, height = (float(part) for part in _view_box(figure.svg).split())
    below = top + height
    words = "".join(
        f'<text x="{left + LINE_HEIGHT:g}" y="{below + LINE_HEIGHT * k:g}" font-size="10" '
        f'font-family="sans-serif" fill="{INK}">{escape(line)}</text>'
        for k, line in enumerate(lines, start=1)
    )
    box = f"{left:g} {top:g} {width:g} {height + LINE_HEIGHT * (len(lines) + 1):g}"
    svg = figure.svg.replace(_view_box(figure.svg), box, 1).removesuffix("</svg>")
    head, rest = svg.split("><", 1)
    return f"{head}><style>{LIGHT}</style><{rest}{words}</svg>"


def notes_of(course: WombCourse) -> list[str]:
    """What must stand with a figure of this course wherever it goes."""
    title = f"Simulated. This {sentence('contested_mechanism')}."
    return [
        *([title] if course.assumes_contested_mechanism else ["Simulated."]),
        sentence("steroid"),
        sentence("not_a_device"),
    ]


def _view_box(svg: str) -> str:
    return svg.split('viewBox="', 1)[1].split('"', 1)[0]


def _has_curve(answer: PregnancyAnswer, panel: Panel) -> bool:
    first = next(iter(panel.series.values()))
    return first in answer.course.variables and float(answer.course.variables[first].max()) > 0.0


def _figure(answer: PregnancyAnswer, panel: Panel) -> Figure:
    series = {words: _weekly(answer, name) for words, name in panel.series.items() if _known(answer, name)}
    if not answer.is_treated:
        series.pop("the same without drugs", None)
    chart = under_regimen(
        _curves(answer, panel, tuple(series)), regimen_rows(answer.course), end_week=_end(answer)
    )
    shown: list[tuple[Cell, ...]] = [
        (week, *(short(values[week]) for values in series.values()))
        for week in TABLE_WEEKS
        if all(week < len(values) for values in series.values())
    ]
    return Figure(
        name=panel.name,
        title=panel.title,
        caption=panel.caption,
        svg=drawn(chart, name=f"figure-{panel.name}", title=panel.title, description=panel.caption),
        origin=f"run:pregnancy.{panel.name}",
        **table(("week", *series), shown),
    )


def short(value: float) -> str:
    """A number of a table: whole where it is large, else with three digits, and no traces of nothing."""
    if 0.0 < abs(value) < LEAST_SHOWN:
        return f"under {LEAST_SHOWN}"
    return f"{value:.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _known(answer: PregnancyAnswer, name: str) -> bool:
    return name.removeprefix("untreated:") in answer.course.variables


def _of(answer: PregnancyAnswer, name: str) -> tuple[WombCourse, str]:
    bare = name.removeprefix("untreated:")
    return (answer.course if bare == name else answer.untreated), bare


def _weekly(answer: PregnancyAnswer, name: str) -> list[float]:
    course, bare = _of(answer, name)
    return [float(value) for value in course.weekly(bare)]


def _curves(answer: PregnancyAnswer, panel: Panel, words: Sequence[str]) -> Any:
    alt = altair_module()
    rows = [row for one in words for row in curve_rows(*_of(answer, panel.series[one]), one)]
    curves = line_chart(rows, words, unit=panel.unit, end_week=_end(answer))
    if answer.bands is None or panel.band_of is None or panel.band_of not in answer.bands.bands:
        return curves
    return alt.layer(_band(answer, panel.band_of), curves)


def line_chart(rows: Sequence[Row], words: Sequence[str], *, unit: str, end_week: float) -> Any:
    """Curves told apart by dashes as well as colour; rows hold week, value and who."""
    alt = altair_module()
    count = len(words)
    colour = alt.Scale(domain=list(words), range=list(COLOURS[:count]))
    dash = alt.Scale(domain=list(words), range=list(DASHES[:count]))
    return (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_line(size=2.2)
        .encode(
            x=_week_axis(end_week),
            y=alt.Y("value:Q", title=unit),
            color=alt.Color("who:N", scale=colour, sort=list(words)),
            strokeDash=alt.StrokeDash("who:N", scale=dash, sort=list(words)),
        )
        .properties(width=WIDTH, height=HEIGHT)
    )


def _week_axis(end_week: float, *, title: str = WEEKS) -> Any:
    alt = altair_module()
    scale = alt.Scale(domain=[FIRST_WEEK, end_week], nice=False)
    return alt.X("week:Q", title=title, scale=scale, axis=alt.Axis(grid=False, tickCount=6))


def _band(answer: PregnancyAnswer, name: str) -> Any:
    """The middle 95 of 100 virtual women."""
    alt = altair_module()
    bands = answer.bands
    if bands is None:
        raise LookupError("no virtual women were run")
    low, _, high = bands.bands[name]
    rows = [
        {"week": float(day) / DAYS_PER_WEEK, "lo": float(low[k]), "hi": float(high[k])}
        for k, day in enumerate(bands.time_days)
        if k % EVERY_DAYS == 0
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_area(color=SOFT, opacity=0.6)
        .encode(x=_week_axis(_end(answer)), y=alt.Y("lo:Q"), y2="hi:Q")
    )


def curve_rows(course: WombCourse, name: str, who: str) -> list[Row]:
    """One variable of a course as rows of a chart."""
    weeks = course.time_days / DAYS_PER_WEEK
    return [
        {"week": float(week), "value": float(value), "who": who}
        for week, value in zip(weeks[::EVERY_DAYS], course.variables[name][::EVERY_DAYS], strict=True)
        if week >= FIRST_WEEK
    ]


def regimen_rows(course: WombCourse) -> list[Row]:
    """Every stretch of one dose of one drug, for the strip beneath a chart."""
    return [
        {"drug": drug, "week": first, "until": last, "mg": mg} for drug, first, last, mg in dose_spans(course)
    ]


def under_regimen(chart: Any, doses: Sequence[Row], *, end_week: float) -> Any:
    """A chart with the doses of each drug, or of each course, beneath it on the same axis of weeks."""
    alt = altair_module()
    rows = [
        {**row, "week": max(row["week"], FIRST_WEEK), "until": min(row["until"], end_week)}
        for row in doses
        if row["until"] > FIRST_WEEK and row["week"] < end_week
    ]
    if not rows:
        return chart
    drugs = list(dict.fromkeys(row["drug"] for row in rows))
    y = alt.Y("drug:N", sort=drugs, title=None, axis=alt.Axis(grid=False))
    x = _week_axis(end_week, title=f"{WEEKS}; mg a day")
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(color=SOFT, stroke=INK, strokeWidth=0.7)
    # A short step has no room for its dose; the table of the regimen names it.
    wide = [{**row, "mg": f"{row['mg']:g}"} for row in rows if row["until"] - row["week"] >= WIDE_WEEKS]
    words = alt.Chart(alt.Data(values=wide)).mark_text(color=INK, fontSize=12, align="left", dx=2)
    strip = alt.layer(bars.encode(x=x, x2="until:Q", y=y), words.encode(x=x, y=y, text="mg:N")).properties(
        width=WIDTH, height=ROW_HEIGHT * len(drugs)
    )
    return alt.vconcat(chart, strip, spacing=6).resolve_scale(x="shared")


def _end(answer: PregnancyAnswer) -> float:
    return float(answer.question.end_week)

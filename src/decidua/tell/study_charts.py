"""The charts of a study of pathways: births that change, and whom a pathway reaches."""

from __future__ import annotations

from typing import Any

from decidua.study.comparison import Arm, StudyResult
from decidua.tell import study_words as words
from decidua.tell.story_figure import AVERAGE, INK, SOFT, WIDTH, Figure, drawn, table
from decidua.tell.story_marks import altair_module

ROW = 30  # height of an arm
ROOM_FOR_NUMBERS = 1.3  # of the longest bar
REACHED = ("women_tested", "women_flagged", "women_flagged_not_high", "women_treated")


def study_figures(result: StudyResult) -> dict[str, Figure]:
    """Every figure of the report by its name; nobody is reached where nobody is tested."""
    is_tested = any(arm.care.test != "none" for arm in result.arms)
    figures = [_births(result), *([_reached(result)] if is_tested else [])]
    return {figure.name: figure for figure in figures}


def _births(result: StudyResult) -> Figure:
    """Live births against the arm compared with, a point and a range for each arm."""
    alt, arms = altair_module(), words.compared(result)
    rows = [
        {"arm": words.short(arm.care.name), **arm.difference["live_births"].value.to_dict()} for arm in arms
    ]
    y = alt.Y(
        "arm:N", sort=[row["arm"] for row in rows], title=None, axis=alt.Axis(labelLimit=140, minExtent=120)
    )
    base = alt.Chart(alt.Data(values=rows)).properties(width=WIDTH - 60, height=ROW * len(rows))
    title = "live births, more or fewer, of 1,000 women"
    ranges = base.mark_rule(size=6, color=SOFT).encode(x=alt.X("lo:Q", title=title), x2="hi:Q", y=y)
    points = base.mark_point(size=70, filled=True, opacity=1.0, color=AVERAGE).encode(x="mean:Q", y=y)
    nothing = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=INK).encode(x="x:Q")
    caption = "To the left of the line fewer births, to the right more; the bar is what the draws leave open."
    return _figure(
        alt.layer(ranges, points, nothing),
        name="births",
        title="Live births with each pathway, against the one compared with",
        caption=caption,
        cells=table(
            ("pathway", "live births, more or fewer"),
            [[words.short(arm.care.name), words.difference(arm.difference["live_births"])] for arm in arms],
        ),
    )


def _reached(result: StudyResult) -> Figure:
    """Tested, read high, read high without a high count, treated."""
    alt, arms = altair_module(), [arm for arm in result.arms if arm.care.test != "none"]
    who = [words.ROWS[name] for name in REACHED]
    return _figure(
        alt.vconcat(*(_panel(alt, arm) for arm in arms), spacing=14),
        name="reached",
        title="Whom each test reaches, of 1,000 women with a recorded loss",
        caption="Each panel has a scale of its own. Most high readings come from counts that are not high.",
        cells=table(
            ("pathway", *who),
            [[words.short(arm.care.name), *(_women(arm, name) for name in REACHED)] for arm in arms],
        ),
    )


def _panel(alt: Any, arm: Arm) -> Any:
    """One test: a bar and its number for each step."""
    found = [(words.ROWS[name], arm.with_a_loss[name].value.mean) for name in REACHED]
    rows = [{"who": who, "women": women, "told": words.number(women)} for who, women in found]
    widest = ROOM_FOR_NUMBERS * max(1.0, *(women for _, women in found))
    x = alt.X("women:Q", axis=None, scale=alt.Scale(domain=[0.0, widest]))
    y = alt.Y(
        "who:N", sort=[who for who, _ in found], title=None, axis=alt.Axis(labelLimit=180, minExtent=165)
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    bars = base.mark_bar(color=AVERAGE)
    numbers = base.mark_text(align="left", dx=4, color=INK, fontSize=11).encode(text="told:N")
    title = alt.Title(words.short(arm.care.name), anchor="start", color=INK, fontSize=12)
    return alt.layer(bars, numbers).properties(width=WIDTH - 140, height=80, title=title)


def _women(arm: Arm, name: str) -> str:
    return words.number(arm.with_a_loss[name].value.mean)


def _figure(chart: Any, *, name: str, title: str, caption: str, cells: dict[str, Any]) -> Figure:
    svg = drawn(chart, name=f"figure-{name}", title=title, description=caption)
    return Figure(name=name, title=title, caption=caption, svg=svg, origin=f"run:study.{name}", **cells)

"""Marks that the story's charts share: lines, points with ranges, bars with cuts; never colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from decidua.base.estimates import Estimate
from decidua.tell.story_figure import AVERAGE, HEIGHT, INK, MARK, OWN, SOFT, WIDTH
from decidua.tell.whole_numbers import out_of_100, outward

GERMS = "germs, for every 100 on the first day"
LENS_WORDS = {"own": "the story's own world", "avg": "each explanation weighed"}
LENS_COLOURS = (OWN, AVERAGE)


def altair_module() -> Any:
    """Altair, imported only when a chart is drawn."""
    import altair

    return altair


def chart_of(rows: Sequence[dict[str, Any]]) -> Any:
    """A chart of plain rows in the usual size."""
    alt = altair_module()
    return alt.Chart(alt.Data(values=list(rows))).properties(width=WIDTH, height=HEIGHT)


def lines(
    rows: Sequence[dict[str, Any]], *, x: tuple[str, str], y: tuple[str, str], by: str, hide_y: bool = False
) -> Any:
    """Two lines told apart by dashes as well as colour."""
    alt = altair_module()
    who = list(dict.fromkeys(row[by] for row in rows))
    axis = alt.Axis(labels=not hide_y, ticks=not hide_y)
    return (
        chart_of(rows)
        .mark_line(size=2.5)
        .encode(
            x=alt.X(f"{x[0]}:Q", title=x[1], axis=alt.Axis(grid=False, tickCount=6)),
            y=alt.Y(f"{y[0]}:Q", title=y[1], axis=axis),
            color=alt.Color(f"{by}:N", scale=alt.Scale(domain=who, range=[AVERAGE, OWN]), sort=who),
            strokeDash=alt.StrokeDash(
                f"{by}:N", scale=alt.Scale(domain=who, range=[[1, 0], [6, 4]]), sort=who
            ),
        )
    )


def in_100_of(found: Estimate) -> dict[str, int]:
    """Births out of 100 with their range, rounded outward."""
    lo, hi = outward(found)
    return {"births": out_of_100(found.mean), "lo": lo, "hi": hi}


def of_100_parts(share: float) -> int | str:
    """A share as a whole number of 100 parts; a trace of it is not nothing."""
    return "under 1" if 0.0 < 100.0 * share < 1.0 else round(100.0 * share)


def _lenses() -> tuple[list[str], Any]:
    alt = altair_module()
    who = list(LENS_WORDS.values())
    return who, alt.Color("who:N", scale=alt.Scale(domain=who, range=list(LENS_COLOURS)), sort=who)


def dotted(
    rows: Sequence[dict[str, Any]],
    *,
    x: tuple[str, str],
    y: tuple[str, str],
    domain: tuple[float, float],
    zero: bool = False,
    order: list[str] | None = None,
) -> Any:
    """Points with ranges, side by side for the two worlds, told apart by shape as well as colour."""
    alt = altair_module()
    who, colour = _lenses()
    base = chart_of(rows)
    at = alt.X(f"{x[0]}:N", title=x[1], sort=order, axis=alt.Axis(labelAngle=0, grid=False))
    beside = alt.XOffset("who:N", sort=who)
    scale = alt.Scale(domain=list(domain))
    ranges = base.mark_rule(size=7, opacity=0.35).encode(
        x=at, xOffset=beside, y=alt.Y("lo:Q", scale=scale, title=y[1]), y2="hi:Q", color=colour
    )
    shape = alt.Shape("who:N", scale=alt.Scale(domain=who, range=["diamond", "circle"]), sort=who)
    points = base.mark_point(size=80, filled=True, opacity=1.0).encode(
        x=at, xOffset=beside, y=alt.Y(f"{y[0]}:Q", scale=scale), color=colour, shape=shape
    )
    layers = [ranges, points]
    if zero:
        layers.insert(0, chart_of([{"y": 0}]).mark_rule(color=INK, size=1.5).encode(y="y:Q"))
    return alt.layer(*layers)


def stacked(rows: Sequence[dict[str, Any]], *, y: str, x: tuple[str, str], by: str) -> Any:
    """Bars of two parts, told apart by a filling as well as colour."""
    alt = altair_module()
    parts = list(dict.fromkeys(row[by] for row in rows))
    names = list(dict.fromkeys(row[y] for row in rows))
    domain = alt.Scale(domain=parts, range=[AVERAGE, "transparent"])
    return (
        chart_of(rows)
        .mark_bar(stroke=INK, strokeWidth=1.5)
        .encode(
            x=alt.X(f"{x[0]}:Q", title=x[1], axis=alt.Axis(tickCount=5)),
            y=alt.Y(f"{y}:N", sort=names, title=None),
            color=alt.Color(f"{by}:N", scale=domain, sort=parts),
            order=alt.Order("place:Q"),
        )
        .transform_calculate(place=f"datum.{by} === '{parts[0]}' ? 0 : 1")
        .properties(width=WIDTH - 100, height=110)
    )


def range_bars(rows: Sequence[dict[str, Any]], cuts: Sequence[float], *, title: str) -> Any:
    """A bar from the lowest to the highest with a tick in the middle, and dotted cuts."""
    alt = altair_module()
    y = alt.Y("who:N", sort=[row["who"] for row in rows], title=None)
    bars = chart_of(rows).mark_bar(color=SOFT, size=22).encode(x=alt.X("lo:Q", title=title), x2="hi:Q", y=y)
    ticks = chart_of(rows).mark_tick(color=INK, size=32, thickness=3).encode(x="middle:Q", y=y)
    rules = (
        chart_of([{"x": cut} for cut in cuts])
        .mark_rule(color=MARK, strokeDash=[2, 2], size=2)
        .encode(x="x:Q")
    )
    return alt.layer(bars, ticks, rules).properties(width=WIDTH - 70, height=90)

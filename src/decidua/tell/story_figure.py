"""A figure of the story page: an SVG with words for those who cannot see it, and its data as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Cell = str | int | float
INK, SOFT, OWN, AVERAGE, MARK = (
    "var(--ink)",
    "var(--soft)",
    "var(--own)",
    "var(--average)",
    "var(--mark)",
)
WIDTH, HEIGHT = 300, 190
TALLEST_ROW = 34


@dataclass(frozen=True)
class Figure:
    """One figure.

    name        its id on the page
    title       what it shows
    caption     the message in a sentence
    svg         the drawing
    columns     heads of the data table
    rows        its rows
    origin      ids and runs it was drawn from
    """

    name: str
    title: str
    caption: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    origin: str


def drawn(chart: Any, *, name: str, title: str, description: str) -> str:
    """An Altair chart as SVG for a page: named, with ids of its own, its colours left to the page."""
    import vl_convert

    specification = chart.configure(**_LOOK).to_dict()
    svg = vl_convert.vegalite_to_svg(specification)
    return dressed(svg, name=name, title=title, description=description)


def dressed(svg: str, *, name: str, title: str, description: str) -> str:
    """Give an SVG its name and description, hide its parts from screen readers, and make its ids its own."""
    inside = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    inside = re.sub(r' (?:role|aria-[\w-]+)="[^"]*"', "", inside)
    inside = re.sub(r'id="([\w-]+)"', rf'id="{name}-\1"', inside)
    inside = re.sub(r"url\(#([\w-]+)\)", rf"url(#{name}-\1)", inside)
    box = re.search(r'viewBox="([^"]+)"', svg)
    view = box[1] if box else f"0 0 {WIDTH} {HEIGHT}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc><g aria-hidden="true">{inside}</g></svg>'
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    """Columns and rows as a figure holds them."""
    return {"columns": tuple(columns), "rows": tuple(tuple(row) for row in rows)}


_AXIS = {
    "labelColor": INK,
    "titleColor": INK,
    "domainColor": SOFT,
    "tickColor": SOFT,
    "gridColor": "var(--grid)",
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
}
_LEGEND = {
    "labelColor": INK,
    "labelFontSize": 12,
    "orient": "top",
    "title": None,
    "labelLimit": 280,
    "columns": 1,
}
_LOOK: dict[str, Any] = {
    "background": "transparent",
    "font": "sans-serif",
    "axis": _AXIS,
    "legend": _LEGEND,
    "view": {"stroke": None},
}

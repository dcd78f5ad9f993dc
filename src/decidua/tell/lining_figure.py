"""The quiet picture of the lining: cells alone, as four stills, and as one still that can be made to move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from decidua.tell.story_figure import Figure, dressed, table
from decidua.tell.template import template
from decidua.womb.lining import DEPTH_MM, PICTURES, WIDTH_MM, Lining

PER_MM = 1000  # the drawing's unit is a thousandth of a millimetre
STILLS = (0, PICTURES // 3, 2 * PICTURES // 3, PICTURES - 1)
TITLE = "A strip of the womb lining: NK cells meet the early placenta"
SIGNS = (
    "Large pale discs: cells of the early placenta, which grow in from the top. Small filled discs: NK "
    "cells; with a ring when they touch the placenta. Hollow discs: NK cells that are held back."
)


@dataclass(frozen=True)
class Place:
    """Where a cell is in one picture."""

    x: int
    y: int
    is_touching: bool


@dataclass(frozen=True)
class Disc:
    """One uterine NK cell through the pictures."""

    is_resting: bool
    places: tuple[Place, ...]

    @property
    def path(self) -> str:
        """Every place as `x,y`, with `t` where it touches."""
        return " ".join(f"{one.x},{one.y}{'t' if one.is_touching else ''}" for one in self.places)


def lining_figure(lining: Lining) -> Figure:
    """Four stills of the strip, one after another.

    Arguments:  lining  as `lining_in_week` gives it
    Returns:    Figure; the same lining gives the same drawing, byte for byte
    Checked by: tests/unit/tell/test_lining_figure.py
    """
    return Figure(
        name="lining",
        title=TITLE,
        caption=_caption(lining),
        svg=dressed(_svg(lining, STILLS), name="figure-lining", title=TITLE, description=_caption(lining)),
        origin="run:lining evidence:lining.uterine_nk_diameter_mm",
        **table(("in the strip", "number"), _rows(lining)),
    )


def moving_lining(lining: Lining) -> str:
    """The first picture with every later place written into it, for a script that a reader starts.

    Arguments:  lining  as `lining_in_week` gives it
    Returns:    SVG that stands still by itself
    Checked by: tests/unit/tell/test_lining_figure.py
    """
    return dressed(_svg(lining, ()), name="figure-lining-moving", title=TITLE, description=_caption(lining))


def _caption(lining: Lining) -> str:
    count, resting = lining.is_resting.size, int(lining.is_resting.sum())
    return (
        f"{count} NK cells in {WIDTH_MM * DEPTH_MM:g} mm² of lining, so {lining.density_per_mm2:.0f} per "
        f"mm²; {resting} of them are held back. About "
        f"{round(lining.contacts)} touch the early placenta at any one time. {SIGNS}"
    )


def _rows(lining: Lining) -> list[tuple[str, int]]:
    return [
        ("NK cells per mm²", round(lining.density_per_mm2)),
        ("NK cells", lining.is_resting.size),
        ("held back", int(lining.is_resting.sum())),
        *(
            (f"touching in still {k}", int(lining.is_touching[still].sum()))
            for k, still in enumerate(STILLS, 1)
        ),
    ]


def _svg(lining: Lining, stills: tuple[int, ...]) -> str:
    sizes = lining.sizes
    return template("lining.svg.j2").render(
        stills=stills,
        width=round(PER_MM * WIDTH_MM),
        depth=round(PER_MM * DEPTH_MM),
        columns=[_whole(place) for place in lining.trophoblast],
        cells=_discs(lining),
        radius=f"{PER_MM * sizes.uterine_nk_radius:g}",
        trophoblast_radius=f"{PER_MM * sizes.trophoblast_radius:g}",
    )


def _discs(lining: Lining) -> list[Disc]:
    return [
        Disc(
            is_resting=bool(lining.is_resting[k]),
            places=tuple(
                Place(*_whole(lining.uterine_nk[picture, k]), bool(lining.is_touching[picture, k]))
                for picture in range(PICTURES)
            ),
        )
        for k in range(lining.is_resting.size)
    ]


def _whole(place: Any) -> tuple[int, int]:
    return round(PER_MM * float(place[0])), round(PER_MM * float(place[1]))

"""The bars of the terminal page: as wide as the interval, darkest at the mark."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from decidua.base.estimates import Estimate
from decidua.tell.history_page import (
    ASCII_MARK,
    BAR_CELLS,
    MARK,
    SHADES,
    band,
    bar_lines,
    print_section,
    section_text,
)
from decidua.tell.history_parts import Bar, Listed, Section

CHANCE = st.floats(0.0, 1.0, allow_nan=False)


@given(st.tuples(CHANCE, CHANCE, CHANCE))
def test_a_band_is_as_wide_as_its_interval(chances):
    lo, mean, hi = sorted(chances)
    drawn = band(Estimate(mean, lo, hi))
    assert len(drawn) == BAR_CELLS
    assert drawn.count(MARK) == 1
    cells = [i for i, sign in enumerate(drawn) if sign != " "]
    assert cells[0] == pytest.approx(lo * BAR_CELLS, abs=1.01)
    assert cells[-1] + 1 == pytest.approx(hi * BAR_CELLS, abs=1.01)


def test_a_band_grows_paler_towards_its_ends():
    drawn = band(Estimate(0.5, 0.2, 0.8)).strip()
    left, right = drawn.split(MARK)
    depth = [SHADES.index(sign) for sign in left]
    assert depth == sorted(depth)
    assert [SHADES.index(sign) for sign in right] == sorted(
        (SHADES.index(sign) for sign in right), reverse=True
    )
    assert set(drawn) == {*SHADES, MARK}


def test_the_scale_stands_over_its_places():
    scale, row = bar_lines(Bar((("here", Estimate(0.5, 0.5, 0.5)),), "legend"))
    assert scale.index("0") == row.index(MARK) - BAR_CELLS // 2
    assert scale.index("50") + 1 == row.index(MARK)
    assert scale.endswith("100")


def test_plain_letters_draw_the_same_band():
    lines = bar_lines(Bar((("here", Estimate(0.5, 0.2, 0.8)),), "legend"), is_ascii=True)
    assert lines[1].isascii()
    assert lines[1].count(ASCII_MARK) == 1


def test_the_text_to_copy_is_what_the_terminal_prints():
    bar = Bar((("here", Estimate(0.5, 0.2, 0.8)),), "Births [out of 100].")
    section = Section("A title", ("word " * 40, Listed(("one", "two " * 30)), bar), is_quiet=True)
    printed = io.StringIO()
    print_section(section, console=Console(file=printed, width=60, color_system=None), width=60)
    assert section_text(section, width=60) == printed.getvalue()

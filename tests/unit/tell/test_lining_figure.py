"""The picture of the lining: every cell is drawn, nothing moves by itself, and one seed gives one drawing."""

from __future__ import annotations

import re

import pytest

from decidua.tell.lining_figure import PICTURES, STILLS, lining_figure, moving_lining
from decidua.tell.safety import check_public_html
from decidua.womb.lining import simulate_lining

HELD_BACK = re.compile(r'<circle [^>]*fill="var\(--paper\)"')
FREE = re.compile(r'<circle [^>]*fill="var\(--average\)"')
RINGED = re.compile(r'stroke-width="2\.4"')


@pytest.fixture(scope="module")
def lining():
    return simulate_lining(density_per_mm2=700.0, inhibition=0.3, invasion=0.4, seed=5)


def test_every_cell_is_drawn_in_every_still(lining):
    svg, resting = lining_figure(lining).svg, int(lining.is_resting.sum())
    assert len(HELD_BACK.findall(svg)) == len(STILLS) * resting
    assert len(FREE.findall(svg)) == len(STILLS) * (lining.is_resting.size - resting)
    assert len(RINGED.findall(svg)) == sum(int(lining.is_touching[still].sum()) for still in STILLS)


def test_the_table_and_the_caption_tell_the_same_numbers(lining):
    figure = lining_figure(lining)
    rows = dict(figure.rows)
    assert rows["NK cells"] == lining.is_resting.size == 140
    assert rows["held back"] == int(lining.is_resting.sum())
    assert f"{rows['NK cells']} NK cells in 0.2 mm²" in figure.caption
    assert f"{rows['held back']} of them are held back" in figure.caption


def test_the_moving_picture_holds_every_place_and_stands_still(lining):
    svg = moving_lining(lining)
    paths = re.findall(r'data-path="([^"]+)"', svg)
    assert len(paths) == lining.is_resting.size
    assert {len(path.split()) for path in paths} == {PICTURES}
    assert sum(path.split()[-1].endswith("t") for path in paths) == int(lining.is_touching[-1].sum())
    assert not check_public_html(svg)


def test_one_seed_gives_one_drawing(lining):
    again = simulate_lining(density_per_mm2=700.0, inhibition=0.3, invasion=0.4, seed=5)
    assert lining_figure(again).svg == lining_figure(lining).svg
    assert moving_lining(again) == moving_lining(lining)


def test_the_drawing_has_a_name_and_hides_its_parts(lining):
    svg = lining_figure(lining).svg
    assert 'role="img"' in svg
    assert "<title" in svg
    assert 'aria-hidden="true"' in svg

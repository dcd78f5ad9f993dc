"""The strip of the lining: as many cells as the density asks for, and contacts that follow recognition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.base.errors import InputError
from decidua.womb import simulate_pregnancy
from decidua.womb.lining import DEPTH_MM, PICTURES, WIDTH_MM, lining_in_week, lining_sizes, simulate_lining

AREA_MM2 = 0.2
SEEDS = range(8)


def strip(density=1000.0, inhibition=0.2, invasion=0.4, seed=1):
    return simulate_lining(density_per_mm2=density, inhibition=inhibition, invasion=invasion, seed=seed)


@given(st.floats(0.0, 3000.0), st.integers(0, 1000))
def test_there_are_as_many_cells_as_density_times_area(density, seed):
    """The nearest whole number, which lies far inside what chance alone would allow."""
    count = strip(density=density, seed=seed).is_resting.size
    assert abs(count - density * AREA_MM2) <= 0.5
    assert abs(count - density * AREA_MM2) <= 1.0 + 3.0 * np.sqrt(density * AREA_MM2)


@given(st.floats(0.0, 1.0), st.integers(0, 1000))
def test_the_share_held_back_is_the_models_within_chance(inhibition, seed):
    lining = strip(density=2000.0, inhibition=inhibition, seed=seed)
    n = lining.is_resting.size
    assert (
        abs(lining.is_resting.sum() - n * inhibition)
        <= 5.0 * np.sqrt(n * inhibition * (1 - inhibition)) + 1e-9
    )


@pytest.mark.parametrize("cells", [133.0, 350.0])
def test_better_recognition_means_fewer_contacts(cells):
    def contacts(recognition: float) -> float:
        course = simulate_pregnancy("marker", density_per_mm2=cells, recognition=recognition, end_week=14)
        return float(np.mean([lining_in_week(course, 10, seed=seed).contacts for seed in SEEDS]))

    assert contacts(0.0) > contacts(0.5) > contacts(1.0) > 0.0


def test_more_cells_mean_more_contacts():
    few, many = (np.mean([strip(density=d, seed=s).contacts for s in SEEDS]) for d in (300.0, 1200.0))
    assert many > 2.0 * few


def test_cells_gather_where_trophoblast_is_and_not_without_a_pull(monkeypatch):
    lining = strip(inhibition=0.0)
    assert lining.is_touching[-1].sum() > lining.is_touching[0].sum()
    resting = strip(inhibition=1.0)
    assert not resting.is_touching.any()


def test_the_same_seed_gives_the_same_strip_and_another_seed_another():
    first, again, other = strip(seed=3), strip(seed=3), strip(seed=4)
    assert np.array_equal(first.uterine_nk, again.uterine_nk)
    assert not np.array_equal(first.uterine_nk, other.uterine_nk)


def test_more_cells_move_no_other():
    few, many = strip(density=500.0), strip(density=900.0)
    assert np.array_equal(few.uterine_nk, many.uterine_nk[:, : few.is_resting.size])


def test_cells_stay_in_the_window_and_outside_trophoblast():
    lining, sizes = strip(density=1500.0), lining_sizes()
    assert lining.uterine_nk.shape[0] == PICTURES
    assert (lining.uterine_nk >= 0.0).all()
    assert (lining.uterine_nk <= (WIDTH_MM, DEPTH_MM)).all()
    gaps = np.linalg.norm(lining.uterine_nk[-1][:, None] - lining.trophoblast[None], axis=2).min(axis=1)
    overlap = sizes.uterine_nk_radius + sizes.trophoblast_radius - gaps
    assert (overlap < 0.5 * sizes.trophoblast_radius).mean() > 0.99


def test_trophoblast_comes_as_deep_as_the_model_says():
    depths = [strip(invasion=invasion).trophoblast[:, 1].max() for invasion in (0.1, 0.4, 0.8)]
    assert depths == sorted(depths)
    assert depths[2] == pytest.approx(0.8 * DEPTH_MM, abs=0.03)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"density": -1.0}, "density_per_mm2"),
        ({"density": 6000.0}, "density_per_mm2"),
        ({"inhibition": 1.1}, "inhibition"),
        ({"invasion": -0.1}, "invasion"),
    ],
)
def test_what_cannot_be_is_refused(given, field):
    with pytest.raises(InputError) as refused:
        strip(**given)
    assert refused.value.field == field

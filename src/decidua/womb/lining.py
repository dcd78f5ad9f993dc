"""A strip of the lining, drawn by chance from a seed: uterine NK cells among columns of trophoblast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.womb.pregnancy import WombCourse

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# The window of the picture: how much of the lining is shown, and how often. Not biology.
WIDTH_MM, DEPTH_MM = 0.5, 0.4
PICTURES = 24
COLUMNS, CELLS_ACROSS, ROWS_A_DIAMETER = 4, 3, 1.1
STILL = 0.2  # a cell at rest trembles by this share of a step
LARGEST_DENSITY_PER_MM2 = 5000.0


@dataclass(frozen=True)
class LiningSizes:
    """Sizes and steps in mm, each from the ledger."""

    uterine_nk_radius: float
    trophoblast_radius: float
    step: float
    pull: float
    reach: float

    @property
    def contact(self) -> float:
        """Distance of two centres below which a uterine NK cell touches trophoblast."""
        return self.uterine_nk_radius + self.trophoblast_radius + self.reach


@dataclass(frozen=True)
class Lining:
    """One strip through time.

    trophoblast   centres of its cells, mm, shape (cells, 2); depth grows downwards
    uterine_nk    centres, mm, shape (PICTURES, cells, 2)
    is_resting    whether recognition holds the cell back, shape (cells,)
    is_touching   whether it touches trophoblast, shape (PICTURES, cells); a resting cell never does
    """

    density_per_mm2: float
    inhibition: float
    sizes: LiningSizes
    trophoblast: FloatArray
    uterine_nk: FloatArray
    is_resting: BoolArray
    is_touching: BoolArray

    @property
    def contacts(self) -> float:
        """Cells that touch trophoblast, averaged over the pictures."""
        return float(self.is_touching.sum(axis=1).mean())


def lining_in_week(course: WombCourse, week: int, *, seed: int) -> Lining:
    """The strip as the model has it in one week of a pregnancy.

    Arguments:  course  of one pregnancy
                week    completed week of gestation inside the course
                seed    of the places and steps
    Returns:    Lining with the density, inhibition and depth of invasion of that week
    Checked by: tests/unit/womb/test_lining.py
    """
    return simulate_lining(
        density_per_mm2=float(course.weekly("uterine_nk")[week]),
        inhibition=float(course.weekly("inhibition")[week]),
        invasion=float(course.weekly("invasion")[week]),
        seed=seed,
    )


def simulate_lining(*, density_per_mm2: float, inhibition: float, invasion: float, seed: int) -> Lining:
    """Uterine NK cells as discs that move by small random steps; free ones drift to the nearest trophoblast.

    Assumes that cells held back neither drift nor act, and that cells pass one another. A cell has the same
    places to begin with and the same steps whatever the density, so one more cell moves no other.

    Arguments:  density_per_mm2  cells per mm2, 0 to 5000
                inhibition       share of cells held back, 0 to 1
                invasion         how far trophoblast has come, as a share of full invasion, 0 to 1
                seed             of the places and steps
    Returns:    Lining
    Raises:     InputError naming what lies outside
    Source:     evidence/ledger/lining.yaml (assumed)
    Checked by: tests/unit/womb/test_lining.py
    """
    _refuse_outside(density_per_mm2, inhibition, invasion)
    sizes = lining_sizes()
    count = round(density_per_mm2 * WIDTH_MM * DEPTH_MM)
    trophoblast = _columns(invasion, sizes.trophoblast_radius)
    first = np.random.Generator(np.random.Philox(key=(seed, 0))).random((count, 3))
    steps = np.random.Generator(np.random.Philox(key=(seed, 1))).normal(size=(count, PICTURES, 2))
    is_resting = first[:, 2] < inhibition
    places = _walk(first[:, :2] * (WIDTH_MM, DEPTH_MM), steps, is_resting, trophoblast, sizes)
    distance, _ = _nearest(places.reshape(-1, 2), trophoblast)
    touching = (distance < sizes.contact).reshape(PICTURES, count) & ~is_resting
    return Lining(density_per_mm2, inhibition, sizes, trophoblast, places, is_resting, touching)


@cache
def lining_sizes() -> LiningSizes:
    """The sizes in use."""
    ledger = load_ledger()
    return LiningSizes(
        uterine_nk_radius=ledger.value("lining.uterine_nk_diameter_mm") / 2.0,
        trophoblast_radius=ledger.value("lining.trophoblast_diameter_mm") / 2.0,
        step=ledger.value("lining.step_mm"),
        pull=ledger.value("lining.pull_mm"),
        reach=ledger.value("lining.reach_mm"),
    )


def _refuse_outside(density_per_mm2: float, inhibition: float, invasion: float) -> None:
    limits = {
        "density_per_mm2": (density_per_mm2, LARGEST_DENSITY_PER_MM2),
        "inhibition": (inhibition, 1.0),
        "invasion": (invasion, 1.0),
    }
    for name, (value, highest) in limits.items():
        if not 0.0 <= value <= highest:
            raise InputError(field=name, value=value, allowed=f"0 to {highest:g}")


def _columns(invasion: float, radius: float) -> FloatArray:
    """Columns of trophoblast that come down from the surface; each narrows to its tip."""
    rows = max(1, round(invasion * DEPTH_MM / (ROWS_A_DIAMETER * 2.0 * radius)))
    across, down = 2.0 * radius, ROWS_A_DIAMETER * 2.0 * radius
    cells = [
        (WIDTH_MM * (column + 0.5) / COLUMNS + across * offset, radius + down * row)
        for column in range(COLUMNS)
        for row in range(rows)
        for offset in _offsets(row, rows)
    ]
    return np.array(cells)


def _offsets(row: int, rows: int) -> tuple[float, ...]:
    if row == rows - 1:
        return (0.0,)
    return (-0.5, 0.5) if row >= rows // 2 else (-1.0, 0.0, 1.0)


def _walk(
    start: FloatArray,
    steps: FloatArray,
    is_resting: BoolArray,
    trophoblast: FloatArray,
    sizes: LiningSizes,
) -> FloatArray:
    places = np.empty((PICTURES, *start.shape))
    here = _outside(start, trophoblast, sizes)
    random_step = np.where(is_resting, STILL, 1.0)[:, None] * sizes.step
    pull = np.where(is_resting, 0.0, sizes.pull)[:, None]
    for picture in range(PICTURES):
        distance, nearest = _nearest(here, trophoblast)
        towards = (trophoblast[nearest] - here) / np.maximum(distance, 1e-12)[:, None]
        here = _outside(here + random_step * steps[:, picture] + pull * towards, trophoblast, sizes)
        places[picture] = here
    return places


def _nearest(places: FloatArray, trophoblast: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Distance to the nearest cell of trophoblast, and which it is."""
    distances = np.linalg.norm(places[:, None, :] - trophoblast[None, :, :], axis=2)
    nearest = distances.argmin(axis=1)
    return distances[np.arange(len(places)), nearest], nearest


def _outside(places: FloatArray, trophoblast: FloatArray, sizes: LiningSizes) -> FloatArray:
    """Inside the window, and beside the columns of trophoblast, never within them."""
    apart = sizes.uterine_nk_radius + sizes.trophoblast_radius
    beside = places.copy()
    for _ in range(CELLS_ACROSS):
        _, nearest = _nearest(beside, trophoblast)
        across, down = (beside - trophoblast[nearest]).T
        half = np.sqrt(np.maximum(apart**2 - down**2, 0.0))
        side = np.where(beside[:, 0] < _axis(beside[:, 0]), -1.0, 1.0)
        beside[:, 0] = np.where(np.abs(across) < half, trophoblast[nearest, 0] + side * half, beside[:, 0])
    margin = sizes.uterine_nk_radius
    return np.clip(beside, margin, (WIDTH_MM - margin, DEPTH_MM - margin))


def _axis(across_mm: FloatArray) -> FloatArray:
    """Middle of the column whose part of the window a place lies in."""
    column = np.clip(np.floor(across_mm * COLUMNS / WIDTH_MM), 0, COLUMNS - 1)
    return np.asarray(WIDTH_MM * (column + 0.5) / COLUMNS)

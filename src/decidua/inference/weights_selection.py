"""The tables of stage two for thinned stage-one draws: which draws, which grid, and their mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decidua.evidence import Ledger
from decidua.evidence.draws import Draws
from decidua.inference.cells import density_nodes, regimen_index, uterine_nk_table
from decidua.inference.structures import structure_named
from decidua.inference.weights_tables import GROUPS, Grid, Selection, Setting, select
from decidua.life import differences
from decidua.life.parameters import SHAPES, FloatArray, LawParameters
from decidua.womb import MECHANISM_CLASS, MECHANISMS

REGIMENS = ("prednisolone_tang2013", "prednisolone_sun2023")
DRAWN_FROM = "marker"  # its draws are those of stage one, uncut by any budget for the cells
SHARED_NODES, RESIDUAL_NODES, DENSITIES = 4, 5, 9
STRONGEST_EFFECT, EFFECTS = 2.0, 14
LEVELS: FloatArray = 0.25 * np.arange(-6, 13, dtype=np.float64)
RATIOS: FloatArray = 0.45 * np.arange(-4, 5, dtype=np.float64)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Selected:
    """Every mechanism under every chosen stage-one draw.

    grid   where the tables stand
    by_draw  mechanism to one table for each draw
    mean     mechanism to the mean over draws
    fingerprint  a few numbers by which stale tables show
    """

    grid: Grid
    by_draw: dict[str, tuple[Selection, ...]]
    mean: dict[str, Selection]
    fingerprint: dict[str, list[float]]


def grid_of() -> Grid:
    """The grid of stage two: strengths are closest where they are small."""
    steps = np.linspace(0.0, 1.0, EFFECTS)
    score, weight = differences.normal_nodes(DENSITIES)
    return Grid(STRONGEST_EFFECT * steps**1.3, np.array([0.3, 0.5, 0.7]), LEVELS, RATIOS, score, weight)


def chosen_rows(draws: Draws, count: int) -> NDArray[np.int64]:
    """Positions of the stage-one draws that stage two averages over, evenly through the shipped ones."""
    own = np.flatnonzero(np.array(draws.mechanism) == DRAWN_FROM)
    return own[np.unique(np.linspace(0, own.size - 1, count).astype(np.int64))]


def selected(draws: Draws, ledger: Ledger, *, count: int, progress: Progress) -> Selected:
    """Work out the tables of every mechanism for `count` of the shipped draws.

    Arguments:  draws     of one structure, as shipped
                ledger    for ages and fertility
                count     how many stage-one draws
                progress  called with a line of text for each mechanism
    Returns:    Selected
    Checked by: tests/unit/inference/test_weights_tables.py (against a simulation of women one by one)
    """
    grid, rows = grid_of(), chosen_rows(draws, count)
    by_draw = {}
    for mechanism in MECHANISMS:
        by_draw[mechanism] = tuple(selection_of(draws, int(i), mechanism, ledger, grid) for i in rows)
        progress(f"{mechanism}: what losses select, under {rows.size} draws of the law")
    mean = {name: mean_of(tables) for name, tables in by_draw.items()}
    return Selected(grid, by_draw, mean, fingerprint_of(mean))


def selection_of(draws: Draws, i: int, mechanism: str, ledger: Ledger, grid: Grid) -> Selection:
    """The tables of one mechanism under shipped draw i; without an effect all strengths are alike."""
    acts = MECHANISM_CLASS[mechanism] != "no_effect"
    kept = grid if acts else grid._replace(effect=grid.effect[:1])
    out = room(kept)
    row = np.array([float(draws.columns[f"law.{name}"][i]) for name in LawParameters._fields])
    regimens = np.array([float(regimen_index(name)) for name in REGIMENS])
    select(out, row, uterine_nk_table(mechanism), regimens, kept, setting_of(draws, i, ledger))
    return out if acts else _stretched(out, grid)


def room(grid: Grid) -> Selection:
    """Empty tables on a grid."""
    e, r, d = grid.effect.size, grid.repeatability.size, grid.score.size
    births = (GROUPS, e, r, grid.level.size, grid.log_hazard_ratio.size, d)
    return Selection(
        np.zeros((GROUPS, e, r, d)),
        np.zeros(births),
        np.zeros((len(REGIMENS), GROUPS, e, r, d)),
        np.zeros((len(REGIMENS) + 1, r, d)),
        np.zeros(r),
    )


def _stretched(one: Selection, grid: Grid) -> Selection:
    count = grid.effect.size
    return Selection(
        np.repeat(one.log_weight, count, axis=1),
        np.repeat(one.birth, count, axis=1),
        np.repeat(one.regimen, count, axis=2),
        one.implantation,
        one.limit,
    )


def setting_of(draws: Draws, i: int, ledger: Ledger) -> Setting:
    """Ages and fertility of the tables of stage one, and nodes."""
    value = ledger.value
    shape = SHAPES[structure_named(draws.structure).frailty]
    go_on = [float(draws.columns["calibration.p_go_on_after_loss"][i])]
    go_on += [value(f"calibration.p_go_on_after_birth_{k}") for k in (1, 2, 3)]
    return Setting(
        value("calibration.recurrence_age_years"),
        value("calibration.referral_age_years"),
        np.array(go_on),
        value("measure.uterine_nk.control_log_sd"),
        shape,
        *differences.normal_nodes(SHARED_NODES),
        *differences.normal_nodes(RESIDUAL_NODES),
        *density_nodes(),
    )


def mean_of(tables: tuple[Selection, ...]) -> Selection:
    """Mean of every number over draws."""
    return Selection(*(np.mean(np.stack(part), axis=0) for part in zip(*tables, strict=True)))


def fingerprint_of(mean: dict[str, Selection]) -> dict[str, list[float]]:
    """Mechanism to an uneven mean of each of its tables: to be compared within a tolerance.

    Tried: a hash of the rounded numbers; a change of the last bit turned one of ten thousand over.
    """
    return {name: [_uneven_mean(part) for part in mean[name]] for name in MECHANISMS}


def _uneven_mean(values: FloatArray) -> float:
    """Every place counts differently, so that two exchanged numbers show."""
    return float(np.mean(values.ravel() * (1.0 + 0.5 * np.cos(np.arange(values.size)))))

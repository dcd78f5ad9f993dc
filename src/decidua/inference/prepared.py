"""Every draw made ready for histories: its tables, its nodes, its uterine NK hazards, stacked by draw.

Worked out once for a set of draws and kept; a history then needs no more than arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from decidua.evidence.draws import Draws, load_draws
from decidua.inference import cells, quadrature
from decidua.inference.class_weights import CLASSES
from decidua.inference.encoding import IntArray
from decidua.inference.rules import Rules, rule_set
from decidua.inference.stack import Normals, Stack, empty_stack, fill
from decidua.inference.threads import in_chunks
from decidua.life import differences
from decidua.life.parameters import SHAPES, FloatArray, LawParameters, UterineNkTable
from decidua.measure.history import History
from decidua.measure.nk_tests import cycle_log_sd
from decidua.womb import MECHANISM_CLASS, MECHANISMS


@dataclass(frozen=True)
class Grid:
    """How many nodes stand for each difference between women."""

    shared: int = 5
    fading: int = 5
    density: int = 4  # even; enough without a test result; see WITH_TESTS
    everyone: int = 8
    with_condition: int = 4
    residual: int = 40  # atoms before the Gauss rule; they cost nothing later

    def finer(self, factor: int) -> Grid:
        """The same grid with this many times the nodes."""
        return Grid(*(factor * getattr(self, each.name) for each in fields(self)))


WITH_TESTS = Grid(density=10)  # a reading, or months of waiting, asks for a finer look at the density


def grid_for(history: History, grid: Grid = Grid()) -> Grid:
    """This grid, with as many densities as the history asks for."""
    return replace(grid, density=WITH_TESTS.density) if history.tests or history.trying_months else grid


Knowledge = tuple[tuple[float, ...], tuple[float, ...], bool]


@dataclass(frozen=True)
class Prepared:
    """A set of draws, ready on one grid."""

    draws: Draws
    grid: Grid
    stack: Stack
    kept_rules: dict[Knowledge, Rules] = field(default_factory=dict, compare=False, repr=False)
    kept_reports: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        """Number of draws."""
        return len(self.draws)

    @cached_property
    def of_class(self) -> IntArray:
        """Which of CLASSES the mechanism of each draw belongs to, shape (draws,)."""
        return np.array([CLASSES.index(MECHANISM_CLASS[name]) for name in self.draws.mechanism])


def prepare(draws: Draws, *, grid: Grid) -> Prepared:
    """Make every draw ready on one grid."""
    shape = SHAPES["two_class" if draws.structure.endswith("two_class") else "log_normal"]
    rules = (
        *(differences.normal_nodes(size) for size in (grid.shared, grid.fading, grid.residual)),
        quadrature.halved_normal_nodes(grid.density),
        cells.density_nodes(),
    )
    z = Normals(*(part for rule in rules for part in rule))
    rows = np.column_stack([draws.columns[f"law.{name}"] for name in LawParameters._fields])
    mechanism = np.array([MECHANISMS.index(name) for name in draws.mechanism], dtype=np.float64)
    one = [cells.uterine_nk_table(name) for name in MECHANISMS]
    tables = UterineNkTable(
        log_density=one[0].log_density,
        hazard_excess=np.stack([table.hazard_excess for table in one]),
        implantation_log_multiplier=np.stack([table.implantation_log_multiplier for table in one]),
    )
    stack = empty_stack(
        rows, regimens=tables.hazard_excess.shape[1], birth_share=cells.birth_shares(), shape=shape, z=z
    )
    fill(stack, mechanism, tables, cells.steroid_dose(draws), shape, z)
    return Prepared(draws, grid, stack)


def law_parameters_at(draws: Draws, i: int) -> LawParameters:
    """The tuple of the law of draw i."""
    return LawParameters(*(float(draws.columns[f"law.{name}"][i]) for name in LawParameters._fields))


@cache
def prepared_draws(
    structure: str, *, mechanism: str | None = None, grid: Grid | None = None, thin: int = 1
) -> Prepared:
    """The shipped draws of one structure, ready; kept for the life of the process.

    Arguments:  structure  for instance "fading-log_normal"
                mechanism  only its draws, or None for all
                grid       nodes
                thin       keep every so many draws of each mechanism
    """
    draws = load_draws(structure)
    names = np.array(draws.mechanism)
    wanted = np.ones(len(draws), dtype=bool) if mechanism is None else names == mechanism
    rank = np.zeros(len(draws), dtype=np.int64)
    for name in np.unique(names):
        rank[names == name] = np.arange((names == name).sum())
    kept = draws.only(np.flatnonzero(wanted & (rank % thin == 0)))
    return prepare(kept, grid=grid or Grid())


def rules_for(
    prepared: Prepared, known: tuple[float, ...], worlds: tuple[float, ...], *, with_causes: bool = True
) -> Rules:
    """The rules for what is known; kept with the draws, since most histories know the same: nothing.

    Without causes the branches of the conditions are left out.
    """
    key, kept = (known, worlds, with_causes), prepared.kept_rules
    if key not in kept:
        kept[key] = _new_rules(prepared, np.array(known), np.array(worlds), with_causes)
    return kept[key]


def _new_rules(prepared: Prepared, known: FloatArray, worlds: FloatArray, with_causes: bool) -> Rules:
    grid, stack = prepared.grid, prepared.stack
    branches = 1 + known.size if with_causes else 1

    def rules_of(first: int, last: int) -> Rules:
        atoms, weight = stack.atoms[first:last], stack.atom_weight[first:last]
        return rule_set(atoms, weight, known, worlds, branches, grid.everyone, grid.with_condition)

    nodes, weights, _, sizes = zip(*in_chunks(rules_of, count=len(prepared)), strict=True)
    return Rules(np.concatenate(nodes), np.concatenate(weights), worlds, sizes[0])


def noise_log_sd(draws: Draws, control_log_sd: float) -> FloatArray:
    """Log spread of one reading around a woman's lasting density, by draw."""
    return cycle_log_sd(control_log_sd, draws.columns[cells.REPEATABILITY])


def log_density_nodes(prepared: Prepared) -> FloatArray:
    """Lasting log density at every node, shape (draws, densities)."""
    columns = prepared.draws.columns
    median, sd = columns["law.uterine_nk_log_median"], columns["law.uterine_nk_lasting_log_sd"]
    return median[:, None] + sd[:, None] * prepared.stack.density_score[None, :]

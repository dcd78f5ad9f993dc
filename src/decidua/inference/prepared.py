"""Every draw made ready for histories: its tables, its nodes, its uterine NK hazards, stacked by draw.

Worked out once for a set of draws and kept; a history then needs no more than arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.evidence.draws import Draws, load_draws
from decidua.inference import assembly, quadrature
from decidua.life import differences
from decidua.life.parameters import LOSS_WEEKS, SHAPES, FloatArray, LawParameters, LawTables, UterineNkTable


@dataclass(frozen=True)
class Grid:
    """How many nodes stand for each difference between women."""

    shared: int = 4
    fading: int = 5
    density: int = 3  # enough without a test result; see WITH_TESTS
    everyone: int = 8
    with_condition: int = 3
    residual: int = 40  # atoms before the Gauss rule; they cost nothing later

    def finer(self, factor: int) -> Grid:
        """The same grid with this many times the nodes."""
        return Grid(*(factor * getattr(self, each.name) for each in fields(self)))


WITH_TESTS = Grid(density=9)  # a reading, or months of waiting, asks for a finer look at the density


class Stack(NamedTuple):
    """All draws, ready: what the kernel of a history reads. The first axis is the draw."""

    rows: FloatArray  # (draws, fields of LawParameters)
    aneuploid_survival: FloatArray  # (draws, LOSS_WEEKS + 1)
    preclinical_survival: FloatArray
    euploid_cumulative: FloatArray
    birth_share: FloatArray  # (BIRTH_WEEKS,)
    shared: FloatArray  # (draws, nodes)
    shared_weight: FloatArray
    fading: FloatArray
    fading_weight: FloatArray
    density_score: FloatArray  # (densities,) standard scores of the lasting log density
    density_weight: FloatArray
    nk_total: FloatArray  # (draws, regimens, densities, LOSS_WEEKS + 1)
    nk_at_median: FloatArray  # (draws, LOSS_WEEKS + 1), without treatment
    implantation: FloatArray  # (draws, densities) multiplier on the chance to conceive in a cycle
    atoms: FloatArray  # (draws, sets, residuals) values of the euploid multiplier
    atom_weight: FloatArray


class OneDraw(NamedTuple):
    """The nodes of one draw on their way into the stack."""

    shared: FloatArray
    shared_weight: FloatArray
    fading: FloatArray
    fading_weight: FloatArray
    nk_total: FloatArray
    nk_at_median: FloatArray
    implantation: FloatArray
    atoms: FloatArray
    atom_weight: FloatArray


class Normals(NamedTuple):
    """Normal nodes and weights for each difference."""

    shared: FloatArray
    shared_weight: FloatArray
    fading: FloatArray
    fading_weight: FloatArray
    residual: FloatArray
    residual_weight: FloatArray
    density: FloatArray
    density_weight: FloatArray


@compiled
def one_draw(
    p: LawParameters,
    tables: LawTables,
    table: UterineNkTable,
    shape: int,
    z: Normals,
    w0: float,
    sd_residual: float,
) -> OneDraw:
    """Lay out the nodes and uterine NK hazards of one draw."""
    share = p.high_class_share
    shared, shared_w = differences.factor_nodes(p.sd_shared_lasting, shape, share, z.shared, z.shared_weight)
    fading, fading_w = differences.factor_nodes(p.sd_shared_fading, shape, share, z.fading, z.fading_weight)
    atoms, atom_w = quadrature.multiplier_atoms(p, shape, w0, sd_residual, z.residual, z.residual_weight)
    regimens = table.hazard_excess.shape[0]
    nk_total = np.zeros((regimens, z.density.size, LOSS_WEEKS + 1))
    implantation = np.ones(z.density.size)
    cumulative = tables.euploid_cumulative
    for d in range(z.density.size):
        log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * z.density[d]
        for r in range(regimens):
            nk_total[r, d] = differences.nk_cumulative(table, r, log_density, p, cumulative)
        implantation[d] = differences.implantation_multiplier(table, 0, log_density, p)
    median = differences.nk_cumulative(table, 0, p.uterine_nk_log_median, p, cumulative)
    return OneDraw(shared, shared_w, fading, fading_w, nk_total, median, implantation, atoms, atom_w)


class Rules(NamedTuple):
    """Nodes of the euploid multiplier for what is known of the conditions, by draw, world and branch.

    A world fixes whether there is a translocation, or leaves it open where no karyotype asks; branch 0
    holds all women of the world, branch 1 + k those of them with condition k.
    """

    nodes: FloatArray  # (draws, worlds, branches, nodes)
    weights: FloatArray  # same; sum over the nodes of branch 0 and over worlds is 1
    worlds: FloatArray  # (worlds,) translocation 1, 0, or -1 where it is left open


Knowledge = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Prepared:
    """A set of draws, ready on one grid."""

    draws: Draws
    grid: Grid
    stack: Stack
    _rules: dict[Knowledge, Rules] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        """Number of draws."""
        return len(self.draws)


def prepare(draws: Draws, *, grid: Grid) -> Prepared:
    """Make every draw ready on one grid."""
    shape = SHAPES["two_class" if draws.structure.endswith("two_class") else "log_normal"]
    sizes = (grid.shared, grid.fading, grid.residual, grid.density)
    z = Normals(*(part for size in sizes for part in differences.normal_nodes(size)))
    parameters = [law_parameters_at(draws, i) for i in range(len(draws))]
    tables = [assembly.tables_of(p) for p in parameters]
    made = []
    for p, by_week, mechanism in zip(parameters, tables, draws.mechanism, strict=True):
        table = assembly.uterine_nk_table(mechanism)
        budget = differences.remaining_budget(p, *assembly.excess_over_women(p, table))
        if budget[0] <= 0.0:
            raise ArithmeticError(f"a draw of {mechanism} exceeds the budget of variance")
        made.append(one_draw(p, by_week, table, shape, z, *budget))
    one = OneDraw(*(np.ascontiguousarray(np.stack(part)) for part in zip(*made, strict=True)))
    stack = Stack(
        rows=np.array(parameters),
        aneuploid_survival=np.stack([t.aneuploid_survival for t in tables]),
        preclinical_survival=np.stack([t.preclinical_survival for t in tables]),
        euploid_cumulative=np.stack([t.euploid_cumulative for t in tables]),
        birth_share=assembly.birth_shares(),
        shared=one.shared,
        shared_weight=one.shared_weight,
        fading=one.fading,
        fading_weight=one.fading_weight,
        density_score=z.density,
        density_weight=z.density_weight,
        nk_total=one.nk_total,
        nk_at_median=one.nk_at_median,
        implantation=one.implantation,
        atoms=one.atoms,
        atom_weight=one.atom_weight,
    )
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


@compiled
def rule_set(
    atoms: FloatArray,
    atom_weight: FloatArray,
    known: FloatArray,
    worlds: FloatArray,
    everyone: int,
    some: int,
) -> Rules:
    """Gauss rules of every draw for the given knowledge.

    Arguments:  atoms, atom_weight  as in Stack
                known               (4,) 1 present, 0 absent, -1 unknown
                worlds              (worlds,) translocation 1, 0, or -1 for open
                everyone, some      nodes of branch 0 and of the others
    """
    draws = atoms.shape[0]
    branches = 1 + known.size
    nodes = np.ones((draws, worlds.size, branches, everyone))
    weights = np.zeros((draws, worlds.size, branches, everyone))
    for i in range(draws):
        allowed = weights_given(atom_weight[i], known)
        total = allowed.sum()
        for w in range(worlds.size):
            here = with_condition(allowed, known.size - 1, worlds[w])
            for b in range(branches):
                count = everyone if b == 0 else some
                kept = here if b == 0 else with_condition(here, b - 1, 1.0)
                mass = kept.sum()
                if mass > 0.0:
                    x, v = quadrature.saturating_rule(atoms[i].ravel(), kept.ravel(), count)
                    nodes[i, w, b, :count] = x
                    weights[i, w, b, :count] = v * mass / total
    return Rules(nodes, weights, worlds)


@compiled
def weights_given(atom_weight: FloatArray, known: FloatArray) -> FloatArray:
    """Weights of the atoms that agree with what is known."""
    out = atom_weight.copy()
    for k in range(known.size):
        out = with_condition(out, k, known[k])
    return out


@compiled
def with_condition(atom_weight: FloatArray, condition: int, present: float) -> FloatArray:
    """Weights of the atoms with (1) or without (0) a condition; all of them for -1."""
    out = atom_weight.copy()
    if present >= 0.0:
        for s in range(out.shape[0]):
            if (s >> condition) & 1 != int(present):
                out[s] = 0.0
    return out


def rules_for(prepared: Prepared, known: tuple[float, ...], worlds: tuple[float, ...]) -> Rules:
    """The rules for what is known; kept with the draws, since most histories know the same: nothing."""
    key, kept = (known, worlds), prepared._rules
    if key not in kept:
        grid, stack = prepared.grid, prepared.stack
        kept[key] = rule_set(
            stack.atoms,
            stack.atom_weight,
            np.array(known),
            np.array(worlds),
            grid.everyone,
            grid.with_condition,
        )
    return kept[key]


def noise_log_sd(draws: Draws, control_log_sd: float) -> FloatArray:
    """Log spread of one reading around a woman's lasting density, by draw."""
    return control_log_sd * np.sqrt(1.0 - draws.columns[assembly.REPEATABILITY])


def log_density_nodes(prepared: Prepared) -> FloatArray:
    """Lasting log density at every node, shape (draws, densities)."""
    columns = prepared.draws.columns
    median, sd = columns["law.uterine_nk_log_median"], columns["law.uterine_nk_lasting_log_sd"]
    return median[:, None] + sd[:, None] * prepared.stack.density_score[None, :]

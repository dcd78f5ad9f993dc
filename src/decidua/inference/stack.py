"""Every draw laid out on its nodes, in one compiled pass: what the sweep over a history reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.arrays import put
from decidua.base.compiled import compiled, compiled_step
from decidua.inference import quadrature
from decidua.inference.cells import mean_and_variance_of_excess
from decidua.life import differences, law
from decidua.life.parameters import (
    LOSS_WEEKS,
    TWO_CLASS,
    VIABLE_WEEK,
    FloatArray,
    LawParameters,
    LawTables,
    UterineNkTable,
    parameters_of,
)


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
    factors: FloatArray  # (draws, shared * fading) the shared factor at every pair of nodes, lasting first
    live: FloatArray  # (draws, shared * fading) chance of a live birth once VIABLE_WEEK is reached
    density_score: FloatArray  # (densities,) standard scores of the lasting log density
    density_weight: FloatArray
    nk_total: FloatArray  # (draws, regimens, densities, LOSS_WEEKS + 1)
    nk_at_median: FloatArray  # (draws, LOSS_WEEKS + 1), without treatment
    implantation: FloatArray  # (draws, densities) multiplier on the chance to conceive in a cycle
    atoms: FloatArray  # (draws, sets, residuals) values of the euploid multiplier
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
    women: FloatArray  # for the mean and variance over women
    women_weight: FloatArray


def empty_stack(rows: FloatArray, *, regimens: int, birth_share: FloatArray, shape: int, z: Normals) -> Stack:
    """Room for all draws: each difference has its nodes, two classes, or one node where none varies.

    Arguments:  rows         parameters of the law, shape (draws, fields)
                regimens     in the womb's table
                birth_share  course of birth
                shape        LOG_NORMAL or TWO_CLASS
                z            nodes
    """
    draws, densities = len(rows), z.density.size

    def nodes(field: str, size: int) -> int:
        if not np.any(rows[:, LawParameters._fields.index(field)]):
            return 1
        return 2 if shape == TWO_CLASS else size

    shared = nodes("sd_shared_lasting", z.shared.size)
    fading = nodes("sd_shared_fading", z.fading.size)
    atoms = (quadrature.SETS, nodes("sd_euploid_lasting", z.residual.size))

    def room(*each: int) -> FloatArray:
        return np.zeros((draws, *each))

    return Stack(
        rows=rows,
        aneuploid_survival=room(LOSS_WEEKS + 1),
        preclinical_survival=room(LOSS_WEEKS + 1),
        euploid_cumulative=room(LOSS_WEEKS + 1),
        birth_share=birth_share,
        shared=room(shared),
        shared_weight=room(shared),
        fading=room(fading),
        fading_weight=room(fading),
        factors=room(shared * fading),
        live=room(shared * fading),
        density_score=z.density,
        density_weight=z.density_weight,
        nk_total=room(regimens, densities, LOSS_WEEKS + 1),
        nk_at_median=room(LOSS_WEEKS + 1),
        implantation=room(densities),
        atoms=room(*atoms),
        atom_weight=room(*atoms),
    )


@compiled
def fill(
    out: Stack, mechanism: FloatArray, tables: UterineNkTable, dose: FloatArray, shape: int, z: Normals
) -> None:
    """Lay out every draw.

    Arguments:  out        room, with the parameters of all draws
                mechanism  whose womb's table holds for each draw, shape (draws,)
                tables     of all mechanisms, stacked in front: hazard_excess has shape
                           (mechanisms, regimens, densities, LOSS_WEEKS)
                dose       what a regimen does through the cells, over what the womb's table says of it;
                           shape (draws, regimens)
                shape      LOG_NORMAL or TWO_CLASS
                z          nodes
    Raises:     ArithmeticError for a draw outside the budget of variance
    """
    for i in range(out.rows.shape[0]):
        m = int(mechanism[i])
        one = UterineNkTable(
            tables.log_density, tables.hazard_excess[m], tables.implantation_log_multiplier[m]
        )
        lay_out(out, i, parameters_of(out.rows[i]), one, dose[i], shape, z)


@compiled
def lay_out(
    out: Stack, i: int, p: LawParameters, table: UterineNkTable, dose: FloatArray, shape: int, z: Normals
) -> None:
    """Write draw i: tables by week, factors, multiplier atoms and uterine NK hazards."""
    by_week = law.law_tables(p, out.birth_share)
    put(by_week.aneuploid_survival, out.aneuploid_survival[i])
    put(by_week.preclinical_survival, out.preclinical_survival[i])
    put(by_week.euploid_cumulative, out.euploid_cumulative[i])
    share = p.high_class_share
    shared, shared_w = differences.factor_nodes(p.sd_shared_lasting, shape, share, z.shared, z.shared_weight)
    fading, fading_w = differences.factor_nodes(p.sd_shared_fading, shape, share, z.fading, z.fading_weight)
    mean, variance = mean_and_variance_of_excess(
        p, by_week.euploid_cumulative, table, z.women, z.women_weight
    )
    w0, sd_residual = differences.remaining_budget(p, mean, variance)
    if w0 <= 0.0:
        raise ArithmeticError("a draw exceeds the budget of variance")
    atoms, atom_w = quadrature.multiplier_atoms(p, shape, w0, sd_residual, z.residual, z.residual_weight)
    if (shared.size, fading.size, atoms.size) != (out.shared[i].size, out.fading[i].size, out.atoms[i].size):
        raise ArithmeticError("a draw without spread stands among draws with it")
    put(shared, out.shared[i])
    put(shared_w, out.shared_weight[i])
    put(fading, out.fading[i])
    put(fading_w, out.fading_weight[i])
    put(atoms.ravel(), out.atoms[i].ravel())
    put(atom_w.ravel(), out.atom_weight[i].ravel())
    lay_out_factors(out, i, p, by_week)
    lay_out_cells(out, i, p, by_week, table, dose, z)


@compiled_step
def lay_out_factors(out: Stack, i: int, p: LawParameters, by_week: LawTables) -> None:
    """Write the shared factor of draw i at every pair of nodes, and what it leaves of late pregnancy."""
    fading = out.fading.shape[1]
    for at in range(out.factors.shape[1]):
        out.factors[i, at] = out.shared[i, at // fading] * out.fading[i, at % fading]
        out.live[i, at] = law.p_live_birth_if_alive_at(VIABLE_WEEK, out.factors[i, at], p, by_week)


@compiled_step
def at_dose(untreated: FloatArray, under: FloatArray, dose: float) -> FloatArray:
    """Cumulative excess under a regimen that does `dose` times to the cells what the womb's table says."""
    out = np.zeros(under.size)
    for w in range(under.size - 1):
        usual, treated = untreated[w + 1] - untreated[w], under[w + 1] - under[w]
        out[w + 1] = out[w] + max(usual + dose * (treated - usual), 0.0)
    return out


@compiled_step
def lay_out_cells(
    out: Stack,
    i: int,
    p: LawParameters,
    by_week: LawTables,
    table: UterineNkTable,
    dose: FloatArray,
    z: Normals,
) -> None:
    """Write what the uterine NK cells of draw i do at every density and under every regimen."""
    cumulative = by_week.euploid_cumulative
    for d in range(z.density.size):
        log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * z.density[d]
        untreated = differences.nk_cumulative(table, 0, log_density, p, cumulative)
        for r in range(table.hazard_excess.shape[0]):
            under = differences.nk_cumulative(table, r, log_density, p, cumulative)
            if dose[r] != 1.0:
                under = at_dose(untreated, under, dose[r])
            put(under, out.nk_total[i, r, d])
        out.implantation[i, d] = differences.implantation_multiplier(table, 0, log_density, p)
    at_median = differences.nk_cumulative(table, 0, p.uterine_nk_log_median, p, cumulative)
    put(at_median, out.nk_at_median[i])

"""Uterine NK cells as the law sees them: the womb's table by mechanism, and its mean over women."""

from __future__ import annotations

from functools import cache

import numpy as np

from decidua.base.compiled import compiled
from decidua.evidence import load_ledger
from decidua.evidence.draws import Draws
from decidua.inference.births import birth_shares_of
from decidua.life import differences, law
from decidua.life.parameters import VIABLE_WEEK, FloatArray, LawParameters, UterineNkTable
from decidua.womb import load_bridge, load_regimen

REPEATABILITY = "measure.uterine_nk.repeatability"
BLOOD_CORRELATION = "measure.blood_nk.correlation_with_uterine_nk"
EFFECT = "law.uterine_nk_effect"
STEROID = "treatment.prednisolone.uterine_nk_multiplier_20mg_21d"
DENSITY_NODES = 15  # for the mean and the variance over women


@cache
def uterine_nk_table(mechanism: str) -> UterineNkTable:
    """The womb's bridge for one mechanism, averaged over recognition, in the week axis of the law."""
    bridge = load_bridge()
    hazard, implantation = bridge.averaged()
    m = bridge.mechanisms.index(mechanism)
    weeks = [int(w) for w in bridge.weeks]
    loss_weeks = [weeks.index(w) for w in range(weeks[0], VIABLE_WEEK)]
    return UterineNkTable(
        log_density=np.ascontiguousarray(bridge.log_density_grid, dtype=np.float64),
        hazard_excess=np.ascontiguousarray(hazard[m][:, :, loss_weeks], dtype=np.float64),
        implantation_log_multiplier=np.ascontiguousarray(implantation[m], dtype=np.float64),
    )


def steroid_dose(draws: Draws) -> FloatArray:
    """What a steroid does to density in each draw, over what the womb's table was made with.

    Returns:    shape (draws, regimens), on the log scale of density; 1 without a steroid
    """
    out = np.ones((len(draws), len(load_bridge().regimens)))
    if STEROID in draws.columns:
        dose = np.log(draws.columns[STEROID]) / np.log(load_ledger().value(STEROID))
        for r, name in enumerate(load_bridge().regimens):
            if "prednisolone" in load_regimen(name).drugs:
                out[:, r] = dose
    return out


def regimen_index(regimen: str) -> int:
    """Row of a regimen in the womb's table."""
    return load_bridge().regimens.index(regimen)


@cache
def birth_shares() -> FloatArray:
    """Chance of live birth by week from VIABLE_WEEK among those still pregnant, from the shipped ledger."""
    return birth_shares_of(load_ledger())


@cache
def density_nodes() -> tuple[FloatArray, FloatArray]:
    """Normal nodes and weights that stand for the densities of all women."""
    return differences.normal_nodes(DENSITY_NODES)


@compiled
def mean_and_variance_of_excess(
    p: LawParameters,
    euploid_cumulative: FloatArray,
    table: UterineNkTable,
    z: FloatArray,
    weights: FloatArray,
) -> tuple[float, float]:
    """Mean and variance of the excess at these standard scores of the log density."""
    share = euploid_cumulative[1:] - euploid_cumulative[:-1]
    excess = np.empty(z.size)
    for d in range(z.size):
        log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * z[d]
        excess[d] = differences.nk_mean_excess(table, 0, log_density, share)
    mean = (weights * excess).sum()
    return mean, (weights * (excess - mean) ** 2).sum()


def excess_over_women(p: LawParameters, table: UterineNkTable) -> tuple[float, float]:
    """Mean and variance over women of the uterine NK excess, averaged over weeks, without its strength."""
    cumulative = law.law_tables(p, birth_shares()).euploid_cumulative
    return mean_and_variance_of_excess(p, cumulative, table, *density_nodes())

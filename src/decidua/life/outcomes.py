r"""Every way one pregnancy can end, with its chance: miscarriage by cause and week, stillbirth, birth.

The chances of all outcomes and weeks sum to 1. The causes of a euploid loss share its weekly chance
in proportion to their hazards of that week.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.life import differences, harms, law
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CAUSES,
    LOSS_WEEKS,
    FloatArray,
    LawParameters,
    LawTables,
    UterineNkTable,
)


class Woman(NamedTuple):
    """The latent traits of one woman that bear on one pregnancy."""

    shared: float  # lasting and fading factors of all loss, mean 1
    residual: float  # the euploid factor L that no named cause explains, mean 1
    log_density: float  # lasting uterine NK density, natural log of cells per mm2
    has_antiphospholipid: float  # 0 or 1
    has_uterine_anomaly: float
    has_thyroid_antibodies: float
    has_translocation: float


class Pregnancy(NamedTuple):
    """What is known of one pregnancy before it runs its course."""

    age_years: float
    partner_age_years: float  # NaN when unknown
    regimen: int  # index into the womb's table, 0 is none
    treatment_log_hazard_ratio: float  # direct effect on euploid loss, 0 is none
    preterm_log_odds_ratio: float = 0.0  # of a live birth before 37 weeks under the regimen, 0 is none


class Outcomes(NamedTuple):
    """Chances that sum to 1, from the first positive test on."""

    miscarriage: FloatArray  # (causes, LOSS_WEEKS)
    stillbirth: FloatArray  # (BIRTH_WEEKS,)
    live_birth: FloatArray  # (BIRTH_WEEKS,)


@compiled
def hazard_by_cause(woman: Woman, residual_weight: float, nk_excess: float, p: LawParameters) -> FloatArray:
    """Euploid hazard of one week by cause, in units of the population's mean; entry 0 is unused."""
    by_cause = np.zeros(len(CAUSES))
    by_cause[1] = p.uterine_nk_excess * nk_excess
    by_cause[2] = p.excess_antiphospholipid * woman.has_antiphospholipid
    by_cause[3] = p.excess_uterine_anomaly * woman.has_uterine_anomaly
    by_cause[4] = p.excess_thyroid_antibodies * woman.has_thyroid_antibodies
    by_cause[5] = p.excess_translocation * woman.has_translocation
    by_cause[6] = residual_weight * woman.residual
    return by_cause


@compiled
def fill_miscarriages(
    out: FloatArray,
    woman: Woman,
    pregnancy: Pregnancy,
    residual_weight: float,
    p: LawParameters,
    tables: LawTables,
    nk: UterineNkTable,
) -> float:
    """Write the chance of miscarriage by cause and week; return the chance of reaching VIABLE_WEEK."""
    odds = law.aneuploid_odds(pregnancy.age_years, pregnancy.partner_age_years, p) * woman.shared
    p_aneuploid = law.p_aneuploid_at_week_4(odds, p)
    hazard = (
        law.euploid_hazard(pregnancy.age_years, p)
        * woman.shared
        * math.exp(pregnancy.treatment_log_hazard_ratio)
    )
    nk_total = differences.nk_cumulative(
        nk, pregnancy.regimen, woman.log_density, p, tables.euploid_cumulative
    )
    constant = hazard_by_cause(woman, residual_weight, 0.0, p)
    multiplier = constant.sum()
    for w in range(LOSS_WEEKS):
        out[0, w] = p_aneuploid * (tables.aneuploid_survival[w] - tables.aneuploid_survival[w + 1])
        alive = law.euploid_survival(w, hazard, multiplier, nk_total, tables)
        lost = (1.0 - p_aneuploid) * (
            alive - law.euploid_survival(w + 1, hazard, multiplier, nk_total, tables)
        )
        step = tables.euploid_cumulative[w + 1] - tables.euploid_cumulative[w]
        if lost <= 0.0 or step <= 0.0:
            # before six weeks nothing is known of causes: no part of the named ones
            out[len(CAUSES) - 1, w] = lost
            continue
        nk_step = (nk_total[w + 1] - nk_total[w]) / step
        out[1, w] = lost * nk_step / (nk_step + multiplier)
        for k in range(2, len(CAUSES)):
            out[k, w] = lost * constant[k] / (nk_step + multiplier)
    euploid = law.euploid_survival(LOSS_WEEKS, hazard, multiplier, nk_total, tables)
    return float(p_aneuploid * tables.aneuploid_survival[LOSS_WEEKS] + (1.0 - p_aneuploid) * euploid)


@compiled
def pregnancy_outcomes(
    woman: Woman,
    pregnancy: Pregnancy,
    residual_weight: float,
    p: LawParameters,
    tables: LawTables,
    nk: UterineNkTable,
) -> Outcomes:
    r"""Chance of every outcome and week of one pregnancy, from the first positive test.

    A regimen that brings births forward moves their weeks alone, never how many there are.

    Arguments:  woman            latent traits
                pregnancy        age, partner's age, regimen
                residual_weight  w0 of `differences.remaining_budget`
                p, tables, nk    parameters, tables by week, and the womb's table of one mechanism
    Returns:    Outcomes; all entries together sum to 1
    Checked by: verify/test_law_twin.py (slow twin), tests/property/test_law.py (sums, monotony)
    """
    miscarriage = np.zeros((len(CAUSES), LOSS_WEEKS))
    alive = fill_miscarriages(miscarriage, woman, pregnancy, residual_weight, p, tables, nk)
    stillbirth, live_birth = np.zeros(BIRTH_WEEKS), np.zeros(BIRTH_WEEKS)
    p_still = -math.expm1(-p.stillbirth_hazard_per_week * woman.shared)
    for w in range(BIRTH_WEEKS):
        stillbirth[w] = alive * p_still
        alive -= stillbirth[w]
        live_birth[w] = alive * tables.birth_share[w]
        alive -= live_birth[w]
    timed = harms.retimed_births(live_birth, pregnancy.preterm_log_odds_ratio)
    return Outcomes(miscarriage, stillbirth, timed)

r"""The course of one pregnancy: what the law says of it once woman, age and treatment are known.

Both readers of the law stand on these functions: `outcomes` adds up the chance of every ending, and
`endings` draws one ending. So the two cannot drift apart.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_in_place
from decidua.life import law
from decidua.life.parameters import CAUSES, FloatArray, LawParameters, LawTables

ANEUPLOID, UTERINE_NK, EUPLOID_OTHER = 0, 1, len(CAUSES) - 1


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
    very_early_log_hazard_ratio: float = 0.0  # of a loss before six weeks under the regimen, 0 is none


class Course(NamedTuple):
    """One pregnancy as the law sees it at its first positive test."""

    p_aneuploid: float
    hazard: float  # cumulative euploid hazard of weeks 6 to 23 for a multiplier of 1
    multiplier: float  # euploid multiplier without uterine NK cells
    early_ratio: float  # of the hazard of a loss before six weeks, 1 without treatment


@compiled_in_place
def course_of(
    woman: Woman, pregnancy: Pregnancy, residual_weight: float, p: LawParameters, tables: LawTables
) -> Course:
    """Put age, partner, factors and treatment together.

    Arguments:  woman            latent traits, fading factor included in `shared`
                pregnancy        ages and treatment
                residual_weight  w0 of `differences.remaining_budget`
                p, tables        the law
    Returns:    Course
    """
    age, partner_age = pregnancy.age_years, pregnancy.partner_age_years
    youth = law.log_multiplier_of_youth(age, p)
    odds = law.aneuploid_odds_with(age, partner_age, youth, p) * woman.shared
    hazard = law.euploid_hazard_with(age, youth, p) * woman.shared
    if pregnancy.treatment_log_hazard_ratio != 0.0:
        hazard *= math.exp(pregnancy.treatment_log_hazard_ratio)
    early = pregnancy.very_early_log_hazard_ratio
    return Course(
        law.p_aneuploid_at_week_4(odds, tables),
        hazard,
        multiplier_without_cells(woman, residual_weight, p),
        math.exp(early) if early != 0.0 else 1.0,
    )


@compiled_in_place
def multiplier_without_cells(woman: Woman, residual_weight: float, p: LawParameters) -> float:
    """Euploid multiplier of a woman, uterine NK cells apart."""
    return (
        p.excess_antiphospholipid * woman.has_antiphospholipid
        + p.excess_uterine_anomaly * woman.has_uterine_anomaly
        + p.excess_thyroid_antibodies * woman.has_thyroid_antibodies
        + p.excess_translocation * woman.has_translocation
        + residual_weight * woman.residual
    )


@compiled_in_place
def nk_excess_in_week(i: int, nk_before: float, nk_after: float, tables: LawTables) -> float:
    """Excess of uterine NK cells in week i from its cumulative values; -1 where causes are not told apart."""
    step = tables.euploid_cumulative[i + 1] - tables.euploid_cumulative[i]
    return (nk_after - nk_before) / step if step > 0.0 else -1.0


@compiled_in_place
def cause_hazard(
    cause: int, woman: Woman, residual_weight: float, nk_excess: float, p: LawParameters
) -> float:
    """Euploid hazard of one week from one cause, in units of the population's mean.

    Arguments:  cause            place in CAUSES, from 1 on
                nk_excess        of this week, strength of the mechanism included
    """
    if cause == 1:
        return nk_excess
    if cause == 2:
        return p.excess_antiphospholipid * woman.has_antiphospholipid
    if cause == 3:
        return p.excess_uterine_anomaly * woman.has_uterine_anomaly
    if cause == 4:
        return p.excess_thyroid_antibodies * woman.has_thyroid_antibodies
    if cause == 5:
        return p.excess_translocation * woman.has_translocation
    return residual_weight * woman.residual


@compiled
def hazard_by_cause(woman: Woman, residual_weight: float, nk_excess: float, p: LawParameters) -> FloatArray:
    """Euploid hazard of one week by cause; entry 0 is unused, and nk_excess is before its strength."""
    by_cause = np.zeros(len(CAUSES))
    for k in range(1, by_cause.size):
        by_cause[k] = cause_hazard(k, woman, residual_weight, p.uterine_nk_excess * nk_excess, p)
    return by_cause

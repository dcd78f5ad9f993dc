r"""Every way one pregnancy can end, with its chance: miscarriage by cause and week, stillbirth, birth.

The chances of all outcomes and weeks sum to 1. The causes of a euploid loss share its weekly chance
in proportion to their hazards of that week.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.life import differences, harms, law
from decidua.life.course import (
    ANEUPLOID,
    EUPLOID_OTHER,
    UTERINE_NK,
    Course,
    Pregnancy,
    Woman,
    cause_hazard,
    course_of,
    hazard_by_cause,
    nk_excess_in_week,
)
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CAUSES,
    LOSS_WEEKS,
    FloatArray,
    LawParameters,
    LawTables,
    UterineNkTable,
)

__all__ = ["Outcomes", "Pregnancy", "Woman", "fill_miscarriages", "hazard_by_cause", "pregnancy_outcomes"]


class Outcomes(NamedTuple):
    """Chances that sum to 1, from the first positive test on."""

    miscarriage: FloatArray  # (causes, LOSS_WEEKS)
    stillbirth: FloatArray  # (BIRTH_WEEKS,)
    live_birth: FloatArray  # (BIRTH_WEEKS,)


@compiled_step
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
    course = course_of(woman, pregnancy, residual_weight, p, tables)
    nk_total = differences.nk_cumulative(
        nk, pregnancy.regimen, woman.log_density, p, tables.euploid_cumulative
    )
    for w in range(LOSS_WEEKS):
        out[ANEUPLOID, w] = course.p_aneuploid * (
            aneuploid_alive(w, course, tables) - aneuploid_alive(w + 1, course, tables)
        )
        alive = euploid_alive(w, course, nk_total, tables)
        after = euploid_alive(w + 1, course, nk_total, tables)
        lost = (1.0 - course.p_aneuploid) * (alive - after)
        nk_excess = nk_excess_in_week(w, nk_total[w], nk_total[w + 1], tables)
        if lost <= 0.0 or nk_excess < 0.0:
            # before six weeks nothing is known of causes: no part of the named ones
            out[EUPLOID_OTHER, w] = lost
            continue
        for k in range(UTERINE_NK, len(CAUSES)):
            share = cause_hazard(k, woman, residual_weight, nk_excess, p) / (nk_excess + course.multiplier)
            out[k, w] = lost * share
    last = LOSS_WEEKS
    euploid = euploid_alive(last, course, nk_total, tables)
    aneuploid = aneuploid_alive(last, course, tables)
    return float(course.p_aneuploid * aneuploid + (1.0 - course.p_aneuploid) * euploid)


@compiled_step
def aneuploid_alive(i: int, course: Course, tables: LawTables) -> float:
    """Chance that an aneuploid pregnancy is alive at week boundary i."""
    changed = law.early_change(i, tables.aneuploid_survival, course.early_ratio)
    return float(tables.aneuploid_survival[i] * changed)


@compiled_step
def euploid_alive(i: int, course: Course, nk_total: FloatArray, tables: LawTables) -> float:
    """Chance that a euploid pregnancy is alive at week boundary i."""
    alive = law.euploid_survival(i, course.hazard, course.multiplier, nk_total, tables)
    return alive * law.early_change(i, tables.preclinical_survival, course.early_ratio)


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
    p_still = law.p_stillbirth_within(1, woman.shared, p)
    for w in range(BIRTH_WEEKS):
        stillbirth[w] = alive * p_still
        alive -= stillbirth[w]
        live_birth[w] = alive * tables.birth_share[w]
        alive -= live_birth[w]
    timed = harms.retimed_births(live_birth, pregnancy.preterm_log_odds_ratio)
    return Outcomes(miscarriage, stillbirth, timed)

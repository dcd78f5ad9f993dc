r"""Exact inference for one history under one draw: messages over its pregnancies at one lasting node.

At each lasting node (shared factor, euploid multiplier, uterine NK density) the fading factor is a hidden
chain: messages run forwards over the pregnancies and backwards again. Euploid survival is the exponential
of a sum, so it is a product of one part for the multiplier and one for the density; each part is worked
out once and looked up.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.inference.encoding import ANEUPLOID, ANY, BIRTH, LOSS, STILLBIRTH, UNBALANCED, Course
from decidua.life import differences, law
from decidua.life.parameters import (
    CLINICAL_WEEK,
    FIRST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
    FloatArray,
    LawParameters,
    LawTables,
)

CLINICAL = CLINICAL_WEEK - FIRST_WEEK


class Draw(NamedTuple):
    """One draw, ready."""

    p: LawParameters
    tables: LawTables
    factors: FloatArray  # (shared * fading,) the shared factor at every pair of nodes, lasting first
    shared_weight: FloatArray
    fading_weight: FloatArray
    nk_total: FloatArray  # (regimens, densities, LOSS_WEEKS + 1)
    nk_at_median: FloatArray  # (LOSS_WEEKS + 1,)


class Terms(NamedTuple):
    """Everything about the pregnancies of one draw that does not depend on the multiplier."""

    odds: FloatArray  # (pregnancies,) of aneuploidy at six weeks
    hazard: FloatArray  # (pregnancies,) with treatment
    untreated: FloatArray  # (pregnancies,) without
    p_aneuploid: FloatArray  # (pregnancies, factors) at week 4
    seen: FloatArray  # (pregnancies, factors) chance that the pregnancy is recognised
    late: FloatArray  # (pregnancies, factors) chance of what happened after VIABLE_WEEK
    aneuploid: FloatArray  # (pregnancies,) chance of the course if aneuploid
    early: FloatArray  # (pregnancies,) chance of a loss before six weeks if euploid
    nk: FloatArray  # (pregnancies, 2, factors, densities) survival part at both boundaries
    nk_step: FloatArray  # (pregnancies, densities) uterine NK hazard beside the multiplier in that week
    nk_extra: FloatArray  # (pregnancies, densities) the same above that of the control median
    spared: FloatArray  # (pregnancies, factors) survival on to VIABLE_WEEK at the median, NK part


class Room(NamedTuple):
    """Room for the messages of one node, used again and again."""

    parts: FloatArray  # (pregnancies, 3, factors) survival parts of the multiplier
    whole: FloatArray  # (pregnancies, fading) chance of each course
    aneuploid: FloatArray  # (pregnancies, fading) its aneuploid part
    before: FloatArray  # (pregnancies + 1, fading) message before each pregnancy
    after: FloatArray  # (pregnancies, fading) chance of all that follows
    ahead: FloatArray  # (2, fading)


@compiled
def make_room(pregnancies: int, shared: int, fading: int) -> Room:
    """Room for a history of this length."""
    return Room(
        np.empty((pregnancies, 3, shared * fading)),
        np.empty((pregnancies, fading)),
        np.empty((pregnancies, fading)),
        np.empty((pregnancies + 1, fading)),
        np.empty((pregnancies, fading)),
        np.empty((2, fading)),
    )


@compiled
def recognised_window(survival: FloatArray, first: int, last: int, p: LawParameters) -> float:
    """Chance of a recognised loss between two week boundaries for one class."""
    total = 0.0
    for i in range(first, last):
        total += (survival[i] - survival[i + 1]) * law.p_recognised(FIRST_WEEK + i, p)
    return total


@compiled
def treatment_effect(course: Course, k: int, p: LawParameters) -> float:
    """Log hazard ratio of the drugs taken in pregnancy k, beside what they do to uterine NK cells."""
    return (
        course.treatments[k, 0] * p.prednisolone_log_hazard_ratio
        + course.treatments[k, 1] * p.progesterone_log_hazard_ratio
        + course.treatments[k, 2] * p.aspirin_log_hazard_ratio
    )


@compiled
def terms_of(course: Course, draw: Draw) -> Terms:
    """Work out the terms of one draw."""
    count, factors, densities = course.kind.size, draw.factors.size, draw.nk_total.shape[1]
    size = (count, factors)
    t = Terms(
        np.empty(count),
        np.empty(count),
        np.empty(count),
        np.empty(size),
        np.empty(size),
        np.ones(size),
        np.empty(count),
        np.zeros(count),
        np.zeros((count, 2, factors, densities)),
        np.zeros((count, densities)),
        np.zeros((count, densities)),
        np.ones(size),
    )
    for k in range(count):
        t.odds[k] = law.aneuploid_odds(course.age_years[k], course.partner_age_years[k], draw.p)
        t.untreated[k] = law.euploid_hazard(course.age_years[k], draw.p)
        t.hazard[k] = t.untreated[k] * math.exp(treatment_effect(course, k, draw.p))
        fill_course(course, draw, t, k)
        fill_factors(course, draw, t, k)
        fill_nk(course, draw, t, k)
    return t


@compiled
def fill_course(course: Course, draw: Draw, t: Terms, k: int) -> None:
    """Chances of the course that no difference between women touches."""
    first, last = course.first[k], course.last[k]
    aneuploid, preclinical = draw.tables.aneuploid_survival, draw.tables.preclinical_survival
    if course.kind[k] == LOSS:
        t.aneuploid[k] = recognised_window(aneuploid, first, last, draw.p)
        t.early[k] = recognised_window(preclinical, first, min(last, CLINICAL), draw.p)
    else:
        t.aneuploid[k] = aneuploid[first]


@compiled
def fill_factors(course: Course, draw: Draw, t: Terms, k: int) -> None:
    """Chances that depend on the shared factor alone."""
    unseen_aneuploid = law.p_unrecognised(draw.tables.aneuploid_survival, draw.p)
    unseen_euploid = law.p_unrecognised(draw.tables.preclinical_survival, draw.p)
    for f in range(draw.factors.size):
        q = law.p_aneuploid_at_week_4(t.odds[k] * draw.factors[f], draw.p)
        t.p_aneuploid[k, f] = q
        t.seen[k, f] = 1.0 - q * unseen_aneuploid - (1.0 - q) * unseen_euploid
        if course.kind[k] == BIRTH or course.kind[k] == STILLBIRTH:
            live = law.p_live_birth_if_alive_at(VIABLE_WEEK, draw.factors[f], draw.p, draw.tables)
            t.late[k, f] = live if course.kind[k] == BIRTH else 1.0 - live


@compiled
def fill_nk(course: Course, draw: Draw, t: Terms, k: int) -> None:
    """Survival parts of the uterine NK cells at the two boundaries, and their hazard in between."""
    first, last = max(course.first[k], CLINICAL), max(course.last[k], CLINICAL)
    nk, median = draw.nk_total[course.regimen[k]], draw.nk_at_median
    share = draw.tables.euploid_cumulative[last] - draw.tables.euploid_cumulative[first]
    for d in range(nk.shape[0]):
        for f in range(draw.factors.size):
            rate = t.hazard[k] * draw.factors[f]
            t.nk[k, 0, f, d] = math.exp(-rate * nk[d, first])
            t.nk[k, 1, f, d] = math.exp(-rate * nk[d, last])
        if share > 0.0:
            t.nk_step[k, d] = (nk[d, last] - nk[d, first]) / share
            t.nk_extra[k, d] = max(t.nk_step[k, d] - (median[last] - median[first]) / share, 0.0)
    rest = median[LOSS_WEEKS] - 0.5 * (median[first] + median[last])
    for f in range(draw.factors.size):
        t.spared[k, f] = math.exp(-t.hazard[k] * draw.factors[f] * rest)


@compiled
def fill_multiplier_parts(course: Course, draw: Draw, t: Terms, m: float, room: Room) -> None:
    """Survival parts of one multiplier at both boundaries, and on to VIABLE_WEEK."""
    for k in range(course.kind.size):
        first, last = max(course.first[k], CLINICAL), max(course.last[k], CLINICAL)
        low, high = draw.tables.euploid_cumulative[first], draw.tables.euploid_cumulative[last]
        for f in range(draw.factors.size):
            rate = t.hazard[k] * draw.factors[f] * m
            room.parts[k, 0, f] = math.exp(-rate * low)
            room.parts[k, 1, f] = math.exp(-rate * high)
            room.parts[k, 2, f] = math.exp(-rate * (1.0 - 0.5 * (low + high)))


@compiled
def shows_if_euploid(karyotype: int, unbalanced: float) -> float:
    """Chance that a loss in the euploid channel shows this karyotype; `unbalanced` is due to a translocation."""
    if karyotype == ANY:
        return 1.0
    if karyotype == ANEUPLOID:
        return 0.0
    return unbalanced if karyotype == UNBALANCED else 1.0 - unbalanced


@compiled
def fill_chances(
    course: Course, draw: Draw, t: Terms, room: Room, j: int, d: int, m: float, excess_translocation: float
) -> None:
    """Chance of each pregnancy's course, and its aneuploid part, for every value of the fading factor."""
    fading = draw.fading_weight.size
    at_six = draw.tables.preclinical_survival[CLINICAL]
    for k in range(course.kind.size):
        is_loss, karyotype = course.kind[k] == LOSS, course.karyotype[k]
        shows_later = shows_if_euploid(karyotype, excess_translocation / (m + t.nk_step[k, d]))
        shows_early = shows_if_euploid(karyotype, 0.0)
        shows_aneuploid = 1.0 if karyotype <= ANEUPLOID else 0.0
        before = draw.tables.preclinical_survival[min(course.first[k], CLINICAL)]
        for f in range(fading):
            at = j * fading + f
            q, scale = t.p_aneuploid[k, at], t.late[k, at] / t.seen[k, at]
            alive = room.parts[k, 0, at] * t.nk[k, 0, at, d]
            if is_loss:
                lost_later = at_six * (alive - room.parts[k, 1, at] * t.nk[k, 1, at, d])
                euploid = t.early[k] * shows_early + lost_later * shows_later
            else:
                euploid = before * alive
            room.aneuploid[k, f] = q * t.aneuploid[k] * shows_aneuploid * scale
            room.whole[k, f] = room.aneuploid[k, f] + (1.0 - q) * euploid * scale


@compiled
def forwards(course: Course, draw: Draw, room: Room) -> float:
    """Messages before each pregnancy and after the last one; return the chance of the whole course."""
    fresh, p, count = draw.fading_weight, draw.p, course.kind.size
    room.before[0] = fresh
    for k in range(count):
        here = room.before[k]
        if k > 0 and course.is_renewed[k] == 1:
            renew(here, fresh, kept_at_renewal(p))
        total = 0.0
        for f in range(fresh.size):
            total += here[f] * room.whole[k, f]
        for f in range(fresh.size):
            room.before[k + 1, f] = differences.faded(
                here[f] * room.whole[k, f], total, fresh[f], p.fading_correlation
            )
    return room.before[count].sum()


@compiled
def kept_at_renewal(p: LawParameters) -> float:
    """Chance that the fading factor outlasts a birth or a new partner."""
    return 1.0 - p.fading_renewal_at_birth


@compiled
def renew(message: FloatArray, fresh: FloatArray, kept: float) -> None:
    """Draw the fading factor afresh in place, unless it is kept."""
    total = message.sum()
    for f in range(message.size):
        message[f] = differences.faded(message[f], total, fresh[f], kept)


@compiled
def backwards(course: Course, draw: Draw, room: Room) -> None:
    """Chance of everything after each pregnancy, given the fading factor during it."""
    fresh, last = draw.fading_weight, course.kind.size - 1
    if last >= 0:
        room.after[last] = 1.0
    for k in range(last - 1, -1, -1):
        correlation = draw.p.fading_correlation
        if course.is_renewed[k + 1] == 1:
            correlation *= kept_at_renewal(draw.p)
        total = 0.0
        for f in range(fresh.size):
            total += fresh[f] * room.whole[k + 1, f] * room.after[k + 1, f]
        for f in range(fresh.size):
            follows = room.whole[k + 1, f] * room.after[k + 1, f]
            room.after[k, f] = correlation * follows + (1.0 - correlation) * total

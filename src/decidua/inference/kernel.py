r"""Exact inference for one history under one draw: messages over its pregnancies at every lasting node.

At each lasting node (euploid multiplier, shared factor, uterine NK density) the fading factor is a hidden
chain: messages run forwards over the pregnancies and backwards again. Euploid survival is the exponential
of a sum, so it is a product of one part for the multiplier and one for the density; each part is worked
out once and looked up. All nodes of a branch go through each function together: a call of compiled code
with many arrays costs as much as the arithmetic of a node.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.inference.encoding import ANEUPLOID, ANY, BIRTH, EUPLOID, LOSS, STILLBIRTH, UNBALANCED, Course
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
    """Room for the messages of one branch, used again; nodes run over (multiplier, shared, density)."""

    parts: FloatArray  # (pregnancies, 3, multipliers, factors) survival parts of the multiplier
    whole: FloatArray  # (pregnancies, nodes, fading) chance of each course
    aneuploid: FloatArray  # (pregnancies, nodes, fading) its aneuploid part
    clinical: FloatArray  # (pregnancies, nodes, fading) of a euploid loss from six weeks on, any karyotype
    before: FloatArray  # (pregnancies + 1, nodes, fading) message before each pregnancy
    after: FloatArray  # (pregnancies, nodes, fading) chance of all that follows
    message: FloatArray  # (nodes, fading) on the way to the next pregnancies
    missed: FloatArray  # (fading,)
    alive: FloatArray  # (nodes,) weight with which the future begins


class Nodes(NamedTuple):
    """The lasting nodes of one branch."""

    multiplier: FloatArray  # (multipliers,)
    weight: FloatArray  # (nodes,) prior weight, density weights included
    shared: int
    densities: int


@compiled
def make_room(pregnancies: int, multipliers: int, shared: int, densities: int, fading: int) -> Room:
    """Room for a history of this length."""
    nodes = multipliers * shared * densities
    return Room(
        np.empty((pregnancies, 3, multipliers, shared * fading)),
        np.empty((pregnancies, nodes, fading)),
        np.empty((pregnancies, nodes, fading)),
        np.empty((pregnancies, nodes, fading)),
        np.empty((pregnancies + 1, nodes, fading)),
        np.empty((pregnancies, nodes, fading)),
        np.empty((nodes, fading)),
        np.empty(fading),
        np.empty(nodes),
    )


@compiled
def nodes_of(
    multipliers: FloatArray, weights: FloatArray, shared_weight: FloatArray, density_weight: FloatArray
) -> Nodes:
    """Lay out the nodes of one branch; those without weight stay, and add nothing."""
    shared, densities = shared_weight.size, density_weight.size
    weight = np.empty(multipliers.size * shared * densities)
    node = 0
    for n in range(multipliers.size):
        for j in range(shared):
            for d in range(densities):
                weight[node] = weights[n] * shared_weight[j] * density_weight[d]
                node += 1
    return Nodes(multipliers, weight, shared, densities)


@compiled
def recognised_window(survival: FloatArray, first: int, last: int, p: LawParameters) -> float:
    """Chance of a recognised loss between two week boundaries for one class."""
    total = 0.0
    for i in range(first, last):
        total += (survival[i] - survival[i + 1]) * law.p_recognised(FIRST_WEEK + i, p)
    return float(total)


@compiled
def treatment_effect(course: Course, k: int, p: LawParameters) -> float:
    """Log hazard ratio of the drugs taken in pregnancy k, beside what they do to uterine NK cells."""
    return float(
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
def fill_multiplier_parts(course: Course, draw: Draw, t: Terms, nodes: Nodes, room: Room) -> None:
    """Survival parts of every multiplier at the two boundaries, and on to VIABLE_WEEK."""
    for k in range(course.kind.size):
        first, last = max(course.first[k], CLINICAL), max(course.last[k], CLINICAL)
        low, high = draw.tables.euploid_cumulative[first], draw.tables.euploid_cumulative[last]
        is_loss = course.kind[k] == LOSS
        for n in range(nodes.multiplier.size):
            for f in range(draw.factors.size):
                rate = t.hazard[k] * draw.factors[f] * nodes.multiplier[n]
                room.parts[k, 0, n, f] = math.exp(-rate * low)
                if is_loss:
                    room.parts[k, 1, n, f] = math.exp(-rate * high)
                    room.parts[k, 2, n, f] = math.exp(-rate * (1.0 - 0.5 * (low + high)))


@compiled
def shows_if_euploid(karyotype: int, unbalanced: float) -> float:
    """Chance that a euploid loss shows this karyotype; `unbalanced` is due to a translocation."""
    if karyotype == ANY:
        return 1.0
    if karyotype == ANEUPLOID:
        return 0.0
    return unbalanced if karyotype == UNBALANCED else 1.0 - unbalanced


@compiled
def shows_named(karyotype: int, of_translocation: bool) -> float:
    """Whether (1 or 0) a euploid loss through one named cause shows this karyotype."""
    if karyotype == ANY:
        return 1.0
    return 1.0 if karyotype == (UNBALANCED if of_translocation else EUPLOID) else 0.0


@compiled
def fill_chances(
    course: Course, draw: Draw, t: Terms, nodes: Nodes, room: Room, excess_translocation: float
) -> None:
    """Chance of each pregnancy's course, and its aneuploid part, at every node and fading factor."""
    fading = draw.fading_weight.size
    at_six = draw.tables.preclinical_survival[CLINICAL]
    for k in range(course.kind.size):
        is_loss, karyotype = course.kind[k] == LOSS, course.karyotype[k]
        shows_early = shows_if_euploid(karyotype, 0.0)
        shows_aneuploid = 1.0 if karyotype <= ANEUPLOID else 0.0
        shows_alive = 0.0 if karyotype == ANEUPLOID else 1.0
        before = draw.tables.preclinical_survival[min(course.first[k], CLINICAL)]
        early, aneuploid_course = t.early[k] * shows_early, t.aneuploid[k] * shows_aneuploid
        node = 0
        for n in range(nodes.multiplier.size):
            for j in range(nodes.shared):
                for d in range(nodes.densities):
                    unbalanced = excess_translocation / (nodes.multiplier[n] + t.nk_step[k, d])
                    shows_later = shows_if_euploid(karyotype, unbalanced)
                    for f in range(fading):
                        at = j * fading + f
                        q, scale = t.p_aneuploid[k, at], t.late[k, at] / t.seen[k, at]
                        alive = room.parts[k, 0, n, at] * t.nk[k, 0, at, d]
                        if is_loss:
                            lost = at_six * (alive - room.parts[k, 1, n, at] * t.nk[k, 1, at, d])
                            room.clinical[k, node, f] = (1.0 - q) * lost * scale
                            euploid = early + shows_later * lost
                        else:
                            euploid = before * alive * shows_alive
                        aneuploid = q * aneuploid_course * scale
                        room.aneuploid[k, node, f] = aneuploid
                        room.whole[k, node, f] = aneuploid + (1.0 - q) * euploid * scale
                    node += 1


@compiled
def forwards(course: Course, draw: Draw, nodes: Nodes, room: Room) -> None:
    """Messages before each pregnancy and after the last one, at every node."""
    fresh, count = draw.fading_weight, course.kind.size
    correlation, kept = draw.p.fading_correlation, kept_at_renewal(draw.p)
    for node in range(nodes.weight.size):
        for f in range(fresh.size):
            room.before[0, node, f] = fresh[f]
        for k in range(count):
            if k > 0 and course.is_renewed[k] == 1:
                renew(room.before[k], node, fresh, kept)
            total = 0.0
            for f in range(fresh.size):
                total += room.before[k, node, f] * room.whole[k, node, f]
            for f in range(fresh.size):
                here = room.before[k, node, f] * room.whole[k, node, f]
                room.before[k + 1, node, f] = differences.faded(here, total, fresh[f], correlation)


@compiled
def kept_at_renewal(p: LawParameters) -> float:
    """Chance that the fading factor outlasts a birth or a new partner."""
    return 1.0 - p.fading_renewal_at_birth


@compiled
def renew(messages: FloatArray, node: int, fresh: FloatArray, kept: float) -> None:
    """Draw the fading factor afresh in place at one node, unless it is kept."""
    total = 0.0
    for f in range(fresh.size):
        total += messages[node, f]
    for f in range(fresh.size):
        messages[node, f] = differences.faded(messages[node, f], total, fresh[f], kept)


@compiled
def backwards(course: Course, draw: Draw, nodes: Nodes, room: Room) -> None:
    """Chance of everything after each pregnancy, given the fading factor during it, at every node."""
    fresh, last = draw.fading_weight, course.kind.size - 1
    for k in range(last, -1, -1):
        correlation = draw.p.fading_correlation
        if k < last and course.is_renewed[k + 1] == 1:
            correlation *= kept_at_renewal(draw.p)
        for node in range(nodes.weight.size):
            total = 0.0
            for f in range(fresh.size):
                follows = 1.0 if k == last else room.whole[k + 1, node, f] * room.after[k + 1, node, f]
                total += fresh[f] * follows
            for f in range(fresh.size):
                follows = 1.0 if k == last else room.whole[k + 1, node, f] * room.after[k + 1, node, f]
                room.after[k, node, f] = correlation * follows + (1.0 - correlation) * total


@compiled
def pass_messages(
    course: Course,
    draw: Draw,
    t: Terms,
    nodes: Nodes,
    room: Room,
    excess_translocation: float,
    both_ways: bool,
) -> None:
    """Chances at every node, then the messages forwards, and backwards where causes are asked for."""
    fill_multiplier_parts(course, draw, t, nodes, room)
    fill_chances(course, draw, t, nodes, room, excess_translocation)
    forwards(course, draw, nodes, room)
    if both_ways:
        backwards(course, draw, nodes, room)

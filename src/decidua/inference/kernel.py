r"""Exact inference for one history under one draw: messages over its pregnancies at every lasting node.

At each lasting node (euploid multiplier, shared factor, uterine NK density) the fading factor is a hidden
chain: messages run forwards over the pregnancies and backwards again. Euploid survival is the exponential
of a sum, so it is a product of one part for the multiplier and one for the density; each part is worked
out once and looked up. All nodes of a branch go through each function together: a call of compiled code
with many arrays costs as much as the arithmetic of a node. The nodes stand last in every array, so that
the inner loops are long and each step of theirs is the same.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled_in_place, compiled_step
from decidua.base.exponential import decay
from decidua.inference.encoding import ANEUPLOID, ANY, BIRTH, EUPLOID, LOSS, STILLBIRTH, UNBALANCED, Course
from decidua.life import differences, law
from decidua.life.parameters import (
    CLINICAL_WEEK,
    FIRST_WEEK,
    LOSS_WEEKS,
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
    live: FloatArray  # (shared * fading,) chance of a live birth once VIABLE_WEEK is reached
    shared_weight: FloatArray
    fading_weight: FloatArray
    nk_total: FloatArray  # (regimens, densities, LOSS_WEEKS + 1)
    nk_at_median: FloatArray  # (LOSS_WEEKS + 1,)


class Terms(NamedTuple):
    """Everything about the pregnancies of one draw that does not depend on the multiplier.

    A course has the chance `settled + euploid * s`, where s is the share of euploid pregnancies, of those
    alive at six weeks, that go this way.
    """

    odds: FloatArray  # (pregnancies,) of aneuploidy at six weeks
    hazard: FloatArray  # (pregnancies,) with treatment
    untreated: FloatArray  # (pregnancies,) without
    aneuploid: FloatArray  # (pregnancies, factors) chance of the course as an aneuploid pregnancy
    settled: FloatArray  # (pregnancies, factors) the same with euploid losses before six weeks
    euploid: FloatArray  # (pregnancies, factors)
    nk: FloatArray  # (pregnancies, 2, factors, densities) survival part at both boundaries
    nk_step: FloatArray  # (pregnancies, densities) uterine NK hazard beside the multiplier in that week
    nk_extra: FloatArray  # (pregnancies, densities) the same above that of the control median
    spared: FloatArray  # (pregnancies, factors) survival on to VIABLE_WEEK at the median, NK part


class Room(NamedTuple):
    """Room for the messages of one branch, used again; nodes run over (shared, density, multiplier)."""

    parts: FloatArray  # (pregnancies, 3, factors, multipliers) survival parts of the multiplier
    clinical: FloatArray  # (pregnancies, fading, nodes) euploid part from six weeks on, any karyotype
    whole: FloatArray  # (pregnancies, fading, nodes) chance of each course
    before: FloatArray  # (pregnancies + 1, fading, nodes) message before each pregnancy
    after: FloatArray  # (pregnancies, fading, nodes) chance of all that follows
    message: FloatArray  # (fading, nodes) on the way to the next pregnancies
    total: FloatArray  # (nodes,) sums over the fading factor
    lost: FloatArray  # (nodes,)
    unborn: FloatArray  # (nodes,)
    part: FloatArray  # (factors, multipliers) survival part of the multiplier in a pregnancy ahead
    survival: FloatArray  # (factors, densities, multipliers) to VIABLE_WEEK in that pregnancy


class Nodes(NamedTuple):
    """The lasting nodes of one branch."""

    multiplier: FloatArray  # (multipliers,)
    weight: FloatArray  # (nodes,) prior weight, density weights included
    shared: int
    densities: int


@compiled_step
def make_room(pregnancies: int, multipliers: int, shared: int, densities: int, fading: int) -> Room:
    """Room for a history of this length."""
    nodes = multipliers * shared * densities
    return Room(
        np.empty((pregnancies, 3, shared * fading, multipliers)),
        np.empty((pregnancies, fading, nodes)),
        np.empty((pregnancies, fading, nodes)),
        np.empty((pregnancies + 1, fading, nodes)),
        np.empty((pregnancies, fading, nodes)),
        np.empty((fading, nodes)),
        np.empty(nodes),
        np.empty(nodes),
        np.empty(nodes),
        np.empty((shared * fading, multipliers)),
        np.empty((shared * fading, densities, multipliers)),
    )


@compiled_step
def nodes_of(
    multipliers: FloatArray, weights: FloatArray, shared_weight: FloatArray, density_weight: FloatArray
) -> Nodes:
    """Lay out the nodes of one branch; those without weight stay, and add nothing."""
    shared, densities = shared_weight.size, density_weight.size
    weight = np.empty((shared, densities, multipliers.size))
    for j in range(shared):
        for d in range(densities):
            for n in range(multipliers.size):
                weight[j, d, n] = weights[n] * shared_weight[j] * density_weight[d]
    return Nodes(multipliers, weight.ravel(), shared, densities)


@compiled_in_place
def recognised_window(survival: FloatArray, first: int, last: int, p: LawParameters) -> float:
    """Chance of a recognised loss between two week boundaries for one class."""
    total = 0.0
    for i in range(first, last):
        total += (survival[i] - survival[i + 1]) * law.p_recognised(FIRST_WEEK + i, p)
    return float(total)


@compiled_in_place
def treatment_effect(course: Course, k: int, p: LawParameters) -> float:
    """Log hazard ratio of the drugs taken in pregnancy k, beside what they do to uterine NK cells."""
    return float(
        course.treatments[k, 0] * p.prednisolone_log_hazard_ratio
        + course.treatments[k, 1] * p.progesterone_log_hazard_ratio
        + course.treatments[k, 2] * p.aspirin_log_hazard_ratio
    )


@compiled_step
def make_terms(pregnancies: int, factors: int, densities: int) -> Terms:
    """Room for the terms of one draw, used again for the next."""
    size = (pregnancies, factors)
    return Terms(
        np.empty(pregnancies),
        np.empty(pregnancies),
        np.empty(pregnancies),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty((pregnancies, 2, factors, densities)),
        np.empty((pregnancies, densities)),
        np.empty((pregnancies, densities)),
        np.empty(size),
    )


@compiled_in_place
def fill_terms(course: Course, draw: Draw, t: Terms) -> None:
    """Work out the terms of one draw."""
    for k in range(course.kind.size):
        t.odds[k] = law.aneuploid_odds(course.age_years[k], course.partner_age_years[k], draw.p)
        t.untreated[k] = law.euploid_hazard(course.age_years[k], draw.p)
        t.hazard[k] = t.untreated[k] * math.exp(treatment_effect(course, k, draw.p))
        fill_factors(course, draw, t, k)
        fill_nk(course, draw, t, k)


@compiled_in_place
def p_course_by_class(course: Course, draw: Draw, k: int) -> tuple[float, float, float]:
    """Chances that no difference between women touches, the karyotype included.

    Returns:    of the course if aneuploid; of a euploid loss before six weeks; of being euploid and alive
                at six weeks, or at the boundary of the course where that is earlier
    """
    first, last, karyotype = course.first[k], course.last[k], course.karyotype[k]
    aneuploid, preclinical = draw.tables.aneuploid_survival, draw.tables.preclinical_survival
    shows_aneuploid = 1.0 if karyotype <= ANEUPLOID else 0.0
    if course.kind[k] != LOSS:
        shows_alive = 0.0 if karyotype == ANEUPLOID else 1.0
        alive = preclinical[min(first, CLINICAL)] * shows_alive
        return aneuploid[first] * shows_aneuploid, 0.0, alive
    early = recognised_window(preclinical, first, min(last, CLINICAL), draw.p)
    return (
        recognised_window(aneuploid, first, last, draw.p) * shows_aneuploid,
        early * shows_if_euploid(karyotype, 0.0),
        preclinical[CLINICAL],
    )


@compiled_in_place
def fill_factors(course: Course, draw: Draw, t: Terms, k: int) -> None:
    """Chances that depend on the shared factor alone."""
    unseen_aneuploid = law.p_unrecognised(draw.tables.aneuploid_survival, draw.p)
    unseen_euploid = law.p_unrecognised(draw.tables.preclinical_survival, draw.p)
    aneuploid, early, at_six = p_course_by_class(course, draw, k)
    for f in range(draw.factors.size):
        q = law.p_aneuploid_at_week_4(t.odds[k] * draw.factors[f], draw.tables)
        late = 1.0
        if course.kind[k] == BIRTH:
            late = draw.live[f]
        elif course.kind[k] == STILLBIRTH:
            late = 1.0 - draw.live[f]
        scale = late / (1.0 - q * unseen_aneuploid - (1.0 - q) * unseen_euploid)
        t.aneuploid[k, f] = q * aneuploid * scale
        t.settled[k, f] = t.aneuploid[k, f] + (1.0 - q) * early * scale
        t.euploid[k, f] = (1.0 - q) * at_six * scale


@compiled_in_place
def fill_nk(course: Course, draw: Draw, t: Terms, k: int) -> None:
    """Survival parts of the uterine NK cells at the boundaries of a course, and their hazard in between.

    A course that does not end in a loss has one boundary; nobody asks for its second part.
    """
    first, last = max(course.first[k], CLINICAL), max(course.last[k], CLINICAL)
    nk, median = draw.nk_total[course.regimen[k]], draw.nk_at_median
    rest = median[LOSS_WEEKS] - 0.5 * (median[first] + median[last])
    for f in range(draw.factors.size):
        rate = t.hazard[k] * draw.factors[f]
        t.spared[k, f] = rate * rest
        for d in range(nk.shape[0]):
            t.nk[k, 0, f, d], t.nk[k, 1, f, d] = rate * nk[d, first], rate * nk[d, last]
    decay(t.spared[k])
    decay(t.nk[k, 0].reshape(-1))
    if course.kind[k] == LOSS:
        decay(t.nk[k, 1].reshape(-1))
    share = draw.tables.euploid_cumulative[last] - draw.tables.euploid_cumulative[first]
    t.nk_step[k], t.nk_extra[k] = 0.0, 0.0
    if share > 0.0:
        for d in range(nk.shape[0]):
            t.nk_step[k, d] = (nk[d, last] - nk[d, first]) / share
            t.nk_extra[k, d] = max(t.nk_step[k, d] - (median[last] - median[first]) / share, 0.0)


@compiled_in_place
def fill_multiplier_parts(
    course: Course, draw: Draw, t: Terms, nodes: Nodes, room: Room, both_ways: bool
) -> None:
    """Survival parts of every multiplier at the boundaries of each course, and for causes to VIABLE_WEEK."""
    for k in range(course.kind.size):
        first, last = max(course.first[k], CLINICAL), max(course.last[k], CLINICAL)
        low, high = draw.tables.euploid_cumulative[first], draw.tables.euploid_cumulative[last]
        is_loss = course.kind[k] == LOSS
        for f in range(draw.factors.size):
            for n in range(nodes.multiplier.size):
                rate = t.hazard[k] * draw.factors[f] * nodes.multiplier[n]
                room.parts[k, 0, f, n], room.parts[k, 1, f, n] = rate * low, rate * high
                room.parts[k, 2, f, n] = rate * (1.0 - 0.5 * (low + high))
        decay(room.parts[k, 0].reshape(-1))
        if is_loss:
            decay(room.parts[k, 1].reshape(-1))
        if is_loss and both_ways:
            decay(room.parts[k, 2].reshape(-1))


@compiled_in_place
def shows_if_euploid(karyotype: int, unbalanced: float) -> float:
    """Chance that a euploid loss shows this karyotype; `unbalanced` is due to a translocation."""
    if karyotype == ANY:
        return 1.0
    if karyotype == ANEUPLOID:
        return 0.0
    return unbalanced if karyotype == UNBALANCED else 1.0 - unbalanced


@compiled_in_place
def shows_named(karyotype: int, of_translocation: bool) -> float:
    """Whether (1 or 0) a euploid loss through one named cause shows this karyotype."""
    if karyotype == ANY:
        return 1.0
    return 1.0 if karyotype == (UNBALANCED if of_translocation else EUPLOID) else 0.0


@compiled_in_place
def fill_chances(
    course: Course, draw: Draw, t: Terms, nodes: Nodes, room: Room, excess_translocation: float
) -> None:
    """Chance of each pregnancy's course at every fading factor and node."""
    shape = (draw.fading_weight.size, nodes.shared, nodes.densities, nodes.multiplier.size)
    for k in range(course.kind.size):
        clinical, whole = room.clinical[k].reshape(shape), room.whole[k].reshape(shape)
        ends = 1.0 if course.kind[k] == LOSS else 0.0
        for f in range(shape[0]):
            for j in range(shape[1]):
                at = j * shape[0] + f
                reached, passed = room.parts[k, 0, at], room.parts[k, 1, at]
                for d in range(shape[2]):
                    first, second = (
                        t.euploid[k, at] * t.nk[k, 0, at, d],
                        ends * t.euploid[k, at] * t.nk[k, 1, at, d],
                    )
                    for n in range(shape[3]):
                        clinical[f, j, d, n] = first * reached[n] - second * passed[n]
                        whole[f, j, d, n] = t.settled[k, at] + clinical[f, j, d, n]
        if course.kind[k] == LOSS and course.karyotype[k] != ANY:
            show_karyotype(course.karyotype[k], t, nodes, room, excess_translocation, k)


@compiled_in_place
def show_karyotype(
    karyotype: int, t: Terms, nodes: Nodes, room: Room, excess_translocation: float, k: int
) -> None:
    """Narrow the chance of a loss down to those whose chromosomes were found like this."""
    fading = room.whole.shape[1]
    node = 0
    for j in range(nodes.shared):
        for d in range(nodes.densities):
            for n in range(nodes.multiplier.size):
                unbalanced = excess_translocation / (nodes.multiplier[n] + t.nk_step[k, d])
                shows = shows_if_euploid(karyotype, unbalanced)
                for f in range(fading):
                    room.whole[k, f, node] = t.settled[k, j * fading + f] + shows * room.clinical[k, f, node]
                node += 1


@compiled_in_place
def sum_of(messages: FloatArray, total: FloatArray) -> None:
    """Add up messages over the fading factor, at every node."""
    total[:] = 0.0
    for f in range(messages.shape[0]):
        for node in range(total.size):
            total[node] += messages[f, node]


@compiled_in_place
def fade(messages: FloatArray, total: FloatArray, fresh: FloatArray, kept: float) -> None:
    """Carry messages on in place, the fading factor kept with this chance and else drawn afresh.

    Leaves their sum over the fading factor, which stays the same, in `total`.
    """
    sum_of(messages, total)
    for f in range(fresh.size):
        for node in range(total.size):
            messages[f, node] = differences.faded(messages[f, node], total[node], fresh[f], kept)


@compiled_in_place
def forwards(course: Course, draw: Draw, room: Room) -> None:
    """Messages before each pregnancy and after the last one, at every node."""
    fresh = draw.fading_weight
    for f in range(fresh.size):
        room.before[0, f, :] = fresh[f]
    for k in range(course.kind.size):
        here, following = room.before[k], room.before[k + 1]
        if k > 0 and course.is_renewed[k] == 1:
            fade(here, room.total, fresh, kept_at_renewal(draw.p))
        for f in range(fresh.size):
            for node in range(room.total.size):
                following[f, node] = here[f, node] * room.whole[k, f, node]
        fade(following, room.total, fresh, draw.p.fading_correlation)


@compiled_in_place
def kept_at_renewal(p: LawParameters) -> float:
    """Chance that the fading factor outlasts a birth or a new partner."""
    return 1.0 - p.fading_renewal_at_birth


@compiled_in_place
def backwards(course: Course, draw: Draw, room: Room) -> None:
    """Chance of everything after each pregnancy, given the fading factor during it, at every node."""
    fresh, last = draw.fading_weight, course.kind.size - 1
    for k in range(last, -1, -1):
        correlation, after = draw.p.fading_correlation, room.after[k]
        if k == last:
            after[:] = 1.0
            continue
        if course.is_renewed[k + 1] == 1:
            correlation *= kept_at_renewal(draw.p)
        room.total[:] = 0.0
        for f in range(fresh.size):
            for node in range(room.total.size):
                after[f, node] = room.whole[k + 1, f, node] * room.after[k + 1, f, node]
                room.total[node] += fresh[f] * after[f, node]
        for f in range(fresh.size):
            for node in range(room.total.size):
                after[f, node] = correlation * after[f, node] + (1.0 - correlation) * room.total[node]


@compiled_in_place
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
    fill_multiplier_parts(course, draw, t, nodes, room, both_ways)
    fill_chances(course, draw, t, nodes, room, excess_translocation)
    forwards(course, draw, room)
    if both_ways:
        backwards(course, draw, room)

"""Looking ahead from one node: the next pregnancies, and the one that is still going on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.inference import kernel
from decidua.inference.encoding import Course
from decidua.inference.kernel import Draw, Nodes, Room, Terms
from decidua.life import differences, law
from decidua.life.parameters import LOSS_WEEKS, VIABLE_WEEK, FloatArray

PREGNANCIES = 3  # looked ahead
NEXT_LOSS, NEXT_BIRTH, CURRENT_BIRTH, UNTREATED_HERE, ANY_BIRTH = 0, 1, 2, 3, 4
ANSWERS = ANY_BIRTH + PREGNANCIES


class Ahead(NamedTuple):
    """What the answer is about."""

    age_years: float  # NaN: nothing is asked about the future
    partner_age_years: float  # NaN when unknown
    interval_years: float  # from one pregnancy to the next
    is_renewed: int  # 1: the fading factor is drawn afresh before the next pregnancy
    is_ongoing: int  # 1: the last pregnancy of the course is still going on
    ongoing_week: int


class Future(NamedTuple):
    """Terms of the next pregnancies of one draw, without treatment."""

    p_aneuploid_loss: FloatArray  # (PREGNANCIES, factors) chance of an aneuploid loss
    p_euploid: FloatArray  # (PREGNANCIES, factors) what a sure euploid loss would add to it
    hazard: FloatArray  # (PREGNANCIES,)
    nk: FloatArray  # (PREGNANCIES, factors, densities) survival part
    live: FloatArray  # (factors,) chance of a live birth once viable


@compiled
def future_of(asked: Ahead, draw: Draw) -> Future:
    """Work out the terms of the next pregnancies of one draw."""
    factors, densities = draw.factors.size, draw.nk_total.shape[1]
    out = Future(
        np.empty((PREGNANCIES, factors)),
        np.empty((PREGNANCIES, factors)),
        np.empty(PREGNANCIES),
        np.empty((PREGNANCIES, factors, densities)),
        np.empty(factors),
    )
    for f in range(factors):
        out.live[f] = law.p_live_birth_if_alive_at(VIABLE_WEEK, draw.factors[f], draw.p, draw.tables)
    for k in range(PREGNANCIES):
        age = asked.age_years + k * asked.interval_years
        odds = law.aneuploid_odds(age, asked.partner_age_years + k * asked.interval_years, draw.p)
        out.hazard[k] = law.euploid_hazard(age, draw.p)
        for f in range(factors):
            out.p_aneuploid_loss[k, f] = law.p_loss_of_classes(odds * draw.factors[f], 0.0, draw.p)
            sure = law.p_loss_of_classes(odds * draw.factors[f], 1.0, draw.p)
            out.p_euploid[k, f] = sure - out.p_aneuploid_loss[k, f]
            for d in range(densities):
                total = draw.nk_total[0, d, LOSS_WEEKS]
                out.nk[k, f, d] = math.exp(-out.hazard[k] * draw.factors[f] * total)
    return out


@compiled
def look_ahead(
    asked: Ahead,
    course: Course,
    draw: Draw,
    terms: Terms,
    future: Future,
    nodes: Nodes,
    room: Room,
    answers: FloatArray,
) -> None:
    """Add the chances of the next pregnancies over the nodes of all women."""
    room.message[: nodes.weight.size] = room.before[course.kind.size, : nodes.weight.size]
    if asked.is_ongoing == 1:
        end_current(asked, course, draw, terms, nodes, room, answers)
    elif asked.is_renewed == 1:
        kept = kernel.kept_at_renewal(draw.p)
        for node in range(nodes.weight.size):
            kernel.renew(room.message, node, draw.fading_weight, kept)
    for k in range(PREGNANCIES):
        one_ahead(k, draw, future, nodes, room, answers)


@compiled
def one_ahead(k: int, draw: Draw, future: Future, nodes: Nodes, room: Room, answers: FloatArray) -> None:
    """Add the chance of a birth within k + 1 more pregnancies, and carry those without one on."""
    fresh, correlation = draw.fading_weight, draw.p.fading_correlation
    fading = fresh.size
    parts = np.empty(draw.factors.size)
    node = 0
    for n in range(nodes.multiplier.size):
        for f in range(draw.factors.size):
            parts[f] = math.exp(-future.hazard[k] * draw.factors[f] * nodes.multiplier[n])
        for j in range(nodes.shared):
            for d in range(nodes.densities):
                lost, unborn, total = 0.0, 0.0, 0.0
                for f in range(fading):
                    at = j * fading + f
                    euploid = 1.0 - parts[at] * future.nk[k, at, d]
                    loss = future.p_aneuploid_loss[k, at] + future.p_euploid[k, at] * euploid
                    here = room.message[node, f]
                    room.missed[f] = here * (1.0 - (1.0 - loss) * future.live[at])
                    lost += here * loss
                    unborn += room.missed[f]
                    total += here
                if k == 0:
                    answers[NEXT_LOSS] += nodes.weight[node] * lost
                    answers[NEXT_BIRTH] += nodes.weight[node] * (total - unborn)
                    room.alive[node] = total
                answers[ANY_BIRTH + k] += nodes.weight[node] * (room.alive[node] - unborn)
                for f in range(fading):
                    room.message[node, f] = differences.faded(room.missed[f], unborn, fresh[f], correlation)
                node += 1


@compiled
def end_current(
    asked: Ahead, course: Course, draw: Draw, terms: Terms, nodes: Nodes, room: Room, answers: FloatArray
) -> None:
    """Let the ongoing pregnancy end: its chance of a live birth, then the fading factor after it.

    Leaves the message for the next pregnancy in `room.message`.
    """
    fresh, p, k = draw.fading_weight, draw.p, course.kind.size - 1
    kept = p.fading_correlation * kernel.kept_at_renewal(p)
    week = max(asked.ongoing_week, VIABLE_WEEK)
    treated = draw.nk_total[course.regimen[k]]
    node = 0
    for n in range(nodes.multiplier.size):
        for j in range(nodes.shared):
            for d in range(nodes.densities):
                m = nodes.multiplier[n]
                lost, born = 0.0, 0.0
                for f in range(fresh.size):
                    at = j * fresh.size + f
                    viable = p_alive(draw, terms.odds[k], terms.hazard[k], at, m, treated[d], LOSS_WEEKS)
                    reached = p_alive(
                        draw, terms.odds[k], terms.hazard[k], at, m, treated[d], course.first[k]
                    )
                    without = p_alive(
                        draw, terms.odds[k], terms.untreated[k], at, m, draw.nk_total[0, d], course.first[k]
                    )
                    live = law.p_live_birth_if_alive_at(week, draw.factors[at], p, draw.tables)
                    here = room.before[k, node, f] * room.whole[k, node, f]
                    birth = viable / reached * live
                    answers[CURRENT_BIRTH] += nodes.weight[node] * here * birth
                    answers[UNTREATED_HERE] += nodes.weight[node] * here * min(without / reached, 1.0)
                    room.missed[f] = here * (1.0 - birth)
                    lost += here * (1.0 - birth)
                    born += here * birth
                for f in range(fresh.size):
                    here = room.before[k, node, f] * room.whole[k, node, f]
                    stays = differences.faded(room.missed[f], lost, fresh[f], p.fading_correlation)
                    after_birth = differences.faded(here - room.missed[f], born, fresh[f], kept)
                    room.message[node, f] = stays + after_birth
                node += 1


@compiled
def p_alive(
    draw: Draw, odds: float, hazard: float, at: int, m: float, nk_total: FloatArray, boundary: int
) -> float:
    """Chance that a pregnancy with a first positive test is alive at a week boundary."""
    factor = draw.factors[at]
    q = law.p_aneuploid_at_week_4(odds * factor, draw.p)
    euploid = law.euploid_survival(boundary, hazard * factor, m, nk_total, draw.tables)
    return float(q * draw.tables.aneuploid_survival[boundary] + (1.0 - q) * euploid)

"""Looking ahead from one node: the next pregnancies, and the one that is still going on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.arrays import put
from decidua.base.compiled import compiled_in_place, compiled_step
from decidua.base.exponential import decay
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
    pregnancies: int  # how many are looked ahead, up to PREGNANCIES; later answers stay 0
    with_conditions: int  # 1: it is asked of the women with each condition too


class Future(NamedTuple):
    """Terms of the next pregnancies of one draw, without treatment."""

    p_aneuploid_loss: FloatArray  # (PREGNANCIES, factors) chance of an aneuploid loss
    p_euploid: FloatArray  # (PREGNANCIES, factors) what a sure euploid loss would add to it
    hazard: FloatArray  # (PREGNANCIES,)
    nk: FloatArray  # (PREGNANCIES, factors, densities) survival part
    live: FloatArray  # (factors,) chance of a live birth from the week that an ongoing pregnancy reached


@compiled_step
def make_future(factors: int, densities: int) -> Future:
    """Room for the terms of one draw, used again for the next."""
    return Future(
        np.empty((PREGNANCIES, factors)),
        np.empty((PREGNANCIES, factors)),
        np.empty(PREGNANCIES),
        np.empty((PREGNANCIES, factors, densities)),
        np.empty(factors),
    )


@compiled_in_place
def fill_future(asked: Ahead, draw: Draw, out: Future) -> None:
    """Work out the terms of the next pregnancies of one draw."""
    factors, densities = draw.factors.size, draw.nk_total.shape[1]
    for k in range(asked.pregnancies):
        age = asked.age_years + k * asked.interval_years
        odds = law.aneuploid_odds(age, asked.partner_age_years + k * asked.interval_years, draw.p)
        out.hazard[k] = law.euploid_hazard(age, draw.p)
        for f in range(factors):
            out.p_aneuploid_loss[k, f] = law.p_loss_of_classes(odds * draw.factors[f], 0.0, draw.p)
            sure = law.p_loss_of_classes(odds * draw.factors[f], 1.0, draw.p)
            out.p_euploid[k, f] = sure - out.p_aneuploid_loss[k, f]
            for d in range(densities):
                out.nk[k, f, d] = out.hazard[k] * draw.factors[f] * draw.nk_total[0, d, LOSS_WEEKS]
        decay(out.nk[k].reshape(-1))


@compiled_in_place
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
    """Add the chances of the next pregnancies over the nodes of one branch; nothing without an age now."""
    if math.isnan(asked.age_years):
        return
    for f in range(room.message.shape[0]):
        put(room.before[course.kind.size, f], room.message[f])
    if asked.is_ongoing == 1:
        end_current(asked, course, draw, terms, future, nodes, room, answers)
    elif asked.is_renewed == 1:
        kernel.fade(room.message, room.total, draw.fading_weight, kernel.kept_at_renewal(draw.p))
    for k in range(asked.pregnancies):
        one_ahead(k, draw, future, nodes, room, answers)


@compiled_in_place
def one_ahead(k: int, draw: Draw, future: Future, nodes: Nodes, room: Room, answers: FloatArray) -> None:
    """Add the chance of a birth within k + 1 more pregnancies, and carry those without one on."""
    if k == 0:
        kernel.sum_of(room.message, room.total)
    else:
        kernel.fade(room.message, room.unborn, draw.fading_weight, draw.p.fading_correlation)
    without_birth(k, draw, future, nodes, room)
    lost, born = 0.0, 0.0
    for node in range(nodes.weight.size):
        lost += nodes.weight[node] * room.lost[node]
        born += nodes.weight[node] * (room.total[node] - room.unborn[node])
    answers[ANY_BIRTH + k] += born
    if k == 0:
        answers[NEXT_LOSS] += lost
        answers[NEXT_BIRTH] += born


@compiled_in_place
def without_birth(k: int, draw: Draw, future: Future, nodes: Nodes, room: Room) -> None:
    """Narrow the messages down to the women whose next pregnancy brings no birth; add up its losses."""
    fading, each = draw.fading_weight.size, nodes.densities * nodes.multiplier.size
    message = room.message.reshape((fading, nodes.shared, each))
    lost, unborn = room.lost.reshape((nodes.shared, each)), room.unborn.reshape((nodes.shared, each))
    fill_survival(k, draw, future, nodes, room)
    survival = room.survival.reshape((draw.factors.size, each))
    lost[:], unborn[:] = 0.0, 0.0
    for j in range(nodes.shared):
        for f in range(fading):
            at = j * fading + f
            p_aneuploid_loss, p_euploid = future.p_aneuploid_loss[k, at], future.p_euploid[k, at]
            narrow(
                message[f, j], survival[at], p_aneuploid_loss, p_euploid, draw.live[at], lost[j], unborn[j]
            )


@compiled_in_place
def narrow(
    message: FloatArray,
    survival: FloatArray,
    p_aneuploid_loss: float,
    p_euploid: float,
    live: float,
    lost: FloatArray,
    unborn: FloatArray,
) -> None:
    """The same for the women at one pair of factors, one row that the processor takes several at a time."""
    for at in range(message.size):
        here = message[at]
        loss = p_aneuploid_loss + p_euploid * (1.0 - survival[at])
        missed = here * (1.0 - (1.0 - loss) * live)
        lost[at] += here * loss
        unborn[at] += missed
        message[at] = missed


@compiled_in_place
def fill_survival(k: int, draw: Draw, future: Future, nodes: Nodes, room: Room) -> None:
    """Survival to VIABLE_WEEK at every shared factor, density and multiplier."""
    for at in range(draw.factors.size):
        for n in range(nodes.multiplier.size):
            room.part[at, n] = future.hazard[k] * draw.factors[at] * nodes.multiplier[n]
    decay(room.part.reshape(-1))
    for at in range(draw.factors.size):
        for d in range(nodes.densities):
            for n in range(nodes.multiplier.size):
                room.survival[at, d, n] = room.part[at, n] * future.nk[k, at, d]


@compiled_in_place
def end_current(
    asked: Ahead,
    course: Course,
    draw: Draw,
    terms: Terms,
    future: Future,
    nodes: Nodes,
    room: Room,
    answers: FloatArray,
) -> None:
    """Let the ongoing pregnancy end: its chance of a live birth, then the fading factor after it.

    Leaves the message for the next pregnancy in `room.message`.
    """
    fresh, p, k = draw.fading_weight, draw.p, course.kind.size - 1
    kept = p.fading_correlation * kernel.kept_at_renewal(p)
    fill_live(max(asked.ongoing_week, VIABLE_WEEK), draw, future.live)
    node = 0
    for j in range(nodes.shared):
        for d in range(nodes.densities):
            for n in range(nodes.multiplier.size):
                lost, born = 0.0, 0.0
                for f in range(fresh.size):
                    at, here = j * fresh.size + f, room.before[k, f, node] * room.whole[k, f, node]
                    birth, untreated = end_here(course, draw, terms, at, d, nodes.multiplier[n])
                    birth *= future.live[at]
                    answers[CURRENT_BIRTH] += nodes.weight[node] * here * birth
                    answers[UNTREATED_HERE] += nodes.weight[node] * here * untreated
                    room.message[f, node] = here * (1.0 - birth)
                    lost += room.message[f, node]
                    born += here * birth
                for f in range(fresh.size):
                    here, missed = room.before[k, f, node] * room.whole[k, f, node], room.message[f, node]
                    stays = differences.faded(missed, lost, fresh[f], p.fading_correlation)
                    after_birth = differences.faded(here - missed, born, fresh[f], kept)
                    room.message[f, node] = stays + after_birth
                node += 1


@compiled_in_place
def fill_live(week: int, draw: Draw, out: FloatArray) -> None:
    """Chance of a live birth if alive at the start of this week, at every shared factor."""
    for at in range(out.size):
        out[at] = law.p_live_birth_if_alive_at(week, draw.factors[at], draw.p, draw.tables)


@compiled_in_place
def end_here(
    course: Course, draw: Draw, terms: Terms, at: int, density: int, multiplier: float
) -> tuple[float, float]:
    """For the ongoing pregnancy at one node.

    Returns:    chance to reach VIABLE_WEEK; share of like women who would be here without the treatment
    """
    k = course.kind.size - 1
    boundary, odds = course.first[k], terms.odds[k]
    treated, untreated = draw.nk_total[course.regimen[k], density], draw.nk_total[0, density]
    viable = p_alive(draw, odds, terms.hazard[k], at, multiplier, treated, LOSS_WEEKS)
    reached = p_alive(draw, odds, terms.hazard[k], at, multiplier, treated, boundary)
    without = p_alive(draw, odds, terms.untreated[k], at, multiplier, untreated, boundary)
    return viable / reached, min(without / reached, 1.0)


@compiled_in_place
def p_alive(
    draw: Draw, odds: float, hazard: float, at: int, m: float, nk_total: FloatArray, boundary: int
) -> float:
    """Chance that a pregnancy with a first positive test is alive at a week boundary."""
    factor = draw.factors[at]
    q = law.p_aneuploid_at_week_4(odds * factor, draw.tables)
    euploid = law.euploid_survival(boundary, hazard * factor, m, nk_total, draw.tables)
    return float(q * draw.tables.aneuploid_survival[boundary] + (1.0 - q) * euploid)

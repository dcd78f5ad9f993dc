"""Looking ahead from one node: the next pregnancies, and the one that is still going on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled_step
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


class Future(NamedTuple):
    """Terms of the next pregnancies of one draw, without treatment."""

    p_aneuploid_loss: FloatArray  # (PREGNANCIES, factors) chance of an aneuploid loss
    p_euploid: FloatArray  # (PREGNANCIES, factors) what a sure euploid loss would add to it
    hazard: FloatArray  # (PREGNANCIES,)
    nk: FloatArray  # (PREGNANCIES, factors, densities) survival part


@compiled_step
def make_future(factors: int, densities: int) -> Future:
    """Room for the terms of one draw, used again for the next."""
    return Future(
        np.empty((PREGNANCIES, factors)),
        np.empty((PREGNANCIES, factors)),
        np.empty(PREGNANCIES),
        np.empty((PREGNANCIES, factors, densities)),
    )


@compiled_step
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
        decay(out.nk[k].ravel())


@compiled_step
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
    room.message[:] = room.before[course.kind.size]
    if asked.is_ongoing == 1:
        end_current(asked, course, draw, terms, nodes, room, answers)
    elif asked.is_renewed == 1:
        kernel.fade(room.message, room.total, draw.fading_weight, kernel.kept_at_renewal(draw.p))
    for k in range(asked.pregnancies):
        one_ahead(k, draw, future, nodes, room, answers)


@compiled_step
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


@compiled_step
def without_birth(k: int, draw: Draw, future: Future, nodes: Nodes, room: Room) -> None:
    """Narrow the messages down to the women whose next pregnancy brings no birth; add up its losses."""
    shape = (draw.fading_weight.size, nodes.shared, nodes.densities, nodes.multiplier.size)
    message, parts = room.message.reshape(shape), survival_parts(k, draw, future, nodes)
    lost, unborn = room.lost.reshape(shape[1:]), room.unborn.reshape(shape[1:])
    lost[:], unborn[:] = 0.0, 0.0
    for j in range(shape[1]):
        for f in range(shape[0]):
            at = j * shape[0] + f
            for d in range(shape[2]):
                for n in range(shape[3]):
                    here, euploid = message[f, j, d, n], 1.0 - parts[at, n] * future.nk[k, at, d]
                    loss = future.p_aneuploid_loss[k, at] + future.p_euploid[k, at] * euploid
                    missed = here * (1.0 - (1.0 - loss) * draw.live[at])
                    lost[j, d, n] += here * loss
                    unborn[j, d, n] += missed
                    message[f, j, d, n] = missed


@compiled_step
def survival_parts(k: int, draw: Draw, future: Future, nodes: Nodes) -> FloatArray:
    """Survival to VIABLE_WEEK of every shared factor and multiplier, without uterine NK cells."""
    out = np.empty((draw.factors.size, nodes.multiplier.size))
    for at in range(draw.factors.size):
        for n in range(nodes.multiplier.size):
            out[at, n] = future.hazard[k] * draw.factors[at] * nodes.multiplier[n]
    decay(out.ravel())
    return out


@compiled_step
def end_current(
    asked: Ahead, course: Course, draw: Draw, terms: Terms, nodes: Nodes, room: Room, answers: FloatArray
) -> None:
    """Let the ongoing pregnancy end: its chance of a live birth, then the fading factor after it.

    Leaves the message for the next pregnancy in `room.message`.
    """
    fresh, p, k = draw.fading_weight, draw.p, course.kind.size - 1
    kept = p.fading_correlation * kernel.kept_at_renewal(p)
    live = live_from(max(asked.ongoing_week, VIABLE_WEEK), draw)
    missed, here = np.empty(fresh.size), np.empty(fresh.size)
    node = 0
    for j in range(nodes.shared):
        for d in range(nodes.densities):
            for n in range(nodes.multiplier.size):
                for f in range(fresh.size):
                    at = j * fresh.size + f
                    here[f] = room.before[k, f, node] * room.whole[k, f, node]
                    birth, untreated = end_here(course, draw, terms, at, d, nodes.multiplier[n])
                    birth *= live[at]
                    answers[CURRENT_BIRTH] += nodes.weight[node] * here[f] * birth
                    answers[UNTREATED_HERE] += nodes.weight[node] * here[f] * untreated
                    missed[f] = here[f] * (1.0 - birth)
                lost, born = missed.sum(), here.sum() - missed.sum()
                for f in range(fresh.size):
                    stays = differences.faded(missed[f], lost, fresh[f], p.fading_correlation)
                    after_birth = differences.faded(here[f] - missed[f], born, fresh[f], kept)
                    room.message[f, node] = stays + after_birth
                node += 1


@compiled_step
def live_from(week: int, draw: Draw) -> FloatArray:
    """Chance of a live birth if alive at the start of this week, at every shared factor."""
    out = np.empty(draw.factors.size)
    for at in range(out.size):
        out[at] = law.p_live_birth_if_alive_at(week, draw.factors[at], draw.p, draw.tables)
    return out


@compiled_step
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


@compiled_step
def p_alive(
    draw: Draw, odds: float, hazard: float, at: int, m: float, nk_total: FloatArray, boundary: int
) -> float:
    """Chance that a pregnancy with a first positive test is alive at a week boundary."""
    factor = draw.factors[at]
    q = law.p_aneuploid_at_week_4(odds * factor, draw.tables)
    euploid = law.euploid_survival(boundary, hazard * factor, m, nk_total, draw.tables)
    return float(q * draw.tables.aneuploid_survival[boundary] + (1.0 - q) * euploid)

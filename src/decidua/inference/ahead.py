"""Looking ahead from one node: the next pregnancies, and the one that is still going on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.inference import kernel
from decidua.inference.encoding import Course
from decidua.inference.kernel import Draw, Room, Terms
from decidua.life import differences, law
from decidua.life.parameters import LOSS_WEEKS, VIABLE_WEEK, FloatArray, LawParameters

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

    odds: FloatArray  # (PREGNANCIES,) of aneuploidy at six weeks
    hazard: FloatArray  # (PREGNANCIES,)
    nk: FloatArray  # (PREGNANCIES, factors, densities) survival part
    live: FloatArray  # (factors,) chance of a live birth once viable


@compiled
def future_of(asked: Ahead, draw: Draw) -> Future:
    """Work out the terms of the next pregnancies of one draw."""
    factors, densities = draw.factors.size, draw.nk_total.shape[1]
    out = Future(
        np.empty(PREGNANCIES),
        np.empty(PREGNANCIES),
        np.empty((PREGNANCIES, factors, densities)),
        np.empty(factors),
    )
    for f in range(factors):
        out.live[f] = law.p_live_birth_if_alive_at(VIABLE_WEEK, draw.factors[f], draw.p, draw.tables)
    for k in range(PREGNANCIES):
        age = asked.age_years + k * asked.interval_years
        out.odds[k] = law.aneuploid_odds(age, asked.partner_age_years + k * asked.interval_years, draw.p)
        out.hazard[k] = law.euploid_hazard(age, draw.p)
        for f in range(factors):
            for d in range(densities):
                total = draw.nk_total[0, d, LOSS_WEEKS]
                out.nk[k, f, d] = math.exp(-out.hazard[k] * draw.factors[f] * total)
    return out


@compiled
def p_next_loss(future: Future, k: int, at: int, d: int, m: float, factor: float, p: LawParameters) -> float:
    """Chance that the k-th next pregnancy, alive at six weeks, is lost before VIABLE_WEEK."""
    euploid = 1.0 - math.exp(-future.hazard[k] * factor * m) * future.nk[k, at, d]
    return law.p_loss_of_classes(future.odds[k] * factor, euploid, p)


@compiled
def look_ahead(
    asked: Ahead,
    course: Course,
    draw: Draw,
    terms: Terms,
    future: Future,
    room: Room,
    j: int,
    d: int,
    m: float,
    weight: float,
    answers: FloatArray,
) -> None:
    """Add the chances of the next pregnancies at one node (shared j, density d, multiplier m)."""
    fresh, p = draw.fading_weight, draw.p
    count, offset = course.kind.size, j * fresh.size
    message, missed = room.ahead[0], room.ahead[1]
    message[:] = room.before[count]
    if asked.is_ongoing == 1:
        end_current(asked, course, draw, terms, room, offset, d, m, weight, answers)
    elif asked.is_renewed == 1:
        kernel.renew(message, fresh, kernel.kept_at_renewal(p))
    total = message.sum()
    for k in range(PREGNANCIES):
        lost, unborn = 0.0, 0.0
        for f in range(fresh.size):
            loss = p_next_loss(future, k, offset + f, d, m, draw.factors[offset + f], p)
            missed[f] = message[f] * (1.0 - (1.0 - loss) * future.live[offset + f])
            lost += message[f] * loss
            unborn += missed[f]
        if k == 0:
            answers[NEXT_LOSS] += weight * lost
            answers[NEXT_BIRTH] += weight * (total - unborn)
        answers[ANY_BIRTH + k] += weight * (total - unborn)
        for f in range(fresh.size):
            message[f] = differences.faded(missed[f], unborn, fresh[f], p.fading_correlation)


@compiled
def end_current(
    asked: Ahead,
    course: Course,
    draw: Draw,
    terms: Terms,
    room: Room,
    offset: int,
    d: int,
    m: float,
    weight: float,
    answers: FloatArray,
) -> None:
    """Let the ongoing pregnancy end: its chance of a live birth, then the fading factor after it.

    Leaves the message for the next pregnancy in `room.ahead[0]`.
    """
    fresh, p, k = draw.fading_weight, draw.p, course.kind.size - 1
    week = max(asked.ongoing_week, VIABLE_WEEK)
    lost, born = 0.0, 0.0
    for f in range(fresh.size):
        at = offset + f
        treated = draw.nk_total[course.regimen[k], d]
        viable = p_alive(draw, terms.odds[k], terms.hazard[k], at, m, treated, LOSS_WEEKS)
        reached = p_alive(draw, terms.odds[k], terms.hazard[k], at, m, treated, course.first[k])
        live = law.p_live_birth_if_alive_at(week, draw.factors[at], p, draw.tables)
        without = p_alive(draw, terms.odds[k], terms.untreated[k], at, m, draw.nk_total[0, d], course.first[k])
        here = room.before[k, f] * room.whole[k, f]
        birth = viable / reached * live
        answers[CURRENT_BIRTH] += weight * here * birth
        answers[UNTREATED_HERE] += weight * here * min(without / reached, 1.0)
        born += here * birth
        room.ahead[1, f] = here * (1.0 - birth)
        lost += here * (1.0 - birth)
    kept = p.fading_correlation * kernel.kept_at_renewal(p)
    for f in range(fresh.size):
        missed = room.ahead[1, f]
        carried = room.before[k, f] * room.whole[k, f] - missed
        room.ahead[0, f] = differences.faded(missed, lost, fresh[f], p.fading_correlation)
        room.ahead[0, f] += differences.faded(carried, born, fresh[f], kept)


@compiled
def p_alive(
    draw: Draw, odds: float, hazard: float, at: int, m: float, nk_total: FloatArray, boundary: int
) -> float:
    """Chance that a pregnancy with a first positive test is alive at a week boundary."""
    factor = draw.factors[at]
    q = law.p_aneuploid_at_week_4(odds * factor, draw.p)
    euploid = law.euploid_survival(boundary, hazard * factor, m, nk_total, draw.tables)
    return q * draw.tables.aneuploid_survival[boundary] + (1.0 - q) * euploid

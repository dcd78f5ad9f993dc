"""One ending of one pregnancy, drawn from the law's own functions: survival at week boundaries, inverted."""

from __future__ import annotations

import math
from typing import NamedTuple

from decidua.base.address import Stream, uniform_at
from decidua.base.compiled import compiled_in_place, compiled_step
from decidua.life import harms, law, purposes
from decidua.life.course import (
    ANEUPLOID,
    EUPLOID_OTHER,
    Course,
    Woman,
    cause_hazard,
    nk_excess_in_week,
)
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CLINICAL_WEEK,
    FIRST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
    FloatArray,
    LawParameters,
    LawTables,
)
from decidua.life.ways import INDUCED, LIVE_BIRTH, MISCARRIAGE, STILLBIRTH, Ways

NO_CAUSE = -1


class Ending(NamedTuple):
    """How one pregnancy ended, whether or not anybody knew of it."""

    outcome: int  # place in OUTCOMES
    week: int  # completed week of gestation
    cause: int  # place in CAUSES, NO_CAUSE unless a miscarriage
    is_aneuploid: int


class Cells(NamedTuple):
    """Where one woman stands in the table of uterine NK cells of her draw and regimen."""

    cumulative: FloatArray  # (regimens, densities, LOSS_WEEKS + 1)
    regimen: int
    below: int
    fraction: float


@compiled_in_place
def cells_until(i: int, cells: Cells) -> float:
    """Cumulative excess of uterine NK cells at week boundary i, straight lines between densities."""
    low = cells.cumulative[cells.regimen, cells.below, i]
    return float(low + (cells.cumulative[cells.regimen, cells.below + 1, i] - low) * cells.fraction)


@compiled_in_place
def week_of_loss(u: float, is_aneuploid: int, course: Course, cells: Cells, tables: LawTables) -> int:
    """Completed week in which survival falls to u or below, or VIABLE_WEEK if it never does."""
    if is_aneuploid:
        return week_of_aneuploid_loss(u, course, tables.aneuploid_survival)
    return week_of_euploid_loss(u, course, cells, tables)


@compiled_in_place
def week_of_aneuploid_loss(u: float, course: Course, survival: FloatArray) -> int:
    """The same of one table of survival."""
    alive, dead = 0, LOSS_WEEKS + 1
    while dead - alive > 1:
        middle = (alive + dead) // 2
        if survival[middle] * law.early_change(middle, survival, course.early_ratio) > u:
            alive = middle
        else:
            dead = middle
    return FIRST_WEEK + alive


@compiled_in_place
def week_of_euploid_loss(u: float, course: Course, cells: Cells, tables: LawTables) -> int:
    """The same of `law.euploid_survival`, by the cumulative hazard that u allows from six weeks on."""
    at_six_weeks = early_survival(CLINICAL_WEEK, course, tables)
    if at_six_weeks <= u:
        return week_of_early_loss(u, course, tables)
    # a chance is never above its hazard, which spares most pregnancies the logarithm
    if at_six_weeks * (1.0 - course.hazard * hazard_until(LOSS_WEEKS, course, cells, tables)) > u:
        return VIABLE_WEEK
    allowed = math.log(at_six_weeks / u) / course.hazard
    alive, dead = CLINICAL_WEEK - FIRST_WEEK, LOSS_WEEKS + 1
    while dead - alive > 1:
        middle = (alive + dead) // 2
        if hazard_until(middle, course, cells, tables) < allowed:
            alive = middle
        else:
            dead = middle
    return FIRST_WEEK + alive


@compiled_in_place
def early_survival(week: int, course: Course, tables: LawTables) -> float:
    """Chance that a euploid pregnancy is alive at the start of a week, six at most."""
    i, survival = week - FIRST_WEEK, tables.preclinical_survival
    return float(survival[i] * law.early_change(i, survival, course.early_ratio))


@compiled_in_place
def week_of_early_loss(u: float, course: Course, tables: LawTables) -> int:
    """Week of a euploid loss that comes before six weeks."""
    week = FIRST_WEEK
    while early_survival(week + 1, course, tables) > u:
        week += 1
    return week


@compiled_in_place
def hazard_until(i: int, course: Course, cells: Cells, tables: LawTables) -> float:
    """Cumulative euploid hazard until week boundary i with these cells."""
    return law.euploid_total(i, course.multiplier, cells_until(i, cells), tables)


@compiled_in_place
def cause_of_loss(
    u: float, week: int, woman: Woman, course: Course, residual_weight: float, cells: Cells,
    p: LawParameters, tables: LawTables,
) -> int:  # fmt: skip
    """Cause of a euploid loss in this week: causes share the hazard of the week."""
    i = week - FIRST_WEEK
    nk_excess = nk_excess_in_week(i, cells_until(i, cells), cells_until(i + 1, cells), tables)
    if nk_excess < 0.0:
        return EUPLOID_OTHER  # before six weeks nothing is known of causes
    left = u * (nk_excess + course.multiplier)
    for k in range(1, EUPLOID_OTHER):
        left -= cause_hazard(k, woman, residual_weight, nk_excess, p)
        if left < 0.0:
            return k
    return EUPLOID_OTHER


@compiled_in_place
def birth_week(u: float, unborn: FloatArray) -> int:
    """Weeks after VIABLE_WEEK at which the share not yet born falls below u."""
    before, after = 0, BIRTH_WEEKS
    while after - before > 1:
        middle = (before + after) // 2
        if unborn[middle] > u:
            before = middle
        else:
            after = middle
    return before


@compiled_in_place
def birth_or_stillbirth(
    stream: Stream, order: int, shared: float, is_aneuploid: int, p: LawParameters, unborn: FloatArray
) -> Ending:
    """What becomes of a pregnancy that reached VIABLE_WEEK: stillbirth competes with birth."""
    weeks = birth_week(uniform_at(stream, order, purposes.BIRTH_WEEK), unborn)
    u = uniform_at(stream, order, purposes.STILL)
    rate = p.stillbirth_hazard_per_week * shared
    # a chance is never above its hazard, which spares nearly every pregnancy the exponential
    if u < rate * (weeks + 1) and u < law.p_stillbirth_within(weeks + 1, shared, p):
        passed = -math.log1p(-u) / rate
        return Ending(STILLBIRTH, VIABLE_WEEK + min(int(passed), weeks), NO_CAUSE, is_aneuploid)
    return Ending(LIVE_BIRTH, VIABLE_WEEK + weeks, NO_CAUSE, is_aneuploid)


@compiled_in_place
def live_birth_weight(weeks: int, keep: float, unborn: FloatArray) -> float:
    """How common a live birth is so many weeks after VIABLE_WEEK, up to a constant."""
    return float(keep ** (weeks + 1) * (unborn[weeks] - unborn[weeks + 1]))


@compiled_in_place
def weight_between(first: int, last: int, keep: float, unborn: FloatArray) -> float:
    """The same for all weeks from first to last - 1."""
    total = 0.0
    for weeks in range(first, last):
        total += live_birth_weight(weeks, keep, unborn)
    return total


@compiled_in_place
def week_between(u: float, first: int, last: int, keep: float, unborn: FloatArray) -> int:
    """One of these weeks, each as common as live births in it."""
    left = u * weight_between(first, last, keep, unborn)
    for weeks in range(first, last):
        left -= live_birth_weight(weeks, keep, unborn)
        if left < 0.0:
            return weeks
    return last - 1


@compiled_step
def retimed(
    stream: Stream, order: int, ending: Ending, shared: float, log_odds_ratio: float, p: LawParameters,
    unborn: FloatArray,
) -> Ending:  # fmt: skip
    """The same live birth, perhaps on the other side of 37 weeks: `harms.retimed_births` for one of them."""
    term, keep = harms.PRETERM_WEEK - VIABLE_WEEK, 1.0 - law.p_stillbirth_within(1, shared, p)
    early = weight_between(0, term, keep, unborn)
    share = early / (early + weight_between(term, BIRTH_WEEKS, keep, unborn))
    is_early = ending.week < harms.PRETERM_WEEK
    moves = harms.p_moves(share, log_odds_ratio, is_early)
    if uniform_at(stream, order, purposes.RETIMED) >= moves:
        return ending
    u = uniform_at(stream, order, purposes.RETIMED_WEEK)
    first, last = (term, BIRTH_WEEKS) if is_early else (0, term)
    weeks = week_between(u, first, last, keep, unborn)
    return Ending(LIVE_BIRTH, VIABLE_WEEK + weeks, ending.cause, ending.is_aneuploid)


@compiled_in_place
def week_she_would_end_it(stream: Stream, order: int, year: int, ways: Ways) -> int:
    """Week in which she ends the pregnancy if it lasts until then, or a week after all others."""
    if uniform_at(stream, order, purposes.INDUCED_AT_ALL) >= ways.p_induced[year]:
        return VIABLE_WEEK + BIRTH_WEEKS
    weeks = ways.induced_last_week - ways.induced_first_week + 1
    return ways.induced_first_week + int(uniform_at(stream, order, purposes.INDUCED_WEEK) * weeks)


@compiled_in_place
def ending_of(
    stream: Stream, order: int, year: int, woman: Woman, course: Course, residual_weight: float,
    cells: Cells, preterm: float, p: LawParameters, tables: LawTables, unborn: FloatArray, ways: Ways,
) -> Ending:  # fmt: skip
    """Draw how a pregnancy ends; every later step has a number of its own, so care moves only what it moves.

    Checked by: verify/test_lives.py (every outcome and week against `outcomes.pregnancy_outcomes`)
    """
    is_aneuploid = 1 if uniform_at(stream, order, purposes.CLASS) < course.p_aneuploid else 0
    week = week_of_loss(uniform_at(stream, order, purposes.SURVIVAL), is_aneuploid, course, cells, tables)
    induced_week = week_she_would_end_it(stream, order, year, ways)
    if induced_week <= week:
        return Ending(INDUCED, induced_week, NO_CAUSE, is_aneuploid)
    if week == VIABLE_WEEK:
        ending = birth_or_stillbirth(stream, order, woman.shared, is_aneuploid, p, unborn)
        if preterm == 0.0 or ending.outcome != LIVE_BIRTH:
            return ending
        return retimed(stream, order, ending, woman.shared, preterm, p, unborn)
    if is_aneuploid:
        return Ending(MISCARRIAGE, week, ANEUPLOID, is_aneuploid)
    u = uniform_at(stream, order, purposes.CAUSE)
    cause = cause_of_loss(u, week, woman, course, residual_weight, cells, p, tables)
    return Ending(MISCARRIAGE, week, cause, is_aneuploid)

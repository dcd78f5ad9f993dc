"""What care does in a life: it sees what is on record, tests, treats and makes her wait.

Care never looks at what a woman was born with, except through the error of a reading. Numbers are passed in.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.address import Stream, uniform_at
from decidua.base.compiled import compiled_in_place, compiled_step
from decidua.base.normal import normal_quantile
from decidua.life import purposes
from decidua.life.between import Record, Trying
from decidua.life.course import Pregnancy
from decidua.life.latents import Latents
from decidua.life.parameters import FloatArray, LawParameters
from decidua.life.ways import Draws, IntArray

NO_TEST, UTERINE_NK, BLOOD_NK = 0, 1, 2
NOTHING, IF_HIGH, TO_ALL, BOTH = range(4)  # treatments: BOTH is the sum of the two before it
TREATMENTS = 4
LOG_HAZARD_RATIO, PRETERM, VERY_EARLY, INFECTION = range(4)  # columns of effects
EFFECTS = 4
READING_LOG_SD, BLOOD_CORRELATION = range(2)  # columns of reading
NOT_GIVEN = -1


class Pathway(NamedTuple):
    """One pathway of care, in numbers; the first axis of an array is the draw.

    The effects of a treatment are, in this order: direct log hazard ratio of euploid loss, log odds ratio of
    a birth before 37 weeks, log hazard ratio of very early loss, and chance of an infection it adds.
    """

    test: int
    after_losses: int  # recorded losses after which she is tested; 0: never
    in_a_row: int  # 1: only losses since her last birth count
    cut: float  # a reading above it is high: log cells per mm2, or standard score in blood
    true_cut: float  # a lasting density below it is not high: log cells per mm2
    result_days: int  # until a result, before she tries again
    p_accepts: float  # what she is offered
    wait_days: int  # of each try under the course that follows a high reading
    to_all_after_losses: int  # recorded losses after which a treatment is offered without a test; 0: never
    regimens: IntArray  # (TREATMENTS,) row of the womb's table; NOT_GIVEN where nothing is offered
    effects: FloatArray  # (draws, TREATMENTS, EFFECTS)
    reading: FloatArray  # (draws, 2) spread of a reading, and correlation of blood with the womb


NO_CARE = Pathway(
    NO_TEST, 0, 0, 0.0, 0.0, 0, 0.0, 0, 0,
    np.zeros(TREATMENTS, dtype=np.int64), np.zeros((1, TREATMENTS, EFFECTS)), np.zeros((1, 2)),
)  # fmt: skip


class Care(NamedTuple):
    """What care has done for her so far."""

    is_tested: int
    is_flagged: int
    is_offered: int  # what is offered without a test
    treatment: int  # of every pregnancy from now on


NO_CARE_YET = Care(0, 0, 0, NOTHING)


@compiled_step
def care_after(
    stream: Stream, draw: int, record: Record, care: Care, her: Latents, p: LawParameters, pathway: Pathway
) -> Care:
    """What follows from the record, before she tries again: each test and each offer comes once."""
    losses = record.run if pathway.in_a_row else record.losses
    accepts = uniform_at(stream, 0, purposes.CARE_TAKEN) < pathway.p_accepts
    tested, flagged, offered, treatment = care
    if not tested and 0 < pathway.after_losses <= losses:
        tested, flagged = 1, reads_high(stream, draw, her, p, pathway)
        if flagged and accepts and pathway.regimens[IF_HIGH] != NOT_GIVEN:
            treatment += IF_HIGH
    if not offered and 0 < pathway.to_all_after_losses <= losses:
        offered = 1
        treatment += TO_ALL if accepts else NOTHING
    return Care(tested, flagged, offered, treatment)


@compiled_in_place
def reads_high(stream: Stream, draw: int, her: Latents, p: LawParameters, pathway: Pathway) -> int:
    """Whether one reading lies above the cut."""
    if pathway.test == BLOOD_NK:
        z = normal_quantile(uniform_at(stream, 0, purposes.BLOOD_READING))
        r, sd = pathway.reading[draw, BLOOD_CORRELATION], p.uterine_nk_lasting_log_sd
        score = (her.log_density - p.uterine_nk_log_median) / sd if sd > 0.0 else 0.0
        return 1 if r * score + math.sqrt(1.0 - r * r) * z > pathway.cut else 0
    z = normal_quantile(uniform_at(stream, 0, purposes.UTERINE_READING))
    return 1 if her.log_density + pathway.reading[draw, READING_LOG_SD] * z > pathway.cut else 0


@compiled_in_place
def after_waiting(trying: Trying, before: Care, care: Care, pathway: Pathway) -> Trying:
    """She tries again once a result has come and, under the course after a high reading, its wait is over."""
    days = pathway.result_days if care.is_tested > before.is_tested else 0
    days += pathway.wait_days if care.treatment & IF_HIGH else 0
    return Trying(trying.day + days, trying.since + days, trying.cycles, trying.reason)


@compiled_in_place
def p_conceive_under(treatment: int, draw: int, her: Latents, draws: Draws, pathway: Pathway) -> float:
    """Chance per cycle at ratio 1, with what the treatment does to implantation through the cells."""
    if treatment == NOTHING:
        return her.p_conceive
    usual = log_implantation(draws.implantation_log, draw, 0, her)
    under = log_implantation(draws.implantation_log, draw, pathway.regimens[treatment], her)
    return her.p_conceive * math.exp(under - usual)


@compiled_in_place
def log_implantation(table: FloatArray, draw: int, regimen: int, her: Latents) -> float:
    """Log multiplier of implantation at her density, straight lines between densities."""
    low = table[draw, regimen, her.nk_below]
    return float(low + (table[draw, regimen, her.nk_below + 1] - low) * her.nk_fraction)


@compiled_in_place
def pregnancy_under(treatment: int, draw: int, age: float, gap_years: float, pathway: Pathway) -> Pregnancy:
    """What the law is told of one pregnancy with this treatment."""
    if treatment == NOTHING:
        return Pregnancy(age, age + gap_years, 0, 0.0, 0.0, 0.0)
    does = pathway.effects[draw, treatment]
    regimen = pathway.regimens[treatment]
    return Pregnancy(age, age + gap_years, regimen, does[LOG_HAZARD_RATIO], does[PRETERM], does[VERY_EARLY])


@compiled_in_place
def adds_infection(stream: Stream, order: int, draw: int, treatment: int, pathway: Pathway) -> int:
    """Whether this course adds an infection that needs a hospital."""
    if treatment == NOTHING:
        return 0
    p_added = pathway.effects[draw, treatment, INFECTION]
    return 1 if uniform_at(stream, order, purposes.INFECTION) < p_added else 0

"""Between two pregnancies: where a woman stands, with whom she tries, and whether she tries again."""

from __future__ import annotations

import math
from typing import NamedTuple

from decidua.base.address import Stream, uniform_at
from decidua.base.compiled import compiled_in_place
from decidua.base.normal import normal_quantile
from decidua.life import purposes
from decidua.life.conceiving import NEVER, cycles_to_conception
from decidua.life.endings import Ending
from decidua.life.latents import Latents, factor_of
from decidua.life.parameters import FloatArray, LawParameters
from decidua.life.ways import (
    DAYS_IN_YEAR,
    GAVE_UP_AFTER_LOSS,
    GAVE_UP_TRYING,
    GOING_ON,
    HAS_FAMILY,
    HORIZON,
    LIVE_BIRTH,
    MISCARRIAGE,
    STERILE,
    STILLBIRTH,
    Draws,
    Ways,
)


class Trying(NamedTuple):
    """Where she stands in time; days are days of age."""

    day: int  # from which on she tries; when pregnant, the first day of the cycle of conception
    since: int  # first day of this wait
    cycles: int  # of it so far, without a recognised pregnancy
    reason: int  # GOING_ON, or why no further pregnancy comes


class Couple(NamedTuple):
    """With whom she tries, and what fades from one pregnancy to the next."""

    same_since: int  # last day of age on which it was asked whether the partner is the same
    partner: int  # 1 for the first
    gap_years: float  # partner's age minus hers
    fading: float


class Record(NamedTuple):
    """What is on record: all that care may look at."""

    run: int  # recognised losses since the last birth
    longest_run: int
    losses: int
    births: int  # live
    recognised: int
    cycles_to_first: int


NOTHING_YET = Record(0, 0, 0, 0, 0, 0)


@compiled_in_place
def partner_gap(u: float, p: LawParameters, ways: Ways) -> float:
    """Partner's age minus hers."""
    if ways.partner_gap_sd_years == 0.0:
        return p.partner_age_gap_years
    return p.partner_age_gap_years + ways.partner_gap_sd_years * normal_quantile(u)


@compiled_in_place
def fresh_fading(u: float, p: LawParameters, draws: Draws) -> float:
    """A value of the fading factor that owes nothing to an earlier one."""
    return factor_of(u, p.sd_shared_fading, draws.shape, p.high_class_share)


@compiled_in_place
def first_couple(stream: Stream, her: Latents, p: LawParameters, draws: Draws, ways: Ways) -> Couple:
    """The couple on the day on which she first tries to conceive."""
    gap = partner_gap(uniform_at(stream, 0, purposes.FIRST_PARTNER_GAP), p, ways)
    fading = fresh_fading(uniform_at(stream, 0, purposes.FIRST_FADING), p, draws)
    return Couple(her.start_day, 1, gap, fading)


@compiled_in_place
def next_conception(
    stream: Stream, order: int, trying: Trying, is_gravid: int, p_conceive: float, ratios: FloatArray,
    her: Latents, ways: Ways,
) -> Trying:  # fmt: skip
    """Move on to the cycle in which she conceives, or to the end of trying.

    Nobody notices sterility: she tries until she gives up or the horizon comes.
    """
    horizon = min(her.start_day + ways.horizon_days, ways.last_day)
    gives_up = trying.since + ways.give_up_days
    end = min(horizon, gives_up)
    u = uniform_at(stream, order, purposes.CONCEPTION)
    until = min(end, her.sterile_day)
    cycles = cycles_to_conception(u, trying.day, until, p_conceive, ratios, is_gravid, ways.cycle_days)
    if cycles == NEVER:
        reason = STERILE if her.sterile_day < end else (GAVE_UP_TRYING if gives_up < horizon else HORIZON)
        return Trying(max(trying.day, end), trying.since, trying.cycles, reason)
    day = trying.day + (cycles - 1) * ways.cycle_days
    return Trying(day, trying.since, trying.cycles + cycles, GOING_ON)


@compiled_in_place
def couple_today(
    stream: Stream, order: int, day: int, couple: Couple, p: LawParameters, draws: Draws, ways: Ways
) -> Couple:
    """The same partner as at the last pregnancy, or a new one with whom the fading factor begins afresh."""
    expected = (day - couple.same_since) * (ways.rate_new_partner_per_year / DAYS_IN_YEAR)
    u = uniform_at(stream, order, purposes.NEW_PARTNER)
    if u >= expected or u >= -math.expm1(-expected):
        return Couple(day, couple.partner, couple.gap_years, couple.fading)
    gap = partner_gap(uniform_at(stream, order, purposes.PARTNER_GAP), p, ways)
    fading = fresh_fading(uniform_at(stream, order, purposes.FADING), p, draws)
    return Couple(day, couple.partner + 1, gap, fading)


@compiled_in_place
def fading_after(
    stream: Stream, order: int, couple: Couple, is_delivery: bool, p: LawParameters, draws: Draws
) -> Couple:
    """The fading factor of the next pregnancy: kept with its chance, which a birth lowers, else afresh."""
    kept = p.fading_correlation * (1.0 - p.fading_renewal_at_birth if is_delivery else 1.0)
    if uniform_at(stream, order, purposes.FADING_KEPT) < kept:
        return couple
    fading = fresh_fading(uniform_at(stream, order, purposes.FADING_NEXT), p, draws)
    return Couple(couple.same_since, couple.partner, couple.gap_years, fading)


@compiled_in_place
def is_delivered(ending: Ending) -> bool:
    """Whether the pregnancy reached the week from which a loss is a stillbirth."""
    return ending.outcome == LIVE_BIRTH or ending.outcome == STILLBIRTH


@compiled_in_place
def record_after(record: Record, ending: Ending, cycles: int) -> Record:
    """The record with one recognised pregnancy more."""
    lost = 1 if ending.outcome == MISCARRIAGE else 0
    run = 0 if is_delivered(ending) else record.run + lost
    return Record(
        run,
        max(run, record.longest_run),
        record.losses + lost,
        record.births + (1 if ending.outcome == LIVE_BIRTH else 0),
        record.recognised + 1,
        cycles if record.recognised == 0 else record.cycles_to_first,
    )


@compiled_in_place
def trying_after_hidden_loss(trying: Trying, ending: Ending) -> Trying:
    """Nobody noticed: she goes on in the next cycle, and the wait counts on."""
    return Trying(trying.day + 7 * (ending.week + 1), trying.since, trying.cycles, GOING_ON)


@compiled_in_place
def trying_after(
    stream: Stream, order: int, day: int, ending: Ending, births: int, her: Latents, ways: Ways
) -> Trying:
    """When she tries again, if she does: a wait between nothing and twice its mean."""
    mean = ways.wait_after_birth_days if is_delivered(ending) else ways.wait_after_loss_days
    over = day + 7 * (ending.week + 1)
    again = over + int(2.0 * mean * uniform_at(stream, order, purposes.WAIT))
    if births >= her.wants:
        return Trying(over, over, 0, HAS_FAMILY)
    lost = ending.outcome == MISCARRIAGE
    if lost and uniform_at(stream, order, purposes.GO_ON) >= her.p_go_on_after_loss:
        return Trying(over, over, 0, GAVE_UP_AFTER_LOSS)
    return Trying(again, again, 0, GOING_ON)

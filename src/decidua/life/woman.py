"""One woman's reproductive life, from first trying to the last pregnancy, told in order.

She tries; she conceives or stops; the pregnancy runs its course; she knows of it or not; she tries again
or not. No clock ticks: each event says when the next may come, in whole days of age.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.address import Stream, stream_of, uniform_at
from decidua.base.compiled import compiled, compiled_in_place
from decidua.life import law, purposes
from decidua.life.between import (
    NOTHING_YET,
    Couple,
    Record,
    Trying,
    couple_today,
    fading_after,
    first_couple,
    is_delivered,
    next_conception,
    record_after,
    trying_after,
    trying_after_hidden_loss,
    with_care,
)
from decidua.life.course import Pregnancy, Woman, course_of
from decidua.life.endings import Cells, Ending, ending_of
from decidua.life.latents import Latents, draw_of, latents_of
from decidua.life.parameters import CLINICAL_WEEK, FloatArray, LawParameters, LawTables, parameters_of
from decidua.life.rows import NOT_SEEN, Rows, write_pregnancy, write_woman
from decidua.life.tally import Tally, count_pregnancy, count_woman
from decidua.life.ways import (
    DAYS_IN_YEAR,
    EVERY_TEST,
    GOING_ON,
    MISCARRIAGE,
    MOST,
    OVULATION_DAY,
    REGISTER,
    Draws,
    IntArray,
    Pathway,
    Ways,
    year_of_age,
)

MOST_PREGNANCIES = 60  # hidden losses included; a life must end somewhere


class Seen(NamedTuple):
    """What others can know of one pregnancy."""

    bleeding: int
    heartbeat_week: int  # NOT_SEEN without a scan in time


@compiled_in_place
def live(
    seed: int, woman: int, draw: int, p: LawParameters, tables: LawTables, nk: FloatArray, draws: Draws,
    ways: Ways, pathway: Pathway, tally: Tally, rows: Rows, row: int, woman_row: int,
) -> int:  # fmt: skip
    """One whole life: counted, and written down if there is room for rows.

    Arguments:  seed, woman     the address of everything that chance decides in her life
                draw            her draw of the law
                p, tables, nk   the law under this draw
                draws           what all draws share
                ways            how couples plan, conceive and are seen
                pathway         what care does
                tally           counts, added to
                rows            room for rows, or NO_ROWS
                row, woman_row  next free places in it
    Returns:    next free place for a pregnancy
    Checked by: verify/test_lives.py, verify/test_lives_limits.py, verify/lives_twin.py
    """
    stream = stream_of(seed, woman)
    her = latents_of(stream, draw, p, draws, ways)
    couple, record = first_couple(stream, her, p, draws, ways), NOTHING_YET
    trying = Trying(her.start_day, her.start_day, 0, GOING_ON)
    order, has_rows = 0, rows.pregnancies.shape[0] > 0
    while order < MOST_PREGNANCIES:
        trying = next_conception(stream, order + 1, trying, min(record.recognised, 1), her, ways)
        if trying.reason != GOING_ON:
            break
        order += 1
        couple = couple_today(stream, order, trying.day, couple, p, draws, ways)
        record = with_care(stream, record, pathway)
        day = trying.day + OVULATION_DAY
        ending = one_pregnancy(
            stream, order, day, couple, record.is_treated, her, p, tables, nk, draws.unborn, ways, pathway
        )
        is_recognised = recognised(stream, order, ending, p, ways)
        count_pregnancy(tally, draw, year_of_age(day), ending, is_recognised, record.run, record.births)
        if has_rows:
            write_down(
                rows, row, stream, woman, draw, order, trying, couple, record, her, ending,
                is_recognised, p, ways,
            )  # fmt: skip
            row += 1
        if not is_recognised:
            trying = trying_after_hidden_loss(trying, ending)
            continue
        record = record_after(record, ending, trying.cycles)
        couple = fading_after(stream, order, couple, is_delivered(ending), p, draws)
        trying = trying_after(stream, order, trying.day, ending, record.births, her, ways)
        if trying.reason != GOING_ON:
            break
    reason = MOST if trying.reason == GOING_ON else trying.reason
    days = trying.day - her.start_day
    count_woman(tally, draw, record, reason, days)
    if has_rows:
        write_woman(rows, woman_row, woman, draw, her, trying.day, reason, order, record)
    return row


@compiled_in_place
def one_pregnancy(
    stream: Stream, order: int, day: int, couple: Couple, is_treated: int, her: Latents,
    p: LawParameters, tables: LawTables, nk: FloatArray, unborn: FloatArray, ways: Ways, pathway: Pathway,
) -> Ending:  # fmt: skip
    """Let the law run its course in one pregnancy of this woman, with this partner and this care."""
    woman = Woman(
        her.shared * couple.fading,
        her.residual,
        her.log_density,
        her.has_antiphospholipid,
        her.has_uterine_anomaly,
        her.has_thyroid_antibodies,
        her.has_translocation,
    )
    age = day / DAYS_IN_YEAR
    regimen = pathway.regimen if is_treated else 0
    log_hazard_ratio = pathway.log_hazard_ratio if is_treated else 0.0
    pregnancy = Pregnancy(age, age + couple.gap_years, regimen, log_hazard_ratio)
    course = course_of(woman, pregnancy, her.residual_weight, p)
    cells = Cells(nk, regimen, her.nk_below, her.nk_fraction)
    year = year_of_age(day)
    return ending_of(stream, order, year, woman, course, her.residual_weight, cells, p, tables, unborn, ways)


@compiled_in_place
def is_noticed(stream: Stream, order: int, ending: Ending, p: LawParameters) -> int:
    """Whether she notices; only an early loss can pass unnoticed."""
    if ending.outcome != MISCARRIAGE or ending.week >= CLINICAL_WEEK:
        return 1
    return 1 if uniform_at(stream, order, purposes.RECOGNITION) < law.p_recognised(ending.week, p) else 0


@compiled_in_place
def recognised(stream: Stream, order: int, ending: Ending, p: LawParameters, ways: Ways) -> int:
    """Whether it counts as recognised: to a register, as in the calibration, a loss from six weeks on."""
    if ending.outcome != MISCARRIAGE or ending.week >= CLINICAL_WEEK or ways.ascertainment == EVERY_TEST:
        return 1
    return 0 if ways.ascertainment == REGISTER else is_noticed(stream, order, ending, p)


@compiled_in_place
def seen(stream: Stream, order: int, ending: Ending, noticed: int, ways: Ways) -> Seen:
    """Bleeding before the end of week 12, and the week of a scan that showed a heartbeat."""
    lost = ending.outcome == MISCARRIAGE
    p_bleeding = ways.p_bleeding_before_loss if lost else ways.p_bleeding_otherwise
    bleeding = 1 if uniform_at(stream, order, purposes.BLEEDING) < p_bleeding else 0
    weeks = ways.scan_last_week - ways.scan_first_week + 1
    scan = ways.scan_first_week + int(uniform_at(stream, order, purposes.SCAN_WEEK) * weeks)
    alive_until = ending.week - ways.recognition_lag_weeks if lost else float(ending.week)
    return Seen(bleeding * noticed, scan if noticed and scan < alive_until else NOT_SEEN)


@compiled_in_place
def write_down(
    rows: Rows, row: int, stream: Stream, woman: int, draw: int, order: int, trying: Trying,
    couple: Couple, record: Record, her: Latents, ending: Ending, is_recognised: int,
    p: LawParameters, ways: Ways,
) -> None:  # fmt: skip
    """Write one pregnancy with what was seen of it."""
    noticed = is_noticed(stream, order, ending, p)
    known = seen(stream, order, ending, noticed, ways)
    day = trying.day + OVULATION_DAY
    partner_day = day + int(couple.gap_years * DAYS_IN_YEAR)
    write_pregnancy(
        rows, row, woman, draw, order, trying.cycles, day, partner_day, couple.partner, ending,
        is_recognised, known.bleeding, known.heartbeat_week, record.run, record.losses, record.births,
        record.is_treated, her.start_day, noticed,
    )  # fmt: skip


@compiled_in_place
def live_all(
    seed: int, first: int, women: IntArray, edges: IntArray, draws: Draws, ways: Ways, pathway: Pathway,
    tally: Tally, rows: Rows,
) -> int:  # fmt: skip
    """Let some women live, one draw of the law after another, so that its numbers stay at hand.

    Arguments:  first         lowest number among them; her row comes first
                women, edges  their numbers by draw and where each draw begins, from `by_draw`
    Returns:    how many pregnancies were written, or -1 if there was too little room for rows
    """
    row, room = 0, rows.pregnancies.shape[0]
    for draw in range(edges.size - 1):
        if edges[draw] == edges[draw + 1]:
            continue
        p = parameters_of(draws.rows[draw])
        week, nk = draws.by_week[draw], draws.nk_cumulative[draw]
        tables = LawTables(week[0], week[1], week[2], draws.birth_share)
        for k in range(edges[draw], edges[draw + 1]):
            if room > 0 and room - row < MOST_PREGNANCIES:
                return -1
            woman = women[k]
            row = live(
                seed, woman, draw, p, tables, nk, draws, ways, pathway, tally, rows, row, woman - first
            )
    return row


@compiled
def by_draw(seed: int, first: int, last: int, draws: Draws) -> tuple[IntArray, IntArray]:
    """Women `first` to `last` - 1 ordered by their draw of the law.

    Returns:    their numbers, and where each draw begins among them, shape (draws + 1,)
    """
    count, number = last - first, draws.alias_p.size
    chosen, edges = np.empty(count, dtype=np.int64), np.zeros(number + 1, dtype=np.int64)
    for k in range(count):
        chosen[k] = draw_of(stream_of(seed, first + k), draws.alias_p, draws.alias_to)
        edges[chosen[k] + 1] += 1
    for d in range(number):
        edges[d + 1] += edges[d]
    at, women = edges[:-1].copy(), np.empty(count, dtype=np.int64)
    for k in range(count):
        women[at[chosen[k]]] = first + k
        at[chosen[k]] += 1
    return women, edges

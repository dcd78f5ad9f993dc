"""One woman's reproductive life, from first trying to the last pregnancy, told in order.

She tries; she conceives or stops; the pregnancy runs its course; she knows of it or not; she tries again
or not. No clock ticks: each event says when the next may come, in whole days of age.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.address import Stream, stream_of, uniform_at
from decidua.base.compiled import compiled, compiled_in_place, compiled_story
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
)
from decidua.life.course import Woman, course_of
from decidua.life.endings import Cells, Ending, ending_of
from decidua.life.latents import Latents, draw_of, latents_of
from decidua.life.lived import note_pregnancy, note_woman
from decidua.life.parameters import CLINICAL_WEEK, FloatArray, LawParameters, LawTables, parameters_of
from decidua.life.pathway import (
    NO_CARE_YET,
    Care,
    Pathway,
    adds_infection,
    after_waiting,
    care_after,
    p_conceive_under,
    pregnancy_under,
)
from decidua.life.rows import NOT_SEEN, Rows, write_pregnancy, write_woman
from decidua.life.tally import Tally, count_care, count_pregnancy, count_woman
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
    seed: int, woman: int, draw: int, p: LawParameters, tables: LawTables, nk: FloatArray, ratios: FloatArray,
    draws: Draws, ways: Ways, pathway: Pathway, tally: Tally, rows: Rows, row: int, woman_row: int,
) -> int:  # fmt: skip
    """One whole life: counted, and written down if there is room for rows.

    Arguments:  seed, woman     the address of everything that chance decides in her life
                draw            her draw of the law
                p, tables, nk   the law under this draw
                ratios          of fecundability under this draw, shape (2, YEARS)
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
    care, p_conceive, courses, infections = NO_CARE_YET, her.p_conceive, 0, 0
    order, has_care = 0, pathway.after_losses > 0 or pathway.to_all_after_losses > 0
    while order < MOST_PREGNANCIES:
        gravid = min(record.recognised, 1)
        trying = next_conception(stream, order + 1, trying, gravid, p_conceive, ratios, her, ways)
        if trying.reason != GOING_ON:
            break
        order += 1
        couple = couple_today(stream, order, trying.day, couple, p, draws, ways)
        day = trying.day + OVULATION_DAY
        ending = one_pregnancy(
            stream, order, day, draw, couple, care, her, p, tables, nk, draws.unborn, ways, pathway
        )
        is_recognised = recognised(stream, order, ending, p, ways)
        count_pregnancy(tally, draw, year_of_age(day), ending, is_recognised, record.run, record.births)
        infection = adds_infection(stream, order, draw, care.treatment, pathway)
        courses, infections = courses + min(care.treatment, 1), infections + infection
        row = write_down(
            rows, row, woman_row, stream, woman, draw, order, trying, couple, record, care, her, ending,
            is_recognised, infection, p, ways,
        )  # fmt: skip
        if not is_recognised:
            trying = trying_after_hidden_loss(trying, ending)
            continue
        record = record_after(record, ending, trying.cycles)
        trying = trying_after(stream, order, trying.day, ending, record.births, her, ways)
        if trying.reason != GOING_ON:
            break
        couple = fading_after(stream, order, couple, is_delivered(ending), p, draws)
        if has_care:
            before, care = care, care_after(stream, draw, record, care, her, p, pathway)
            trying = after_waiting(trying, before, care, pathway)
            p_conceive = p_conceive_under(care.treatment, draw, her, draws, pathway)
    reason = MOST if trying.reason == GOING_ON else trying.reason
    days = trying.day - her.start_day
    count_woman(tally, draw, record, reason, days)
    count_care(tally, draw, her, care, courses, infections, pathway)
    if rows.lived.shape[0] > 0:
        note_woman(rows.lived[woman_row], her, care, record.longest_run, trying.day, pathway)
    if rows.pregnancies.shape[0] > 0:
        write_woman(rows, woman_row, woman, draw, her, trying.day, reason, order, record, care)
    return row


@compiled_in_place
def one_pregnancy(
    stream: Stream, order: int, day: int, draw: int, couple: Couple, care: Care, her: Latents,
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
    pregnancy = pregnancy_under(care.treatment, draw, age, couple.gap_years, pathway)
    course = course_of(woman, pregnancy, her.residual_weight, p, tables)
    cells = Cells(nk, pregnancy.regimen, her.nk_below, her.nk_fraction)
    year, preterm = year_of_age(day), pregnancy.preterm_log_odds_ratio
    return ending_of(
        stream, order, year, woman, course, her.residual_weight, cells, preterm, p, tables, unborn, ways
    )


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
    rows: Rows, row: int, woman_row: int, stream: Stream, woman: int, draw: int, order: int, trying: Trying,
    couple: Couple, record: Record, care: Care, her: Latents, ending: Ending, is_recognised: int,
    infection: int, p: LawParameters, ways: Ways,
) -> int:  # fmt: skip
    """Write one pregnancy where it is wanted, with what was seen of it; the next free place."""
    day = trying.day + OVULATION_DAY
    if rows.lived.shape[0] > 0:
        note_pregnancy(rows.lived[woman_row], day, ending, is_recognised, care.treatment, infection)
    if rows.pregnancies.shape[0] == 0:
        return row
    noticed = is_noticed(stream, order, ending, p)
    known = seen(stream, order, ending, noticed, ways)
    partner_day = day + int(couple.gap_years * DAYS_IN_YEAR)
    write_pregnancy(
        rows, row, woman, draw, order, trying.cycles, day, partner_day, couple.partner, ending,
        is_recognised, known.bleeding, known.heartbeat_week, record.run, record.losses, record.births,
        care, her.start_day, noticed,
    )  # fmt: skip
    return row + 1


@compiled_story
def live_all(
    seed: int, first: int, women: IntArray, edges: IntArray, draws: Draws, ways: Ways, pathway: Pathway,
    tally: Tally, rows: Rows,
) -> int:  # fmt: skip
    """Let some women live, one draw of the law after another, so that its numbers stay at hand.

    Arguments:  first         lowest number among them; her row comes first
                women, edges  their numbers by draw and where each draw begins, from `by_draw`
    Returns:    how many pregnancies were written, or -1 if there was too little room for rows
    """
    room = rows.pregnancies.shape[0]
    row = int(np.int64(0))  # a bare 0 has a type of its own: a life would be compiled twice
    for draw in range(edges.size - 1):
        if edges[draw] == edges[draw + 1]:
            continue
        p = parameters_of(draws.rows[draw])
        week, nk, ratios = draws.by_week[draw], draws.nk_cumulative[draw], draws.fecundability_ratio[draw]
        tables = LawTables(week[0], week[1], week[2], draws.birth_share)
        for k in range(edges[draw], edges[draw + 1]):
            if room > 0 and room - row < MOST_PREGNANCIES:
                return -1
            woman = women[k]
            row = live(
                seed,
                woman,
                draw,
                p,
                tables,
                nk,
                ratios,
                draws,
                ways,
                pathway,
                tally,
                rows,
                row,
                woman - first,
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

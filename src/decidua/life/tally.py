"""What is kept of lives that are not kept themselves: whole numbers, so any order of adding is the same.

Floats would depend on how lives are cut into chunks; whole numbers do not. Time is counted in days.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled_in_place
from decidua.life.between import Record
from decidua.life.endings import Ending
from decidua.life.latents import Latents
from decidua.life.parameters import BIRTH_WEEKS, CAUSES, FIRST_WEEK, LOSS_WEEKS, VIABLE_WEEK
from decidua.life.pathway import Care, Pathway
from decidua.life.ways import LIVE_BIRTH, MISCARRIAGE, OUTCOMES, REASONS, STILLBIRTH, YEARS, IntArray

HIDDEN = len(OUTCOMES)  # place of a loss that nobody noticed
MOST_COUNTED = 12  # losses, births or losses in a row; more are counted as this many
LONGEST_WAIT = 61  # cycles; more are counted as this many

COUNTS = (
    "women",
    "women_ever_pregnant",
    "women_with_a_live_birth",
    "women_treated",
    "pregnancies_from_first_test",
    "recognised_pregnancies",
    "recognised_miscarriages",
    "aneuploid_miscarriages",
    "live_births",
    "preterm_live_births",
    "stillbirths",
    "induced_abortions",
    "days_followed",
    "women_tested",
    "women_flagged",
    "women_flagged_not_high",
    "treated_pregnancies",
    "infections_added_at_most",
)
(
    WOMEN, EVER, MOTHERS, TREATED, TESTS, RECOGNISED, LOSSES, ANEUPLOID_LOSSES, BIRTHS, PRETERM, STILLS,
    INDUCEDS, DAYS, TESTED, FLAGGED, NOT_HIGH, COURSES, INFECTIONS,
) = range(len(COUNTS))  # fmt: skip
TERM_WEEK = 37  # a birth before it is preterm, by definition


class Tally(NamedTuple):
    """Counts over lives; recognised pregnancies unless said otherwise."""

    by_draw: IntArray  # (draws, COUNTS)
    cells: IntArray  # every table of TABLES one after the other; `tables_of` gives them back their shapes


TABLES = {
    "by_age": (YEARS, len(OUTCOMES) + 1),  # year of age at conception; the last column: hidden losses
    "by_losses_in_a_row": (MOST_COUNTED + 1, len(OUTCOMES)),  # losses just before this pregnancy
    "by_births": (MOST_COUNTED + 1, len(OUTCOMES)),  # live births before
    "loss_weeks": (2 * len(CAUSES), LOSS_WEEKS),  # hidden ones by cause, then recognised ones
    "birth_weeks": (2, BIRTH_WEEKS),  # live and still
    "women_by_losses": (1, MOST_COUNTED + 1),  # recognised in the whole life
    "women_by_births": (1, MOST_COUNTED + 1),
    "women_by_reason": (1, len(REASONS)),  # why no further pregnancy came
    "cycles_to_first": (1, LONGEST_WAIT + 1),  # of trying until the first recognised one; 0: none came
}
_EDGES = tuple(accumulate((rows * columns for rows, columns in TABLES.values()), initial=0))
(
    _BY_AGE, _BY_RUN, _BY_BIRTHS, _LOSS_WEEKS, _BIRTH_WEEKS, _BY_LOSSES, _BORN, _REASON, _CYCLES, _ALL,
) = _EDGES  # fmt: skip
_AGE_COLUMNS, _OUTCOMES, _CAUSES = len(OUTCOMES) + 1, len(OUTCOMES), len(CAUSES)


def empty_tally(draws: int) -> Tally:
    """Nothing counted yet."""
    return Tally(np.zeros((draws, len(COUNTS)), dtype=np.int64), np.zeros(_ALL, dtype=np.int64))


def tables_of(tally: Tally) -> dict[str, IntArray]:
    """Every table by name, in its shape."""
    parts = zip(TABLES.items(), _EDGES[:-1], _EDGES[1:], strict=True)
    return {name: tally.cells[a:b].reshape(shape) for (name, shape), a, b in parts}


def add_to(total: Tally, more: Tally) -> None:
    """Add one tally to another, in place."""
    for kept, new in zip(total, more, strict=True):
        kept += new


@compiled_in_place
def count_pregnancy(
    tally: Tally, draw: int, year: int, ending: Ending, is_recognised: int, run: int, births: int
) -> None:
    """Count one pregnancy where it belongs."""
    mine, cells, outcome = tally.by_draw, tally.cells, ending.outcome
    mine[draw, TESTS] += 1
    if outcome == MISCARRIAGE:
        row = is_recognised * _CAUSES + ending.cause
        cells[_LOSS_WEEKS + row * LOSS_WEEKS + ending.week - FIRST_WEEK] += 1
        if not is_recognised:
            cells[_BY_AGE + year * _AGE_COLUMNS + _OUTCOMES] += 1
            return
        mine[draw, LOSSES] += 1
        mine[draw, ANEUPLOID_LOSSES] += ending.is_aneuploid
    elif outcome == LIVE_BIRTH:
        mine[draw, BIRTHS] += 1
        mine[draw, PRETERM] += 1 if ending.week < TERM_WEEK else 0
        cells[_BIRTH_WEEKS + ending.week - VIABLE_WEEK] += 1
    elif outcome == STILLBIRTH:
        mine[draw, STILLS] += 1
        cells[_BIRTH_WEEKS + BIRTH_WEEKS + ending.week - VIABLE_WEEK] += 1
    else:
        mine[draw, INDUCEDS] += 1
    mine[draw, RECOGNISED] += 1
    cells[_BY_AGE + year * _AGE_COLUMNS + outcome] += 1
    cells[_BY_RUN + min(run, MOST_COUNTED) * _OUTCOMES + outcome] += 1
    cells[_BY_BIRTHS + min(births, MOST_COUNTED) * _OUTCOMES + outcome] += 1


@compiled_in_place
def count_care(
    tally: Tally, draw: int, her: Latents, care: Care, courses: int, infections: int, pathway: Pathway
) -> None:
    """Count what care did in one life; whoever was never tested nor treated is passed over."""
    if not care.is_tested and not care.is_offered:
        return
    mine = tally.by_draw
    mine[draw, TESTED] += care.is_tested
    mine[draw, FLAGGED] += care.is_flagged
    mine[draw, NOT_HIGH] += 1 if care.is_flagged and her.log_density < pathway.true_cut else 0
    mine[draw, TREATED] += 1 if care.treatment else 0
    mine[draw, COURSES] += courses
    mine[draw, INFECTIONS] += infections


@compiled_in_place
def count_woman(tally: Tally, draw: int, record: Record, reason: int, days: int) -> None:
    """Count one whole life."""
    mine, cells = tally.by_draw, tally.cells
    mine[draw, WOMEN] += 1
    mine[draw, EVER] += 1 if record.recognised > 0 else 0
    mine[draw, MOTHERS] += 1 if record.births > 0 else 0
    mine[draw, DAYS] += days
    cells[_BY_LOSSES + min(record.losses, MOST_COUNTED)] += 1
    cells[_BORN + min(record.births, MOST_COUNTED)] += 1
    cells[_REASON + reason] += 1
    cells[_CYCLES + min(record.cycles_to_first, LONGEST_WAIT)] += 1

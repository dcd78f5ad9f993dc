"""One short row for each woman: what a comparison of two lives of the same woman needs."""

from __future__ import annotations

from decidua.base.compiled import compiled_in_place
from decidua.life.endings import Ending
from decidua.life.latents import Latents
from decidua.life.parameters import CLINICAL_WEEK
from decidua.life.pathway import Care, Pathway
from decidua.life.tally import TERM_WEEK
from decidua.life.ways import LIVE_BIRTH, MISCARRIAGE, STILLBIRTH, IntArray

LIVED = (
    "recognised_losses",
    "euploid_losses",
    "very_early_losses",
    "live_births",
    "preterm_births",
    "stillbirths",
    "infections",
    "treated_pregnancies",
    "tested",
    "flagged",
    "flagged_not_high",
    "treated",
    "longest_run",
    "first_loss_day",
    "first_birth_after_day",
    "end_day",
    "trace",
)
(
    LOSSES, EUPLOID, VERY_EARLY, BIRTHS, PRETERM, STILLS, INFECTIONS, COURSES, TESTED, FLAGGED, NOT_HIGH,
    TREATED, LONGEST_RUN, FIRST_LOSS_DAY, NEXT_BIRTH_DAY, END_DAY, TRACE,
) = range(len(LIVED))  # fmt: skip
NOT_YET = 0  # no day of age on which anything happened
_STEP = 1_000_003  # odd, so that a trace forgets nothing


@compiled_in_place
def note_pregnancy(
    row: IntArray, day: int, ending: Ending, is_recognised: int, treatment: int, infection: int
) -> None:
    """Add one pregnancy. The trace differs as soon as any pregnancy of two lives does."""
    over = day + 7 * (ending.week + 1)
    row[TRACE] = (row[TRACE] * _STEP + day * 512 + ending.week * 8 + ending.outcome) * _STEP + ending.cause
    row[INFECTIONS] += infection
    row[COURSES] += 1 if treatment else 0
    if ending.outcome == MISCARRIAGE:
        row[VERY_EARLY] += 1 if ending.week < CLINICAL_WEEK else 0
        if is_recognised:
            row[LOSSES] += 1
            row[EUPLOID] += 1 - ending.is_aneuploid
            if row[FIRST_LOSS_DAY] == NOT_YET:
                row[FIRST_LOSS_DAY] = over
    elif ending.outcome == LIVE_BIRTH:
        row[BIRTHS] += 1
        row[PRETERM] += 1 if ending.week < TERM_WEEK else 0
        if row[FIRST_LOSS_DAY] != NOT_YET and row[NEXT_BIRTH_DAY] == NOT_YET:
            row[NEXT_BIRTH_DAY] = over
    elif ending.outcome == STILLBIRTH:
        row[STILLS] += 1


@compiled_in_place
def note_woman(
    row: IntArray, her: Latents, care: Care, longest_run: int, end_day: int, pathway: Pathway
) -> None:
    """Add what care did, and how long she was followed."""
    row[TESTED], row[FLAGGED] = care.is_tested, care.is_flagged
    row[NOT_HIGH] = 1 if care.is_flagged and her.log_density < pathway.true_cut else 0
    row[TREATED] = 1 if care.treatment else 0
    row[LONGEST_RUN], row[END_DAY] = longest_run, end_day

"""One row for each pregnancy and one for each woman, written only when somebody asks for them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled_in_place
from decidua.life.between import Record
from decidua.life.endings import Ending
from decidua.life.latents import Latents
from decidua.life.lived import LIVED
from decidua.life.parameters import FloatArray
from decidua.life.pathway import Care
from decidua.life.ways import IntArray

PREGNANCY_NUMBERS = (
    "woman",
    "order",
    "cycle_conceived",
    "day_of_age",
    "partner_day_of_age",
    "partner_number",
    "outcome",
    "week",
    "recognised",
    "cause",
    "aneuploid",
    "bleeding",
    "heartbeat_seen_week",
    "previous_losses_consecutive",
    "previous_losses",
    "previous_births",
    "treated",
    "days_since_first_trying",
    "draw",
    "noticed",
    "tested",
    "flagged",
)
WOMAN_NUMBERS = (
    "woman",
    "draw",
    "start_day",
    "end_day",
    "reason",
    "children_wanted",
    "pregnancies",
    "recognised_pregnancies",
    "losses",
    "births",
    "longest_run_of_losses",
    "treated",
    "antiphospholipid",
    "uterine_anomaly",
    "thyroid_antibodies",
    "translocation",
    "sterile_day",
    "tested",
    "flagged",
)
WOMAN_LATENTS = ("log_density", "shared", "residual", "p_conceive")
NOT_SEEN = -1


class Rows(NamedTuple):
    """Room for rows; no room at all means that none are wanted."""

    pregnancies: IntArray  # (rows, PREGNANCY_NUMBERS)
    women: IntArray  # (women, WOMAN_NUMBERS)
    latents: FloatArray  # (women, WOMAN_LATENTS)
    lived: IntArray  # (women, LIVED), wanted apart from the others


def room_for(*, women: int, pregnancies: int, lived: int = 0) -> Rows:
    """Empty rows for so many women and pregnancies, and short rows of so many lives."""
    return Rows(
        np.zeros((pregnancies, len(PREGNANCY_NUMBERS)), dtype=np.int64),
        np.zeros((women, len(WOMAN_NUMBERS)), dtype=np.int64),
        np.zeros((women, len(WOMAN_LATENTS))),
        np.zeros((lived, len(LIVED)), dtype=np.int64),
    )


NO_ROWS = room_for(women=0, pregnancies=0)


@compiled_in_place
def write_pregnancy(
    rows: Rows, at: int, woman: int, draw: int, order: int, cycle: int, day: int, partner_day: int,
    partner: int, ending: Ending, is_recognised: int, bleeding: int, heartbeat_week: int, run: int,
    losses: int, births: int, care: Care, start_day: int,
    is_noticed: int,
) -> None:  # fmt: skip
    """Write one pregnancy."""
    row = rows.pregnancies
    row[at, 0], row[at, 1], row[at, 2], row[at, 3], row[at, 4], row[at, 5] = (
        woman,
        order,
        cycle,
        day,
        partner_day,
        partner,
    )
    row[at, 6], row[at, 7], row[at, 8], row[at, 9], row[at, 10] = (
        ending.outcome, ending.week, is_recognised, ending.cause, ending.is_aneuploid,
    )  # fmt: skip
    row[at, 11], row[at, 12], row[at, 13], row[at, 14], row[at, 15] = (
        bleeding,
        heartbeat_week,
        run,
        losses,
        births,
    )
    row[at, 16], row[at, 17], row[at, 18] = 1 if care.treatment else 0, day - start_day, draw
    row[at, 19], row[at, 20], row[at, 21] = is_noticed, care.is_tested, care.is_flagged


@compiled_in_place
def write_woman(
    rows: Rows, at: int, woman: int, draw: int, her: Latents, end_day: int, reason: int, pregnancies: int,
    record: Record, care: Care,
) -> None:  # fmt: skip
    """Write one woman with the latents that only the simulation knows."""
    row = rows.women
    row[at, 0], row[at, 1], row[at, 2], row[at, 3], row[at, 4], row[at, 5] = (
        woman,
        draw,
        her.start_day,
        end_day,
        reason,
        her.wants,
    )
    row[at, 6], row[at, 7], row[at, 8] = pregnancies, record.recognised, record.losses
    row[at, 9], row[at, 10] = record.births, record.longest_run
    row[at, 11], row[at, 17], row[at, 18] = 1 if care.treatment else 0, care.is_tested, care.is_flagged
    row[at, 12], row[at, 13] = int(her.has_antiphospholipid), int(her.has_uterine_anomaly)
    row[at, 14], row[at, 15] = int(her.has_thyroid_antibodies), int(her.has_translocation)
    row[at, 16] = her.sterile_day
    latents = rows.latents
    latents[at, 0], latents[at, 1], latents[at, 2] = her.log_density, her.shared, her.residual
    latents[at, 3] = her.p_conceive

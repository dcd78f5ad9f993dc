"""What a life needs beside the law: how couples plan, conceive and are seen, and what differs by draw.

Every number is passed in; the ledger's values are put together in `study.population_world`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled_in_place
from decidua.life.parameters import FloatArray, LawParameters

IntArray = NDArray[np.int64]

DAYS_IN_FOUR_YEARS = 1461
DAYS_IN_YEAR = DAYS_IN_FOUR_YEARS / 4
OVULATION_DAY = 14  # gestation counts from two weeks before conception
YEARS = 61  # tables by year of age have places for 0 to 60

MISCARRIAGE, LIVE_BIRTH, STILLBIRTH, INDUCED = 0, 1, 2, 3
OUTCOMES = ("miscarriage", "live_birth", "stillbirth", "induced")

GOING_ON, HAS_FAMILY, STERILE, GAVE_UP_TRYING, GAVE_UP_AFTER_LOSS, HORIZON, MOST = 0, 1, 2, 3, 4, 5, 6
REASONS = (
    "going_on",
    "desired_family_size",
    "sterile",
    "gave_up_trying",
    "gave_up_after_a_loss",
    "end_of_horizon",
    "most_pregnancies",
)

REGISTER, NOTICED, EVERY_TEST = 0, 1, 2
ASCERTAINMENTS = {"register": REGISTER, "noticed": NOTICED, "every_test": EVERY_TEST}


class Draws(NamedTuple):
    """The law under every draw, laid out once; the first axis is the draw unless said otherwise.

    A woman takes her draw by address, with Walker's alias: place i is kept with chance alias_p[i], else
    alias_to[i] stands in. Few arrays, since each one more makes every step of a life slower to compile.
    """

    rows: FloatArray  # (draws, fields of LawParameters, then BESIDE)
    by_week: FloatArray  # (draws, 3, LOSS_WEEKS + 1): survivals and cumulative hazard as in LawTables
    nk_cumulative: FloatArray  # (draws, regimens, densities, LOSS_WEEKS + 1), strength included
    implantation_log: FloatArray  # (draws, regimens, densities), strength included
    alias_p: FloatArray  # (draws,)
    alias_to: IntArray  # (draws,)
    fecundability_ratio: FloatArray  # (draws, 2, YEARS): never pregnant before, or pregnant before
    log_density: FloatArray  # (densities,) equally spaced
    birth_share: FloatArray  # (BIRTH_WEEKS,) among those still pregnant
    unborn: FloatArray  # (BIRTH_WEEKS + 1,) share not yet born at the start of each week, stillbirth apart
    shape: int  # LOG_NORMAL or TWO_CLASS


BESIDE = (  # columns after the law's parameters
    "residual_weight",
    "residual_log_sd",
    "p_go_on_after_loss",
    "share_sub_fertile",
    "p_conceive_fertile",  # per cycle at ratio 1
    "p_conceive_sub_fertile",
)
(
    RESIDUAL_WEIGHT, RESIDUAL_LOG_SD, P_GO_ON, SHARE_SUB_FERTILE, P_CONCEIVE_FERTILE, P_CONCEIVE_SUB_FERTILE,
) = (len(LawParameters._fields) + k for k in range(len(BESIDE)))  # fmt: skip


class Ways(NamedTuple):
    """How couples plan, conceive, carry on and are seen. Days are whole days; ages run from birth."""

    start_age_years: FloatArray  # quantiles of the age at first trying, evenly spaced from 0 to 1
    p_wants_at_most: FloatArray  # [k] chance to want k + 1 children or fewer; the last one is 1
    last_day: int  # nobody conceives from this day of age on
    horizon_days: int  # followed for so long from first trying
    sterility_age_years: FloatArray  # knots, rising
    sterility_share: FloatArray  # share sterile at the knots
    cycle_days: int
    give_up_days: int  # of trying without a recognised pregnancy
    wait_after_loss_days: float  # mean; a wait is uniform between 0 and twice its mean
    wait_after_birth_days: float
    partner_gap_sd_years: float  # spread of partner's age around the usual gap
    rate_new_partner_per_year: float
    p_induced: FloatArray  # (YEARS,) chance by year of age that she ends the pregnancy if it lasts
    induced_first_week: int
    induced_last_week: int
    p_bleeding_before_loss: float
    p_bleeding_otherwise: float
    scan_first_week: int
    scan_last_week: int
    recognition_lag_weeks: float
    ascertainment: int


@compiled_in_place
def year_of_age(day: int) -> int:
    """Completed year of age on a day of life, at most the last place of tables by year."""
    return min((4 * day) // DAYS_IN_FOUR_YEARS, YEARS - 1)


@compiled_in_place
def first_day_of_year(year: int) -> int:
    """First day of life with this completed year of age."""
    return (DAYS_IN_FOUR_YEARS * year + 3) // 4


@compiled_in_place
def at_quantile(values: FloatArray, u: float) -> float:
    """Value at share u of evenly spaced quantiles, straight lines between them."""
    position = u * (values.size - 1)
    i = min(int(position), values.size - 2)
    return float(values[i] + (values[i + 1] - values[i]) * (position - i))

"""Sets the model's parameters from the evidence ledger, and derives those that follow by arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from decidua.base.errors import InputError
from decidua.womb.binding import cortisol_binding, prednisolone_binding

DAYS_PER_WEEK = 7.0
HOURS_PER_DAY = 24.0
CONCEPTION_DAY = 14.0  # by convention of dating from the last period
CYCLE_DAYS = 28.0
TRIMESTER_STARTS_WEEKS = (0.0, 13.0, 28.0)
NG_PER_ML_PER_MG_PER_LITRE = 1000.0
# Doses that are part of what a ledger entry means; each stands in the entry's id.
DOSE_OF_PRINTED_PEAK_MG = 30.0
DOSE_OF_PROGESTERONE_LEVEL_MG_PER_DAY = 800.0
DOSE_OF_BURDEN_RATIO_MG_PER_DAY = 20.0
DOSE_OF_DENSITY_MULTIPLIER_MG_PER_DAY = 20.0
PREFIX = "womb."

Values = Mapping[str, float]


def ledger_values() -> dict[str, float]:
    """Every entry of the ledger for the womb, under its name in the model: `womb.unk.turnover_per_day` is
    `unk_turnover_per_day` there.

    Returns:    name in the model to central value, in the entry's unit
    """
    return dict(_read_once())


@cache
def _read_once() -> Mapping[str, float]:
    from decidua.evidence import load_ledger

    ledger = load_ledger()
    names = [name for name in ledger if name.startswith(PREFIX)]
    return {name.removeprefix(PREFIX).replace(".", "_"): ledger.value(name) for name in names}


def with_derived(values: Values) -> dict[str, float]:
    """The ledger's values and all that follows from them without running the model."""
    found = {**values, **endometrium(values), **timings(values), **shares(values), **prednisolone(values)}
    return {**found, **cortisol_binding(values), **prednisolone_binding(values)}


def endometrium(v: Values) -> dict[str, float]:
    """Rise of density through the cycle and its two courses in pregnancy, from shares by trimester.

    The rise is logistic and 1 on the mid-luteal day: half of the plateau p comes ln(p - 1) / r days later.
    """
    p, r = v["unk_pregnancy_plateau_multiple"], v["unk_luteal_growth_per_day"]
    half_rise = v["unk_mid_luteal_day"] + math.log(p - 1.0) / r
    sections = v["unk_section_share_first_trimester"]
    return {
        "unk_half_rise_day": half_rise,
        "unk_first_day_share": p / (1.0 + math.exp(r * half_rise)),
        "unk_second_trimester_day": TRIMESTER_STARTS_WEEKS[1] * DAYS_PER_WEEK,
        "unk_third_trimester_day": TRIMESTER_STARTS_WEEKS[2] * DAYS_PER_WEEK,
        "unk_level_second": v["unk_section_share_second_trimester"] / sections,
        "unk_level_third": v["unk_section_share_third_trimester"] / sections,
        "unk_fall_from_day": v["unk_fall_from_week"] * DAYS_PER_WEEK,
        "unk_fall_rate_per_day": _fall_rate_per_day(v),
    }


def _fall_rate_per_day(v: Values) -> float:
    """Rate of a steady fall that meets both shares of one series in the middle of its trimesters."""
    fold = v["unk_flow_share_first_trimester"] / v["unk_flow_share_second_trimester"]
    first = (v["unk_fall_from_week"] + TRIMESTER_STARTS_WEEKS[1]) / 2.0
    second = (TRIMESTER_STARTS_WEEKS[1] + TRIMESTER_STARTS_WEEKS[2]) / 2.0
    return math.log(fold) / ((second - first) * DAYS_PER_WEEK)


def timings(v: Values) -> dict[str, float]:
    """Weeks by dates as days of the model, and the progesterone level per mg from the level of one dose."""
    transfer = CONCEPTION_DAY + v["progesterone_embryo_age_at_transfer_days"]
    given = v["progesterone_given_level_800mg_per_day"] / DOSE_OF_PROGESTERONE_LEVEL_MG_PER_DAY
    return {
        "arteries_plugs_open_day": v["arteries_plugs_open_week"] * DAYS_PER_WEEK,
        "progesterone_luteal_onset_day": CONCEPTION_DAY + v["progesterone_luteal_onset_days"],
        "progesterone_luteal_fade_day": v["progesterone_luteal_fade_week"] * DAYS_PER_WEEK,
        "progesterone_placental_rise_day": transfer + v["progesterone_placental_rise_days_after_transfer"],
        "progesterone_given_per_mg_per_day": given,
        "cortisol_fetal_peak_day": v["cortisol_fetal_peak_week"] * DAYS_PER_WEEK,
        "cortisol_maternal_half_rise_day": v["cortisol_maternal_half_rise_week"] * DAYS_PER_WEEK,
        "cortisol_barrier_fall_day": v["cortisol_barrier_fall_week"] * DAYS_PER_WEEK,
    }


def shares(v: Values) -> dict[str, float]:
    """Parts of a whole, and percent as shares."""
    rest, of_rest = 1.0 - v["recognition_share_hla_c"], v["recognition_hla_e_share_of_rest"]
    return {
        "recognition_share_hla_e": rest * of_rest,
        "recognition_share_hla_g": rest * (1.0 - of_rest),
        "cortisol_placental_passage": v["cortisol_placental_passage_percent"] / 100.0,
    }


def prednisolone(v: Values) -> dict[str, float]:
    r"""Rates and volume of a one-compartment model that meets the printed half-life, time and height of peak.

    $$ t_{max} = \ln(k_a / k_e) / (k_a - k_e), \quad k_e = \ln 2 / t_{1/2} $$
    Assumes first-order absorption and a constant volume; the printed clearance and volume are not used, since
    they imply twice the printed half-life.
    """
    elimination = math.log(2.0) / v["prednisolone_half_life_hours"]
    absorption = absorption_per_hour(v["prednisolone_time_of_peak_hours"], elimination_per_hour=elimination)
    available = v["prednisolone_availability_percent"] / 100.0
    share = _peak_share_twice_daily(absorption, elimination)
    peak_mg_per_litre = v["prednisolone_peak_30mg_twice_daily_ng_per_ml"] / NG_PER_ML_PER_MG_PER_LITRE
    litres = available * DOSE_OF_PRINTED_PEAK_MG * share / peak_mg_per_litre
    return {
        "prednisolone_availability": available,
        "prednisolone_elimination_per_day": elimination * HOURS_PER_DAY,
        "prednisolone_absorption_per_day": absorption * HOURS_PER_DAY,
        "prednisolone_ng_per_ml_per_mg": NG_PER_ML_PER_MG_PER_LITRE / litres,
    }


def absorption_per_hour(time_of_peak_hours: float, *, elimination_per_hour: float) -> float:
    """The absorption rate that puts the peak of a single dose at the printed time.

    Arguments:  time_of_peak_hours    hours, > 0 and below 1 / elimination_per_hour
                elimination_per_hour  per hour, > 0
    Returns:    per hour, above elimination_per_hour
    Raises:     InputError when no absorption faster than elimination peaks then
    """
    from scipy.optimize import brentq

    if not 0.0 < time_of_peak_hours * elimination_per_hour < 1.0:
        raise InputError(
            field="womb.prednisolone.time_of_peak_hours",
            value=time_of_peak_hours,
            allowed=f"above 0 and below {1.0 / elimination_per_hour:.3g} hours, set by the half-life",
        )

    def gap(log_ratio: float) -> float:
        return log_ratio / (math.expm1(log_ratio) * elimination_per_hour) - time_of_peak_hours

    return elimination_per_hour * math.exp(float(brentq(gap, 1e-9, 50.0, xtol=1e-14, rtol=1e-14)))


def _peak_share_twice_daily(absorption: float, elimination: float) -> float:
    """Highest amount in the blood at steady state on twice-daily doses, as a share of the absorbed dose."""
    interval = HOURS_PER_DAY / 2.0
    kept_slow, kept_fast = -math.expm1(-elimination * interval), -math.expm1(-absorption * interval)
    peak = math.log(absorption * kept_slow / (elimination * kept_fast)) / (absorption - elimination)
    slow = math.exp(-elimination * peak) / kept_slow
    fast = math.exp(-absorption * peak) / kept_fast
    return absorption / (absorption - elimination) * (slow - fast)


def steroid_effect(v: Values, *, dose_mg_per_day: float) -> float:
    """Share of the largest steroid effect reached in the long run on a daily dose, 0 to 1."""
    absorbed = v["prednisolone_availability"] * dose_mg_per_day * v["prednisolone_ng_per_ml_per_mg"]
    mean_ng_per_ml = absorbed / v["prednisolone_elimination_per_day"]
    return mean_ng_per_ml / (mean_ng_per_ml + v["prednisolone_unk_half_effect_ng_per_ml"])


def infection_steroid_effect(v: Values) -> float:
    """Largest slowing of clearance per cell that raises the burden of an infection as declared for 20 mg.

    The burden of a falling infection is inversely proportional to its net rate of decline; it is set for a
    woman with the control median, and part of the slowing comes from the fall in cells. Where a draw from
    the priors asks for less than the fall in cells brings, or more than all clearance, the limit is taken.
    """
    effect = steroid_effect(v, dose_mg_per_day=DOSE_OF_BURDEN_RATIO_MG_PER_DAY)
    cells = v["unk_control_median_per_mm2"] * v["unk_pregnancy_plateau_multiple"]
    fewer = cells * (1.0 - v["prednisolone_unk_max_effect"] * effect)
    growth, half = v["infection_growth_per_day"], v["infection_half_density_per_mm2"]
    without = v["infection_clearance_per_day"] * cells / (cells + half)
    wanted = growth + (without - growth) / v["infection_burden_ratio_20mg"]
    by_cells = v["infection_clearance_per_day"] * fewer / (fewer + half)
    return min(1.0, max(0.0, (1.0 - wanted / by_cells) / effect))

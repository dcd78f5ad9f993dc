"""Prednisolone minute by minute, read as a laboratory would read it: what arrives, peak, fall, barrier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from decidua.life.parameters import FloatArray
from decidua.womb import Regimen, regimen_from, simulate_pregnancy
from decidua.womb.mechanisms import mechanism_code
from decidua.womb.schedule import DoseChange, Schedule
from decidua.womb.solver import Run, solve

MINUTES_PER_DAY = 1440
HOURS_PER_DAY = 24.0
NO_EFFECT = "marker"
LEVEL, GUT = "prednisolone_ng_per_ml", "prednisolone_gut"


def kinetics(assumed: Mapping[str, Any], density: float) -> dict[str, float]:
    """Availability, half-life, time and height of peak, and the share on the baby's side.

    Arguments:  assumed  of the frozen rule: dose, window of the half-life, week and dose of the barrier
                density  cells per mm2; without effect on the level
    Returns:    name to value: shares, hours, ng/mL
    Checked by: tests/unit/study/test_validation_womb.py
    """
    dose = float(assumed["dose_mg"])
    hours, found = _single_dose(dose, density)
    level, gut = found[LEVEL], found[GUT]
    return {
        "availability": _at_the_dose(hours, gut) / dose,
        "half_life_hours": _half_life(hours, level, assumed["half_life_window_hours"]),
        "time_of_peak_hours": float(hours[level.argmax()]),
        "peak_20mg": float(_single_dose(20.0, density)[1][LEVEL].max()),
        "peak_30mg_twice_daily": _peak_twice_daily(dose, density),
        "fetal_ratio": fetal_ratio(assumed, density),
    }


def _doses(
    mg_per_day: float, *, density: float, doses_per_day: int, stop_day: float, end_day: float
) -> dict[str, FloatArray]:
    """Single doses from cycle day 1, outside pregnancy, read every minute."""
    changes = (DoseChange(0.0, "prednisolone", mg_per_day), DoseChange(stop_day, "prednisolone", 0.0))
    run = Run(
        schedule=Schedule(start_day=0.0, changes=changes),
        density_per_mm2=density,
        recognition=0.5,
        mechanism=mechanism_code(NO_EFFECT),
        end_day=end_day,
        points_per_day=MINUTES_PER_DAY,
        doses_per_day=doses_per_day,
    )
    return solve(run)


def _single_dose(mg: float, density: float) -> tuple[FloatArray, dict[str, FloatArray]]:
    """One dose at noon of the first day: hours since it, and every variable from then on."""
    found = _doses(mg, density=density, doses_per_day=1, stop_day=0.9, end_day=1.5)
    after = found["time"] > 0.5
    hours = HOURS_PER_DAY * (found["time"][after] - 0.5)
    return hours, {name: column[after] for name, column in found.items()}


def _peak_twice_daily(mg: float, density: float) -> float:
    found = _doses(2.0 * mg, density=density, doses_per_day=2, stop_day=3.0, end_day=3.0)
    return float(found[LEVEL].max())


def _at_the_dose(hours: FloatArray, gut_mg: FloatArray) -> float:
    """Amount in the gut at the moment of the dose, from its straight fall on the log scale just after."""
    early = hours < 1.0
    slope, start = np.polyfit(hours[early], np.log(gut_mg[early]), 1)
    return float(math.exp(start)) if slope < 0.0 else math.nan


def _half_life(hours: FloatArray, level: FloatArray, window: tuple[float, float]) -> float:
    inside = (hours > window[0]) & (hours < window[1])
    slope = np.polyfit(hours[inside], np.log(level[inside]), 1)[0]
    return float(-math.log(2.0) / slope)


def fetal_ratio(assumed: Mapping[str, Any], density: float) -> float:
    """Mean level on the baby's side over the mother's in one week of late pregnancy."""
    course = _steady(assumed["placenta_mg_per_day"], assumed["placenta_week"], density)
    return course["fetal_prednisolone_ng_per_ml"] / course[LEVEL]


def clearance_ratio(assumed: Mapping[str, Any], density: float) -> float:
    """Apparent clearance (dose over mean level) in pregnancy at the larger dose over that at the smaller."""
    small, large = assumed["small_doses_mg_per_day"]
    levels = [_steady(mg, assumed["clearance_week"], density)[LEVEL] for mg in (small, large)]
    return float(large / levels[1] / (small / levels[0]))


def _steady(mg_per_day: float, week: int, density: float) -> dict[str, float]:
    """Means of the week after two weeks on a daily dose."""
    course = simulate_pregnancy(
        NO_EFFECT,
        density_per_mm2=density,
        regimen=_course(mg_per_day, from_week=week - 2),
        end_week=week + 1.0,
    )
    return {name: float(course.weekly(name)[week]) for name in (LEVEL, "fetal_prednisolone_ng_per_ml")}


def _course(mg_per_day: float, *, from_week: float) -> Regimen:
    step = {
        "drug": "prednisolone",
        "dose_mg_per_day": mg_per_day,
        "start_gestation_weeks": from_week,
        "duration_weeks": 4.0,
    }
    return regimen_from({"name": "run", "title": "A course for a comparison", "steps": [step]})

"""Runs of the womb that the frozen rule asks for: what the model does where something was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from decidua.evidence import Ledger
from decidua.life.parameters import FloatArray
from decidua.study.validation_womb_kinetics import clearance_ratio, kinetics
from decidua.womb import Regimen, WombCourse, regimen_from, simulate_pregnancy
from decidua.womb.parameters import DAYS_PER_WEEK, TRIMESTER_STARTS_WEEKS

CONTROL = "womb.unk.control_median_per_mm2"
FALL_FROM = "womb.unk.fall_from_week"
NO_EFFECT = "marker"
BIRTH_WEEK = 40
COURSE_WEEKS = range(6, BIRTH_WEEK)
KWAN_WEEKS = ((6, 12), (13, 20))
# Cycle days as the studies name them.
PROLIFERATIVE, LATE_LUTEAL, AFTER_MENSES = (10, 19), 26, 5
SECRETORY, EARLY = (20, 23), (9, 11)
OVULATION_DAY = 14
FALLING_WEEKS = (12, 14, 16)
PRESENT_WEEKS = (11, 21)
BARRIER_WEEKS = (36, 38, 40)


@dataclass(frozen=True)
class Found:
    """A prediction: one number, or draws with their weights."""

    values: FloatArray
    weights: FloatArray

    @property
    def mean(self) -> float:
        """Weighted mean."""
        return float(np.average(self.values, weights=self.weights))


Predicted = Mapping[str, Found]


def point(value: float) -> Found:
    """A prediction at the central values of the ledger, without an interval."""
    return Found(np.array([float(value)]), np.ones(1))


def draws(values: FloatArray) -> Found:
    """A prediction as equally weighted draws."""
    return Found(values, np.ones(values.size))


def run_predictions(rule: Mapping[str, Any], *, ledger: Ledger) -> dict[str, Found]:
    """Every prediction that needs a run of the womb.

    Arguments:  rule    the frozen rule for the womb, as read
                ledger  for the control median and the first week of decidua
    Returns:    name in the rule to prediction
    """
    assumed, least = rule["assumed"], rule["agreement"]["least_step"]
    density = ledger.value(CONTROL)
    values = {f"kinetics.{name}": value for name, value in kinetics(assumed, density).items()}
    values["kinetics.clearance_ratio"] = clearance_ratio(assumed, density)
    values |= cells(assumed, least, first_week=int(ledger.value(FALL_FROM)))
    values |= {f"drug.multiplier_{mg}mg": multiplier(mg, density) for mg in (10, 20)}
    values |= removals(assumed, density) | hormones(least, density)
    values["arteries.plugs_half_open_week"] = half_open_week(untreated(density))
    values |= infections(assumed, least)
    return {name: point(value) for name, value in values.items()}


def steroid(mg_per_day: float, *, from_week: float, weeks: float) -> Regimen:
    """A plain course of prednisolone for a run."""
    step = {
        "drug": "prednisolone",
        "dose_mg_per_day": mg_per_day,
        "start_gestation_weeks": from_week,
        "duration_weeks": weeks,
    }
    return regimen_from({"name": "run", "title": "A course for a comparison", "steps": [step]})


def untreated(density: float, *, course: str = "level_then_lower") -> WombCourse:
    """One pregnancy without treatment."""
    return simulate_pregnancy(NO_EFFECT, density_per_mm2=density, unk_course=course)


def share_in_order(pairs: Iterable[tuple[float, float]], least: float) -> float:
    """Share of pairs (lower, higher) whose second lies above the first by the least step."""
    compared = list(pairs)
    if any(math.isnan(value) for pair in compared for value in pair):
        return math.nan
    return sum(higher > lower * (1.0 + least) for lower, higher in compared) / len(compared)


def cells(assumed: Mapping[str, Any], least: float, *, first_week: int) -> dict[str, float]:
    """Uterine NK cells through the cycle and in pregnancy."""
    cycles = [_two_cycles(float(density)) for density in assumed["densities_per_mm2"]]
    control = float(assumed["densities_per_mm2"][1])
    level, fall = (untreated(control, course=name) for name in ("level_then_lower", "steady_fall"))
    falling = [fall.weekly("uterine_nk")[week] for week in COURSE_WEEKS]
    return {
        "cells.cycle": share_in_order((p for c in cycles for p in _cycle_pairs(c)), least),
        "cells.luteal": share_in_order(
            ((c.on(OVULATION_DAY + 5), c.on(OVULATION_DAY + 10)) for c in cycles), least
        ),
        "cells.share_of_lymphocytes": share_in_order(
            ((c.mean(*SECRETORY), c.mean(*EARLY)) for c in cycles), least
        ),
        "cells.level.second": _trimester(level, 1, first_week) / _trimester(level, 0, first_week),
        "cells.level.third": _trimester(level, 2, first_week) / _trimester(level, 0, first_week),
        "cells.fall.second": _trimester(fall, 1, first_week) / _trimester(fall, 0, first_week),
        "cells.fall.course": share_in_order(zip(falling[1:], falling, strict=False), least),
        "cells.level.kwan": _between(level, *KWAN_WEEKS[1]) / _between(level, *KWAN_WEEKS[0]),
        "cells.fall.kwan": _between(fall, *KWAN_WEEKS[1]) / _between(fall, *KWAN_WEEKS[0]),
    }


@dataclass(frozen=True)
class TwoCycles:
    """Untreated density by day of one cycle and of the next, the first days of both counted as 1."""

    density: FloatArray

    def on(self, cycle_day: int) -> float:
        """Density on a day of the first cycle; days beyond it lie in the next."""
        return float(self.density[cycle_day - 1])

    def mean(self, first: int, last: int) -> float:
        """Mean density over days of the first cycle."""
        return float(self.density[first - 1 : last].mean())


def _two_cycles(density: float) -> TwoCycles:
    """A protocol that waits to conceive runs one cycle before; its untreated course is what is read."""
    protocol = {
        "start_above_per_mm2": 1.0,
        "normal_below_per_mm2": 1e5,
        "start_mg_per_day": 1.0,
        "raise_by_mg_per_day": 0.0,
        "highest_mg_per_day": 1.0,
        "most_cycles": 1,
        "wait_to_conceive": True,
        "taper_from_gestation_weeks": 1.0,
        "taper": [],
        "on_infection": {"dose_share": 1.0, "weeks": 1.0},
    }
    waits = regimen_from({"name": "run", "title": "One cycle before conception", "protocol": protocol})
    course = simulate_pregnancy(NO_EFFECT, density_per_mm2=density, regimen=waits, end_week=4.0)
    return TwoCycles(course.variables["uterine_nk_untreated"])


def _cycle_pairs(cycle: TwoCycles) -> list[tuple[float, float]]:
    low, late = cycle.mean(*PROLIFERATIVE), cycle.on(LATE_LUTEAL)
    middle, next_cycle = cycle.on(OVULATION_DAY + 7), cycle.on(28 + AFTER_MENSES)
    return [(low, middle), (middle, late), (next_cycle, late)]


def _between(course: WombCourse, first: int, last: int, *, variable: str = "uterine_nk") -> float:
    """Mean over completed weeks first to last; NaN for a variable the model does not have."""
    if variable not in course.variables:
        return math.nan
    return float(course.weekly(variable)[first : last + 1].mean())


def _trimester(course: WombCourse, which: int, first_week: int) -> float:
    starts = [*(int(week) for week in TRIMESTER_STARTS_WEEKS), BIRTH_WEEK]
    return _between(course, max(starts[which], first_week), starts[which + 1] - 1)


def multiplier(mg_per_day: float, density: float) -> float:
    """True density on the mid-luteal day of a cycle on a daily dose, over the untreated density."""
    course = simulate_pregnancy(
        NO_EFFECT,
        density_per_mm2=density,
        regimen=steroid(mg_per_day, from_week=0.0, weeks=4.0),
        end_week=4.0,
    )
    day = OVULATION_DAY + 7
    return float(course.variables["uterine_nk"][day] / course.variables["uterine_nk_untreated"][day])


def removals(assumed: Mapping[str, Any], density: float) -> dict[str, float]:
    """Whether a pregnancy ends when its corpus luteum is removed: 1 or 0."""
    weeks, mg = assumed["removed_weeks"], assumed["progesterone_mg_twice_daily"]
    step = {
        "drug": "progesterone",
        "dose_mg_twice_daily": mg,
        "start_gestation_weeks": weeks["early"],
        "duration_weeks": 10.0,
    }
    given = regimen_from({"name": "run", "title": "Progesterone after removal", "steps": [step]})
    runs: dict[str, tuple[float, str | Regimen]] = {
        "removed_early": (weeks["early"], "none"),
        "removed_early_given": (weeks["early"], given),
        "removed_late": (weeks["late"], "none"),
    }
    return {f"hormones.{name}": _ends(week, regimen, density) for name, (week, regimen) in runs.items()}


def _ends(week: float, regimen: str | Regimen, density: float) -> float:
    course = simulate_pregnancy(
        NO_EFFECT, density_per_mm2=density, regimen=regimen, corpus_luteum_removed_week=float(week)
    )
    return float(course.ended_week is not None)


def hormones(least: float, density: float) -> dict[str, float]:
    """Cortisol of the baby and of the mother, and the wall between them."""
    course = untreated(density)
    fetal, weeks = course.variables["fetal_cortisol"], course.time_days / DAYS_PER_WEEK
    falling = [_at(course, "fetal_cortisol", week) for week in FALLING_WEEKS]
    falling = [float(fetal.max()), *falling]
    here = (weeks >= PRESENT_WEEKS[0]) & (weeks <= PRESENT_WEEKS[1])
    wall = [_at(course, "placental_barrier", week) for week in BARRIER_WEEKS]
    third = (int(TRIMESTER_STARTS_WEEKS[2]), BIRTH_WEEK - 1)
    return {
        "hormones.fetal_peak_week": float(weeks[fetal.argmax()]),
        "hormones.fetal_falls": share_in_order(zip(falling[1:], falling, strict=False), least),
        "hormones.fetal_present": float(fetal[here].min() > least * fetal.max()),
        "hormones.maternal_total": _between(course, *third, variable="maternal_cortisol"),
        "hormones.maternal_free": _between(course, *third, variable="maternal_cortisol_free"),
        "hormones.maternal_binding": _between(course, *third, variable="corticosteroid_binding_globulin"),
        "hormones.barrier_falls": share_in_order(zip(wall[1:], wall, strict=False), least),
    }


def _at(course: WombCourse, variable: str, week: float) -> float:
    if variable not in course.variables:
        return math.nan
    return float(np.interp(week * DAYS_PER_WEEK, course.time_days, course.variables[variable]))


def half_open_week(course: WombCourse) -> float:
    """Gestation at which half of the arterial plugs are open, weeks."""
    days = float(np.interp(0.5, course.variables["plugs_open"], course.time_days))
    return days / DAYS_PER_WEEK


def infections(assumed: Mapping[str, Any], least: float) -> dict[str, float]:
    """Whether cells clear an infection, spare trophoblast, and clear it more slowly the higher the dose."""
    week = float(assumed["infection_week"])
    cleared, spared, pairs = [], [], []
    for density in map(float, assumed["densities_per_mm2"]):
        loads = [_infected(density, mg, week) for mg in assumed["doses_mg_per_day"]]
        cleared.append(loads[0].variables["infection"][-1] < assumed["cleared_share"])
        kept = loads[0].variables["trophoblast"][-1] / untreated(density).variables["trophoblast"][-1]
        spared.append(kept > assumed["spared_share"])
        burdens = [float(np.trapezoid(c.variables["infection"], c.time_days)) for c in loads]
        pairs += _neighbours(burdens)
    return {
        "infection.cleared": float(np.mean(cleared)),
        "infection.trophoblast_spared": float(np.mean(spared)),
        "infection.by_dose": share_in_order(pairs, least),
    }


def _infected(density: float, mg_per_day: float, week: float) -> WombCourse:
    """An infection while on a daily dose that began a month before it and goes on to the end."""
    dose = steroid(mg_per_day, from_week=week - 4.0, weeks=BIRTH_WEEK - week)
    return simulate_pregnancy(NO_EFFECT, density_per_mm2=density, regimen=dose, infection_week=week)


def _neighbours(rising: Sequence[float]) -> list[tuple[float, float]]:
    return list(pairwise(rising))

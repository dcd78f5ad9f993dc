"""One womb forward in time: the course of cells, embryo, hormones, drug and infection in one pregnancy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from decidua.base.errors import InputError
from decidua.womb.mechanisms import assumes_contested_mechanism, mechanism_code
from decidua.womb.parameters import DAYS_PER_WEEK
from decidua.womb.regimens import Regimen, as_regimen
from decidua.womb.schedule import schedule_of
from decidua.womb.solver import NEVER, Array, Run, density_multiplier, model_parameters, solve

COURSES = ("level_then_lower", "steady_fall")
UNITS: Mapping[str, str] = {
    "uterine_nk": "cells per mm2",
    "uterine_nk_untreated": "cells per mm2",
    "prednisolone_gut": "mg",
    "prednisolone_ng_per_ml": "ng/mL",
    "fetal_prednisolone_ng_per_ml": "ng/mL",
    "steroid_exposure": "ng/mL",
    "prednisolone_mg_per_day": "mg per day",
    "progesterone_mg_per_day": "mg per day",
    "aspirin_mg_per_day": "mg per day",
    "maternal_cortisol": "multiple of before pregnancy",
    "infection": "multiple of its first load",
    "progesterone": "multiple of the corpus luteum in week 5",
}
RELATIVE = "relative"
ALLOWED: Mapping[str, tuple[float, float]] = {
    "density_per_mm2": (1.0, 5000.0),
    "recognition": (0.0, 1.0),
    "infection_week": (0.0, 45.0),
    "corpus_luteum_removed_week": (0.0, 45.0),
    "end_week": (4.0, 45.0),
    "rtol": (1e-13, 1e-2),
    "atol": (1e-16, 1e-2),
}


@dataclass(frozen=True)
class WombCourse:
    """The course of one pregnancy on a grid of days.

    `normalised`: whether a protocol brought the count below its cut (None when it gave no steroid).
    `ended_week`: when trophoblast was lost for want of progesterone or by killing, else None.
    """

    time_days: Array
    variables: Mapping[str, Array]
    units: Mapping[str, str]
    mechanism: str
    regimen: str
    density_per_mm2: float
    recognition: float
    unk_course: str
    normalised: bool | None
    ended_week: float | None
    assumes_contested_mechanism: bool

    def weeks(self) -> Array:
        """Completed weeks of gestation that lie wholly inside the course."""
        return whole_weeks(self.time_days)

    def weekly(self, variable: str) -> Array:
        """Mean of a variable in each of `weeks()`."""
        return weekly_means(self.time_days, self.variables[variable])

    def weekly_hazard_excess(self) -> Array:
        """The added hazard of loss in each of `weeks()`, in the units of the shipped bridge."""
        from decidua.womb.bridge import load_bridge

        bridge = load_bridge()
        scale = float(bridge.hazard_scale[bridge.mechanisms.index(self.mechanism)])
        return self.weekly("loss_signal") / scale


def simulate_pregnancy(
    mechanism: str,
    *,
    density_per_mm2: float,
    recognition: float = 0.5,
    regimen: str | Regimen = "none",
    infection_week: float | None = None,
    corpus_luteum_removed_week: float | None = None,
    end_week: float = 40.0,
    unk_course: str = "level_then_lower",
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> WombCourse:
    """Run the womb through one cycle and pregnancy, day by day.

    Assumes an embryo with normal chromosomes that implants, and the day's dose flowing in evenly (equal to
    single doses within the tolerance that tests/unit/womb/test_kinetics.py states).

    Arguments:  mechanism                   one of MECHANISMS: how the count bears on loss
                density_per_mm2             her true untreated mid-luteal density, cells per mm2, 1 to 5000
                recognition                 0 (embryo not recognised) to 1
                regimen                     name of a shipped regimen, or a Regimen
                infection_week              gestation at which an infection begins, weeks, or None
                corpus_luteum_removed_week  gestation at which the corpus luteum is removed, weeks, or None
                end_week                    gestation at which the run ends, weeks, 4 to 45
                unk_course                  `level_then_lower` or `steady_fall`: the two published courses
                rtol, atol                  tolerances of the solver
    Returns:    WombCourse
    Raises:     InputError for an input outside its range; SolverError when the model cannot be solved
    Source:     evidence/ledger/womb.yaml; equations in docs/womb.md
    Checked by: tests/unit/womb
    """
    numbers = {
        "density_per_mm2": density_per_mm2,
        "recognition": recognition,
        "infection_week": infection_week,
        "corpus_luteum_removed_week": corpus_luteum_removed_week,
        "end_week": end_week,
        "rtol": rtol,
        "atol": atol,
    }
    _refuse_outside(numbers)
    known = as_regimen(regimen)
    schedule = schedule_of(
        known,
        density_per_mm2=density_per_mm2,
        multiplier=density_multiplier,
        infection_day=None if infection_week is None else infection_week * DAYS_PER_WEEK,
    )
    run = Run(
        schedule=schedule,
        density_per_mm2=density_per_mm2,
        recognition=recognition,
        mechanism=mechanism_code(mechanism),
        end_day=float(math.floor(end_week * DAYS_PER_WEEK + 1e-9)),
        level_course=_course_switch(unk_course),
        infection_day=_day_or_never(infection_week),
        corpus_luteum_removed_day=_day_or_never(corpus_luteum_removed_week),
        rtol=rtol,
        atol=atol,
    )
    found = solve(run)
    days = found.pop("time")
    return WombCourse(
        time_days=days,
        variables=found,
        units={name: UNITS.get(name, RELATIVE) for name in found},
        mechanism=mechanism,
        regimen=known.name,
        density_per_mm2=density_per_mm2,
        recognition=recognition,
        unk_course=unk_course,
        normalised=schedule.normalised,
        ended_week=_ended_week(days, found),
        assumes_contested_mechanism=assumes_contested_mechanism(mechanism),
    )


def whole_weeks(time_days: Array) -> Array:
    """Completed weeks w, from week 0, for which days 7 w to 7 w + 7 all lie on a daily grid."""
    return np.arange(0.0, math.floor(time_days[-1] / DAYS_PER_WEEK + 1e-9))


def weekly_means(time_days: Array, values: Array) -> Array:
    """Mean over each whole week by the trapezoid rule on a daily grid.

    Arguments:  time_days  days, one apart, shape (times,)
                values     shape (times,)
    Returns:    shape of whole_weeks(time_days)
    """
    first = int(np.searchsorted(time_days, -1e-9))
    starts = first + 7 * whole_weeks(time_days).astype(np.int64)
    inner = np.stack([values[starts + day] for day in range(8)])
    means: Array = (inner[1:] + inner[:-1]).sum(axis=0) / 14.0
    return means


def _refuse_outside(numbers: Mapping[str, float | None]) -> None:
    for name, number in numbers.items():
        lo, hi = ALLOWED[name]
        if number is not None and not lo <= number <= hi:
            raise InputError(field=name, value=number, allowed=f"{lo:g} to {hi:g}")


def _course_switch(unk_course: str) -> bool:
    if unk_course not in COURSES:
        raise InputError(field="unk_course", value=unk_course, allowed=", ".join(COURSES))
    return unk_course == "level_then_lower"


def _day_or_never(week: float | None) -> float:
    return NEVER if week is None else week * DAYS_PER_WEEK


def _ended_week(days: Array, variables: Mapping[str, Array]) -> float | None:
    """When trophoblast falls below the declared share of a normal pregnancy's at that time."""
    values = model_parameters()
    after = days > values["trophoblast_implantation_day"]
    share = variables["trophoblast"] / variables["trophoblast_normal"]
    below = np.flatnonzero(after & (share < values["trophoblast_ended_share"]))
    return float(days[below[0]] / DAYS_PER_WEEK) if below.size else None

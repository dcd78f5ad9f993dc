"""One womb forward in time: the course of cells, embryo, hormones, drug and infection in one pregnancy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from decidua.base.errors import InputError
from decidua.womb.genotypes import genotype_inputs
from decidua.womb.mechanisms import assumes_contested_mechanism, mechanism_code
from decidua.womb.parameters import DAYS_PER_WEEK
from decidua.womb.regimens import Regimen, as_regimen
from decidua.womb.schedule import Schedule, schedule_of
from decidua.womb.solver import NEVER, Array, Run, density_multiplier, model_parameters, solve

COURSES = ("level_then_lower", "steady_fall")
BEFORE_PREGNANCY = "multiple of before pregnancy"
UNITS: Mapping[str, str] = {
    "uterine_nk": "cells per mm2",
    "uterine_nk_untreated": "cells per mm2",
    "prednisolone_gut": "mg",
    "prednisolone_body": "mg",
    "prednisolone_eliminated": "mg",
    "prednisolone_given_mg": "mg",
    "prednisolone_ng_per_ml": "ng/mL",
    "prednisolone_unbound_ng_per_ml": "ng/mL",
    "fetal_prednisolone_ng_per_ml": "ng/mL",
    "steroid_exposure": "ng/mL",
    "prednisolone_mg_per_day": "mg per day",
    "progesterone_mg_per_day": "mg per day",
    "aspirin_mg_per_day": "mg per day",
    "maternal_cortisol": BEFORE_PREGNANCY,
    "maternal_cortisol_free": BEFORE_PREGNANCY,
    "corticosteroid_binding_globulin": BEFORE_PREGNANCY,
    "fetal_cortisol_from_mother": "multiple of the mother's free level before pregnancy",
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
    "doses_per_day": (0.0, 24.0),
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
    genotype: str | None
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
    genotype: str | None = None,
    regimen: str | Path | Regimen = "none",
    infection_week: float | None = None,
    corpus_luteum_removed_week: float | None = None,
    end_week: float = 40.0,
    unk_course: str = "level_then_lower",
    fetal_cortisol_made: bool = True,
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> WombCourse:
    """Run the womb through one cycle and pregnancy, day by day.

    Assumes an embryo with normal chromosomes that implants, and the day's dose flowing in evenly (equal to
    single doses within the tolerance that tests/unit/womb/test_kinetics.py states).

    Arguments:  mechanism                   one of MECHANISMS: how the count bears on loss
                density_per_mm2             her true untreated mid-luteal density, cells per mm2, 1 to 5000
                recognition                 0 (embryo not recognised) to 1
                genotype                    one of GENOTYPES: the mother's KIR and the fetus's HLA-C set the
                                            recognition, and `recognition` is not heard; None uses it
                regimen                     name of a shipped regimen, a YAML file of one's own, or a Regimen
                infection_week              gestation at which an infection begins, weeks, or None
                corpus_luteum_removed_week  gestation at which the corpus luteum is removed, weeks, or None
                end_week                    gestation at which the run ends, weeks, 4 to 45
                unk_course                  `level_then_lower` or `steady_fall`: the two published courses
                fetal_cortisol_made         False for a counterfactual without the fetus's own cortisol
                rtol, atol                  tolerances of the solver
    Returns:    WombCourse
    Raises:     InputError for an input outside its range; SolverError when the model cannot be solved
    Source:     evidence/ledger/womb.yaml; equations in docs/womb.md
    Checked by: tests/unit/womb
    """
    known = as_regimen(regimen)
    run = pregnancy_run(
        mechanism,
        density_per_mm2=density_per_mm2,
        recognition=recognition,
        genotype=genotype,
        regimen=known,
        infection_week=infection_week,
        corpus_luteum_removed_week=corpus_luteum_removed_week,
        end_week=end_week,
        unk_course=unk_course,
        fetal_cortisol_made=fetal_cortisol_made,
        rtol=rtol,
        atol=atol,
    )
    return _course_of(run, solve(run), mechanism=mechanism, regimen=known.name, unk_course=unk_course)


def pregnancy_run(
    mechanism: str,
    *,
    density_per_mm2: float,
    recognition: float = 0.5,
    genotype: str | None = None,
    regimen: str | Path | Regimen = "none",
    infection_week: float | None = None,
    corpus_luteum_removed_week: float | None = None,
    end_week: float = 40.0,
    unk_course: str = "level_then_lower",
    fetal_cortisol_made: bool = True,
    doses_per_day: int = 0,
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> Run:
    """What `simulate_pregnancy` sets for one run, checked and resolved but not yet run.

    Arguments:  doses_per_day  0 for an even flow of prednisolone, else single doses, 1 to 24 a day
                the others     as in `simulate_pregnancy`
    Returns:    Run
    Raises:     InputError for an input outside its range
    Checked by: tests/unit/womb/test_solver.py
    """
    _refuse_outside(
        {
            "density_per_mm2": density_per_mm2,
            "recognition": recognition,
            "infection_week": infection_week,
            "corpus_luteum_removed_week": corpus_luteum_removed_week,
            "end_week": end_week,
            "doses_per_day": doses_per_day,
            "rtol": rtol,
            "atol": atol,
        }
    )
    if infection_week is not None and infection_week >= end_week:
        raise InputError(
            field="infection_week",
            value=infection_week,
            allowed=f"a week before {end_week:g}, where the run ends",
        )
    schedule = _schedule(as_regimen(regimen), density_per_mm2=density_per_mm2, infection_week=infection_week)
    genotype_inputs(genotype)
    return Run(
        schedule=schedule,
        density_per_mm2=density_per_mm2,
        recognition=recognition,
        genotype=genotype,
        mechanism=mechanism_code(mechanism),
        end_day=float(math.floor(end_week * DAYS_PER_WEEK + 1e-9)),
        level_course=_course_switch(unk_course),
        infection_day=_day_or_never(infection_week),
        corpus_luteum_removed_day=_day_or_never(corpus_luteum_removed_week),
        fetal_cortisol_made=fetal_cortisol_made,
        doses_per_day=doses_per_day,
        rtol=rtol,
        atol=atol,
    )


def _course_of(
    run: Run, found: dict[str, Array], *, mechanism: str, regimen: str, unk_course: str
) -> WombCourse:
    days = found.pop("time")
    return WombCourse(
        time_days=days,
        variables=found,
        units={name: UNITS.get(name, RELATIVE) for name in found},
        mechanism=mechanism,
        regimen=regimen,
        density_per_mm2=run.density_per_mm2,
        recognition=float(found["recognition_signal"][0]),
        genotype=run.genotype,
        unk_course=unk_course,
        normalised=run.schedule.normalised,
        ended_week=_ended_week(days, found),
        assumes_contested_mechanism=assumes_contested_mechanism(mechanism),
    )


def _schedule(regimen: Regimen, *, density_per_mm2: float, infection_week: float | None) -> Schedule:
    return schedule_of(
        regimen,
        density_per_mm2=density_per_mm2,
        multiplier=density_multiplier,
        infection_day=None if infection_week is None else infection_week * DAYS_PER_WEEK,
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

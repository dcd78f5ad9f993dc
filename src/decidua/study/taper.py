"""Tapers from different weeks of one course: what they do in the womb, and whether a reason holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.base.errors import InputError
from decidua.base.estimates import Estimate
from decidua.study.pregnancy import (
    EXAMPLE_RECOGNITION,
    PregnancyQuestion,
    doses_by_day,
    provenance_of,
    run_course,
)
from decidua.study.taper_chances import Chances, chances_by_mechanism, excess_by_mechanism
from decidua.womb import MECHANISMS, Regimen, WombCourse, load_regimen
from decidua.womb.parameters import DAYS_PER_WEEK
from decidua.womb.story import story_counts_per_mm2

FloatArray = NDArray[np.float64]

STORY_WEEK = 12  # the week the story names
STEP_WEEKS = 2
HALF = 0.5
LIMITS_WEEKS = (4, 30)
# An infection whose whole course lies between the earliest and the latest taper: an example input.
EXAMPLE_INFECTION_WEEK = 13.0
TRACE = 0.01  # of the range of a variable: what nobody could see in a figure
MOTHERS_SIDE = (
    "prednisolone_ng_per_ml",
    "steroid_exposure",
    "uterine_nk",
    "adrenal_drive",
    "maternal_cortisol",
    "infection",
    "loss_signal",
)


@dataclass(frozen=True)
class Taper:
    """One taper of the study.

    week                first week of the taper
    total_mg            prednisolone in all, mg
    exposure_ng_days    level in blood added up over the course, ng/mL times days
    last_dose_week      week of the last dose
    uterine_nk          mean cells per mm2 in weeks 8, 12, 16 and 20, by week
    lowest_axis         lowest drive of the mother's own adrenals, 1 = usual
    weeks_axis_low      weeks of pregnancy with that drive below half
    infection_burden    load times time of one infection, as a multiple of the same without drugs
    losses              mechanism to chance of loss from week 6, if pregnant again
    against_story       mechanism to the same less the one of the taper in the story's week
    """

    week: int
    course: WombCourse
    total_mg: float
    exposure_ng_days: float
    last_dose_week: float
    uterine_nk: Mapping[int, float]
    lowest_axis: float
    weeks_axis_low: float
    infection_burden: float
    losses: Mapping[str, Estimate]
    against_story: Mapping[str, Estimate]


@dataclass(frozen=True)
class TaperStudy:
    """Every taper beside the same pregnancy without drugs, and the run without fetal cortisol.

    largest_moves  variable to how far it moves when fetal cortisol is switched off, as a share of its range
    losses_untreated  mechanism to chance of loss without drugs
    """

    density_per_mm2: float
    recognition: float
    regimen: Regimen
    infection_week: float
    age_years: float
    untreated: WombCourse
    tapers: tuple[Taper, ...]
    losses_untreated: Mapping[str, Estimate]
    fetal_peak_week: float
    fetal_late_share: float
    largest_moves: Mapping[str, float]
    mechanism_weights: Mapping[str, float]
    weights_are: str
    provenance: Mapping[str, Any]

    @property
    def story_taper(self) -> Taper:
        """The taper of the week the story names, or the nearest."""
        return min(self.tapers, key=lambda taper: abs(taper.week - STORY_WEEK))

    @property
    def pulse_matters(self) -> bool:
        """Whether switching the fetal pulse off moves anything on her side by more than a trace."""
        return max(self.largest_moves.values()) > TRACE

    @property
    def largest_gap(self) -> float:
        """Largest difference in the chance of loss between any taper and that of the story's week."""
        return max(abs(one.mean) for taper in self.tapers for one in taper.against_story.values())


def study_tapers(question: PregnancyQuestion, *, weeks_from: int, weeks_to: int) -> TaperStudy:
    """Run the same course with tapers that start in different weeks.

    Arguments:  question    regimen with a steroid; density, recognition and the week of an infection, or None
                            for the story's high count and examples
                weeks_from  first week of the earliest taper, 4 to 30
                weeks_to    first week of the latest taper, not before weeks_from
    Returns:    TaperStudy
    Raises:     InputError for weeks outside their range or a regimen that has no steroid to taper
    Checked by: tests/unit/study/test_taper.py
    """
    weeks = taper_weeks(weeks_from, weeks_to)
    asked = _filled(question)
    regimens = {week: tapered_from(asked.regimen, week) for week in weeks}
    healthy = replace(asked, infection_week=None)
    untreated = run_course(replace(healthy, regimen=load_regimen("none")))
    courses = {week: run_course(replace(healthy, regimen=regimens[week])) for week in weeks}
    for course in courses.values():
        _refuse_without_steroid(course)
    burdens = _burdens(asked, regimens)
    found = _chances(healthy, regimens)
    story = min(weeks, key=lambda week: abs(week - STORY_WEEK))
    peak, late = _fetal_cortisol(untreated)
    arguments = {**asked.arguments(), "weeks_from": weeks_from, "weeks_to": weeks_to}
    return TaperStudy(
        density_per_mm2=untreated.density_per_mm2,
        recognition=untreated.recognition,
        regimen=asked.regimen,
        infection_week=float(asked.infection_week or 0.0),
        age_years=found.age_years,
        untreated=untreated,
        tapers=tuple(_taper(week, courses[week], burdens[week], found, story) for week in weeks),
        losses_untreated=found.estimates("none"),
        fetal_peak_week=peak,
        fetal_late_share=late,
        largest_moves=moves_without_fetal_cortisol(replace(asked, regimen=regimens[story])),
        mechanism_weights=found.class_weights,
        weights_are=found.weights_are,
        provenance={
            **provenance_of(arguments, mechanism=asked.mechanism, seed=None),
            "mechanism_weights": {**found.class_weights, "weights_are": found.weights_are},
        },
    )


def taper_weeks(weeks_from: int, weeks_to: int) -> list[int]:
    """First weeks of the tapers, two apart."""
    low, high = LIMITS_WEEKS
    if not low <= weeks_from <= high:
        raise InputError(field="--weeks-from", value=weeks_from, allowed=f"{low} to {high}")
    if not weeks_from <= weeks_to <= high:
        raise InputError(field="--weeks-to", value=weeks_to, allowed=f"{weeks_from} to {high}")
    return list(range(weeks_from, weeks_to + 1, STEP_WEEKS))


def tapered_from(regimen: Regimen, week: int) -> Regimen:
    """The same regimen with its taper from another week.

    In a protocol the week is a field of its own. In a fixed course the longest step of prednisolone is made
    to end in that week, and the smaller steps after it follow as they did.

    Arguments:  regimen  with prednisolone
                week     first week of the taper
    Returns:    Regimen under a name that tells the week
    Raises:     InputError for a regimen without prednisolone, or whose course starts only after that week
    """
    name = f"{regimen.name[:50]}_week_{week}"
    if regimen.protocol is not None:
        protocol = regimen.protocol.model_copy(update={"taper_from_gestation_weeks": float(week)})
        return regimen.model_copy(update={"name": name, "protocol": protocol})
    return regimen.model_copy(update={"name": name, "steps": _moved_steps(regimen, week)})


def _moved_steps(regimen: Regimen, week: int) -> tuple[Any, ...]:
    steps = [step for step in regimen.steps if step.drug == "prednisolone"]
    if not steps:
        raise InputError(
            field="--regimen", value=regimen.name, allowed="a regimen with prednisolone to taper"
        )
    main = max(steps, key=lambda step: (step.mg_per_day, step.duration_weeks))
    start, day = main.start_day / DAYS_PER_WEEK, float(week)
    later = steps[steps.index(main) + 1 :]
    falls = all(after.mg_per_day < before.mg_per_day for before, after in pairwise([main, *later]))
    if week <= start or not falls:
        allowed = "a regimen whose prednisolone starts before the taper and only falls after its highest step"
        raise InputError(field="--regimen", value=regimen.name, allowed=allowed)
    moved = {id(main): main.model_copy(update={"duration_weeks": week - start})}
    for step in later:
        update = {"start_gestation_weeks": day, "start_cycle_day": None}
        moved[id(step)] = step.model_copy(update=update)
        day += step.duration_weeks
    return tuple(moved.get(id(step), step) for step in regimen.steps)


def _filled(question: PregnancyQuestion) -> PregnancyQuestion:
    """The question with the story's high count and the examples where nothing was given."""
    high = story_counts_per_mm2()["high"]
    return replace(
        question,
        density_per_mm2=high if question.density_per_mm2 is None else question.density_per_mm2,
        recognition=EXAMPLE_RECOGNITION if question.recognition is None else question.recognition,
        infection_week=EXAMPLE_INFECTION_WEEK if question.infection_week is None else question.infection_week,
    )


def _chances(question: PregnancyQuestion, regimens: Mapping[int, Regimen]) -> Chances:
    named = {"none": load_regimen("none"), **{str(week): regimen for week, regimen in regimens.items()}}
    excess = {
        name: excess_by_mechanism(replace(question, regimen=regimen)) for name, regimen in named.items()
    }
    return chances_by_mechanism(excess, mechanisms=MECHANISMS)


def _refuse_without_steroid(course: WombCourse) -> None:
    if not float(doses_by_day(course)["prednisolone"].max()) > 0.0:
        allowed = "a density above the level at which the protocol starts"
        raise InputError(field="--density", value=course.density_per_mm2, allowed=allowed)


def _burdens(question: PregnancyQuestion, regimens: Mapping[int, Regimen]) -> dict[int, float]:
    """Load times time of one infection under each taper, as a multiple of the same without drugs.

    A protocol's own rule for an infection is kept, so that these runs may give less of the drug.
    """
    without = _area(run_course(replace(question, regimen=load_regimen("none"))), "infection")
    return {
        week: _area(run_course(replace(question, regimen=regimen)), "infection") / without
        for week, regimen in regimens.items()
    }


def _taper(week: int, course: WombCourse, burden: float, found: Chances, story: int) -> Taper:
    doses = doses_by_day(course)["prednisolone"]
    given = np.flatnonzero(doses > 0.0)
    cells = course.weekly("uterine_nk")
    drive = course.variables["adrenal_drive"]
    in_pregnancy = course.time_days >= 0.0
    return Taper(
        week=week,
        course=course,
        total_mg=float(doses[:-1].sum()),
        exposure_ng_days=_area(course, "prednisolone_ng_per_ml"),
        last_dose_week=float(course.time_days[given[-1]] / DAYS_PER_WEEK),
        uterine_nk={w: float(cells[w]) for w in (8, 12, 16, 20) if w < cells.size},
        lowest_axis=float(drive.min()),
        weeks_axis_low=float((drive[in_pregnancy] < HALF).sum() / DAYS_PER_WEEK),
        infection_burden=burden,
        losses=found.estimates(str(week)),
        against_story=found.differences(str(week), str(story)),
    )


def _area(course: WombCourse, name: str) -> float:
    return float(np.trapezoid(course.variables[name], course.time_days))


def _fetal_cortisol(course: WombCourse) -> tuple[float, float]:
    """Week of the fetal peak, and the level of week 20 as a share of it."""
    fetal = course.variables["fetal_cortisol"]
    late = float(np.interp(20.0 * DAYS_PER_WEEK, course.time_days, fetal))
    return float(course.time_days[int(fetal.argmax())] / DAYS_PER_WEEK), late / float(fetal.max())


def moves_without_fetal_cortisol(question: PregnancyQuestion) -> dict[str, float]:
    """How far the mother's side moves when the fetus makes no cortisol, the most under any mechanism.

    Arguments:  question  of a treated pregnancy, density and recognition given
    Returns:    variable to its largest move on any day, as a share of its range
    Checked by: tests/unit/study/test_taper.py (a level of the fetal side does move)
    """
    moves: dict[str, float] = {}
    for mechanism in MECHANISMS:
        one = replace(question, mechanism=mechanism)
        usual, without = run_course(one), run_course(one, fetal_cortisol_made=False)
        for name in MOTHERS_SIDE:
            moves[name] = max(moves.get(name, 0.0), move_of(name, usual, without))
    return moves


def move_of(name: str, usual: WombCourse, without: WombCourse) -> float:
    """Largest difference of a variable between two courses on any day, as a share of its range."""
    span = float(np.ptp(usual.variables[name]))
    difference = float(np.abs(without.variables[name] - usual.variables[name]).max())
    return difference / span if span > 0.0 else difference

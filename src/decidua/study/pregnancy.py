"""One pregnancy, asked and answered: its course, the same without drugs, and what each explanation adds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.base.provenance import provenance
from decidua.study.pregnancy_women import Bands, Progress, WomenPlan, simulate_women
from decidua.womb import (
    MECHANISM_CLASS,
    MECHANISMS,
    REGIMENS,
    Regimen,
    WombCourse,
    load_regimen,
    read_regimen,
    simulate_pregnancy,
)
from decidua.womb.mechanisms import mechanism_code
from decidua.womb.parameters import DAYS_PER_WEEK

FloatArray = NDArray[np.float64]

# Inputs of a run for which nothing was given: examples, like an age, not findings.
EXAMPLE_DENSITY_PER_MM2 = 250.0
EXAMPLE_RECOGNITION = 0.5
NO_EFFECT = "marker"
UNIT_WEEKS = (6, 13)  # the weeks over which the added hazard is stated
FILE_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class PregnancyQuestion:
    """What is asked: one woman, her embryo, a regimen and what happens to her."""

    regimen: Regimen
    mechanism: str = NO_EFFECT
    density_per_mm2: float | None = None
    recognition: float | None = None
    genotype: str | None = None
    unk_course: str = "level_then_lower"
    infection_week: float | None = None
    corpus_luteum_removed_week: float | None = None
    end_week: float = 40.0

    def arguments(self) -> dict[str, Any]:
        """Arguments that change the result, for provenance."""
        held = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "regimen"}
        return {**held, "regimen": self.regimen.name}


@dataclass(frozen=True)
class PregnancyAnswer:
    """The course, the same pregnancy without drugs, the added hazard by explanation, and bands of women.

    added_hazard  mechanism to mean added hazard of weeks 6 to 12, without and with the regimen; the unit is
                  what 300 instead of 133 cells per mm2 adds (`too_few`: 60 instead of 133)
    """

    question: PregnancyQuestion
    course: WombCourse
    untreated: WombCourse
    added_hazard: Mapping[str, tuple[float, float]]
    provenance: Mapping[str, Any]
    bands: Bands | None = None
    seed: int | None = None

    @property
    def is_treated(self) -> bool:
        """Whether any drug is given on any day."""
        return any(float(values.max()) > 0.0 for values in doses_by_day(self.course).values())


def regimen_named(text: str) -> Regimen:
    """A regimen from the name of a shipped one or the path of a file.

    Arguments:  text  one of REGIMENS, or a path that ends in .yaml, .yml or .json
    Returns:    Regimen
    Raises:     InputError for anything else, or a course that cannot be given
    """
    is_path = text not in REGIMENS and (text.lower().endswith(FILE_ENDINGS) or "/" in text)
    return read_regimen(Path(text)) if is_path else load_regimen(text)


def ask_pregnancy(question: PregnancyQuestion) -> PregnancyAnswer:
    """Run one pregnancy, the same without drugs, and both under every mechanism.

    Assumes an embryo with normal chromosomes that implants.

    Arguments:  question  what is asked
    Returns:    PregnancyAnswer without bands
    Raises:     InputError for an input outside its range; SolverError when the model cannot be solved
    Checked by: tests/unit/study/test_pregnancy.py
    """
    mechanism_code(question.mechanism)  # refuses every other word
    none = replace(question, regimen=load_regimen("none"))
    return PregnancyAnswer(
        question=question,
        course=run_course(question),
        untreated=run_course(none),
        added_hazard={
            name: (
                added_hazard(run_course(replace(none, mechanism=name))),
                added_hazard(run_course(replace(question, mechanism=name))),
            )
            for name in MECHANISMS
        },
        provenance=provenance_of(question.arguments(), mechanism=question.mechanism, seed=None),
    )


def run_course(question: PregnancyQuestion, *, fetal_cortisol_made: bool = True) -> WombCourse:
    """The course of one question; without the fetus's own cortisol it is a counterfactual."""
    density, recognition = question.density_per_mm2, question.recognition
    return simulate_pregnancy(
        question.mechanism,
        density_per_mm2=EXAMPLE_DENSITY_PER_MM2 if density is None else density,
        recognition=EXAMPLE_RECOGNITION if recognition is None else recognition,
        genotype=question.genotype,
        regimen=question.regimen,
        infection_week=question.infection_week,
        corpus_luteum_removed_week=question.corpus_luteum_removed_week,
        end_week=question.end_week,
        unk_course=question.unk_course,
        fetal_cortisol_made=fetal_cortisol_made,
    )


def added_hazard(course: WombCourse) -> float:
    """Mean added hazard over the weeks of UNIT_WEEKS that the course holds; 0 for one that ends before."""
    weeks = course.weeks()
    wanted = (weeks >= UNIT_WEEKS[0]) & (weeks < UNIT_WEEKS[1])
    return float(course.weekly_hazard_excess()[wanted].mean()) if wanted.any() else 0.0


def ask_women(
    answer: PregnancyAnswer, *, women: int, seed: int, jobs: int, progress: Progress | None = None
) -> PregnancyAnswer:
    """The same question in virtual women; what was given is the same for all of them, the rest is drawn.

    Arguments:  answer    of the question for one woman
                women     how many
                seed      of the draws; the woman with one number is the same for any `women` and `jobs`
                jobs      worker processes
                progress  called with the number of women done
    Returns:    the answer with bands
    Raises:     SolverError naming what was set
    Checked by: tests/unit/study/test_pregnancy_women.py
    """
    question = answer.question
    plan = WomenPlan(
        mechanism=question.mechanism,
        regimen=question.regimen,
        women=women,
        seed=seed,
        density_per_mm2=question.density_per_mm2,
        recognition=question.recognition,
        genotype=question.genotype,
        unk_course=question.unk_course,
        infection_week=question.infection_week,
        corpus_luteum_removed_week=question.corpus_luteum_removed_week,
        end_week=question.end_week,
    )
    arguments = {**question.arguments(), "women": women}
    return replace(
        answer,
        bands=simulate_women(plan, jobs=jobs, progress=progress),
        seed=seed,
        provenance=provenance_of(arguments, mechanism=question.mechanism, seed=seed),
    )


def provenance_of(arguments: Mapping[str, Any], *, mechanism: str, seed: int | None) -> dict[str, Any]:
    """Where a run under one mechanism comes from: all weight on its class, by assumption."""
    weights = dict.fromkeys(MECHANISM_CLASS.values(), 0.0) | {MECHANISM_CLASS[mechanism]: 1.0}
    return provenance(seed=seed, arguments=arguments, mechanism_weights=weights, weights_are="prior")


def doses_by_day(course: WombCourse) -> dict[str, FloatArray]:
    """Dose of each drug, mg per day, on the days of a course."""
    end = "_mg_per_day"
    return {name.removesuffix(end): values for name, values in course.variables.items() if name.endswith(end)}


def dose_spans(course: WombCourse) -> list[tuple[str, float, float, float]]:
    """Drug, first and last week, and mg per day of every stretch of one dose."""
    weeks = course.time_days / DAYS_PER_WEEK
    spans = []
    for drug, doses in doses_by_day(course).items():
        edges = np.flatnonzero(np.diff(doses, prepend=np.nan, append=np.nan) != 0.0)
        for first, after in itertools.pairwise(edges):
            if doses[first] > 0.0:
                end = weeks[min(int(after), weeks.size - 1)]
                spans.append((drug, float(weeks[first]), float(end), float(doses[first])))
    return spans

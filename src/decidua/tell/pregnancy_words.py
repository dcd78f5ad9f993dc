"""What one simulated pregnancy says, in short sentences that keep to words people accept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from decidua.inference.harms import harms_of_doses
from decidua.life.harms import Doses, Harm
from decidua.study.pregnancy import PregnancyAnswer, doses_by_day
from decidua.tell.harm_lines import harm_sentences
from decidua.tell.words import label, sentence
from decidua.womb import WombCourse, render_regimen
from decidua.womb.parameters import DAYS_PER_WEEK

COMPARED_WEEK = 8
CLEARED = 0.01  # of the first load
SEEN_WEEKS = (4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 36)
COLUMNS = (
    ("uterine_nk", "NK per mm²", "{:.0f}"),
    ("trophoblast", "placenta", "{:.2f}"),
    ("perfusion", "blood flow", "{:.2f}"),
    ("progesterone", "progest.", "{:.2f}"),
    ("fetal_cortisol", "cortisol baby", "{:.2f}"),
    ("maternal_cortisol", "cortisol mother", "{:.2f}"),
    ("adrenal_drive", "adrenals", "{:.2f}"),
    ("prednisolone_ng_per_ml", "drug ng/mL", "{:.0f}"),
    ("infection", "infection", "{:.2f}"),
)
ONLY_WHEN_THERE = ("prednisolone_ng_per_ml", "infection", "adrenal_drive")
NOT_ONE_PERSON = "A simulated woman, put together from studies of groups; not a forecast for one person."


def opening(answer: PregnancyAnswer) -> list[str]:
    """What was run, and what it takes for granted."""
    question, course = answer.question, answer.course
    lines = [
        (
            f"A simulated pregnancy to week {question.end_week:g}: "
            f"{course.density_per_mm2:g} NK cells per mm² of womb lining on cycle day 21, "
            f"recognition of the embryo {course.recognition:g} of 1."
        ),
        sentence("natural_killer"),
        NOT_ONE_PERSON,
    ]
    if course.assumes_contested_mechanism:
        lines.append(
            f"Explanation used: {label('mechanism', course.mechanism)}. "
            f"This {sentence('contested_mechanism')}."
        )
    else:
        lines.append("Explanation used: the number of cells has no effect on loss.")
    return lines


def findings(answer: PregnancyAnswer) -> list[str]:
    """The course in sentences, one for each part."""
    return [
        *_cells(answer),
        *_placenta(answer),
        *_hormones(answer.course),
        *_drug(answer),
        *_infection(answer),
        *_women(answer),
    ]


def regimen_words(answer: PregnancyAnswer) -> list[str]:
    """The regimen with what was assumed and its harms; its last line is the sentence on stopping."""
    *lines, stopping = render_regimen(answer.question.regimen).splitlines()
    return [*lines, *harm_sentences(harms_of_answer(answer)), stopping]


def harms_of_answer(answer: PregnancyAnswer) -> tuple[Harm, ...]:
    """Harms of the steroid as it was given in this run, protocols included; none without a steroid."""
    course = answer.course
    return harms_of_doses(Doses(round(course.time_days[0]), course.variables["prednisolone_mg_per_day"]))


def explanation_rows(answer: PregnancyAnswer) -> list[tuple[str, str, str]]:
    """Each explanation, and the loss it would add in weeks 6 to 12 without and with the course."""
    return [
        (label("mechanism", name), f"{without:.2f}", f"{treated:.2f}")
        for name, (without, treated) in answer.added_hazard.items()
    ]


EXPLANATIONS_TITLE = "What each explanation would add to loss in weeks 6 to 12 (virtual units)"
EXPLANATIONS_NOTE = (
    "1 is what 300 instead of 133 cells would add (for too few cells: 60 instead of 133). "
    "How large that is in births is not known; which explanation is true, the data cannot tell."
)


def week_rows(answer: PregnancyAnswer) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the table by week: means over each week."""
    course = answer.course
    shown = [column for column in COLUMNS if _is_shown(course, column[0])]
    weeks = [week for week in SEEN_WEEKS if week < course.weeks().size]
    weekly = {name: course.weekly(name) for name, _, _ in shown}
    rows = [[str(week), *(form.format(weekly[name][week]) for name, _, form in shown)] for week in weeks]
    return ["week", *(head for _, head, _ in shown)], rows


def _is_shown(course: WombCourse, name: str) -> bool:
    if name not in course.variables:
        return False
    return name not in ONLY_WHEN_THERE or float(np.ptp(course.variables[name])) > 0.0


def _cells(answer: PregnancyAnswer) -> Iterator[str]:
    cells = answer.course.weekly("uterine_nk")
    if cells.size > COMPARED_WEEK:
        told = f"NK cells: about {_rounded(cells[COMPARED_WEEK])} per mm² in week {COMPARED_WEEK}"
        last = cells.size - 1
        yield f"{told}, {_rounded(cells[last])} in week {last}."
        without = answer.untreated.weekly("uterine_nk")[COMPARED_WEEK]
        fall = round(100.0 * (1.0 - cells[COMPARED_WEEK] / without))
        if fall > 0:
            yield f"In week {COMPARED_WEEK} that is lower by {fall} in 100 than without the course."
    if answer.course.normalised is not None:
        reached = "came" if answer.course.normalised else "did not come"
        yield f"The number {reached} below the level that the protocol asks for."


def _placenta(answer: PregnancyAnswer) -> Iterator[str]:
    course = answer.course
    if course.ended_week is not None:
        week = f"week {course.ended_week:.0f}"
        yield f"In this run the early placenta stops growing, and the pregnancy ends in {week}."
        return
    share = course.variables["trophoblast"][-1] / course.variables["trophoblast_normal"][-1]
    yield f"Early placenta: at the end {round(100 * share)} of 100 parts of a usual one."
    opened = _first_week(course, course.variables["plugs_open"] >= 0.5)
    if opened is not None:
        yield f"The arteries of the womb open to it around week {opened:.0f}."


def _hormones(course: WombCourse) -> Iterator[str]:
    placenta, ovary = course.variables["placental_progesterone"], course.variables["corpus_luteum"]
    over = _first_week(course, (placenta > ovary) & (course.time_days > 0.0))
    if over is not None:
        yield f"Progesterone: from week {over:.0f} the placenta makes more of it than the ovary."
    fetal = course.variables["fetal_cortisol"]
    if float(fetal.max()) > 0.0:
        week = course.time_days[int(fetal.argmax())] / DAYS_PER_WEEK
        yield f"The baby's own cortisol has an early peak around week {week:.0f} and stays on its own side."
        yield "After that peak its level is a guess: nobody measured it week by week."
    own = course.variables["maternal_cortisol"][-1]
    yield f"The mother's own cortisol at the end is {own:.1f} times that before pregnancy."


def _drug(answer: PregnancyAnswer) -> Iterator[str]:
    course = answer.course
    dose = doses_by_day(course)["prednisolone"]
    if float(dose.max()) <= 0.0:
        return
    last = course.time_days[np.flatnonzero(dose > 0.0)[-1]] / DAYS_PER_WEEK
    total = float(dose[:-1].sum())
    yield f"Prednisolone in this run: {total:.0f} mg in all, the last of it in week {last:.0f}."
    drive = course.variables.get("adrenal_drive")
    if drive is not None:
        at = int(drive.argmin())
        week = max(0.0, course.time_days[at] / DAYS_PER_WEEK)
        yield (
            f"Her own adrenals go down to {round(100 * drive[at])} of 100 parts (week {week:.0f}) "
            f"and stand at {round(100 * drive[-1])} at the end."
        )


def _infection(answer: PregnancyAnswer) -> Iterator[str]:
    week = answer.question.infection_week
    if week is None:
        return
    days = days_to_clear(answer.course, week)
    without = days_to_clear(answer.untreated, week)
    yield f"The infection of week {week:g} is cleared {_after(days)}; without the course {_after(without)}."


def days_to_clear(course: WombCourse, infection_week: float) -> float | None:
    """Days until the load of an infection is below one in a hundred of its first, or None."""
    start = infection_week * DAYS_PER_WEEK
    clear = np.flatnonzero((course.time_days > start) & (course.variables["infection"] < CLEARED))
    return float(course.time_days[clear[0]] - start) if clear.size else None


def _after(days: float | None) -> str:
    return "not within this run" if days is None else f"after {days:.0f} days"


def _women(answer: PregnancyAnswer) -> Iterator[str]:
    bands = answer.bands
    if bands is None:
        return
    low, middle, high = bands.density_per_mm2
    yield (
        f"{bands.women:,} virtual women (seed {answer.seed}): number of cells {low:.0f} to {high:.0f} "
        "per mm², "
        f"middle {middle:.0f}. They differ in their cells and in every number that is a declared guess."
    )
    if answer.question.density_per_mm2 is None:
        one = f"The lines show one woman with {answer.course.density_per_mm2:g} per mm²"
        yield f"{one}, the bands behind them all of these."
    at = COMPARED_WEEK * int(DAYS_PER_WEEK)
    if at < bands.time_days.size:
        cells = bands.bands["uterine_nk"][:, at]
        yield (
            f"NK cells at the start of week {COMPARED_WEEK}: {_rounded(cells[0])} to "
            f"{_rounded(cells[2])} per mm² "
            f"in the middle 95 of 100 of them, middle {_rounded(cells[1])}."
        )
    if bands.on_steroid > 0.0:
        yield f"{round(100 * bands.on_steroid)} of 100 of them are given prednisolone."
    if bands.normalised is not None:
        share = round(100 * bands.normalised)
        yield f"Of these, {share} of 100 come below the level that the protocol asks for."
    if bands.ended > 0.0:
        yield f"In {round(100 * bands.ended)} of 100 of these runs the pregnancy ends before its time."


def _first_week(course: WombCourse, is_so: np.ndarray) -> float | None:
    found = np.flatnonzero(is_so)
    return float(course.time_days[found[0]] / DAYS_PER_WEEK) if found.size else None


def _rounded(value: float) -> str:
    return f"{round(float(value), -1):.0f}"

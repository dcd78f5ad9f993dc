"""The article's live figures: what moves when a reader changes cells, recognition, a dose or a taper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from decidua.base.estimates import Estimate
from decidua.study.try_out import AGREEMENT_OF_100, Courses, Meeting, try_test
from decidua.tell.pregnancy_charts import curve_rows, line_chart, regimen_rows, short, under_regimen
from decidua.tell.pregnancy_words import days_to_clear
from decidua.tell.story_figure import Cell, Figure, drawn, table
from decidua.tell.story_marks import GERMS, LENS_WORDS, dotted, in_100_of, lines, of_100_parts, stacked
from decidua.tell.whole_numbers import is_too_wide, outward
from decidua.tell.words import sentence
from decidua.womb import WombCourse
from decidua.womb.parameters import DAYS_PER_WEEK

LAST_WEEK = 20.0
INFECTION_DAYS = 14.0
THE_DRUG = "the drug"
TABLE_WEEKS = (6, 8, 10, 12, 14, 16)
COMPARED_WEEK = 12
OWN, OTHERWISE = "early placenta, the story's own world", "early placenta, if the number has no effect"
WIDENED = "arteries that have widened"
WITH, WITHOUT = "with the drug", "no drug"
LASTING = {"high": "high for good", "usual": "all others"}
READ = {"high": "reads high", "usual": "reads usual"}

Series = Mapping[str, tuple[WombCourse, str]]


def embryo_figure(meeting: Meeting) -> Figure:
    """Early placenta and arteries at one number of cells and one recognition."""
    own, otherwise = meeting.own_world, meeting.otherwise
    weekly = {
        OWN: own.weekly("trophoblast"),
        OTHERWISE: otherwise.weekly("trophoblast"),
        WIDENED: 1.0 - own.weekly("narrow_arteries"),
    }
    rows = [
        {"week": float(week), "value": 100.0 * float(values[week]), "who": who}
        for who, values in weekly.items()
        for week in range(3, int(LAST_WEEK))
    ]
    chart = line_chart(rows, tuple(weekly), unit="of 100 parts of full size", end_week=LAST_WEEK)
    shown = [
        (week, *(of_100_parts(float(values[week])) for values in weekly.values())) for week in TABLE_WEEKS
    ]
    of_100 = {who: of_100_parts(float(values[COMPARED_WEEK])) for who, values in weekly.items()}
    caption = (
        f"In week {COMPARED_WEEK} the early placenta has {of_100[OWN]} of 100 parts in the story's own "
        f"world, {of_100[OTHERWISE]} if the number has no effect. {of_100[WIDENED]} of 100 arteries have "
        "widened. More cells widen more of them, in every world. How strong each effect is was assumed."
    )
    return _figure(
        chart,
        name="embryo",
        title="The early placenta and its arteries",
        caption=caption,
        origin="run:try.meeting",
        **table(("week", *weekly), shown),
    )


def cells_figure(courses: Courses) -> Figure:
    """The count with and without the course, the doses beneath."""
    series = {WITH: (courses.treated, "uterine_nk"), WITHOUT: (courses.untreated, "uterine_nk")}
    fall = 1.0 - courses.treated.weekly("uterine_nk")[8] / courses.untreated.weekly("uterine_nk")[8]
    said = (
        f"In week 8 there are {round(100 * float(fall))} fewer NK cells for every 100 that there would be "
        "without the drug. After the taper they come back."
    )
    return _over_weeks(
        series,
        courses,
        name="tried-cells",
        title="NK cells, with and without the drug",
        unit="cells per mm²",
        caption=said if fall > 0.0 else "With no drug the two lines are one.",
    )


def infection_figure(courses: Courses) -> Figure:
    """One infection with and without the course."""
    first = courses.infection_week * DAYS_PER_WEEK
    worlds = {WITH: courses.infected_treated, WITHOUT: courses.infected}
    rows: list[dict[str, Any]] = [
        {"days": float(day) - first, "germs": 100.0 * float(load), "who": who}
        for who, course in worlds.items()
        for day, load in zip(course.time_days, course.variables["infection"], strict=True)
        if 0.0 <= day - first <= INFECTION_DAYS
    ]
    shown = [
        (f"{row['days']:g}", row["who"], of_100_parts(row["germs"] / 100.0))
        for row in rows
        if row["days"] % 4 == 0
    ]
    return _figure(
        lines(rows, x=("days", "days since it began"), y=("germs", GERMS), by="who"),
        name="tried-infection",
        title=f"An infection that starts in week {courses.infection_week}",
        caption=_cleared(courses),
        origin="run:try.course",
        **table(("days since it began", "course", GERMS), shown),
    )


def _cleared(courses: Courses) -> str:
    """How long the infection lasts, said in days where the dose makes a difference."""
    course, without = (
        days_to_clear(course, courses.infection_week)
        for course in (courses.infected_treated, courses.infected)
    )
    lasts = "" if without is None else f"Without the drug it clears in about {without:.0f} days"
    if lasts and course != without:
        longer = f"about {course:.0f} days" if course is not None else "longer than this run"
        lasts += f", with it in {longer}"
    return f"{lasts}. The higher the dose, the longer it takes. How much longer was assumed.".lstrip(". ")


def cortisol_figure(courses: Courses) -> Figure:
    """The drug and the baby's own cortisol, each as a share of its highest."""
    treated = courses.treated
    series = {"the mother's drug": "steroid_exposure", "the baby's own cortisol": "fetal_cortisol"}
    weekly = {who: _share_of_highest(treated, name) for who, name in series.items()}
    rows = [
        {**row, "value": 100.0 * row["value"] / _highest(treated, name)}
        for who, name in series.items()
        for row in curve_rows(treated, name, who)
        if row["week"] <= LAST_WEEK
    ]
    chart = under_regimen(
        line_chart(rows, tuple(series), unit="of its own highest, 100", end_week=LAST_WEEK),
        _doses(treated),
        end_week=LAST_WEEK,
    )
    shown = [(week, *(round(values[week]) for values in weekly.values())) for week in TABLE_WEEKS]
    return _figure(
        chart,
        name="tried-cortisol",
        title="The drug and the baby's own cortisol",
        caption="Whatever week you choose, the baby's cortisol has its early peak. It does not take the "
        "drug's place.",
        origin="run:try.course",
        **table(("week", *series), shown),
    )


def one_test_figure(high_of_1000: int, agreement_of_100: int) -> Figure:
    """A thousand women and one test each: what lasts, what is read, and what a high result says."""
    tested = asdict(try_test(high_of_1000, agreement_of_100))
    of_1000 = {name: round(1000 * share) for name, share in tested.items()}
    rows: list[dict[str, Any]] = [
        {"women": of_1000[f"{lasts}_reads_{reads}"], "who": LASTING[lasts], "result": READ[reads]}
        for lasts in LASTING
        for reads in READ
    ]
    shown = [(row["who"], row["result"], row["women"]) for row in rows]
    return _figure(
        stacked(rows, y="who", x=("women", "women of 1,000"), by="result"),
        name="tried-test",
        title="One test of the womb lining in 1,000 women",
        caption=_tested(of_1000, high_of_1000),
        origin="evidence:measure.uterine_nk.repeatability evidence:measure.uterine_nk.cut_cells_per_mm2",
        **table(("count for good", "one test", "women of 1,000"), shown),
    )


def _tested(of_1000: Mapping[str, int], high_of_1000: int) -> str:
    """What one high result says, at every agreement of two tests that nobody has ruled out."""
    right, wrong = of_1000["high_reads_high"], of_1000["usual_reads_high"]
    ends = sorted(try_test(high_of_1000, end).right_of_high for end in AGREEMENT_OF_100)
    right_of_high = Estimate(sum(ends) / 2, *ends)
    lo, hi = outward(right_of_high)
    fits = (
        f"{sentence('cannot_tell')} how many high results are right"
        if is_too_wide(right_of_high)
        else f"anything from {lo} to {hi} of 100 high results may be right"
    )
    return (
        f"{right + wrong} of the 1,000 get a high result. {right} of them have a high count for good, and "
        f"{wrong} do not. {of_1000['high_reads_usual']} have a high count for good, but a usual result. "
        f"How well two tests agree was never measured: {fits}. "
        "High results are found among women with births, too. None of this says that a high count does harm."
    )


def births_figure(births: Mapping[str, Mapping[int, Estimate]], *, count: int) -> Figure:
    """Births if pregnant again at one lasting count, beside the lowest and the highest."""
    counts = sorted({min(births["avg"]), count, max(births["avg"])})
    rows: list[dict[str, Any]] = [
        {"count": str(one), **in_100_of(found[one]), "who": LENS_WORDS[lens]}
        for lens, found in births.items()
        for one in counts
    ]
    own, avg = (in_100_of(births[lens][count])["births"] for lens in ("own", "avg"))
    caption = (
        f"If pregnant again, with a lasting count of {count}: about {own} of 100 have a baby and about "
        f"{100 - own} do not in the story's own world. With each explanation weighed it is about {avg} and "
        f"about {100 - avg}. The bars show how unsure the numbers are."
    )
    if len({(r["who"], r["births"]) for r in rows}) == len(births):
        caption += " They are the same at every count: it moves them by less than one in 100."
    shown = [(r["count"], r["who"], r["births"], f"{r['lo']} to {r['hi']}") for r in rows]
    return _figure(
        dotted(
            rows,
            x=("count", "lasting count, cells per mm²"),
            y=("births", "births of 100"),
            domain=(0, 100),
            order=[str(one) for one in counts],
        ),
        name="tried-births",
        title="Births of 100 women with three losses, at this count",
        caption=caption,
        origin="run:try.births",
        **table(("lasting count", "world", "births of 100", "range"), shown),
    )


def _over_weeks(
    series: Series, courses: Courses, *, name: str, title: str, unit: str, caption: str
) -> Figure:
    rows = [
        row
        for who, (course, variable) in series.items()
        for row in curve_rows(course, variable, who)
        if row["week"] <= LAST_WEEK
    ]
    chart = under_regimen(
        line_chart(rows, tuple(series), unit=unit, end_week=LAST_WEEK),
        _doses(courses.treated),
        end_week=LAST_WEEK,
    )
    weekly = [course.weekly(variable) for course, variable in series.values()]
    shown: list[tuple[Cell, ...]] = [
        (week, *(short(float(values[week])) for values in weekly)) for week in TABLE_WEEKS
    ]
    return _figure(
        chart,
        name=name,
        title=title,
        caption=caption,
        origin="run:try.course",
        **table(("week", *series), shown),
    )


def _figure(chart: Any, *, name: str, title: str, caption: str, origin: str, **rest: Any) -> Figure:
    svg = drawn(chart, name=f"figure-{name}", title=title, description=caption)
    return Figure(name=name, title=title, caption=caption, svg=svg, origin=origin, **rest)


def _doses(course: WombCourse) -> list[dict[str, Any]]:
    return [{**row, "drug": THE_DRUG} for row in regimen_rows(course)]


def _highest(course: WombCourse, name: str) -> float:
    return max(float(course.variables[name].max()), 1e-12)


def _share_of_highest(course: WombCourse, name: str) -> list[float]:
    return [100.0 * float(value) / _highest(course, name) for value in course.weekly(name)]

"""The charts of the story page, drawn by Altair: one function for each, from a walked story to a figure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from decidua.base.estimates import Estimate
from decidua.study.story import Story
from decidua.tell.story_figure import INK, MARK, SOFT, WIDTH, Figure, drawn, table
from decidua.tell.story_marks import (
    GERMS,
    LENS_WORDS,
    altair_module,
    chart_of,
    dotted,
    in_100_of,
    lines,
    of_100_parts,
    range_bars,
)
from decidua.tell.whole_numbers import out_of_100

if TYPE_CHECKING:
    from decidua.evidence import Ledger

DAYS_PER_WEEK = 7.0
LABORATORIES = {
    "one laboratory": "measure.uterine_nk.control_median_percent_of_stroma.sheffield",
    "another": "measure.uterine_nk.control_median_percent_of_stroma.hong_kong",
}
CUTS_OF_STROMA = (
    "measure.uterine_nk.cut_percent_of_stroma.hong_kong",
    "measure.uterine_nk.cut_percent_of_stroma.liverpool",
)
BLOOD = "measure.blood_nk."
BLOOD_CUTS = (
    "measure.blood_nk.cut_percent_of_lymphocytes.clinic_pages",
    "measure.blood_nk.cut_percent_of_lymphocytes.king_2010",
)


def density(story: Story, ledger: Ledger) -> Figure:
    """The count through one cycle and into pregnancy, for a usual and a high count, with the cut."""
    courses = {"a usual count": story.worlds.usual, "a high count": story.worlds.high}
    rows: list[dict[str, Any]] = [
        {"week": day / DAYS_PER_WEEK, "count": float(value), "who": who}
        for who, course in courses.items()
        for day, value in zip(course.time_days[::3], course.variables["uterine_nk"][::3], strict=True)
        if 0.0 <= day <= 16 * DAYS_PER_WEEK
    ]
    alt = altair_module()
    cut, day = ledger.value("womb.unk.high_cut_per_mm2"), ledger.value("womb.unk.mid_luteal_day")
    courses_drawn = lines(
        rows, x=("week", "weeks since the last period"), y=("count", "cells per mm²"), by="who"
    )
    mark = chart_of([{"week": day / DAYS_PER_WEEK, "count": cut}]).mark_point(
        shape="cross", size=110, color=MARK, filled=True
    )
    chart = alt.layer(courses_drawn, mark.encode(x="week:Q", y="count:Q"))
    sampled = [
        (week, *(round(float(course.weekly("uterine_nk")[week])) for course in courses.values()))
        for week in range(0, 16, 3)
    ]
    return _figure(
        chart,
        name="density",
        title="NK cells in the womb lining, week by week",
        caption="The count climbs after ovulation and again in pregnancy. A test takes one day (the "
        "cross) out of a "
        "course that climbs steeply.",
        **table(("week", "cells per mm², usual count", "high count"), sampled),
        origin="run:world evidence:womb.unk.high_cut_per_mm2",
    )


def readings(_: Story, ledger: Ledger) -> Figure:
    """Readings of women with and without repeated loss, and the cut of that laboratory."""
    alt = altair_module()
    groups = {"women without repeated loss": "control", "women with repeated loss": "recurrent_loss"}
    stem = "measure.uterine_nk."
    rows, shares = [], []
    cut = ledger.value(f"{stem}cut_cells_per_mm2")
    for who, key in groups.items():
        middle = ledger.value(f"{stem}{key}_median_cells_per_mm2")
        sd = ledger.value(f"{stem}{key}_log_sd")
        rows += [{"count": x, "women": _lognormal(x, middle, sd), "who": who} for x in range(10, 801, 10)]
        seen = ledger[f"{stem}share_high_{'controls' if key == 'control' else key}"].chosen
        shares.append((who, round(middle), f"{seen.events} of {seen.n}"))
    groups_drawn = lines(
        rows, x=("count", "reading, cells per mm²"), y=("women", "share of women"), by="who", hide_y=True
    )
    rule = chart_of([{"count": cut}]).mark_rule(color=MARK, strokeDash=[2, 2], size=2).encode(x="count:Q")
    return _figure(
        alt.layer(groups_drawn, rule),
        name="readings",
        title="Readings in two groups of women, one laboratory",
        caption="The two groups overlap widely. The dotted line is the cut: most women with repeated "
        "loss lie below it.",
        **table(("group", "middle reading", "above the cut"), shares),
        origin=f"evidence:{stem}recurrent_loss_median_cells_per_mm2",
    )


def births_by_count(story: Story, _: Ledger) -> Figure:
    """Births if pregnant again by lasting count, in both worlds."""
    rows: list[dict[str, Any]] = [
        {"count": f"{count:.0f}", **in_100_of(found), "who": LENS_WORDS[lens]}
        for lens, points in story.by_count.items()
        for count, found in points
    ]
    return _figure(
        dotted(
            rows,
            x=("count", "lasting count, cells per mm²"),
            y=("births", "births of 100"),
            domain=(0, 100),
            order=[f"{count:.0f}" for count, _ in story.by_count["avg"]],
        ),
        name="births_by_count",
        title="Births of 100 women with three losses, by their lasting count",
        caption="If pregnant again: the count moves the number of births by little, even in the story's own "
        "world. The bars show how unsure the numbers are.",
        **table(
            ("lasting count", "world", "births of 100", "range"),
            [(r["count"], r["who"], r["births"], f"{r['lo']} to {r['hi']}") for r in rows],
        ),
        origin="run:births",
    )


def births_by_losses(story: Story, _: Ledger) -> Figure:
    """Births if pregnant again by number of losses, in both worlds."""
    rows: list[dict[str, Any]] = [
        {"losses": str(count), **in_100_of(found), "who": LENS_WORDS[lens]}
        for lens, points in story.by_losses.items()
        for count, found in points
    ]
    return _figure(
        dotted(rows, x=("losses", "losses before"), y=("births", "births of 100"), domain=(0, 100)),
        name="births_by_losses",
        title="Births of 100 women, by losses before",
        caption="If pregnant again: each loss lowers the number, yet after three losses most women "
        "have a baby. Both worlds say "
        "the same.",
        **table(
            ("losses before", "world", "births of 100", "range"),
            [(r["losses"], r["who"], r["births"], f"{r['lo']} to {r['hi']}") for r in rows],
        ),
        origin="run:births.losses",
    )


def laboratories(_: Story, ledger: Ledger) -> Figure:
    """The same test in two laboratories, with the cuts in use."""
    rows: list[dict[str, Any]] = []
    for who, name in LABORATORIES.items():
        value = ledger[name].chosen
        lo, hi = value.interval or (value.value, value.value)
        rows.append({"who": who, "lo": lo, "hi": hi, "middle": value.value})
    cuts = [ledger.value(name) for name in CUTS_OF_STROMA]
    return _figure(
        range_bars(rows, cuts, title="NK cells in 100 cells of the lining"),
        name="laboratories",
        title="The same test in two laboratories",
        caption="Control women in one laboratory, women about to have IVF in the other. The bar runs from "
        "the lowest to the highest, the tick is the middle woman. The dotted cuts call half of one "
        "laboratory's women high, and hardly any of the other's.",
        **table(
            ("women of", "lowest", "middle", "highest"),
            [(r["who"], r["lo"], r["middle"], r["hi"]) for r in rows],
        ),
        origin=" ".join(f"evidence:{name}" for name in LABORATORIES.values()),
    )


def blood(_: Story, ledger: Ledger) -> Figure:
    """NK cells in the blood of healthy women and men, with two cuts in use."""
    rows: list[dict[str, Any]] = [
        {
            "who": who,
            "lo": ledger.value(f"{BLOOD}{who}_reference_lo_percent_of_lymphocytes"),
            "hi": ledger.value(f"{BLOOD}{who}_reference_hi_percent_of_lymphocytes"),
            "middle": ledger.value(f"{BLOOD}{who}_mean_percent_of_lymphocytes"),
        }
        for who in ("women", "men")
    ]
    return _figure(
        range_bars(
            rows, [ledger.value(name) for name in BLOOD_CUTS], title="NK cells in 100 lymphocytes of blood"
        ),
        name="blood",
        title="NK cells in the blood of healthy women and men",
        caption="Men and women are alike, and healthy people differ widely. The dotted lines are two "
        "cuts in use: "
        "both run through the middle of healthy people.",
        **table(
            ("healthy", "low end", "mean", "high end"),
            [(r["who"], r["lo"], r["middle"], r["hi"]) for r in rows],
        ),
        origin=f"evidence:{BLOOD}women_mean_percent_of_lymphocytes",
    )


def regression(story: Story, ledger: Ledger) -> Figure:
    """What the reported fall would be without any drug."""
    before = ledger.value("treatment.prednisolone.uterine_nk_before_percent_of_stroma")
    after = ledger.value("treatment.prednisolone.uterine_nk_after_percent_of_stroma")
    alt = altair_module()
    words = {70: "agree well (0.7)", 50: "fairly (0.5)", 30: "badly (0.3)"}
    rows: list[dict[str, Any]] = [
        {"who": word, "from": before, "to": _number(story, f"regression.reading_{key}")}
        for key, word in words.items()
    ]
    order = list(words.values())
    y = alt.Y("who:N", sort=order, title=None)
    scale = alt.Scale(domain=[8, 15])
    bars = (
        chart_of(rows)
        .mark_bar(color=SOFT, size=16)
        .encode(x=alt.X("from:Q", scale=scale, title="NK cells in 100 cells of the lining"), x2="to:Q", y=y)
    )
    ends = chart_of(rows).mark_tick(color=INK, size=26, thickness=3).encode(x=alt.X("to:Q", scale=scale), y=y)
    seen = (
        chart_of([{"x": after}, {"x": before}])
        .mark_rule(color=MARK, strokeDash=[2, 2], size=2)
        .encode(x=alt.X("x:Q", scale=scale))
    )
    chart = alt.layer(bars, ends, seen).properties(width=WIDTH - 80, height=100)
    shown = [
        (r["who"], f"{r['to']:.1f}", f"{_number(story, f'regression.share_{key}'):.0f}")
        for key, r in zip(words, rows, strict=True)
    ]
    return _figure(
        chart,
        name="regression",
        title="How far the count would fall with no drug at all",
        caption="The dotted lines are the reported fall on steroids, from right to left. The bars "
        "show how much of it comes "
        "without any drug, from choosing women whose first test was high.",
        **table(("tests agree", "next reading with no drug", "share of the fall, of 100"), shown),
        origin="run:regression evidence:treatment.prednisolone.uterine_nk_before_percent_of_stroma",
    )


def drug(story: Story, _: Ledger) -> Figure:
    """More or fewer births on the story's course, across how well the test repeats."""
    rows: list[dict[str, Any]] = [
        {
            "agree": f"{one.repeatability_lo:.1f} to {one.repeatability_hi:.1f}",
            "births": round(100 * one.effect.gain.mean, 1),
            "lo": math.floor(100 * one.effect.gain.lo),
            "hi": math.ceil(100 * one.effect.gain.hi),
            "who": LENS_WORDS[lens],
        }
        for lens in LENS_WORDS
        for one in story.repeated["story_protocol", lens]
    ]
    return _figure(
        dotted(
            rows,
            x=("agree", "how well two tests of one woman agree"),
            y=("births", "more births of 100"),
            domain=(-20, 20),
            zero=True,
        ),
        name="drug",
        title="More or fewer births on the story's course",
        caption="If pregnant again: above the line means more births than without the course, below "
        "it fewer. Every "
        "range holds both, however well the test repeats.",
        **table(
            ("tests agree", "world", "more births of 100", "range"),
            [(r["agree"], r["who"], round(r["births"]), f"{r['lo']} to {r['hi']}") for r in rows],
        ),
        origin="run:drug.story_protocol",
    )


def infection(story: Story, _: Ledger) -> Figure:
    """The load of one infection without and with the story's course."""
    courses = {"no steroid": story.worlds.infected, "the story's course": story.worlds.infected_treated}
    first = float(story.script.inputs.infection_week)
    rows: list[dict[str, Any]] = [
        {"days": day - first * DAYS_PER_WEEK, "germs": 100.0 * float(value), "who": who}
        for who, course in courses.items()
        for day, value in zip(course.time_days, course.variables["infection"], strict=True)
        if 0.0 <= day - first * DAYS_PER_WEEK <= 14.0
    ]
    weeks = [int(first) + k for k in range(4)]
    shown: list[tuple[int | str, ...]] = [
        (w, *(of_100_parts(float(c.weekly("infection")[w])) for c in courses.values())) for w in weeks
    ]
    return _figure(
        lines(
            rows,
            x=("days", "days since it began"),
            y=("germs", GERMS),
            by="who",
        ),
        name="infection",
        title="One infection of the womb lining, without and with a steroid",
        caption="With the steroid the infection takes longer to clear. How much longer was assumed.",
        **table(("week", "no steroid", "the story's course"), shown),
        origin="run:world.infection",
    )


def cortisol(story: Story, _: Ledger) -> Figure:
    """The steroid course and the baby's own cortisol, each as a share of its largest."""
    treated = story.worlds.treated
    courses = {
        "the mother's drug": treated.variables["steroid_exposure"],
        "the baby's own cortisol": treated.variables["fetal_cortisol"],
    }
    rows: list[dict[str, Any]] = [
        {"week": day / DAYS_PER_WEEK, "share": 100.0 * float(value / values.max()), "who": who}
        for who, values in courses.items()
        for day, value in zip(treated.time_days[::2], values[::2], strict=True)
        if day >= 0.0
    ]
    weekly = ("steroid_exposure", "fetal_cortisol")
    shown = [
        (
            week,
            *(round(100.0 * float(treated.weekly(v)[week] / treated.weekly(v).max())) for v in weekly),
        )
        for week in range(4, 20, 2)
    ]
    return _figure(
        lines(rows, x=("week", "week of pregnancy"), y=("share", "of its own highest, 100"), by="who"),
        name="cortisol",
        title="The steroid course and the baby's own cortisol",
        caption="The baby's cortisol has an early peak and stays on its own side; after the peak its level "
        "is a guess. When the drug ends, nothing takes its place.",
        **table(("week", "the mother's drug", "the baby's own cortisol"), shown),
        origin="run:world.cortisol",
    )


def question_a(story: Story, _: Ledger) -> Figure:
    """The count that the model expects before anything is known, after the loss, and after the births."""
    stages = {"none": "before", "loss": "after the loss", "whole": "after the births"}
    rows: list[dict[str, Any]] = [
        {
            "stage": words,
            "births": round(found.mean),
            "lo": math.floor(found.lo),
            "hi": math.ceil(found.hi),
            "who": LENS_WORDS[lens],
        }
        for lens in LENS_WORDS
        for stage, words in stages.items()
        if isinstance(found := story.values[f"{lens}.a.density_{stage}"], Estimate)
    ]
    return _figure(
        dotted(
            rows,
            x=("stage", "what is known"),
            y=("births", "cells per mm²"),
            domain=(0, 400),
            order=list(stages.values()),
        ),
        name="question_a",
        title="What the history says about the count",
        caption="The ranges hardly move. One loss and three births say next to nothing about the "
        "count, in either world.",
        **table(
            ("known", "world", "cells per mm²", "range"),
            [(r["stage"], r["who"], r["births"], f"{r['lo']} to {r['hi']}") for r in rows],
        ),
        origin="run:a.density",
    )


def waiting(story: Story, _: Ledger) -> Figure:
    """Further losses of 100 women without a test, and those that no immune treatment could prevent."""
    until = story.script.inputs.waited_until_losses[0]
    parts = {"chromosomes": 1.0, "all others": 0.0}
    rows, shown = [], []
    for age in story.script.inputs.ages_years:
        wait = story.waiting[age, "avg", until]
        chromosomal = wait.losses.mean * wait.aneuploid.mean
        rows += [
            {
                "age": str(age),
                "losses": 100 * (chromosomal if share else wait.losses.mean - chromosomal),
                "who": who,
            }
            for who, share in parts.items()
        ]
        lo, hi = math.floor(100 * wait.losses.lo), math.ceil(100 * wait.losses.hi)
        shown.append((age, round(100 * wait.losses.mean), f"{lo} to {hi}", out_of_100(wait.aneuploid.mean)))
    alt = altair_module()
    scale = alt.Scale(domain=list(parts), range=["var(--soft)", "var(--average)"])
    chart = (
        chart_of(rows)
        .mark_bar(stroke=INK, strokeWidth=1.5, size=46)
        .encode(
            x=alt.X("age:N", title="age of the women", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("losses:Q", title="further losses of 100 women"),
            color=alt.Color("who:N", scale=scale, sort=list(parts)),
            order=alt.Order("who:N", sort="descending"),
        )
    )
    return _figure(
        chart,
        name="waiting",
        title="Further losses of 100 women with two losses and no test or treatment",
        caption="No test of NK cells is known to prevent these. Counted in simulated lives. The pale "
        "part at the foot comes from chromosomes; no treatment of the immune system could prevent it. "
        "Whether anything could prevent the rest is not known.",
        **table(("age", "further losses", "range", "from chromosomes, of 100"), shown),
        origin="run:waiting",
    )


CHARTS: dict[str, Callable[[Story, Any], Figure]] = {
    "density": density,
    "readings": readings,
    "births_by_count": births_by_count,
    "births_by_losses": births_by_losses,
    "laboratories": laboratories,
    "blood": blood,
    "regression": regression,
    "drug": drug,
    "infection": infection,
    "cortisol": cortisol,
    "question_a": question_a,
    "waiting": waiting,
}


def _figure(chart: Any, *, name: str, title: str, caption: str, origin: str, **rest: Any) -> Figure:
    svg = drawn(chart, name=f"figure-{name}", title=title, description=caption)
    return Figure(name=name, title=title, caption=caption, svg=svg, origin=origin, **rest)


def _number(story: Story, name: str) -> float:
    value = story.values[name]
    if not isinstance(value, float):
        raise TypeError(f"{name} is no single number")
    return value


def _lognormal(x: float, median: float, log_sd: float) -> float:
    return math.exp(-0.5 * (math.log(x / median) / log_sd) ** 2) / (x * log_sd)

"""The taper study on the terminal, as JSON, as tables, as figures and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decidua.base.estimates import Estimate
from decidua.base.provenance import SCHEMA_VERSION
from decidua.study.taper import STORY_WEEK, Taper, TaperStudy
from decidua.tell import taper_words as words
from decidua.tell.pregnancy_charts import curve_rows, line_chart, notes_of, regimen_rows, short, under_regimen
from decidua.tell.pregnancy_files import as_json, figure_files, write_tables, write_texts
from decidua.tell.pregnancy_page import Page, PageTable, page_html
from decidua.tell.pregnancy_terminal import WIDEST, say, table_of
from decidua.tell.story_figure import Cell, Figure, drawn, table
from decidua.tell.words import sentence
from decidua.womb import WombCourse, render_regimen
from decidua.womb.parameters import DAYS_PER_WEEK

if TYPE_CHECKING:
    import polars
    from rich.console import Console

TITLE = "When the taper starts: what it changes, and whether the story's reason holds"
CHARTS = {
    "exposure": ("steroid_exposure", "The steroid that her cells feel", "ng/mL"),
    "cells": ("uterine_nk", "NK cells in the womb lining", "cells per mm²"),
    "adrenals": ("adrenal_drive", "Her own adrenals", "usual = 1"),
    "fetal_cortisol": ("fetal_cortisol", "The baby's own cortisol", "relative"),
}
CAPTIONS = {
    "exposure": "Each taper ends the drug in its own week; nothing else takes its place.",
    "cells": "After the taper the cells come back to what they would be without the drug.",
    "adrenals": "The longer the course, the longer her own adrenals stay low.",
    "fetal_cortisol": "One early peak, the same in every run; after it the level is a guess.",
}
LAST_WEEK_SHOWN = 32.0
TABLE_WEEKS = range(4, 32, 4)


def print_tapers(study: TaperStudy, console: Console) -> None:
    """Write the study to a console.

    Arguments:  study    as `study_tapers` gives it
                console  never written wider than WIDEST
    Checked by: tests/unit/tell/test_taper_told.py, tests/safety
    """
    console.width = min(console.width, WIDEST)
    say(console, words.opening(study), style="")
    console.print()
    for one in words.verdicts(study):
        say(console, [f"“{one.claim}” {one.verdict[:1].upper()}{one.verdict[1:]}."], style="bold")
        say(console, [one.reason, ""], style="")
    say(console, words.what_moves(study), style="")
    console.print(table_of(words.WOMB_TITLE, words.WOMB_HEADS, words.womb_rows(study)))
    console.print(table_of(words.LOSS_TITLE, words.loss_heads(), words.loss_rows(study)))
    say(console, [words.loss_note(study), *words.explanations(), words.COUNTERFACTUAL_NOTE], style="dim")
    console.print()
    say(console, [sentence("steroid")], style="bold")
    say(console, [f"{sentence('urgent_help')} {sentence('not_a_device')}"], style="dim")


def taper_record(study: TaperStudy) -> dict[str, Any]:
    """The study for a program: tapers, losses, verdicts, the run without fetal cortisol, provenance."""
    return {
        "schema_version": SCHEMA_VERSION,
        "assumes": sentence("contested_mechanism"),
        "steroid": sentence("steroid"),
        "if_pregnant_again": sentence("where_it_starts"),
        "density_per_mm2": study.density_per_mm2,
        "recognition": study.recognition,
        "age_years": study.age_years,
        "infection_week": study.infection_week,
        "regimen": study.regimen.name,
        "story_week": STORY_WEEK,
        "verdicts": [vars(one) for one in words.verdicts(study)],
        "without_fetal_cortisol": {
            "largest_move_as_share_of_range": dict(study.largest_moves),
            "matters": study.pulse_matters,
        },
        "fetal_peak_week": study.fetal_peak_week,
        "fetal_share_of_peak_at_week_20": study.fetal_late_share,
        "losses_without_drugs": _estimates(study.losses_untreated),
        "tapers": [_record(taper) for taper in study.tapers],
        "mechanism_weights": {**study.mechanism_weights, "weights_are": study.weights_are},
        "provenance": dict(study.provenance),
    }


def _record(taper: Taper) -> dict[str, Any]:
    return {
        "taper_from_week": taper.week,
        "prednisolone_mg_in_all": taper.total_mg,
        "last_dose_week": taper.last_dose_week,
        "prednisolone_ng_per_ml_days": taper.exposure_ng_days,
        "uterine_nk_per_mm2_by_week": {str(week): cells for week, cells in taper.uterine_nk.items()},
        "adrenal_drive_lowest": taper.lowest_axis,
        "weeks_with_adrenal_drive_below_half": taper.weeks_axis_low,
        "infection_burden_ratio": taper.infection_burden,
        "losses": _estimates(taper.losses),
        "losses_less_story_week": _estimates(taper.against_story),
    }


def _estimates(found: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    return {name: one.to_dict() for name, one in found.items()}


def taper_figures(study: TaperStudy) -> list[Figure]:
    """Each chart for the earliest, the story's and the latest taper, with their doses beneath."""
    shown = {f"taper from week {taper.week}": taper.course for taper in _shown(study)}
    doses = [
        {**row, "drug": who.removeprefix("taper ")}
        for who, course in shown.items()
        for row in regimen_rows(course)
        if row["drug"] == "prednisolone"
    ]
    return [_figure(name, shown, doses) for name in CHARTS]


def _shown(study: TaperStudy) -> list[Taper]:
    chosen = {taper.week: taper for taper in (study.tapers[0], study.story_taper, study.tapers[-1])}
    return [chosen[week] for week in sorted(chosen)]


def _figure(name: str, shown: Mapping[str, WombCourse], doses: list[dict[str, Any]]) -> Figure:
    variable, title, unit = CHARTS[name]
    rows = [row for who, course in shown.items() for row in curve_rows(course, variable, who)]
    seen = [row for row in rows if row["week"] <= LAST_WEEK_SHOWN]
    chart = under_regimen(
        line_chart(seen, list(shown), unit=unit, end_week=LAST_WEEK_SHOWN), doses, end_week=LAST_WEEK_SHOWN
    )
    weekly = [course.weekly(variable) for course in shown.values()]
    cells: list[tuple[Cell, ...]] = [
        (week, *(short(float(values[week])) for values in weekly))
        for week in TABLE_WEEKS
        if week < min(values.size for values in weekly)
    ]
    return Figure(
        name=name,
        title=title,
        caption=CAPTIONS[name],
        svg=drawn(chart, name=f"figure-{name}", title=title, description=CAPTIONS[name]),
        origin=f"run:taper.{name}",
        **table(("week", *shown), cells),
    )


def taper_html(study: TaperStudy) -> str:
    """The whole page of a study."""
    found = [f"“{one.claim}” {one.verdict}. {one.reason}" for one in words.verdicts(study)]
    losses = PageTable(words.LOSS_TITLE, words.loss_heads(), words.loss_rows(study), words.loss_note(study))
    return page_html(
        Page(
            title=TITLE,
            opening=words.opening(study),
            findings=[*found, *words.what_moves(study)],
            figures=taper_figures(study),
            tables=[PageTable(words.WOMB_TITLE, words.WOMB_HEADS, words.womb_rows(study)), losses],
            regimen=[
                *render_regimen(study.regimen).splitlines()[:-1],
                *words.explanations(),
                words.COUNTERFACTUAL_NOTE,
            ],
            provenance=study.provenance,
        )
    )


def write_tapers(study: TaperStudy, folder: Path) -> list[str]:
    """Write tapers.csv and .parquet, taper.json, the figures and taper.html into a folder that exists."""
    notes = notes_of(study.story_taper.course)
    texts = {
        "taper.json": as_json(taper_record(study)),
        "taper.html": taper_html(study),
        **{f"taper_{name}": text for name, text in figure_files(taper_figures(study), notes=notes).items()},
    }
    return [*write_tables({"tapers": tapers_table(study)}, folder), *write_texts(texts, folder)]


def tapers_table(study: TaperStudy) -> polars.DataFrame:
    """One row for each taper and day, with the variables of the course."""
    import polars

    return polars.concat(
        [
            polars.DataFrame(
                {
                    "taper_from_week": [taper.week] * taper.course.time_days.size,
                    "time_days": taper.course.time_days,
                    "gestation_weeks": taper.course.time_days / DAYS_PER_WEEK,
                    **taper.course.variables,
                }
            )
            for taper in study.tapers
        ]
    )

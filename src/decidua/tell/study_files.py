"""A study on the terminal, as JSON, as a table of draws and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from decidua.base.files import write_whole
from decidua.base.provenance import SCHEMA_VERSION
from decidua.inference.class_weights import weights_are
from decidua.study.comparison import Arm, Benefit, Found, StudyResult, rests_on, told
from decidua.study.population_summary import weights_by_class
from decidua.study.spread import INTERVALS_ARE
from decidua.study.study_lives import MEASURES
from decidua.tell.pregnancy_files import as_json
from decidua.tell.pregnancy_terminal import WIDEST, say, table_of
from decidua.tell.study_page import Section, study_html, study_page
from decidua.tell.weights_words import weights_sentence
from decidua.tell.words import sentence
from decidua.womb.mechanisms import assumes_contested_mechanism

if TYPE_CHECKING:
    import polars
    from rich.console import Console

SUMMARY, PARQUET, CSV, REPORT = "summary.json", "results.parquet", "results.csv", "report.html"


def print_study(result: StudyResult, console: Console) -> None:
    """Write a result to a console, in the order of the report.

    Arguments:  result   as `run_study` gives it
                console  never written wider than WIDEST
    Checked by: tests/unit/tell/test_study_told.py, tests/safety
    """
    console.width = min(console.width, WIDEST)
    page = study_page(result, is_drawn=False)
    say(console, [page.title], style="bold")
    say(console, [page.question, ""], style="")
    say(console, [page.finding, ""], style="bold")
    say(console, page.opening, style="")
    for part in page.sections:
        print_section(part, console)
    say(console, [sentence("steroid")], style="bold")
    say(console, [f"{sentence('urgent_help')} {sentence('not_a_device')}"], style="dim")


def print_section(part: Section, console: Console) -> None:
    """One part of the report."""
    console.rule(part.title, align="left", style="dim")
    for one in part.tables:
        console.print(table_of(one.title, one.heads, one.rows))
        if one.note:
            say(console, [one.note, ""], style="dim")
    for line in part.lines:
        say(console, [line, ""], style="")


def study_record(result: StudyResult) -> dict[str, Any]:
    """The result for a program."""
    return {
        "schema_version": SCHEMA_VERSION,
        **assumes(result.study.file.mechanism),
        "study": result.study.file.name,
        "question": result.study.file.question,
        "women": result.women,
        "women_with_a_loss_per_1000": 1000.0 * result.share_with_a_loss,
        "against": result.study.against,
        "steroid": sentence("steroid"),
        "if_pregnant_again": sentence("if_pregnant_again"),
        "per_1000_means": "of 1,000 women who ever have a recorded loss: the same women in every arm",
        "intervals_are": INTERVALS_ARE,
        "arms": [_arm(arm) for arm in result.arms],
        "women_not_reached_whose_life_differs": result.strayed,
        "high_readings_among_women_with_births": result.high_among_births.to_dict(),
        "mechanisms": {**weights_by_class(result.world), "weights_are": weights_are()},
        "order_of_classes_is_stable": result.order_is_stable,
        "weights": weights_sentence(),
        "by_mechanism_assumes": sentence("contested_mechanism"),
        "provenance": dict(result.provenance),
    }


def assumes(mechanism: str | None) -> dict[str, str]:
    """What a study of one explanation alone says of itself."""
    if mechanism is None:
        return {}
    told = {"mechanism": mechanism}
    is_contested = assumes_contested_mechanism(mechanism)
    return {**told, "assumes": sentence("contested_mechanism")} if is_contested else told


def _arm(arm: Arm) -> dict[str, Any]:
    return {
        "name": arm.care.name,
        "title": arm.care.title,
        "pathway": arm.care.model_dump(mode="json", exclude_none=True),
        "per_1000_with_a_loss": _founds(arm.with_a_loss),
        "per_1000_women": _founds(arm.all_women),
        "difference": _founds(arm.difference),
        "difference_without_waiting": _founds(arm.without_waiting),
        "difference_by_mechanism": {name: _founds(found) for name, found in arm.by_mechanism.items()},
        "difference_by_repeatability": [
            {"from": lo, "to": hi, **_founds(found)} for lo, hi, found in arm.by_repeatability
        ],
        "benefit": _benefit(arm.benefit),
        "benefit_without_waiting": _benefit(arm.benefit_without_waiting),
        "rests_on": list(rests_on(arm.care)),
    }


def _founds(found: Mapping[str, Found]) -> dict[str, Any]:
    return {
        name: {**one.value.to_dict(), "simulation_error": one.error, "resolved": one.resolved}
        for name, one in found.items()
    }


def _benefit(benefit: Benefit | None) -> dict[str, Any] | None:
    if benefit is None:
        return None
    return {
        "births_per_100_treated": benefit.births_per_100.to_dict(),
        "chance_of_no_benefit": benefit.p_no_benefit,
        "chance_of_net_harm": benefit.p_net_harm,
        "share_that_rests_on_prior_alone": benefit.prior_share,
    }


def results_table(result: StudyResult) -> polars.DataFrame:
    """One row for each arm, draw and measure: sums over women, and what they are sums of."""
    import polars

    a, names, draws = result.accounts, list(MEASURES), len(result.world.mechanism)
    frames = []
    for place, arm in enumerate(result.arms):
        frames.append(
            polars.DataFrame(
                {
                    "arm": [arm.care.name] * (len(names) * draws),
                    "measure": np.repeat([told(name) for name in names], draws),
                    "draw": np.tile(np.arange(draws), len(names)),
                    "mechanism": list(result.world.mechanism) * len(names),
                    "weight": np.tile(result.world.weight, len(names)),
                    "women": np.tile(a.women, len(names)),
                    "women_with_a_loss": np.tile(a.with_a_loss, len(names)),
                    "sum_with_a_loss": a.reached[place, 0].ravel(),
                    "sum_all_women": (a.reached[place, 0] + a.others[0]).ravel(),
                    "difference": a.moved[place, 0].ravel(),
                }
            )
        )
    return polars.concat(frames)


def study_files(result: StudyResult) -> dict[str, bytes]:
    """Every file of a result by its name, summary.json last."""
    table, parquet = results_table(result), BytesIO()
    table.write_parquet(parquet, compression="zstd", statistics=False)
    texts = {CSV: table.write_csv(), REPORT: study_html(result), SUMMARY: as_json(study_record(result))}
    return {PARQUET: parquet.getvalue(), **{name: text.encode() for name, text in texts.items()}}


def write_study(result: StudyResult, folder: Path) -> list[str]:
    """Write results.parquet, results.csv, report.html and, last, summary.json into a folder that exists.

    Raises:     OSError as it comes; what was there before is then still there
    """
    files = study_files(result)
    for name, content in files.items():
        write_whole(folder / name, methodcaller("write_bytes", content))
    return list(files)

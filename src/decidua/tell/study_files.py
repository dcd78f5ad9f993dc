"""A study on the terminal, as JSON, as a table of draws and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from decidua.base.provenance import SCHEMA_VERSION
from decidua.evidence import load_ledger
from decidua.inference.class_weights import weights_are
from decidua.study.comparison import Arm, Benefit, Found, StudyResult, rests_on, told
from decidua.study.population_summary import weights_by_class
from decidua.study.study_lives import MEASURES
from decidua.tell import study_words as words
from decidua.tell.pregnancy_files import as_json, write_parquet, write_texts
from decidua.tell.pregnancy_page import Page, PageTable, page_html
from decidua.tell.pregnancy_terminal import WIDEST, say, table_of
from decidua.tell.study_charts import study_figures
from decidua.tell.weights_words import weights_sentence
from decidua.tell.words import sentence

if TYPE_CHECKING:
    import polars
    from rich.console import Console

SUMMARY, TABLE, REPORT = "summary.json", "results.parquet", "report.html"


def print_study(result: StudyResult, console: Console) -> None:
    """Write a result to a console.

    Arguments:  result   as `run_study` gives it
                console  never written wider than WIDEST
    Checked by: tests/unit/tell/test_study_told.py, tests/safety
    """
    console.width = min(console.width, WIDEST)
    say(console, [result.study.file.title], style="bold")
    say(console, words.opening(result), style="")
    for one in tables(result):
        console.print(table_of(one.title, one.heads, one.rows))
        if one.note:
            say(console, [one.note, ""], style="dim")
    for line in [*words.findings(result), *words.limits(result)]:
        say(console, [line, ""], style="")
    say(console, [sentence("steroid")], style="bold")
    say(console, [f"{sentence('urgent_help')} {sentence('not_a_device')}"], style="dim")


def tables(result: StudyResult) -> list[PageTable]:
    """Every table of the terminal and of the page."""
    return [
        PageTable(words.LEVELS_TITLE, words.arm_heads(result), words.level_rows(result)),
        PageTable(words.ALL_TITLE, words.arm_heads(result), words.all_rows(result)),
        PageTable(words.DIFFERENCE_TITLE, words.difference_heads(), words.difference_rows(result)),
        PageTable(
            words.MECHANISM_TITLE,
            words.mechanism_heads(result),
            words.mechanism_rows(result),
            words.mechanism_note(result),
        ),
        PageTable(
            words.REPEATABILITY_TITLE,
            words.repeatability_heads(result),
            words.repeatability_rows(result),
            words.REPEATABILITY_NOTE,
        ),
    ]


def study_html(result: StudyResult) -> str:
    """The whole page of a result."""
    return page_html(
        Page(
            title=result.study.file.title,
            opening=words.opening(result),
            findings=[*words.findings(result), *words.limits(result), sources(result)],
            figures=study_figures(result),
            tables=tables(result),
            regimen=words.courses(result),
            provenance=result.provenance,
        )
    )


def sources(result: StudyResult) -> str:
    """Where the numbers come from, each to be looked up by its id."""
    names = dict.fromkeys(name for arm in result.arms for name in rests_on(arm.care))
    kinds = load_ledger()
    told_ids = ", ".join(f"{name} ({kinds[name].kind})" for name in names)
    return f"What the pathways rest on, each to be read with `decidua evidence ID`: {told_ids}."


def study_record(result: StudyResult) -> dict[str, Any]:
    """The result for a program."""
    return {
        "schema_version": SCHEMA_VERSION,
        "study": result.study.file.name,
        "question": result.study.file.question,
        "women": result.women,
        "women_with_a_loss_per_1000": 1000.0 * result.share_with_a_loss,
        "against": result.study.against,
        "steroid": sentence("steroid"),
        "if_pregnant_again": sentence("if_pregnant_again"),
        "per_1000_means": "of 1,000 women who ever have a recorded loss: the same women in every arm",
        "intervals_are": "95% over draws of parameters and mechanisms, widened by the simulation's error",
        "arms": [_arm(arm) for arm in result.arms],
        "women_not_reached_whose_life_differs": result.strayed,
        "high_readings_among_women_with_births": result.high_among_births.to_dict(),
        "mechanisms": {**weights_by_class(result.world), "weights_are": weights_are()},
        "order_of_classes_is_stable": result.order_is_stable,
        "weights": weights_sentence(),
        "by_mechanism_assumes": sentence("contested_mechanism"),
        "provenance": dict(result.provenance),
    }


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


def write_study(result: StudyResult, folder: Path) -> list[str]:
    """Write summary.json, results.parquet and report.html into a folder that exists."""
    write_parquet(results_table(result), folder / TABLE)
    texts = {REPORT: study_html(result), SUMMARY: as_json(study_record(result))}
    return [TABLE, *write_texts(texts, folder)]

"""`decidua validate`: the model beside published results and real histories, misses first."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

WIDTH_IN_A_FILE = 150
DEFAULT_JOBS = os.cpu_count() or 1
TITLES = {
    "disagree": "Misses, with their likely reason",
    "undecided": "Undecided: a model without the effect would pass as well",
    "agree": "Agree",
    "not in the model": "Not run: the model has no such variable",
    "not run": "Not run: these need a file that was not given, and count as nothing until then",
}


def validate_command(
    survey: Annotated[
        Path | None,
        typer.Option(
            "--survey",
            metavar="FOLDER",
            help="Also score the histories of the US National Survey of Family Growth in this folder.",
        ),
    ] = None,
    weeks: Annotated[
        Path | None,
        typer.Option(
            "--weeks",
            metavar="FILE",
            help="Also judge weekly loss by this list of pregnancies by week of entry and end.",
        ),
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Use few draws and a tenth of the lives: a minute or two, and coarser."),
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, help="Threads of the simulated lives; changes no result.")
    ] = DEFAULT_JOBS,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
) -> None:
    """Compare the model with published results, whether they agree or not.

    Every row says whether its table was used to fit, informed the structure, or was held out. The rule of
    agreement was written down before the first comparison. A miss never changes the exit code.
    """
    from rich.console import Console

    from decidua.study.validation import validate

    told = Console(stderr=True)
    with told.status("comparing") as status:
        result = validate(survey=survey, weeks=weeks, is_fast=fast, jobs=jobs, progress=status.update)
    if json_output:
        typer.echo(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        _print_page(result)


def _print_page(result: Mapping[str, Any]) -> None:
    from rich.console import Console

    from decidua.tell.words import sentence

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_IN_A_FILE
    console.print(_summary(result["rows"]))
    names = {"Rule of agreement": "rule", "Inside the womb": "womb_rule", "Simulated lives": "lives_rule"}
    for name, rule in ((name, result[key]) for name, key in names.items()):
        console.print(f"{name}, {rule['sha256'][:12]}: {rule['text']}\n")
    for verdict, title in TITLES.items():
        rows = [row for row in result["rows"] if row["verdict"] == verdict]
        if rows:
            console.print(_table_of_rows(title, rows))
    console.print(_table_of_coverage(result["coverage"]))
    if result["survey"] is not None:
        _print_survey(console, result["survey"])
    for name in result["structures"]["absent"]:
        console.print(f"Not judged, because no draws of it are here: {name}.")
    console.print(f"{sentence('where_it_starts')} {sentence('not_a_device')}")


def _summary(rows: Sequence[Mapping[str, Any]]) -> Table:
    """How many rows of each kind ended how."""
    labels = dict.fromkeys(row["label"] for row in rows)
    table = _table("Published results beside the model", ("", *TITLES))
    for label in labels:
        own = [row["verdict"] for row in rows if row["label"] == label]
        table.add_row(label, *(str(own.count(verdict)) for verdict in TITLES))
    return table


def _table(title: str, columns: Iterable[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE, title_justify="left", pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    return table


def _table_of_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    shows_reason = rows[0]["verdict"] in ("disagree", "not in the model", "not run")
    columns = ("id", "what", "label", "published", "model", "z", "not independent of")
    table = _table(title, (*columns, "likely reason") if shows_reason else columns)
    for row in rows:
        cells = [
            row["id"],
            _what(row),
            row["label"],
            _interval(row["published"], row["published_lo"], row["published_hi"]),
            _estimate(row["predicted"]),
            "" if row["z"] is None else f"{row['z']:.1f}",
            row["leakage_group"],
        ]
        table.add_row(*cells, *([_why(row)] if shows_reason else []))
    return table


def _what(row: Mapping[str, Any]) -> str:
    """The statistic, with what a reader must know beside it."""
    caveat = f" [{row['caveat']}]" if row["caveat"] else ""
    shape = " (two classes of women)" if row["structure"].endswith("two_class") else ""
    null = (
        " (its predictive interval holds the null as well)"
        if row["covers_null"] and row["is_covered"]
        else ""
    )
    return f"{row['statistic']}{shape}{null}{caveat}".replace("[", r"\[")


def _why(row: Mapping[str, Any]) -> str:
    """Likely reason, and what would settle it where the rule says so."""
    return f"{row['reason']}. Would settle it: {row['settles']}" if row["settles"] else row["reason"]


def _table_of_coverage(coverage: Mapping[str, Any]) -> RenderableType:
    """How often predictive intervals of simulated lives hold the published value, and how wide they are."""
    lo, hi = coverage["wanted"]
    table = _table(
        f"Simulated lives: 95% predictive intervals ({100 * lo:.0f} to {100 * hi:.0f} in 100 cells wanted)",
        ("", "cells", "covered", "of these the null too", "median width: points", "ratio", "slope"),
    )
    groups = {
        "all that are judged": coverage["cells"],
        **coverage["by_source"],
        "reported, not judged": coverage["reported_not_judged"],
    }
    for name, one in groups.items():
        widths = (one[key] for key in ("median_width_points", "median_ratio", "median_width_of_slopes"))
        counts = (one["cells"], one["covered"], one["covered_with_the_null"])
        table.add_row(name, *map(str, counts), *("" if width is None else f"{width:.3g}" for width in widths))
    share = coverage["sources"]["share_covered"]
    table.caption = f"Each source counting once: {share:.2f}"
    return table


def _estimate(estimate: Mapping[str, float] | None) -> str:
    return "" if estimate is None else _interval(estimate["mean"], estimate["lo"], estimate["hi"])


def _interval(value: float | None, lo: float | None, hi: float | None) -> str:
    if value is None:
        return ""
    middle = f"{value:.3g}"
    return middle if lo is None or hi is None else f"{middle} ({lo:.3g} to {hi:.3g})"


def _print_survey(console: Console, survey: Mapping[str, Any]) -> None:
    rows = survey["rows"]
    console.print(
        f"Real histories (NCHS, National Survey of Family Growth; statistical reporting only). "
        f"Open window: {rows['open_window']:,} pregnancies, {rows['losses']:,} losses; levels fitted on "
        f"{rows['train']:,} of 2002 to 2013, judged on {rows['validation']:,} of 2013-15 "
        f"({rows['validation_losses']:,} losses, {rows['validation_women']:,} women).\n"
    )
    if survey["warning"]:
        console.print(f"WARNING: {survey['warning']}\n", style="bold")
    console.print(_table_of_checks(survey["checks"]))
    console.print(_table_of_scores("Judged on 2013-15", survey["validation"]))
    console.print(_table_of_scores("The same, one pregnancy for each woman", survey["validation_index_rows"]))
    console.print(_table_of_scores("Whole open window, levels fitted on it", survey["open_window"]))
    for title, key in (
        ("Log loss on 2013-15", "difference"),
        ("The same on 2002 to 2013, where the levels were fitted", "difference_on_earlier_cycles"),
    ):
        gap = survey[key]
        console.print(
            f"{title}, model minus published numbers only: {gap['mean']:+.4f} "
            f"({gap['lo']:+.4f} to {gap['hi']:+.4f}; {gap['resamples']:,} resamples by woman; "
            f"below zero the model is better).\n"
        )
    console.print(_table_of_groups("Order of one loss and one birth, open window", survey["order"].items()))
    console.print(_table_of_groups("Earlier births, open window", survey["births"].items()))
    cells = ((f"{c['age_years']}, earlier losses {c['earlier_losses']}", c) for c in survey["cells"])
    console.print(_table_of_groups("Age and earlier losses, 2013-15", cells))


def _table_of_checks(checks: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = _table("What was asked of it", ("check", "value", "wanted", "met"))
    for check in sorted(checks, key=lambda check: bool(check["is_met"])):
        value = "" if check["value"] is None else f"{check['value']:.4g}"
        table.add_row(check["check"], value, check["wanted"], "yes" if check["is_met"] else "NO")
    return table


def _table_of_scores(title: str, scores: Mapping[str, Mapping[str, float | None]]) -> RenderableType:
    columns = ("", "area under the curve", "log loss", "calibration slope", "expected / observed")
    table = _table(title, columns)
    for name, score in scores.items():
        slope = score["calibration_slope"]
        table.add_row(
            name,
            f"{score['auc']:.3f}",
            f"{score['log_loss']:.4f}",
            "" if slope is None else f"{slope:.2f}",
            f"{score['expected_over_observed']:.2f}",
        )
    return table


def _table_of_groups(title: str, groups: Iterable[tuple[str, Mapping[str, Any]]]) -> RenderableType:
    """Share lost, as seen and as expected; groups of a few rows are not shown."""
    table = _table(title, ("", "pregnancies", "lost", "model", "published numbers only"))
    for name, group in groups:
        if group["rows"] is None:
            table.add_row(name, "too few to show", "", "", "")
            continue
        shares = (group[key] for key in ("observed", "model", "published numbers only"))
        table.add_row(name, f"{group['rows']:,}", *(f"{share:.3f}" for share in shares))
    return table

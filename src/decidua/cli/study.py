"""`decidua study`: pathways of care compared over the same simulated women."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from decidua.cli.population import MOST_SEED, MOST_WOMEN, Teller

DEFAULT_WOMEN, DEFAULT_DRAWS, DEFAULT_SEED = 4_000_000, 200, 1
FEWEST_DRAWS, MOST_DRAWS = 5, 1000


def study_command(
    study: Annotated[
        str | None, typer.Argument(metavar="NAME|FILE", help="A shipped study, or a YAML file.")
    ] = None,
    women: Annotated[
        int, typer.Option("--women", min=1, max=MOST_WOMEN, metavar="N", help="How many live in every arm.")
    ] = DEFAULT_WOMEN,
    draws: Annotated[
        int,
        typer.Option(
            "--draws", min=FEWEST_DRAWS, max=MOST_DRAWS, metavar="D", help="Draws of what is not known."
        ),
    ] = DEFAULT_DRAWS,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MOST_SEED, metavar="S", help="Same seed, same lives.")
    ] = DEFAULT_SEED,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="J", help="Threads; by default one for each core.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for summary.json, results.parquet, report.html."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
    is_list: Annotated[bool, typer.Option("--list", help="List the studies that ship.")] = False,
) -> None:
    """Compare pathways of care over the same simulated women.

    Every woman lives once in each arm with the same chance events, so two arms differ only where care
    differs. Progress goes to standard error.
    """
    from decidua.study.study_file import read_study
    from decidua.tell.files import folder_for

    if is_list:
        _list()
        return
    if study is None:
        raise typer.BadParameter("name a study, or ask for --list", param_hint="NAME|FILE")
    read, folder = read_study(study), folder_for(out)
    started = time.monotonic()
    result = _run(read, women=women, draws=draws, seed=seed, jobs=jobs or os.cpu_count() or 1)
    if folder is not None:
        _write(result, folder, jobs=jobs or os.cpu_count() or 1, seconds=time.monotonic() - started)
    _show(result, is_json=json_output)


def _list() -> None:
    from decidua.study.study_file import STUDIES, shipped_study

    for name in STUDIES:
        typer.echo(f"{name}: {shipped_study(name).file.question}")


def _run(read: Any, *, women: int, draws: int, seed: int, jobs: int) -> Any:
    from decidua.study.comparison import run_study

    told = Teller("women in all arms")
    try:
        return run_study(read, women=women, draws=draws, seed=seed, jobs=jobs, progress=told.progress)
    finally:
        told.quiet()


def _write(result: Any, folder: Path, *, jobs: int, seconds: float) -> None:
    from decidua.base.files import write_json_whole
    from decidua.base.provenance import SCHEMA_VERSION
    from decidua.study.population_run import LOG_FILE, clear_disk_errors
    from decidua.tell.study_files import write_study

    with clear_disk_errors(folder):
        names = write_study(result, folder)
        log = {"schema_version": SCHEMA_VERSION, "jobs": jobs, "seconds": round(seconds, 2)}
        write_json_whole(folder / LOG_FILE, log)
    typer.echo(f"wrote {', '.join(names)} into {folder}", err=True)


def _show(result: Any, *, is_json: bool) -> None:
    from decidua.tell import study_files

    if is_json:
        from decidua.tell.pregnancy_files import as_json

        typer.echo(as_json(study_files.study_record(result)))
        return
    from rich.console import Console

    study_files.print_study(result, Console(highlight=False))

"""`decidua study`: pathways of care compared over the same simulated women."""

from __future__ import annotations

import os
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
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an unfinished run in the folder of --out.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
    is_list: Annotated[bool, typer.Option("--list", help="List the studies that ship.")] = False,
) -> None:
    """Compare pathways of care over the same simulated women.

    Every woman lives once in each arm with the same chance events, so two arms differ only where care
    differs. Progress goes to standard error. With --out the sums are kept as it goes, and --resume goes on
    from them.
    """
    from decidua.study.study_file import read_study

    if is_list:
        _list()
        return
    if study is None:
        raise typer.BadParameter("name a study, or ask for --list", param_hint="NAME|FILE")
    if resume and out is None:
        raise typer.BadParameter("goes with --out, which names the folder of the run", param_hint="--resume")
    asked = {"women": women, "draws": draws, "seed": seed, "jobs": jobs or os.cpu_count() or 1}
    _show(_run(read_study(study), out, resume=resume, **asked), is_json=json_output)


def _list() -> None:
    from decidua.study.study_file import STUDIES, shipped_study

    for name in STUDIES:
        typer.echo(f"{name}: {shipped_study(name).file.question}")


def _run(study: Any, out: Path | None, *, resume: bool, **asked: Any) -> Any:
    from decidua.study.comparison import run_study
    from decidua.study.kept_run import KEPT
    from decidua.study.study_run import run_in_folder

    told = Teller("women in all arms")
    try:
        if out is None:
            return run_study(study, progress=told.progress, **asked)
        return run_in_folder(study, out, resume=resume, progress=told.progress, write=_write, **asked)
    except KeyboardInterrupt:
        if out is not None:
            typer.echo(f"\n{KEPT}", err=True)
        raise


def _write(result: Any, folder: Path) -> None:
    from decidua.tell.study_files import write_study

    typer.echo(f"wrote {', '.join(write_study(result, folder))} into {folder}", err=True)


def _show(result: Any, *, is_json: bool) -> None:
    from decidua.tell import study_files

    if is_json:
        from decidua.tell.pregnancy_files import as_json

        typer.echo(as_json(study_files.study_record(result)))
        return
    from rich.console import Console

    study_files.print_study(result, Console(highlight=False))

"""`decidua calibrate`: fit the law to the published tables again, judge the fit, and ship it if asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from decidua.base.errors import EXIT_USAGE, InputError

if TYPE_CHECKING:
    from decidua.inference.calibration import Wanted
    from decidua.inference.posterior import Fit

EXTRA = ("dynesty", "arviz")
SEED_OF_CHECKS = 7
SUMMARY_FILE, COUPLES_FILE = "summary.json", "couples.json"


def calibrate_command(
    structure: Annotated[
        list[str] | None,
        typer.Option("--structure", metavar="NAME", help="Fit only this structure; may be given again."),
    ] = None,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="N,N", help="One run for each seed and structure.")
    ] = "1,2",
    live_points: Annotated[
        int, typer.Option("--live-points", min=80, help="Of the sampler: more are slower and finer.")
    ] = 250,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for checkpoints and results.")
    ] = Path("calibration"),
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on from what is in the folder, or begin again.")
    ] = True,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes at once; by default one for each core.")
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Put the draws and the calibrated values into this program.")
    ] = False,
    recovery: Annotated[
        int, typer.Option("--recovery", min=0, metavar="N", help="Also fit N sets of simulated tables.")
    ] = 0,
    weights: Annotated[
        bool, typer.Option("--weights", help="Weigh the mechanisms instead, given the law as installed.")
    ] = False,
    fecundability: Annotated[
        bool,
        typer.Option("--fecundability", help="Fit how fast couples conceive, given the law as installed."),
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="With --weights: fewer draws and points, a first look.")
    ] = False,
) -> None:
    """Fit the law of a pregnancy to the published tables again.

    One process runs for each structure and seed; Ctrl-C stops them all, and the same command goes on from
    there to the result it would have had. Results and a summary are kept in the folder. With --weights the
    law stays as it is, and the tables of uterine NK cells weigh the mechanisms; that takes minutes. With
    --fecundability the law stays too, and the tables of time to pregnancy say how fast couples conceive.
    """
    _refuse_without_extra()
    if fecundability:
        _refuse_with("--fecundability", structure, recovery, others={"--weights": weights, "--quick": quick})
        typer.echo(_fit_couples(out, ships=install))
        return
    if weights:
        _refuse_with("--weights", structure, recovery, others={})
        typer.echo(_weigh(out, is_quick=quick, ships=install))
        return
    wanted = _wanted(structure, seeds, live_points, is_installing=install)
    summary = _run(wanted, out, jobs=jobs or os.cpu_count() or 1, resume=resume, sets=recovery, ships=install)
    from decidua.inference.calibration_report import report

    typer.echo(report(summary))


def _refuse_without_extra() -> None:
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        typer.echo(
            f"decidua calibrate needs {' and '.join(missing)}, which the program otherwise does not; "
            'install them with: pip install "decidua[calibrate]"',
            err=True,
        )
        raise typer.Exit(EXIT_USAGE)


def _refuse_with(
    step: str, structure: list[str] | None, recovery: int, *, others: Mapping[str, bool]
) -> None:
    """Refuse what belongs to another step than this one."""
    given = {"--structure": bool(structure), "--recovery": bool(recovery), **others}
    allowed = "--out and --install" if others else "--out, --quick and --install"
    for name, is_given in given.items():
        if is_given:
            raise InputError(field=name, value=f"with {step}", allowed=allowed)


def _fit_couples(out: Path, *, ships: bool) -> str:
    """How fast couples conceive, given the installed law; the report in Markdown."""
    from decidua.base.files import write_json_whole
    from decidua.evidence import load_ledger
    from decidua.inference import couples_fit as couples
    from decidua.tell.files import folder_for

    folder_for(out)
    ledger = load_ledger()
    fit = couples.calibrate_couples(ledger, seed=SEED_OF_CHECKS, progress=_tell)
    found = couples.summary_of_couples(fit, ledger)
    write_json_whole(out / COUPLES_FILE, found)
    if ships:
        couples.install_couples(fit, found, ledger, progress=_tell)
    return couples.report_of_couples(found)


def _weigh(out: Path, *, is_quick: bool, ships: bool) -> str:
    """Stage two: weigh the mechanisms given the installed law; the report in Markdown."""
    from decidua.base.files import write_json_whole
    from decidua.evidence import load_ledger
    from decidua.inference.class_weights import WEIGHTS_FILE
    from decidua.inference.weights import QUICK, Wanted, weigh
    from decidua.inference.weights_install import install_weights
    from decidua.inference.weights_report import report
    from decidua.tell.files import folder_for

    folder_for(out)
    ledger = load_ledger()
    found = weigh(QUICK if is_quick else Wanted(), ledger, progress=_tell)
    write_json_whole(out / WEIGHTS_FILE, found)
    if ships:
        spread = ledger.value("measure.uterine_nk.control_log_sd")
        install_weights(found, control_log_sd=spread, seed=SEED_OF_CHECKS, progress=_tell)
    return report(found)


def _wanted(structure: list[str] | None, seeds: str, live_points: int, *, is_installing: bool) -> Wanted:
    from decidua.inference.calibration import Wanted
    from decidua.inference.priors import STRUCTURES

    known = tuple(each.name for each in STRUCTURES)
    for name in structure or ():
        if name not in known:
            raise InputError(field="--structure", value=name, allowed=", ".join(known))
    chosen = tuple(name for name in known if name in structure) if structure else known
    if is_installing and chosen != known:
        allowed = "all structures; leave out --structure"
        raise InputError(field="--install", value=f"--structure {' '.join(chosen)}", allowed=allowed)
    return Wanted(chosen, _numbers(seeds), live_points)


def _numbers(seeds: str) -> tuple[int, ...]:
    """Seeds as given, without repetition."""
    parts = [part.strip() for part in seeds.split(",")]
    if not all(part.isdecimal() and len(part) < 10 for part in parts):
        raise InputError(field="--seeds", value=seeds, allowed="whole numbers with commas between them: 1,2")
    return tuple(dict.fromkeys(int(part) for part in parts))


def _run(wanted: Wanted, out: Path, *, jobs: int, resume: bool, sets: int, ships: bool) -> dict[str, Any]:
    from decidua.base.files import write_json_whole
    from decidua.evidence import load_ledger
    from decidua.inference.calibration import calibrate
    from decidua.inference.calibration_summary import summary_of
    from decidua.inference.install import install

    fits = calibrate(wanted, out, jobs=jobs, resume=resume, progress=_tell)
    found = _recovery(fits, out, sets=sets, jobs=jobs) if sets else None
    arguments = wanted.arguments | {"recovery": sets}
    summary = summary_of(
        fits, load_ledger(), arguments=arguments, seed=SEED_OF_CHECKS, recovery=found, progress=_tell
    )
    write_json_whole(out / SUMMARY_FILE, summary)
    if ships:
        install(fits, summary, seed=SEED_OF_CHECKS, progress=_tell)
    return summary


def _recovery(fits: tuple[Fit, ...], out: Path, *, sets: int, jobs: int) -> dict[str, Any]:
    """Fit simulated tables of the first structure that was fitted."""
    from decidua.evidence import load_ledger
    from decidua.inference.calibration import by_structure, pooled, run_tasks
    from decidua.inference.posterior import likelihood_of
    from decidua.inference.recovery import recovered, simulated_tasks

    whole = pooled(next(iter(by_structure(fits).values())))
    likelihood = likelihood_of(load_ledger(), whole.structure)
    made = simulated_tasks(likelihood, whole, count=sets, seed=SEED_OF_CHECKS)
    again = run_tasks([each.task for each in made], out, jobs=jobs, progress=_tell)
    return recovered([each.truth for each in made], again)


def _tell(line: str) -> None:
    typer.echo(line, err=True)

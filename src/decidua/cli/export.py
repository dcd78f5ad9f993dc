"""`decidua export`: the womb model as SBML, for other simulators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

FORMATS = ("sbml",)


def export_command(
    what: Annotated[str, typer.Argument(metavar="sbml", help="The format: sbml.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    mechanism: Annotated[
        str, typer.Option("--mechanism", help="How the count bears on loss; marker: not at all.")
    ] = "marker",
    regimen: Annotated[
        str, typer.Option("--regimen", help="A shipped regimen by name, or a YAML file of your own.")
    ] = "none",
    density: Annotated[
        float | None,
        typer.Option("--density", help="True mid-luteal density, cells per mm2; else the control median."),
    ] = None,
    recognition: Annotated[
        float, typer.Option("--recognition", help="0 (embryo not recognised) to 1.")
    ] = 0.5,
    genotype: Annotated[
        str | None, typer.Option("--genotype", help="KIR of the mother and HLA-C of the fetus, by name.")
    ] = None,
    unk_course: Annotated[
        str, typer.Option("--unk-course", help="level_then_lower or steady_fall.")
    ] = "level_then_lower",
    infection_week: Annotated[
        float | None, typer.Option("--infection-week", help="Week at which an infection begins.")
    ] = None,
    corpus_luteum_removed_week: Annotated[
        float | None,
        typer.Option("--corpus-luteum-removed-week", help="Week at which the corpus luteum is removed."),
    ] = None,
    doses_per_day: Annotated[
        int, typer.Option("--doses-per-day", help="0: the day's dose flows in evenly; else single doses.")
    ] = 0,
) -> None:
    """Write the womb model with one regimen as SBML, for other simulators.

    The file is SBML Level 3 Version 2 with units and ontology terms; it is written whole or not at all.
    """
    from decidua.base.errors import InputError
    from decidua.evidence import load_ledger

    if what not in FORMATS:
        raise InputError(field="format", value=what, allowed=", ".join(FORMATS))
    arguments: dict[str, Any] = {
        "density_per_mm2": load_ledger().value("womb.unk.control_median_per_mm2")
        if density is None
        else density,
        "recognition": recognition,
        "genotype": genotype,
        "regimen": regimen,
        "unk_course": unk_course,
        "infection_week": infection_week,
        "corpus_luteum_removed_week": corpus_luteum_removed_week,
        "doses_per_day": doses_per_day,
    }
    _write(out, mechanism=mechanism, arguments=arguments)


def _write(out: Path, *, mechanism: str, arguments: dict[str, Any]) -> None:
    from decidua.interop import export_notes, exported_sbml
    from decidua.tell.files import write_whole
    from decidua.womb import SAFETY_SENTENCE, pregnancy_run

    run = pregnancy_run(mechanism, **arguments)
    notes = export_notes(mechanism, arguments)
    write_whole(out, exported_sbml(run, notes=notes))
    typer.echo(f"wrote {out}")
    if "mechanism" in notes:
        typer.echo(notes["mechanism"])
    typer.echo(SAFETY_SENTENCE)

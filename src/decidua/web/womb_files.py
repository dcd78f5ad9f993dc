"""One simulated pregnancy as files to take away: a table, JSON, SBML, figures."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from fastapi.responses import Response

from decidua.interop import export_notes, exported_sbml
from decidua.study.pregnancy import PregnancyAnswer
from decidua.tell.pregnancy_charts import notes_of, standalone
from decidua.tell.pregnancy_files import as_json
from decidua.tell.pregnancy_json import days_table, pregnancy_record
from decidua.tell.story_figure import Figure
from decidua.web.womb_query import Download
from decidua.womb import WombCourse, pregnancy_run

KINDS: dict[Download, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "sbml": "application/sbml+xml",
}
NAMES: dict[Download, str] = {
    "csv": "course.csv",
    "parquet": "course.parquet",
    "json": "course.json",
    "sbml": "womb.xml",
}


def download(answer: PregnancyAnswer, kind: Download) -> Response:
    """The answer as a file."""
    makers = {"csv": _csv, "parquet": _parquet, "json": _json, "sbml": _sbml}
    return _file(makers[kind](answer), name=NAMES[kind], kind=KINDS[kind])


def figure_file(figures: Iterable[Figure], name: str, *, course: WombCourse) -> Response | None:
    """One figure as SVG of its own, with the notes that must stand with it; None for no such figure."""
    for figure in figures:
        if figure.name == name:
            svg = standalone(figure, notes=notes_of(course))
            return _file(svg.encode(), name=f"{name}.svg", kind="image/svg+xml")
    return None


def _file(content: bytes, *, name: str, kind: str) -> Response:
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _csv(answer: PregnancyAnswer) -> bytes:
    return days_table(answer).write_csv().encode()


def _parquet(answer: PregnancyAnswer) -> bytes:
    buffer = io.BytesIO()
    days_table(answer).write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def _json(answer: PregnancyAnswer) -> bytes:
    return as_json(pregnancy_record(answer)).encode()


def _sbml(answer: PregnancyAnswer) -> bytes:
    asked = answer.question
    arguments: dict[str, Any] = {
        "density_per_mm2": answer.course.density_per_mm2,
        "recognition": answer.course.recognition,
        "genotype": asked.genotype,
        "regimen": asked.regimen,
        "unk_course": asked.unk_course,
        "infection_week": asked.infection_week,
    }
    run = pregnancy_run(asked.mechanism, **arguments)
    return exported_sbml(run, notes=export_notes(asked.mechanism, arguments)).encode()

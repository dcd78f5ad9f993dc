"""Writes what was asked of one pregnancy into a folder: tables, JSON, figures and a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decidua.base.errors import InputError
from decidua.study.pregnancy import PregnancyAnswer
from decidua.tell.files import write_whole
from decidua.tell.pregnancy_charts import figures_of, notes_of, standalone
from decidua.tell.pregnancy_json import days_table, pregnancy_record
from decidua.tell.pregnancy_page import pregnancy_html
from decidua.tell.story_figure import Figure

if TYPE_CHECKING:
    import polars


def write_pregnancy(answer: PregnancyAnswer, folder: Path) -> list[str]:
    """Write course.parquet, course.csv, course.json, a figure for each part, and pregnancy.html.

    Arguments:  answer  as `ask_pregnancy` or `ask_women` gives it
                folder  exists
    Returns:    names of the files
    Raises:     InputError naming a file that cannot be written
    Checked by: tests/unit/cli/test_pregnancy.py
    """
    return [
        *write_tables({"course": days_table(answer)}, folder),
        *write_texts(
            {
                "course.json": as_json(pregnancy_record(answer)),
                "pregnancy.html": pregnancy_html(answer),
                **figure_files(figures_of(answer), notes=notes_of(answer.course)),
            },
            folder,
        ),
    ]


def as_json(record: Mapping[str, Any]) -> str:
    """One JSON object on one line; a number that is not one is refused."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def figure_files(figures: Sequence[Figure], *, notes: Sequence[str]) -> dict[str, str]:
    """Each figure as a file of its own, with the notes that must stand with it."""
    return {f"{figure.name}.svg": standalone(figure, notes=notes) for figure in figures}


def write_texts(texts: Mapping[str, str], folder: Path) -> list[str]:
    """Write texts by their file names."""
    for name, text in texts.items():
        write_whole(folder / name, text)
    return list(texts)


def write_tables(tables: Mapping[str, polars.DataFrame], folder: Path) -> list[str]:
    """Write each table as Parquet and as CSV."""
    names = []
    for name, table in tables.items():
        write_whole(folder / f"{name}.csv", table.write_csv())
        write_parquet(table, folder / f"{name}.parquet")
        names += [f"{name}.csv", f"{name}.parquet"]
    return names


def write_parquet(table: polars.DataFrame, path: Path) -> None:
    """Write one table whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        table.write_parquet(part, compression="zstd", statistics=False)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        allowed = "a file in a folder that can be written"
        raise InputError(file=str(path), value="this path", allowed=allowed, why=str(error)) from None

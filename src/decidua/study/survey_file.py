"""Reads the tidied pregnancy files of the US National Survey of Family Growth that a user has downloaded.

The survey is the work of the National Center for Health Statistics; its terms allow statistical reporting
and analysis only. Nothing of the files is kept in the program and no row is ever printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from decidua.base.errors import InputError
from decidua.life.parameters import FloatArray
from decidua.study.survey_scores import IntArray

if TYPE_CHECKING:
    import polars

TRAIN_CYCLES = ("2002", "2006_2010", "2011_2013")
VALIDATION_CYCLE = "2013_2015"
CYCLES = (*TRAIN_CYCLES, VALIDATION_CYCLE)
WHOLE = ("order", "prior_live_births", "prior_miscarriages", "miscarriage_run", "eval_window", "index_row")
NUMBERS = ("age_at_end_years", "age_at_conception_years", "y_miscarriage")
WORDS = ("woman_id", "outcome", "cycle")
OUTCOMES = ("live_birth", "miscarriage", "stillbirth", "ectopic", "induced", "ongoing")
YOUNGEST, OLDEST = 12, 60  # whole years a history may hold
LARGEST_BYTES = 50_000_000

Earlier = tuple[str, int | None]  # outcome and age in whole years
Past = tuple[int, tuple[Earlier, ...]]  # age at the pregnancy in question, and what came before


@dataclass(frozen=True)
class Scored:
    """The pregnancies of the evaluation window that ended in a miscarriage or a live birth."""

    happened: FloatArray  # 1 miscarriage, 0 live birth, shape (rows,)
    woman: IntArray  # whose, 0 to women - 1
    is_validation: FloatArray  # 1 in the last cycle
    is_index: FloatArray  # 1 for the first such pregnancy of the woman
    age_years: FloatArray  # at conception, whole years
    losses: FloatArray  # earlier miscarriages
    births: FloatArray  # earlier live births
    run: FloatArray  # miscarriages in a row before
    past: tuple[Past, ...]

    def __len__(self) -> int:
        """Number of rows."""
        return self.happened.size

    def only(self, keep: FloatArray) -> Scored:
        """The rows where keep is 1."""
        at = np.flatnonzero(keep)
        return Scored(
            self.happened[at],
            np.unique(self.woman[at], return_inverse=True)[1],
            self.is_validation[at],
            self.is_index[at],
            self.age_years[at],
            self.losses[at],
            self.births[at],
            self.run[at],
            tuple(self.past[i] for i in at),
        )


def read_survey(folder: Path) -> Scored:
    """The scored pregnancies of all open cycles.

    Assumes the tidied files, one row per pregnancy, with the columns that columns.csv describes.

    Arguments:  folder  holds nsfg_2002.csv.gz and the files of the later cycles
    Returns:    Scored
    Raises:     InputError naming the file and column that cannot be used
    Checked by: tests/unit/study/test_survey_file.py
    """
    if not folder.is_dir():
        raise InputError(field="--survey", value=folder.name, allowed="a folder with the survey's files")
    rows: list[dict[str, Any]] = []
    for cycle in CYCLES:
        rows += _rows_of(folder / f"nsfg_{cycle}.csv.gz", cycle)
    return scored(rows)


def _rows_of(path: Path, cycle: str) -> list[dict[str, Any]]:
    if not path.is_file():
        raise InputError(file=path.name, value="a missing file", allowed=f"the tidied file of cycle {cycle}")
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(file=path.name, value=path.stat().st_size, allowed=f"at most {LARGEST_BYTES} bytes")
    table = _checked(_read(path), path.name)
    return table.sort("woman_id", "order").to_dicts()


def _read(path: Path) -> polars.DataFrame:
    """The needed columns as text."""
    import polars

    try:
        table = polars.read_csv(path, infer_schema_length=0)
    except (polars.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise InputError(file=path.name, value=str(error), allowed="a gzipped CSV file") from None
    for name in (*WORDS, *WHOLE, *NUMBERS):
        if name not in table.columns:
            allowed = "a file with this column"
            raise InputError(file=path.name, field=name, value="a missing column", allowed=allowed)
    return table.select(*WORDS, *WHOLE, *NUMBERS)


def _checked(table: polars.DataFrame, file: str) -> polars.DataFrame:
    """Numbers as numbers, known outcomes only; the first value that does not fit is named."""
    import polars

    for name, kind in (*((n, polars.Int64) for n in WHOLE), *((n, polars.Float64) for n in NUMBERS)):
        made = table[name].cast(kind, strict=False)
        wrong = table[name].filter(made.is_null() & (table[name].is_not_null() | (name in WHOLE)))
        if len(wrong):
            allowed = "a whole number" if name in WHOLE else "a number or nothing"
            raise InputError(file=file, field=name, value=wrong[0] or "", allowed=allowed)
        table = table.with_columns(made)
    for outcome in table["outcome"].unique():
        if outcome not in OUTCOMES:
            raise InputError(file=file, field="outcome", value=outcome, allowed=", ".join(OUTCOMES))
    return table


def scored(rows: list[dict[str, Any]]) -> Scored:
    """The pregnancies to score, each with what came before it.

    Arguments:  rows  every pregnancy with the survey's columns, ordered by woman and order
    Returns:    Scored
    """
    found = [
        (number, row, past)
        for number, (_, own) in enumerate(groupby(rows, key=lambda row: row["woman_id"]))
        for row, past in _with_past(list(own))
    ]

    def column(name: str) -> FloatArray:
        return np.array([float(row[name]) for _, row, _ in found])

    women = np.unique([number for number, _, _ in found], return_inverse=True)[1] if found else np.zeros(0)
    return Scored(
        happened=column("y_miscarriage"),
        woman=np.asarray(women, dtype=np.int64),
        is_validation=np.array([float(row["cycle"] == VALIDATION_CYCLE) for _, row, _ in found]),
        is_index=column("index_row"),
        age_years=np.array([float(past[0]) for _, _, past in found]),
        losses=column("prior_miscarriages"),
        births=column("prior_live_births"),
        run=column("miscarriage_run"),
        past=tuple(past for _, _, past in found),
    )


def _with_past(own: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Past]]:
    """The scored pregnancies of one woman; none of them sees its own end or anything later."""
    for place, row in enumerate(own):
        age = row["age_at_conception_years"]
        if row["eval_window"] == 1 and row["y_miscarriage"] is not None and age is not None:
            years = math.floor(age)
            yield row, (years, tuple(_earlier(own[:place], years)))


def _earlier(own: list[dict[str, Any]], now_years: int) -> Iterator[Earlier]:
    """Outcome and age of earlier pregnancies; ages never go backwards and never pass the present one."""
    latest = YOUNGEST
    for row in own:
        if row["outcome"] == "ongoing":
            continue
        age = row["age_at_end_years"]
        given = age if age is not None else row["age_at_conception_years"]
        if given is None or math.floor(given) < YOUNGEST:
            yield row["outcome"], None
            continue
        latest = min(max(latest, math.floor(given)), now_years)
        yield row["outcome"], latest

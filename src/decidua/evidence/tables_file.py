"""Reading the tidy table files: one CSV per topic, one column set for all."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from decidua.evidence.errors import EvidenceError
from decidua.evidence.rules import from_validation
from decidua.evidence.schema import PublishedTable, TableRow

COLUMNS = (
    "dataset",
    "source",
    "table",
    "stratum",
    "timing",
    "age_lo",
    "age_hi",
    "previous_losses",
    "week",
    "n",
    "events",
    "estimate",
    "lo",
    "hi",
    "interval_is",
    "spread",
    "unit",
    "basis",
    "reading",
    "role",
    "leakage_group",
    "note",
)
NUMBERS = ("age_lo", "age_hi", "n", "events", "estimate", "lo", "hi")
KEY = ("dataset", "table", "age_lo", "age_hi", "previous_losses", "week", "stratum", "timing")


def read_rows(path: Path) -> list[dict[str, str]]:
    """All rows of one file as text, each with its row key."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            allowed = ", ".join(COLUMNS)
            raise EvidenceError(file=path.name, field="columns", value=reader.fieldnames, allowed=allowed)
        return list(_with_keys(reader, path.name))


def _with_keys(rows: Iterable[dict[str, str]], file: str) -> Iterator[dict[str, str]]:
    """Rows that say the same of themselves are numbered in file order."""
    seen: Counter[str] = Counter()
    for row in rows:
        key = "|".join(row[name] for name in KEY)
        seen[key] += 1
        yield row | {"row_key": key if seen[key] == 1 else f"{key}|#{seen[key]}", "file": file}


def table_of(dataset: str, *, rows: list[dict[str, str]]) -> PublishedTable:
    """The published table of one dataset, checked row by row."""
    return PublishedTable(dataset=dataset, rows=tuple(_row(row) for row in rows))


def _row(row: dict[str, str]) -> TableRow:
    numbers = {name: row[name] or None for name in NUMBERS}
    try:
        checked = TableRow.model_validate(row | numbers)
    except ValidationError as error:
        raise from_validation(error, file=row["file"], name=row["row_key"]) from None
    return _with_sound_interval(checked)


def _with_sound_interval(row: TableRow) -> TableRow:
    """Refuse an interval without a kind, or one that leaves its own estimate outside."""
    if (row.lo is not None or row.hi is not None) and not row.interval_is:
        raise EvidenceError(file=row.file, field=row.row_key, value="interval", allowed="a kind of interval")
    if not _within(row.estimate, row.lo, row.hi):
        allowed = f"a number within {row.lo} to {row.hi}"
        raise EvidenceError(file=row.file, field=row.row_key, value=row.estimate, allowed=allowed)
    return row


def _within(estimate: float | None, lo: float | None, hi: float | None) -> bool:
    if estimate is None or lo is None or hi is None:
        return True
    return lo <= estimate <= hi

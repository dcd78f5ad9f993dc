"""Two people read each calibration table from its source page; what they found must be the same number.

The second reader saw the pages and an empty form, never the first entry. A cell the second reader did not
find on the page is empty and is not compared. A page that prints fewer figures than the first entry settles
the precision: both are compared at the figures the page prints.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from decidua.evidence import load_ledger
from decidua.evidence.loader import HERE
from decidua.evidence.tables_file import read_rows

READINGS = sorted((Path(__file__).parents[1] / "data" / "second_reading").glob("*.csv"))
CELLS = ("estimate", "lo", "hi", "n", "events")
FITTED = (
    "MAGNUS_AGE_ADJ", "MAGNUS_AGE", "MAGNUS_REC", "PENDINA", "FRANASIAK", "ZAUCHE_WEEK", "WILCOX88",
    "PATERNAL_AGE", "UTERUS", "TRANSLOC", "APS", "THYROID", "PROMISE_2015",
)  # fmt: skip


def second_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def first_rows(path: Path) -> dict[str, dict[str, str]]:
    return {row["row_key"]: row for row in read_rows(HERE / "tables" / path.name)}


def agree(first: str, second: str) -> bool:
    """The same number at the figures the second reader's page prints."""
    if not first:
        return False
    days = re.fullmatch(r"(\d+)w(\d)d", second)
    if days:
        return abs(float(first) - int(days[1]) - int(days[2]) / 7) < 1e-4
    figures = len(second.partition(".")[2])
    if not figures:
        return whole(first, second)
    return abs(float(first) - float(second)) <= 0.5 * 10.0**-figures + 1e-9


def whole(first: str, second: str) -> bool:
    """Whole numbers are counts or printed as such: equal, or a decimal the page rounds."""
    return float(first) == float(second) or ("." in first and abs(float(first) - float(second)) <= 0.5)


def disagreements(path: Path) -> list[str]:
    first = first_rows(path)
    found = [row for row in second_rows(path) if row["found"].strip().lower() == "yes"]
    said = []
    for row in found:
        mine = first.get(row["row_key"])
        if mine is None:
            said.append(f"{path.stem}: second reader has {row['row_key']}; first reader has no such row")
            continue
        said += [
            f"{path.stem}: {row['row_key']}: {cell}: first reader {mine[cell] or 'nothing'}, "
            f"second reader {row[cell]} ({row['page']})"
            for cell in CELLS
            if row[cell].strip() and not agree(mine[cell], row[cell].strip())
        ]
    return said


def read_twice() -> set[str]:
    """Row keys with one number or more that the second reader found."""
    return {
        row["row_key"]
        for path in READINGS
        for row in second_rows(path)
        if row["found"].strip().lower() == "yes" and any(row[cell].strip() for cell in CELLS)
    }


def test_there_is_a_second_reading():
    assert READINGS


@pytest.mark.parametrize("path", READINGS, ids=lambda path: path.stem)
def test_both_readers_found_the_same_numbers(path):
    said = disagreements(path)
    assert not said, "\n" + "\n".join(said)


@pytest.mark.parametrize("dataset", FITTED)
def test_every_table_a_fit_opens_was_read_twice(dataset):
    keys = {row.row_key for row in load_ledger().calibration_rows(dataset)}
    assert keys & read_twice(), f"{dataset}: no row of it has a second reading"


def test_a_second_reading_that_differs_would_be_caught():
    assert agree("1.54", "1.54")
    assert agree("79.01", "79.0")
    assert agree("16.65", "16.65")
    assert not agree("1.54", "1.55")
    assert not agree("", "1.54")
    assert not agree("30.81", "29.81")
    assert not agree("129", "128")
    assert agree("6.2857", "6w2d")
    assert not agree("6.2857", "6w3d")

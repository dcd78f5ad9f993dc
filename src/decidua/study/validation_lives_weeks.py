"""Weekly loss after delayed entry, from a list that a user has: the data `abortion` of the R package etm.

Each row is a pregnancy with the week in which the service was called and the week in which it ended. Nothing
of the file is kept in the program and no row is printed.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.errors import InputError
from decidua.life.parameters import FloatArray
from decidua.life.ways import IntArray
from decidua.study.validation_published import Z95, Published
from decidua.study.validation_rule import from_scale, on_scale

COLUMNS = ("id", "entry", "exit", "group", "cause")
LARGEST_BYTES, LAST_WEEK = 1_000_000, 60


@dataclass(frozen=True)
class Observed:
    """Pregnancies of one group by week of entry, week of end, and how they ended."""

    entry: IntArray
    exit: IntArray
    is_loss: FloatArray


def read_weeks(path: Path, says: Mapping[str, Any]) -> Observed:
    """The rows of the unexposed group.

    Arguments:  path  the file
                says  `weeks` of the lives' rule: group and causes
    Raises:     InputError naming the row and the column
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _refused(path, "this file", f"up to {LARGEST_BYTES:,} bytes")
        with path.open(encoding="utf-8", newline="") as text:
            rows = [_row(path, place, row) for place, row in enumerate(_table(path, text), start=2)]
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, "this file", "a readable file of comma-separated values") from error
    kept = np.array([row for row in rows if row[2] == says["group"]], dtype=np.int64).reshape(-1, 4)
    if not kept.size:
        raise _refused(path, "no row", f"one or more rows of group {says['group']}")
    unknown = set(kept[:, 3].tolist()) - set(says["causes"].values())
    if unknown:
        raise _refused(path, min(unknown), f"one of {sorted(says['causes'].values())}", field="cause")
    return Observed(kept[:, 0], kept[:, 1], (kept[:, 3] == says["causes"]["loss"]).astype(np.float64))


def _table(path: Path, text: Any) -> Any:
    table = csv.DictReader(text)
    if tuple(table.fieldnames or ()) != COLUMNS:
        raise _refused(path, ",".join(table.fieldnames or ()), ",".join(COLUMNS), field="first line")
    return table


def _row(path: Path, line: int, row: Mapping[str, str]) -> tuple[int, int, int, int]:
    found = []
    for name in COLUMNS[1:]:
        value = row[name] or ""
        if not value.isascii() or not value.isdigit() or int(value) > LAST_WEEK:
            raise _refused(path, value, f"a whole number from 0 to {LAST_WEEK}", field=f"line {line}, {name}")
        found.append(int(value))
    if found[0] >= found[1]:
        raise _refused(path, found[1], f"more than entry, {found[0]}", field=f"line {line}, exit")
    return found[0], found[1], found[2], found[3]


def _refused(path: Path, value: object, allowed: str, *, field: str = "--weeks") -> InputError:
    return InputError(file=path.name, field=field, value=value, allowed=allowed)


def chance_of_loss(observed: Observed, weeks: Sequence[int]) -> tuple[float, float]:
    r"""Chance of loss in these weeks for a pregnancy alive before them, and its error on the log-odds.

    $$ P = 1 - \prod_w (1 - d_w / n_w), \qquad
       \mathrm{se}(\mathrm{logit}\,P) = \frac{1}{P} \sqrt{\sum_w \frac{d_w}{n_w (n_w - d_w)}} $$
    Assumes that who enters later, and who ends a pregnancy by choice, has the same chance of loss.
    """
    survival, variance = 1.0, 0.0
    for week in weeks:
        at_risk = float(((observed.entry < week) & (week <= observed.exit)).sum())
        lost = float(observed.is_loss[observed.exit == week].sum())
        if at_risk <= lost:
            raise InputError(field="--weeks", value=at_risk, allowed=f"pregnancies that outlast week {week}")
        survival *= 1.0 - lost / at_risk
        variance += lost / (at_risk * (at_risk - lost))
    if survival == 1.0:
        raise InputError(field="--weeks", value=0, allowed=f"a loss in weeks {weeks[0]} to {weeks[-1]}")
    return 1.0 - survival, math.sqrt(variance) / (1.0 - survival)


def published_weeks(observed: Observed, says: Mapping[str, Any], row: Mapping[str, Any]) -> Published:
    """One band of weeks as a published value with its interval."""
    value, error = chance_of_loss(observed, range(row["first"], row["last"] + 1))
    middle = on_scale(value, "logit")
    lo, hi = (from_scale(middle + side * Z95 * error, "logit") for side in (-1.0, 1.0))
    return Published(value, lo, hi, error, (), says["leakage_group"], "recognised")

"""What was published, as the rule names it: a value with its error on the scale on which it is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from decidua.base import conversions
from decidua.evidence import EvidenceError, Ledger, TableRow
from decidua.study.validation_rule import from_scale, on_scale

Z95 = 1.959963984540054  # two-sided 95% of a normal


@dataclass(frozen=True)
class Published:
    """A published value, its interval where one can be had, and its standard error on the scale."""

    value: float
    lo: float | None
    hi: float | None
    error: float
    sources: tuple[str, ...]
    leakage_group: str
    basis: str


def published_of(ledger: Ledger, entry: Mapping[str, Any]) -> Published:
    """The published value that a row of the rule names."""
    if "odds_ratio" in entry:
        return _ratio_of_two(ledger, entry)
    return _single(picked(ledger, entry["dataset"], entry["select"]), entry)


def picked(ledger: Ledger, dataset: str, wanted: Mapping[str, Any]) -> TableRow:
    """The first row of a table whose fields have the wanted values."""
    for row in ledger.table(dataset).rows:
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    allowed = "fields that pick a row of this table"
    raise EvidenceError(file="validation/rule.yaml", field=dataset, value=dict(wanted), allowed=allowed)


def _single(row: TableRow, entry: Mapping[str, Any]) -> Published:
    scale = entry["scale"]
    value = _value(row)
    if entry.get("log_of"):
        value = math.log(value)
    error = _error(row, scale)
    lo, hi = _interval(value, error, scale)
    return Published(value, lo, hi, error, row.sources, row.leakage_group, row.basis)


def _value(row: TableRow) -> float:
    if row.estimate is None:
        raise EvidenceError(file=row.file, field=row.row_key, value=None, allowed="a row with an estimate")
    if row.unit == "percent":
        return row.events / row.n if row.events is not None and row.n else row.estimate / 100.0
    return row.estimate


def _error(row: TableRow, scale: str) -> float:
    """Standard error on the scale; zero where neither interval nor denominator was printed."""
    if row.unit == "percent" and row.n and row.previous_losses != "any (overall)":
        p = _value(row)
        return 1.0 / math.sqrt(row.n * p * (1.0 - p))
    if scale == "log" and row.lo is not None and row.hi is not None:
        return math.log(row.hi / row.lo) / (2.0 * Z95)
    return 0.0


def _interval(value: float, error: float, scale: str) -> tuple[float | None, float | None]:
    if error == 0.0:
        return None, None
    middle = on_scale(value, scale)
    return from_scale(middle - Z95 * error, scale), from_scale(middle + Z95 * error, scale)


def _ratio_of_two(ledger: Ledger, entry: Mapping[str, Any]) -> Published:
    """Odds ratio of two printed shares, with the error of their counts."""
    above, below = (picked(ledger, entry["dataset"], wanted) for wanted in entry["odds_ratio"])
    value = conversions.odds(_value(above)) / conversions.odds(_value(below))
    error = math.hypot(_error(above, "logit"), _error(below, "logit"))
    lo, hi = _interval(value, error, "log")
    return Published(value, lo, hi, error, above.sources, above.leakage_group, above.basis)

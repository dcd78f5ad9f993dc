"""What was published of the inside of the womb, as its frozen rule names it, with the error on its scale."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import special

from decidua.evidence import EvidenceError, Ledger, TableRow
from decidua.study.validation_published import Z95, picked
from decidua.study.validation_rule import from_scale, on_scale

OF_SEVERAL = ("ratio", "mean_of", "standard_score", "share_above")
SD = re.compile(r"^sd ([\d.]+)$")


@dataclass(frozen=True)
class WombPublished:
    """A published value or range; a range that was read in words alone has neither."""

    value: float | None
    lo: float | None
    hi: float | None
    error: float
    sources: tuple[str, ...]
    leakage_group: str
    basis: str

    def of_value(self) -> float:
        """The value; a row without one is refused."""
        if self.value is None:
            raise EvidenceError(
                file="validation/womb_rule.yaml", field="value", value=None, allowed="a row with a value"
            )
        return self.value

    def of_range(self) -> tuple[float, float]:
        """The range; a row without one is refused."""
        if self.lo is None or self.hi is None:
            raise EvidenceError(
                file="validation/womb_rule.yaml", field="range", value=None, allowed="a row with a range"
            )
        return self.lo, self.hi


@dataclass(frozen=True)
class LogNormal:
    """The log-normal with a printed mean and standard deviation, and the errors of its two parameters."""

    log_median: float
    log_sd: float
    n: int

    @classmethod
    def of_row(cls, row: TableRow) -> LogNormal:
        """From a row that prints a mean with its standard deviation and number."""
        mean, sd, n = mean_sd_n(row)
        variance = math.log1p((sd / mean) ** 2)
        return cls(math.log(mean) - variance / 2.0, math.sqrt(variance), n)

    @property
    def median_error(self) -> float:
        """Standard error of the log median."""
        return self.log_sd / math.sqrt(self.n)

    @property
    def sd_error(self) -> float:
        """Standard error of the log standard deviation, by the normal approximation."""
        return self.log_sd / math.sqrt(2.0 * self.n)


def mean_sd_n(row: TableRow) -> tuple[float, float, int]:
    """Mean, printed standard deviation and number of a row; a row that lacks one is refused."""
    found = SD.match(row.spread)
    if row.estimate is None or row.n is None or found is None:
        raise EvidenceError(
            file=row.file, field=row.row_key, value=row.spread, allowed="a mean with n and 'sd NUMBER'"
        )
    return row.estimate, float(found.group(1)), row.n


def published_inside(
    ledger: Ledger, entry: Mapping[str, Any], *, assumed: Mapping[str, Any]
) -> WombPublished:
    """The published side of one row of the rule.

    Arguments:  ledger   with the published tables
                entry    row of the rule
                assumed  of the rule, for a printed P value
    Returns:    WombPublished
    Raises:     EvidenceError when the table has no such row, or lacks what the row asks for
    """
    if "entry" in entry:
        return _of_entry(ledger, entry["entry"])
    rows = _rows(ledger, entry)
    value, error = _value_and_error(rows, entry, assumed)
    lo, hi = (rows[0].lo, rows[0].hi) if entry["kind"] == "range" else _interval(value, error, entry)
    return WombPublished(value, lo, hi, error, rows[0].sources, rows[0].leakage_group, rows[0].basis)


def _of_entry(ledger: Ledger, name: str) -> WombPublished:
    """The declared range of a ledger entry that no table holds."""
    chosen, prior = ledger[name].chosen, ledger[name].prior
    if prior is None or prior.lo is None or prior.hi is None:
        raise EvidenceError(file="ledger", field=name, value=None, allowed="a prior with lo and hi")
    return WombPublished(
        chosen.value, prior.lo, prior.hi, 0.0, (chosen.reference.source,), "none", "not_applicable"
    )


def _rows(ledger: Ledger, entry: Mapping[str, Any]) -> list[TableRow]:
    several = next((entry[kind] for kind in OF_SEVERAL if kind in entry), None)
    wanted: Sequence[Mapping[str, Any]] = [entry["select"]] if several is None else several
    return [picked(ledger, entry["dataset"], one) for one in wanted]


def _value_and_error(
    rows: list[TableRow], entry: Mapping[str, Any], assumed: Mapping[str, Any]
) -> tuple[float | None, float]:
    if "published" in entry:
        return float(entry["published"]), 0.0
    if "ratio" in entry:
        return _ratio(rows, entry, assumed)
    if "mean_of" in entry:
        return _mean(rows)
    if "standard_score" in entry:
        return _standard_score(*map(LogNormal.of_row, rows))
    if "share_above" in entry:
        return _share_above(*map(LogNormal.of_row, rows), percentile=assumed["controls_percentile"])
    return _single(rows[0])


def _single(row: TableRow) -> tuple[float | None, float]:
    """One printed figure; a share of counts has the error of its counts on the logit scale."""
    if row.estimate is None or row.unit != "percent":
        return row.estimate, 0.0
    if row.events is None or not row.n:
        return row.estimate / 100.0, 0.0
    p = row.events / row.n
    return p, 1.0 / math.sqrt(row.n * p * (1.0 - p))


def _ratio(rows: list[TableRow], entry: Mapping[str, Any], assumed: Mapping[str, Any]) -> tuple[float, float]:
    """Ratio of two printed figures; its error from their standard deviations, or from a printed P value."""
    above, below = (row.estimate for row in rows)
    if above is None or below is None:
        raise EvidenceError(file=rows[0].file, field=entry["id"], value=None, allowed="two rows with figures")
    value = above / below
    if "error" in entry:
        return value, abs(math.log(value)) / -float(special.ndtri(assumed[entry["error"]] / 2.0))
    if any(SD.match(row.spread) is None or row.n is None for row in rows):
        return value, 0.0
    return value, math.hypot(*(sd / (mean * math.sqrt(n)) for mean, sd, n in map(mean_sd_n, rows)))


def _mean(rows: list[TableRow]) -> tuple[float, float]:
    """Mean over all women of several printed groups, and its standard error on the log scale."""
    groups = [mean_sd_n(row) for row in rows]
    women = sum(n for _, _, n in groups)
    mean = sum(n * each for each, _, n in groups) / women
    return mean, math.sqrt(sum(n * sd**2 for _, sd, n in groups)) / (women * mean)


def _standard_score(group: LogNormal, controls: LogNormal) -> tuple[float, float]:
    """Where the median of a group lies among its laboratory's controls, in their log standard deviations."""
    score = (group.log_median - controls.log_median) / controls.log_sd
    shift = math.hypot(group.median_error, controls.median_error) / controls.log_sd
    return score, math.hypot(shift, score * controls.sd_error / controls.log_sd)


def _share_above(group: LogNormal, controls: LogNormal, *, percentile: float) -> tuple[float, float]:
    """Share of a group above a percentile of the controls; error on the logit scale by the delta rule."""
    z = float(special.ndtri(percentile))
    cut = controls.log_median + z * controls.log_sd
    score = (cut - group.log_median) / group.log_sd
    of_cut = math.hypot(controls.median_error, z * controls.sd_error, group.median_error) / group.log_sd
    error = math.hypot(of_cut, score * group.sd_error / group.log_sd)
    p = float(special.ndtr(-score))
    density = math.exp(-0.5 * score**2) / math.sqrt(2.0 * math.pi)
    return p, error * density / (p * (1.0 - p))


def _interval(
    value: float | None, error: float, entry: Mapping[str, Any]
) -> tuple[float | None, float | None]:
    if value is None or error == 0.0:
        return None, None
    middle, scale = on_scale(value, entry["scale"]), entry["scale"]
    return from_scale(middle - Z95 * error, scale), from_scale(middle + Z95 * error, scale)

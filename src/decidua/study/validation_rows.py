"""Rows of the comparison: what was published beside what the model says, with a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import Ledger
from decidua.inference.targets import Cell, Targets
from decidua.life.parameters import FloatArray
from decidua.study.validation_published import Z95, Published, published_of
from decidua.study.validation_rule import (
    ABSENT,
    AGREE,
    DISAGREE,
    NOT_RUN,
    UNDECIDED,
    Rule,
    from_scale,
    on_scale,
    verdict,
)

USED, INFORMED, HELD_OUT = "used to fit", "informed the structure", "held out"
ORDER = (DISAGREE, UNDECIDED, AGREE, ABSENT, NOT_RUN)
LABEL_ORDER = (HELD_OUT, INFORMED, USED)


@dataclass(frozen=True)
class Row:
    """One published statistic beside the model's."""

    id: str
    label: str
    verdict: str
    dataset: str
    statistic: str
    structure: str
    scale: str
    published: float | None
    published_lo: float | None
    published_hi: float | None
    predicted: Estimate | None
    null: float | None
    z: float | None
    leakage_group: str
    basis: str
    caveat: str
    reason: str
    sources: tuple[str, ...]
    settles: str = ""  # what evidence would settle a miss
    predictive_lo: float | None = None  # draws, spread between studies and sampling together
    predictive_hi: float | None = None
    is_covered: bool | None = None
    covers_null: bool | None = None
    is_gated: bool | None = None  # whether coverage is judged by it

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON; a z without limit is left out."""
        out = asdict(self)
        out["predicted"] = None if self.predicted is None else self.predicted.to_dict()
        out["z"] = self.z if self.z is not None and math.isfinite(self.z) else None
        out["sources"] = list(self.sources)
        return out


@dataclass(frozen=True)
class Predictions:
    """Every statistic by name over the draws of one structure."""

    structure: str
    by_name: Mapping[str, FloatArray]  # each (draws,)
    weight: FloatArray  # (draws,)

    def mean(self, name: str) -> float:
        """Weighted mean over draws."""
        return float(np.average(self.by_name[name], weights=self.weight))

    def estimate(self, name: str) -> Estimate:
        """Mean and 95% interval over draws."""
        return weighted_estimate(self.by_name[name], self.weight)


def sorted_rows(rows: Sequence[Row]) -> list[Row]:
    """Misses first, and held-out tables before those the model has seen."""
    return sorted(rows, key=lambda row: (ORDER.index(row.verdict), LABEL_ORDER.index(row.label)))


def row_of(entry: Mapping[str, Any], *, rule: Rule, ledger: Ledger, predictions: Predictions) -> Row:
    """One row of the rule, judged."""
    published = published_of(ledger, entry)
    return judged_row(entry, published, rule=rule, ledger=ledger, predictions=predictions)


def judged_row(
    entry: Mapping[str, Any], published: Published, *, rule: Rule, ledger: Ledger, predictions: Predictions
) -> Row:
    """A published value beside the prediction that an entry names."""
    scale, name = entry["scale"], entry["predict"]
    draws = np.array([on_scale(float(x), scale) for x in predictions.by_name[name]])
    mean, sd = moments(draws, predictions.weight)
    null = null_of(entry["null_value"], predictions)
    spread = rule.spread(entry["spread"], ledger=ledger, published=published.value)
    found, z = verdict(
        published=on_scale(published.value, scale),
        error=published.error,
        spread=spread,
        predicted=mean,
        predicted_sd=sd,
        null=None if null is None else on_scale(null, scale),
        z_limit=rule.z,
    )
    return Row(
        id=entry["id"],
        label=entry["label"],
        verdict=found,
        dataset=entry["dataset"],
        statistic=entry["statistic"],
        structure=predictions.structure,
        scale=scale,
        published=published.value,
        published_lo=published.lo,
        published_hi=published.hi,
        predicted=predictions.estimate(name),
        null=null,
        z=z,
        leakage_group=published.leakage_group,
        basis=published.basis,
        caveat=entry.get("caveat", ""),
        reason=entry["reason"],
        sources=published.sources,
    )


def moments(values: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    mean = float(np.average(values, weights=weight))
    return mean, math.sqrt(float(np.average((values - mean) ** 2, weights=weight)))


def null_of(given: float | str | None, predictions: Predictions) -> float | None:
    """Value of the null model: a number, or the mean of a named prediction."""
    return predictions.mean(given) if isinstance(given, str) else given


def cell_rows(targets: Targets, *, rule: Rule, ledger: Ledger, predictions: Predictions) -> list[Row]:
    """One row for every cell the model was fitted to."""
    return [
        _cell_row(cell, i, rule=rule, ledger=ledger, predictions=predictions)
        for i, cell in enumerate(targets.cells)
    ]


def _cell_row(cell: Cell, i: int, *, rule: Rule, ledger: Ledger, predictions: Predictions) -> Row:
    estimate = predictions.estimate(f"cell.{i}")
    z = cell_z(cell, estimate.mean)
    published = _cell_published(cell, ledger)
    return Row(
        id=f"{cell.table}.{cell.label}",
        label=USED,
        verdict=DISAGREE if z >= rule.z else AGREE,
        dataset=cell.table,
        statistic=cell.label,
        structure=predictions.structure,
        scale=cell.scale,
        published=published.value,
        published_lo=published.lo,
        published_hi=published.hi,
        predicted=estimate,
        null=None,
        z=z,
        leakage_group=published.leakage_group,
        basis=published.basis,
        caveat="",
        reason="the law has fewer parameters than this table has cells, or another table pulls the other way",
        sources=published.sources,
    )


def cell_z(cell: Cell, predicted: float) -> float:
    """Distance of a calibration cell from its prediction in its own error; a floor counts one way."""
    if cell.scale == "counts":
        spread = math.sqrt(cell.trials * predicted * (1.0 - predicted))
        return abs(cell.value - predicted) * cell.trials / spread
    z = (cell.on_scale(cell.value) - cell.on_scale(predicted)) / cell.sd
    return max(z, 0.0) if cell.scale == "floor" else abs(z)


def _cell_published(cell: Cell, ledger: Ledger) -> Published:
    row = ledger.calibration_rows(cell.table)[0]
    lo, hi = _cell_interval(cell)
    return Published(cell.value, lo, hi, cell.sd, row.sources, row.leakage_group, row.basis)


def _cell_interval(cell: Cell) -> tuple[float | None, float | None]:
    """Interval of a cell with its declared discrepancy; Wilson's for counts; none for a floor."""
    if cell.scale == "floor":
        return None, None
    if cell.scale == "counts":
        return _wilson(cell.value, cell.trials)
    scale = "log" if cell.scale == "log" else "logit"
    middle = on_scale(cell.value, scale)
    return from_scale(middle - Z95 * cell.sd, scale), from_scale(middle + Z95 * cell.sd, scale)


def _wilson(p: float, n: float) -> tuple[float, float]:
    centre, scale = p + Z95**2 / (2.0 * n), 1.0 + Z95**2 / n
    half = Z95 * math.sqrt(p * (1.0 - p) / n + (Z95 / (2.0 * n)) ** 2)
    return max((centre - half) / scale, 0.0), (centre + half) / scale

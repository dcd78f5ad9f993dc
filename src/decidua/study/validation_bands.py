"""Rows judged by a band that was set beforehand, for which no single published value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from decidua.base.conversions import logit
from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import Ledger
from decidua.life.parameters import FloatArray
from decidua.study.validation_published import published_of
from decidua.study.validation_rows import HELD_OUT, Predictions, Row
from decidua.study.validation_rule import AGREE, DISAGREE, UNDECIDED


def band_verdict(*, holds: bool, null_holds: bool) -> str:
    """A band that a model without the effect would meet as well tells nothing."""
    if not holds:
        return DISAGREE
    return UNDECIDED if null_holds else AGREE


def ceiling_row(
    says: Mapping[str, Any], predicted: Estimate, *, structure: str, statistic: str, reason: str
) -> Row:
    """Discrimination of age and history inside the band that studies found; too high is a miss as well."""
    holds = says["lo"] <= predicted.mean <= says["hi"]
    return Row(
        id=says["id"],
        label=HELD_OUT,
        verdict=band_verdict(holds=holds, null_holds=predicted.lo <= says["null_value"]),
        dataset="KOLTE_PERF, DUFOSSE_PERF, KOKI_PERF",
        statistic=statistic,
        structure=structure,
        scale="identity",
        published=(says["lo"] + says["hi"]) / 2.0,
        published_lo=says["lo"],
        published_hi=says["hi"],
        predicted=predicted,
        null=says["null_value"],
        z=None,
        leakage_group="DANISH_REGISTERS; LEIDEN_CLINIC; RCT_CONTROL",
        basis="recognised",
        caveat="",
        reason=reason,
        sources=("kolte_2021", "du_fosse_2022", "koki_2025"),
        settles=says.get("settles", ""),
    )


def mean_error_row(
    says: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    *,
    ledger: Ledger,
    predictions: Predictions,
    statistic: str,
    reason: str,
) -> Row:
    """Published levels after one common shift of the model's, by mean absolute error.

    Arguments:  says         `mean_error` of a rule: its id and the largest error allowed
                entries      a dataset, where its level was published, and the name of its prediction
                ledger       of the published levels
                predictions  of every level
                statistic    text with places for `shift` and for the number of levels, `count`
                reason       the likely reason of a miss
    Returns:    one row
    Checked by: tests/unit/study/test_validation.py
    """
    published = [published_of(ledger, {**entry, "scale": "logit"}) for entry in entries]
    predicted = np.stack([predictions.by_name[entry["predict"]] for entry in entries], axis=1)
    levels = Levels(np.array([one.value for one in published]), predicted, predictions.weight)
    error, largest = levels.error_points, float(says["largest_points"])
    return Row(
        id=says["id"],
        label=HELD_OUT,
        verdict=band_verdict(holds=error.mean < largest, null_holds=levels.null_points < largest),
        dataset=", ".join(entry["dataset"] for entry in entries),
        statistic=statistic.format(count=len(entries), shift=levels.shift),
        structure=predictions.structure,
        scale="identity",
        published=largest,
        published_lo=None,
        published_hi=None,
        predicted=error,
        null=levels.null_points,
        z=None,
        leakage_group="; ".join(dict.fromkeys(one.leakage_group for one in published)),
        basis=published[0].basis,
        caveat="",
        reason=reason,
        sources=tuple(source for one in published for source in one.sources),
        settles=says.get("settles", ""),
    )


@dataclass(frozen=True)
class Levels:
    """Chances of live birth in several places, beside what the model says of each."""

    published: FloatArray  # (places,)
    predicted: FloatArray  # (draws, places)
    weight: FloatArray  # (draws,)

    @property
    def error_points(self) -> Estimate:
        """Mean error over the draws."""
        errors = [mean_error_points(self.published, level) for level in self.predicted]
        return weighted_estimate(np.array(errors), self.weight)

    @property
    def null_points(self) -> float:
        """Mean error of a model that says the same of every place."""
        return mean_error_points(self.published, np.full(self.published.size, 0.5))

    @property
    def shift(self) -> float:
        """The common shift on the logit scale, over the draws."""
        by_draw = (_log_odds(self.published) - _log_odds(self.predicted)).mean(axis=1)
        return float(np.average(by_draw, weights=self.weight))


def mean_error_points(published: FloatArray, predicted: FloatArray) -> float:
    """Mean absolute error in percentage points after the best common shift of the log-odds."""
    shift = (_log_odds(published) - _log_odds(predicted)).mean()
    fitted = 1.0 / (1.0 + np.exp(-(_log_odds(predicted) + shift)))
    return float(100.0 * np.abs(fitted - published).mean())


def _log_odds(p: FloatArray) -> FloatArray:
    return np.asarray(logit(p))

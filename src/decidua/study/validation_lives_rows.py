"""Rows of the comparison with simulated lives: verdict, predictive interval, and coverage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import Ledger
from decidua.study.validation_lives_rule import LivesRule
from decidua.study.validation_lives_weeks import Observed, published_weeks
from decidua.study.validation_published import Published, published_of
from decidua.study.validation_rows import (
    HELD_OUT,
    Predictions,
    Row,
    judged_row,
    mean_error_points,
    moments,
    null_of,
)
from decidua.study.validation_rule import AGREE, DISAGREE, NOT_RUN, UNDECIDED, Rule, from_scale, on_scale


@dataclass(frozen=True)
class Judge:
    """What every row is judged with."""

    rule: Rule
    lives: LivesRule
    ledger: Ledger

    def row(
        self, entry: Mapping[str, Any], predictions: Predictions, published: Published | None = None
    ) -> Row:
        """One row of the lives' rule, with its predictive interval."""
        published = published or published_of(self.ledger, entry)
        row = judged_row(entry, published, rule=self.rule, ledger=self.ledger, predictions=predictions)
        draws = [on_scale(float(x), entry["scale"]) for x in predictions.by_name[entry["predict"]]]
        mean, sd = moments(np.array(draws), predictions.weight)
        spread = self.rule.spread(entry["spread"], ledger=self.ledger, published=published.value)
        reach = self.rule.z * math.hypot(published.error, spread, sd)
        null = null_of(entry["null_value"], predictions)
        scale = entry["scale"]
        return replace(
            row,
            settles=entry["settles"],
            predictive_lo=from_scale(mean - reach, scale),
            predictive_hi=from_scale(mean + reach, scale),
            is_covered=abs(on_scale(published.value, scale) - mean) <= reach,
            covers_null=None if null is None else abs(on_scale(null, scale) - mean) <= reach,
            is_gated=bool(entry["gated"]),
        )

    def rows(self, predictions: Predictions) -> list[Row]:
        """Every row that has a value."""
        entries = [entry for entry in self.lives.raw["rows"] if entry.get("kind") != "order"]
        return [self.row(entry, predictions) for entry in entries]

    def order_row(
        self, entry: Mapping[str, Any], held: Sequence[bool], without: Sequence[bool], structure: str
    ) -> Row:
        """A row of H4: every comparison holds in the lives, and not every one where nobody stops."""
        published = published_of(self.ledger, {**entry, "scale": "logit"})
        found = DISAGREE if not all(held) else (UNDECIDED if all(without) else AGREE)
        share = float(np.mean(held))
        return Row(
            id=entry["id"],
            label=entry["label"],
            verdict=found,
            dataset=entry["dataset"],
            statistic=entry["statistic"],
            structure=structure,
            scale="order",
            published=1.0,
            published_lo=None,
            published_hi=None,
            predicted=Estimate(share, share, share),
            null=float(np.mean(without)),
            z=None,
            leakage_group=published.leakage_group,
            basis=published.basis,
            caveat="",
            reason=entry["reason"],
            sources=published.sources,
            settles=entry["settles"],
        )

    def week_rows(self, predictions: Predictions, observed: Observed | None) -> list[Row]:
        """Weekly loss after delayed entry; without the file the rows say so."""
        says = self.lives.raw["weeks"]
        return [self._week_row(row, says, predictions, observed) for row in says["rows"]]

    def _week_row(
        self,
        row: Mapping[str, Any],
        says: Mapping[str, Any],
        predictions: Predictions,
        observed: Observed | None,
    ) -> Row:
        weeks = f"{row['first']}-{row['last']}"
        entry = {
            "id": row["id"],
            "label": HELD_OUT,
            "dataset": says["dataset"],
            "statistic": f"lives: loss in weeks {row['first']} to {row['last']}, if alive before",
            "scale": "logit",
            "predict": f"etm.{weeks}",
            "null_value": None if row is says["rows"][-1] else f"etm.flat.{weeks}",
            "gated": True,
            **{name: says[name] for name in ("spread", "reason", "settles")},
        }
        if observed is not None:
            return self.row(entry, predictions, published_weeks(observed, says, row))
        return not_run(entry, says["leakage_group"], predictions)

    def clinics_row(self, rows: Sequence[Row], predictions: Predictions) -> Row:
        """Clinic levels after one common shift, by mean absolute error."""
        says = self.lives.raw["mean_error"]
        chosen = [row for row in rows if row.id in says["cells"]]
        entries = {entry["id"]: entry for entry in self.lives.raw["rows"]}
        levels = np.stack([predictions.by_name[entries[row.id]["predict"]] for row in chosen], axis=1)
        values = np.array([row.published for row in chosen])
        estimate = weighted_estimate(
            np.array([mean_error_points(values, level) for level in levels]), predictions.weight
        )
        largest, null = float(says["largest_points"]), mean_error_points(values, np.full(values.size, 0.5))
        passed = UNDECIDED if null < largest else AGREE
        shift = float(np.average((_logit(values) - _logit(levels)).mean(axis=1), weights=predictions.weight))
        return replace(
            chosen[0],
            id=says["id"],
            verdict=passed if estimate.mean < largest else DISAGREE,
            dataset=", ".join(row.dataset for row in chosen),
            statistic=f"lives: mean error of {len(chosen)} clinic levels in percentage points after one "
            f"common level (shift {shift:+.2f} on the logit scale; published: largest error allowed)",
            scale="identity",
            published=largest,
            published_lo=None,
            published_hi=None,
            predicted=estimate,
            null=null,
            z=None,
            leakage_group="; ".join(dict.fromkeys(row.leakage_group for row in chosen)),
            reason=says["reason"],
            sources=tuple(source for row in chosen for source in row.sources),
            settles=says["settles"],
            predictive_lo=None,
            predictive_hi=None,
            is_covered=None,
            covers_null=None,
            is_gated=False,
        )

    def ceiling_row(self, predictions: Predictions) -> Row:
        """H19 from lives: higher than the band is a miss as well."""
        says = self.lives.raw["ceiling"]
        estimate = predictions.estimate("kolte")
        inside = says["lo"] <= estimate.mean <= says["hi"]
        decided = UNDECIDED if estimate.lo <= says["null_value"] else AGREE
        return Row(
            id=says["id"],
            label=HELD_OUT,
            verdict=decided if inside else DISAGREE,
            dataset="KOLTE_PERF, DUFOSSE_PERF, KOKI_PERF",
            statistic="lives: C statistic of age and history, fitted to the lives; more is a miss too",
            structure=predictions.structure,
            scale="identity",
            published=(says["lo"] + says["hi"]) / 2.0,
            published_lo=says["lo"],
            published_hi=says["hi"],
            predicted=estimate,
            null=says["null_value"],
            z=None,
            leakage_group="DANISH_REGISTERS; LEIDEN_CLINIC; RCT_CONTROL",
            basis="recognised",
            caveat="",
            reason=says["reason"],
            sources=("kolte_2021", "du_fosse_2022", "koki_2025"),
            settles=says["settles"],
        )


def _logit(p: Any) -> Any:
    return np.log(p) - np.log1p(-p)


def not_run(entry: Mapping[str, Any], leakage_group: str, predictions: Predictions) -> Row:
    """A row whose file is not here; never a pass."""
    return Row(
        id=entry["id"],
        label=entry["label"],
        verdict=NOT_RUN,
        dataset=entry["dataset"],
        statistic=entry["statistic"],
        structure=predictions.structure,
        scale="",
        published=None,
        published_lo=None,
        published_hi=None,
        predicted=predictions.estimate(entry["predict"]),
        null=None,
        z=None,
        leakage_group=leakage_group,
        basis="recognised",
        caveat="",
        reason="the file was not given with --weeks",
        sources=(),
    )

"""Rows of the comparison with simulated lives: verdict, predictive interval, and coverage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from decidua.base.estimates import Estimate
from decidua.evidence import Ledger
from decidua.study.validation_bands import band_verdict, ceiling_row, mean_error_row
from decidua.study.validation_lives_rule import LivesRule
from decidua.study.validation_lives_weeks import Observed, published_weeks
from decidua.study.validation_published import Published, published_of
from decidua.study.validation_rows import (
    HELD_OUT,
    Predictions,
    Row,
    judged_row,
    moments,
    null_of,
)
from decidua.study.validation_rule import NOT_RUN, Rule, from_scale, on_scale


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
        share = float(np.mean(held))
        return Row(
            id=entry["id"],
            label=entry["label"],
            verdict=band_verdict(holds=all(held), null_holds=all(without)),
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

    def clinics_row(self, predictions: Predictions) -> Row:
        """Clinic levels after one common shift."""
        says = self.lives.raw["mean_error"]
        row = mean_error_row(
            says,
            [entry for entry in self.lives.raw["rows"] if entry["id"] in says["cells"]],
            ledger=self.ledger,
            predictions=predictions,
            statistic="lives: mean error of {count} clinic levels in percentage points after one common "
            "level (shift {shift:+.2f} on the logit scale; published: largest error allowed)",
            reason=says["reason"],
        )
        return replace(row, is_gated=False)

    def ceiling_row(self, predictions: Predictions) -> Row:
        """H19 from lives."""
        says = self.lives.raw["ceiling"]
        return ceiling_row(
            says,
            predictions.estimate("kolte"),
            structure=predictions.structure,
            statistic="lives: C statistic of age and history, fitted to the lives; more is a miss too",
            reason=says["reason"],
        )


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

"""Rows of the comparison that look inside the womb: what was measured there beside what the model does."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.base.yaml_text import data_of
from decidua.evidence import Ledger
from decidua.study.validation_rows import Row, moments
from decidua.study.validation_rule import ABSENT, AGREE, DISAGREE, RULE_FILE, Rule, on_scale, verdict
from decidua.study.validation_womb_groups import group_predictions
from decidua.study.validation_womb_published import WombPublished, published_inside
from decidua.study.validation_womb_runs import Found, Predicted, run_predictions

WOMB_RULE_FILE = RULE_FILE.with_name("womb_rule.yaml")
WOMB = "womb"


@cache
def load_womb_rule() -> Rule:
    """The frozen rule for the rows inside the womb, that ships with the program."""
    text = WOMB_RULE_FILE.read_bytes().replace(b"\r\n", b"\n")
    return Rule(data_of(text), hashlib.sha256(text).hexdigest())


def womb_rule_dict() -> dict[str, Any]:
    """What a result says of the rule that judged the rows inside the womb."""
    rule = load_womb_rule()
    kept = {name: rule.raw[name] for name in ("version", "assumed")}
    return {"sha256": rule.sha256, "text": rule.raw["agreement"]["text"], **kept}


def womb_rows(*, rule: Rule, ledger: Ledger) -> list[Row]:
    """Every row inside the womb, judged.

    Arguments:  rule    the first rule, for z and the spreads between studies
                ledger  for the published tables and the model's own figures
    Returns:    rows in the order of the frozen rule
    Checked by: tests/unit/study/test_validation_womb.py
    """
    womb_rule = load_womb_rule()
    found = run_predictions(womb_rule.raw, ledger=ledger)
    found = {**found, **group_predictions(womb_rule.raw, ledger=ledger, multipliers=found)}
    judged = partial(_row_of, rule=rule, womb_rule=womb_rule, ledger=ledger, found=found)
    return [judged(entry) for entry in womb_rule.raw["rows"]]


def _row_of(
    entry: Mapping[str, Any], *, rule: Rule, womb_rule: Rule, ledger: Ledger, found: Predicted
) -> Row:
    """One row of the rule, judged by its kind."""
    published = published_inside(ledger, entry, assumed=womb_rule.raw["assumed"])
    predicted = found[entry["predict"]]
    null = _null(entry.get("null_value"), found)
    if np.isnan(predicted.values).any():
        return _row(entry, published, None, outcome=ABSENT, z=None, null=null)
    if entry["kind"] == "value":
        outcome, z = _by_distance(entry, published, predicted, null=null, rule=rule, ledger=ledger)
    else:
        outcome, z = _by_kind(entry["kind"], published, predicted), None
    return _row(entry, published, _estimate(predicted), outcome=outcome, z=z, null=null)


def _null(given: float | str | None, found: Predicted) -> float | None:
    """What a model without the effect would say: a number, or the mean of another prediction."""
    return found[given].mean if isinstance(given, str) else given


def _estimate(found: Found) -> Estimate:
    return weighted_estimate(found.values, found.weights)


def _by_distance(
    entry: Mapping[str, Any],
    published: WombPublished,
    predicted: Found,
    *,
    null: float | None,
    rule: Rule,
    ledger: Ledger,
) -> tuple[str, float]:
    scale = entry["scale"]
    mean, sd = moments(np.array([on_scale(float(x), scale) for x in predicted.values]), predicted.weights)
    return verdict(
        published=on_scale(published.of_value(), scale),
        error=published.error,
        spread=rule.spread(entry["spread"], ledger=ledger, published=published.of_value()),
        predicted=mean,
        predicted_sd=sd,
        null=None if null is None else on_scale(null, scale),
        z_limit=rule.z,
    )


def _by_kind(kind: str, published: WombPublished, predicted: Found) -> str:
    """A range holds the prediction, an order holds in every comparison, an event happens as it did."""
    if kind == "range":
        holds = published.of_range()[0] <= predicted.mean <= published.of_range()[1]
    else:
        wanted = 1.0 if kind == "order" else published.of_value()
        holds = math.isclose(predicted.mean, wanted)
    return AGREE if holds else DISAGREE


def _row(
    entry: Mapping[str, Any],
    published: WombPublished,
    predicted: Estimate | None,
    *,
    outcome: str,
    z: float | None,
    null: float | None,
) -> Row:
    return Row(
        id=entry["id"],
        label=entry["label"],
        verdict=outcome,
        dataset=entry.get("dataset", ""),
        statistic=entry["statistic"],
        structure=WOMB,
        scale=entry.get("scale", entry["kind"]),
        published=1.0 if entry["kind"] == "order" else published.value,
        published_lo=published.lo,
        published_hi=published.hi,
        predicted=predicted,
        null=null,
        z=z,
        leakage_group=published.leakage_group,
        basis=published.basis,
        caveat=entry.get("caveat", ""),
        reason=entry["reason"],
        sources=published.sources,
    )

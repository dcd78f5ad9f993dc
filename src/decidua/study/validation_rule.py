"""The rule of agreement, frozen before the first comparison, and the verdict it gives."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from decidua import evidence
from decidua.base import conversions
from decidua.base.yaml_text import data_of
from decidua.evidence import Ledger

RULE_FILE = Path(evidence.__file__).parent / "validation" / "rule.yaml"
AGREE, DISAGREE, UNDECIDED, NOT_RUN = "agree", "disagree", "undecided", "not run"
ABSENT = "not in the model"


@dataclass(frozen=True)
class Rule:
    """The frozen rule: thresholds, spreads between studies, assumed ages and the rows to compare."""

    raw: Mapping[str, Any]
    sha256: str

    @property
    def z(self) -> float:
        """Distance from which a row disagrees."""
        return float(self.raw["agreement"]["z"])

    def assumed(self, name: str) -> Any:
        """What is assumed where a study does not print what the model needs."""
        return self.raw["assumed"][name]

    def spread(self, name: str, *, ledger: Ledger, published: float) -> float:
        """Spread between studies on the scale of the statistic; a relative one is a share of the value."""
        entry = self.raw["spreads"][name]
        size = ledger.value(entry["ledger"]) if "ledger" in entry else float(entry["value"])
        return size * abs(published) if entry["scale"] == "relative" else size

    def to_dict(self) -> dict[str, Any]:
        """What a result says of the rule that judged it."""
        return {
            "version": self.raw["version"],
            "sha256": self.sha256,
            "z": self.z,
            "text": self.raw["agreement"]["text"],
            "spreads": self.raw["spreads"],
            "assumed": self.raw["assumed"],
        }


@cache
def load_rule() -> Rule:
    """The rule that ships with the program."""
    text = RULE_FILE.read_bytes().replace(b"\r\n", b"\n")
    return Rule(data_of(text), hashlib.sha256(text).hexdigest())


def on_scale(value: float, scale: str) -> float:
    """A value on the scale on which it is judged: logit, log or identity."""
    match scale:
        case "logit":
            return conversions.logit(value)
        case "log":
            return math.log(value)
        case _:
            return value


def from_scale(value: float, scale: str) -> float:
    """Back from the scale of judgement."""
    match scale:
        case "logit":
            return conversions.expit(value)
        case "log":
            return math.exp(value)
        case _:
            return value


def verdict(
    *,
    published: float,
    error: float,
    spread: float,
    predicted: float,
    predicted_sd: float,
    null: float | None,
    z_limit: float,
) -> tuple[str, float]:
    r"""Whether a published value agrees with the prediction, all on the scale of the statistic.

    $$ z = |y - \hat y| / \sqrt{\sigma^2 + \tau^2} $$
    Assumes normal errors on that scale.

    Arguments:  published, error         value and its standard error
                spread                   declared between studies
                predicted, predicted_sd  mean and standard deviation over draws
                null                     what a model without the effect would say, or None
                z_limit                  distance from which a row disagrees
    Returns:    (agree, disagree or undecided; z)
    Checked by: tests/unit/study/test_validation_rule.py
    """
    noise = math.hypot(error, spread)
    z = abs(published - predicted) / noise if noise > 0.0 else math.inf
    if z >= z_limit:
        return DISAGREE, z
    reach = z_limit * math.hypot(noise, predicted_sd)
    if null is not None and abs(null - published) < reach:
        return UNDECIDED, z
    return AGREE, z

"""The frozen rule for simulated lives: worlds, filters in words, rows and coverage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from decidua.base.yaml_text import data_of
from decidua.study.validation_rule import RULE_FILE

LIVES_RULE_FILE = RULE_FILE.with_name("lives_rule.yaml")


@dataclass(frozen=True)
class LivesRule:
    """What was written down before the first comparison with simulated lives."""

    raw: Mapping[str, Any]
    sha256: str

    def assumed(self, name: str) -> Any:
        """What is assumed where a study does not print what the lives need."""
        return self.raw["assumed"][name]

    def women(self, world: str, *, is_fast: bool) -> int:
        """How many women live in one of the worlds."""
        simulation = self.raw["simulation"]
        share = simulation["fast_share"] if is_fast else 1.0
        return int(simulation["women"][world] * share)

    def to_dict(self) -> dict[str, Any]:
        """What a result says of the rule that judged it."""
        names = ("version", "worlds", "assumed", "filters", "simulation")
        text = {"sha256": self.sha256, "text": self.raw["agreement"]["text"]}
        return {name: self.raw[name] for name in names} | text


@cache
def load_lives_rule() -> LivesRule:
    """The rule that ships with the program."""
    text = LIVES_RULE_FILE.read_bytes().replace(b"\r\n", b"\n")
    return LivesRule(data_of(text), hashlib.sha256(text).hexdigest())

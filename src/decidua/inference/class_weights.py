"""The weight of each mechanism in use: stage two's where it has been installed, else equal by class."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from decidua.evidence.draws import HERE
from decidua.womb import MECHANISM_CLASS, MECHANISMS

WEIGHTS_FILE = "mechanism_weights.json"
CLASSES = ("high_count_harms", "low_count_harms", "no_effect")


@cache
def load_weights(folder: Path = HERE) -> Mapping[str, Any] | None:
    """What stage two found, or None where it has not been installed."""
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def equal_classes() -> dict[str, float]:
    """The same weight for each class."""
    return dict.fromkeys(CLASSES, 1.0 / len(CLASSES))


def prior_weights() -> dict[str, float]:
    """Prior weight of each mechanism: classes are equal, and mechanisms within a class."""
    return by_mechanism(equal_classes())


def by_mechanism(classes: Mapping[str, float]) -> dict[str, float]:
    """The weight of each class shared equally inside it: between its mechanisms the data cannot tell."""
    size = Counter(MECHANISM_CLASS.values())
    return {m: float(classes[MECHANISM_CLASS[m]]) / size[MECHANISM_CLASS[m]] for m in MECHANISMS}


def weights_in_use() -> dict[str, float]:
    """Weight of each mechanism in the shipped draws."""
    return by_mechanism(class_weights_in_use())


def class_weights_in_use() -> dict[str, float]:
    """Weight of each class in the shipped draws."""
    found = load_weights()
    return equal_classes() if found is None else dict(found["classes"])


def weights_are() -> Literal["prior", "posterior"]:
    """Whether data have moved the weights."""
    return "prior" if load_weights() is None else "posterior"


def order_is_stable() -> bool:
    """Whether the classes keep their order in every analysis, with room between neighbours."""
    found = load_weights()
    return found is not None and bool(found["order_is_stable"])


def order_is_the_same(found: Mapping[str, Any] | None) -> bool:
    """Whether the classes keep their order in every analysis, however close they lie."""
    return found is not None and all(
        one["order"] == found["order"] for one in found["sensitivities"].values()
    )

"""The comparison with published results that ships with the program, so that every miss is there to be seen.

Made by `verify/shipped_comparison.py`. A test fails when the model or the rules have changed since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from decidua import evidence

SHIPPED = Path(evidence.__file__).parent / "validation" / "comparison.json"
FILES = {"survey": "--survey FOLDER", "weeks": "--weeks FILE", "fast": "--fast"}


@cache
def shipped_validation() -> Mapping[str, Any]:
    """What `validate` gave, with `made_at` and `command`."""
    found: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return found


def with_its_making(found: Mapping[str, Any], *, made_at: str) -> dict[str, Any]:
    """A comparison with its time, and the command that gives the same.

    Arguments:  found    what `validate` gave
                made_at  such as "2026-11-23"
    """
    given = found["provenance"]["arguments"]
    words = ["decidua validate", *(told for name, told in FILES.items() if given[name]), "--json"]
    return {**found, "made_at": made_at, "command": " ".join(words)}

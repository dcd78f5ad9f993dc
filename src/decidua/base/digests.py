"""One short word for a lot of plain data, the same on every processor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

DIGITS = 12  # processors sum, and take roots, with a last bit of their own: the sixteenth digit
LETTERS = 16


def digest_of(data: Any) -> str:
    """A word that changes when the data do.

    Arguments:  data  dicts with text as names, lists, tuples, text, numbers, True, False and None; a number
                      counts to twelve digits
    Returns:    16 hexadecimal letters
    Checked by: tests/unit/base/test_digests.py
    """
    told = json.dumps(_rounded(data), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:LETTERS]


def _rounded(data: Any) -> Any:
    if isinstance(data, float):
        return float(f"{data:.{DIGITS}g}")
    if isinstance(data, Mapping):
        return {name: _rounded(value) for name, value in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [_rounded(value) for value in data]
    return data

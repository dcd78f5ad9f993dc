"""The JSON schema of a history file, made from the same fields that the reader uses.

A schema cannot say everything: that ages never go back, that none lies in the future, and that only the last
pregnancy may be ongoing is known to the reader alone.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from decidua.measure.layout import TEST_UNITS, WEEKS, history_layout
from decidua.measure.records import LOSSES, SCHEMA_NAME

FILE = "history-1.schema.json"


def history_schema() -> dict[str, Any]:
    """The schema of history/1, JSON Schema 2020-12.

    Returns:    plain values; each call gives its own
    Checked by: tests/unit/measure/test_history_schema.py (equals the shipped file; accepts every history that
                the reader accepts)
    """
    whole = history_layout().schema()
    pregnancy = whole["properties"]["pregnancies"]["items"]
    test = whole["properties"]["tests"]["items"]
    pregnancy["allOf"] = [*(_weeks_of(outcome) for outcome in WEEKS), _karyotype_of_losses()]
    test["allOf"] = [_unit_of(name, unit) for name, units in TEST_UNITS.items() for unit in units]
    test["allOf"] += [_units_of(name) for name in TEST_UNITS]
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "$id": FILE, "title": f"A history of pregnancies ({SCHEMA_NAME})", **whole}


def schema_text() -> str:
    """The schema as the shipped file holds it."""
    return json.dumps(history_schema(), indent=2, ensure_ascii=False) + "\n"


def shipped_schema() -> str:
    """The text of the file in the package."""
    return files("decidua").joinpath("schemas", FILE).read_text(encoding="utf-8")


def _when(field: str, word: str, then: dict[str, Any]) -> dict[str, Any]:
    condition = {"properties": {field: {"const": word}}, "required": [field]}
    return {"if": condition, "then": {"properties": then}}


def _weeks_of(outcome: str) -> dict[str, Any]:
    first, last = WEEKS[outcome]
    return _when("outcome", outcome, {"week": {"minimum": first, "maximum": last}})


def _karyotype_of_losses() -> dict[str, Any]:
    condition = {"properties": {"outcome": {"enum": list(LOSSES)}}, "required": ["outcome"]}
    return {"if": condition, "else": {"properties": {"karyotype": {"const": "unknown"}}}}


def _units_of(test: str) -> dict[str, Any]:
    return _when("test", test, {"unit": {"enum": list(TEST_UNITS[test])}})


def _unit_of(test: str, unit: str) -> dict[str, Any]:
    return _when("unit", unit, {"value": {"maximum": TEST_UNITS[test][unit]}})

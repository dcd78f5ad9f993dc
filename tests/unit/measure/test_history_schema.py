"""The shipped JSON schema is the one that the reader's fields make, and it says what a schema can say."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from decidua.measure.history import example_history, example_names
from decidua.measure.schema import history_schema, schema_text, shipped_schema

VALIDATOR = Draft202012Validator(history_schema())


def test_the_shipped_schema_is_made_from_the_fields():
    """When it is not: write `schema_text()` into src/decidua/schemas/history-1.schema.json."""
    assert shipped_schema() == schema_text()


def test_it_is_a_schema():
    Draft202012Validator.check_schema(json.loads(shipped_schema()))


@pytest.mark.parametrize("name", example_names())
def test_it_accepts_every_example(name):
    assert not list(VALIDATOR.iter_errors(example_history(name).to_dict()))


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"pregnancies": [], "aeg": 34},
        {"pregnancies": [], "schema": "history/2"},
        {"pregnancies": [], "age": 61},
        {"pregnancies": [], "age": True},
        {"pregnancies": [], "trying_months": -1},
        {"pregnancies": [{"outcome": "lost"}]},
        {"pregnancies": [{"age": 30}]},
        {"pregnancies": [{"outcome": "miscarriage", "week": 24}]},
        {"pregnancies": [{"outcome": "live_birth", "week": 21}]},
        {"pregnancies": [{"outcome": "live_birth", "karyotype": "euploid"}]},
        {"pregnancies": [{"outcome": "miscarriage", "treatments": ["none", "none"]}]},
        {"pregnancies": [{"outcome": "miscarriage"}] * 31},
        {"pregnancies": [], "tests": [{"test": "blood_nk", "value": 9, "unit": "cells_per_mm2"}]},
        {"pregnancies": [], "tests": [{"test": "uterine_nk", "value": 0, "unit": "cells_per_mm2"}]},
        {"pregnancies": [], "tests": [{"test": "uterine_nk", "value": 101, "unit": "percent_of_stroma"}]},
        {"pregnancies": [], "conditions": {"translocation": True}},
    ],
)
def test_it_refuses_what_the_reader_refuses(history):
    assert list(VALIDATOR.iter_errors(history))


def test_every_field_says_what_it_means():
    schema = history_schema()["properties"]
    inner = [schema[name]["items"]["properties"] for name in ("pregnancies", "tests")]
    assert all(part["description"] for fields in (schema, *inner) for part in fields.values())

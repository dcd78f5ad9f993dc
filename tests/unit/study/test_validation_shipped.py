"""The shipped comparison belongs to the present model and rules, and says how it was made."""

from __future__ import annotations

import pytest

from decidua.base.version import MODEL_VERSION
from decidua.study.validation_lives_rule import load_lives_rule
from decidua.study.validation_rule import load_rule
from decidua.study.validation_shipped import shipped_validation, with_its_making
from decidua.study.validation_womb import womb_rule_dict

AGAIN = "it is stale: make it again as docs/validation.md says"


def test_the_shipped_comparison_is_one_of_the_present_model_and_its_rules():
    shipped = shipped_validation()
    assert shipped["provenance"]["model_version"] == MODEL_VERSION, AGAIN
    rules = {"rule": load_rule().sha256, "womb_rule": womb_rule_dict()["sha256"]}
    rules["lives_rule"] = load_lives_rule().to_dict()["sha256"]
    assert {name: shipped[name]["sha256"] for name in rules} == rules, AGAIN


def test_it_is_a_whole_one_with_simulated_lives_and_every_file():
    shipped = shipped_validation()
    assert {"fast": False, "survey": True, "weeks": True}.items() <= shipped["provenance"][
        "arguments"
    ].items()
    assert {row["id"][0] for row in shipped["rows"]} >= {"H", "W", "L"}
    assert not [row["id"] for row in shipped["rows"] if row["verdict"] == "not run"]


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ({}, "decidua validate --json"),
        ({"fast": True}, "decidua validate --fast --json"),
        ({"survey": True, "weeks": True}, "decidua validate --survey FOLDER --weeks FILE --json"),
    ],
)
def test_the_command_that_gives_the_same_is_named(given, command):
    arguments = {"survey": False, "weeks": False, "fast": False, **given}
    made = with_its_making({"provenance": {"arguments": arguments}}, made_at="2026-11-22")
    assert (made["made_at"], made["command"]) == ("2026-11-22", command)

"""`decidua evidence` lists, shows one entry, and helps with a wrong id."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from decidua.cli import app
from decidua.evidence import EVIDENCE_VERSION, load_ledger
from decidua.tell.safety import check_public_text
from decidua.tell.words import sentence


def run(*arguments: str):
    return CliRunner().invoke(app, ["evidence", *arguments])


def test_the_list_names_every_entry():
    result = run()
    assert result.exit_code == 0
    assert all(name in result.output for name in load_ledger())


def test_one_entry_comes_with_its_sources_and_prior():
    result = run("measure.uterine_nk.repeatability")
    assert result.exit_code == 0
    for words in ("0.5 (0.3 to 0.7) correlation", "assumed", "uniform (lo 0.3, hi 0.7)", "judgement"):
        assert words in result.output


def test_one_entry_as_json():
    shown = json.loads(run("life.setting.log_sd", "--json").output)
    assert set(shown) == {"schema_version", "provenance", "entry"}
    assert shown["provenance"]["evidence_version"].startswith(f"{EVIDENCE_VERSION}+")
    assert shown["entry"]["prior"]["distribution"] == "half_normal"
    assert shown["entry"]["sources"][0]["id"] == "decidua_judgement"
    assert isinstance(shown["entry"]["used_by"], list)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("progesterone", "treatment.progesterone"), ("life.setting.sd", "life.setting.log_sd")],
)
def test_an_unknown_id_gives_close_ones_and_exit_code_3(wrong, near):
    result = run(wrong)
    assert result.exit_code == 3
    assert near in result.output


def test_claims_come_with_verdicts_and_keep_the_safety_rules():
    result = run("--claims")
    assert result.exit_code == 0
    assert "contradicted" in result.output
    assert "Moffett" in result.output
    assert check_public_text(result.output) == []


def test_claims_as_json():
    claims = json.loads(run("--claims", "--json").output)["claims"]
    assert [claim["id"] for claim in claims] == list("abcdefghijkl")


def test_tables_are_listed_with_their_roles():
    result = run("--tables")
    assert "MAGNUS_AGE_ADJ" in result.output
    assert "INFORMED_STRUCTURE" in result.output
    listed = json.loads(run("--tables", "--json").output)["tables"]
    assert {table["dataset"] for table in listed} == set(load_ledger().datasets)


@pytest.mark.parametrize("arguments", [(), ("--claims",), ("--tables",), ("law.aspirin_log_hazard_ratio",)])
def test_the_sentence_about_steroids_stands_on_every_page(arguments):
    assert sentence("steroid") in " ".join(run(*arguments).output.split())


def test_two_wishes_at_once_are_a_usage_error():
    assert run("--claims", "--tables").exit_code == 2

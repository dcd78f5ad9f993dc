"""`decidua doctor` finds a whole installation whole, and names what is missing from a broken one."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from decidua.cli import app, doctor


def run(*arguments: str):
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_this_installation_is_whole():
    shown = run()
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[-1] == "all is well"


def test_json_holds_a_finding_for_every_part():
    content = json.loads(run("--json").stdout)
    assert content["is_well"] is True
    assert [finding["part"] for finding in content["findings"]] == list(doctor._PARTS)


@pytest.fixture
def without_a_solver(monkeypatch):
    def missing() -> str:
        raise ModuleNotFoundError("No module named 'roadrunner'")

    monkeypatch.setitem(doctor._PARTS, "solver", missing)


@pytest.mark.usefixtures("without_a_solver")
def test_a_missing_part_is_named_and_the_others_are_still_looked_at():
    shown = run()
    assert shown.exit_code == 1
    assert "MISSING  solver        ModuleNotFoundError: No module named 'roadrunner'" in shown.output
    assert f"1 of {len(doctor._PARTS)} parts need attention" in shown.output


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(
        doctor, "requires", lambda _: ["numpy>=2", "not-a-package-of-anyone>=1", "x; extra == 'y'"]
    )
    with pytest.raises(ModuleNotFoundError, match="not installed: not-a-package-of-anyone"):
        doctor._packages()

"""A folder that takes longer than its budget fails the run, however many processes share its tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# One file of the slow folder stays within the budget; only both together do not.
BUDGETS = '\nBUDGET_SECONDS = {"slow": 0.5}\n'
SLEEPS = "import time\n\n\ndef test_sleeps():\n    time.sleep({seconds})\n"
TESTS = {"slow/test_first.py": 0.3, "slow/test_second.py": 0.3, "quick/test_quick.py": 0.0}


@pytest.fixture
def small_project(tmp_path: Path, project: Path) -> Path:
    """A few tests under this project's own conftest, with a short budget."""
    conftest = (project / "tests" / "conftest.py").read_text(encoding="utf-8")
    files = {name: SLEEPS.format(seconds=seconds) for name, seconds in TESTS.items()}
    for name, text in {**files, "conftest.py": conftest + BUDGETS}.items():
        file = tmp_path / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--rootdir", str(folder), "-c", os.devnull, *options]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_folder_over_its_budget_fails_the_run(small_project, workers):
    late = run(small_project, "-p", "xdist.plugin", "--dist=loadfile", f"--numprocesses={workers}", "tests")
    assert late.returncode == pytest.ExitCode.TESTS_FAILED, late.stdout + late.stderr
    assert "3 passed" in late.stdout
    assert "TIME BUDGET: tests/slow took" in late.stdout
    assert "tests/quick took" not in late.stdout


def test_a_folder_within_its_budget_does_not(small_project):
    assert run(small_project, "tests/slow/test_first.py").returncode == pytest.ExitCode.OK

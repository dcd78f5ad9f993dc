"""What all tests share: the data folder beside the project, Chromium, and a time budget for each folder."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
PROJECT = TESTS.parent

# Seconds that all tests of a folder may take together, several times what they need on two quiet cores, so
# that only a real slowdown is an error. A folder without an entry may take the default.
BUDGET_SECONDS = {
    "architecture": 180,
    "browser": 2000,
    "docs": 200,
    "property": 400,
    "safety": 400,
    "unit/base": 120,
    "unit/cli": 90,
    "unit/evidence": 120,
    "unit/inference": 1200,
    "unit/life": 300,
    "unit/study": 900,
    "unit/tell": 400,
    "unit/web": 900,
    "unit/womb": 400,
    "verify": 1200,
}
DEFAULT_BUDGET_SECONDS = 120

spent_seconds: dict[str, float] = defaultdict(float)

# The extra `comments` builds a C library. Where there is a compiler, its tests must run.
COMMENTS = [
    "browser/test_explorer_comments.py",
    "safety/test_comments.py",
    "unit/web/test_comment_book.py",
    "unit/web/test_comments.py",
]
collect_ignore = [] if find_spec("isso") or shutil.which("cc") else COMMENTS

# A busy machine must not fail an example, and every run must look at the same examples.
settings.register_profile("decidua", deadline=None, derandomize=True)
settings.load_profile("decidua")


def shared_data() -> Path:
    """The folder of survey data beside the project; never part of it."""
    chosen = os.environ.get("DECIDUA_TEST_DATA")
    return Path(chosen) if chosen else PROJECT.parent / "shared"


def folder_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).parent.parts
    inside = parts[1:] if parts[:1] == (TESTS.name,) else parts
    return "/".join(inside[: 2 if inside[:1] == ("unit",) else 1])


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Ask for it together with the marker `needs_shared_data`."""
    return shared_data()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_shared_data") and not shared_data().is_dir():
        _absent(f"no data folder at {shared_data()}; set DECIDUA_TEST_DATA")
    if item.get_closest_marker("needs_chromium") and not Path("/usr/bin/chromium").is_file():
        _absent("Debian's package chromium is not installed")


def _absent(reason: str) -> None:
    """A missing part skips on a desk, and fails where every check must run."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Reports reach the process that prints the result, whichever worker ran the test."""
    spent_seconds[folder_of(PROJECT / report.nodeid.partition("::")[0])] += report.duration


def over_budget() -> list[str]:
    return [
        f"tests/{folder} took {spent:.0f} s, more than its {budget} s"
        for folder, spent in sorted(spent_seconds.items())
        if spent > (budget := BUDGET_SECONDS.get(folder, DEFAULT_BUDGET_SECONDS))
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if over_budget() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    longest = sorted(spent_seconds.items(), key=lambda one: -one[1])[:8]
    terminalreporter.write_line(f"seconds: {', '.join(f'{folder} {spent:.0f}' for folder, spent in longest)}")
    for line in over_budget():
        terminalreporter.write_line(f"TIME BUDGET: {line}", red=True)
    if collect_ignore:
        terminalreporter.write_line(f"left out, no C compiler for the extra: {', '.join(collect_ignore)}")

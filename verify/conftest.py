"""Lets checks share their helpers, and prints every verdict at the end of a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its verdicts to the process that prints the result."""
    from verdicts import SEEN

    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["verdicts"] = SEEN


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    from verdicts import SEEN

    SEEN.extend(getattr(node, "workeroutput", {}).get("verdicts", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat the verdicts, which pytest otherwise keeps to itself."""
    from verdicts import SEEN

    for line in SEEN:
        terminalreporter.write_line(line)

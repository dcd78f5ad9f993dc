"""A browser, and one explorer for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from explorer_process import ACCEPTED, Explorer, start_explorer, stop_explorer, wait_for
from playwright.sync_api import Browser, sync_playwright

# Without these, the browser itself looks for updates and services, which is not what is tested.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def explorer(tmp_path_factory) -> Iterator[Explorer]:
    """One explorer for all tests; pages that need long work may still be waiting for it."""
    running = start_explorer(tmp_path_factory.mktemp("explorer"))
    try:
        yield running
    finally:
        stop_explorer(running)


@pytest.fixture(scope="session")
def whole_explorer(explorer) -> Explorer:
    """The same, once every page has what it waits for."""
    for path in explorer.pages:
        wait_for(explorer, path, lambda status: status != ACCEPTED)
    return explorer


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield opened
        opened.close()

"""Pages that come about by what one does: runs, results, refusals, a busy server; looked at in every way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from explorer_looks import TWO_LOSSES, WAYS, Heard, faults, open_in, send, stumbles
from explorer_process import PATIENCE_SECONDS
from playwright.sync_api import Page

from decidua.web.app import create_app
from decidua.web.settings import Settings

pytestmark = pytest.mark.needs_chromium

ADDRESSES = {
    "no such page": "/nowhere",
    "a refused address": "/groups?numbers=storks",
    "a refused question to the womb": "/womb?density=0",
}
# A page that looks again by itself would change under a test that walks it.
STAND_STILL = "window.setTimeout = () => 0"
LONG_STUDY = {"after": "2", "women": "500000"}
BUSY = {
    "a page that waits for its numbers": ("/article", None),
    "a busy server": ("/history", {**TWO_LOSSES, "do": "answer"}),
    "a run that waits for its turn": ("/studies", LONG_STUDY),
}


@pytest.fixture(scope="module")
def results(browser, whole_explorer) -> dict[str, str]:
    """Where the results of a small study and of some virtual women are, each begun on its page."""
    page = open_in(browser, "light")
    found = {
        "a study": followed(
            page, f"{whole_explorer.base}/studies", {"women": "10000"}, "Run this comparison"
        ),
        "virtual women": followed(
            page, f"{whole_explorer.base}/womb", {"women": "20", "end_week": "16"}, "Run many women"
        ),
    }
    page.context.close()
    return found


def followed(page: Page, form: str, fields: dict[str, str], button: str) -> str:
    """Fill in the form of a run, send it, and wait on the page of its progress until the result opens."""
    page.goto(form)
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name=button).click()
    page.wait_for_selector("#take-title", timeout=1000 * PATIENCE_SECONDS)
    return page.url


@pytest.fixture(scope="module")
def busy() -> Iterator[str]:
    """An explorer in this process in which no run begins, and that has no time for any history."""
    app = create_app(Settings(is_warmed=False, runs=0, histories=1, waiting=-1))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    limit = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < limit
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def go(page: Page, base: str, path: str, fields: dict[str, str] | None) -> None:
    """Open a page, or send it a form."""
    if fields is None:
        page.goto(base + path)
    else:
        send(page, base, fields, to=path)


@pytest.mark.parametrize("way", WAYS)
def test_results_and_refusals_are_accessible(browser, whole_explorer, results, way):
    page, found = open_in(browser, way), {}
    for name, address in {**{k: whole_explorer.base + v for k, v in ADDRESSES.items()}, **results}.items():
        page.goto(address)
        assert page.locator("h1").count() == 1
        found[name] = faults(page, way)
    page.context.close()
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_busy_server_says_is_accessible(browser, busy, way):
    page, found = open_in(browser, way), {}
    for name, (path, fields) in BUSY.items():
        go(page, busy, path, fields)
        found[name] = faults(page, way)
    page.context.close()
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_goes_on_and_is_stopped_is_accessible(browser, whole_explorer, way):
    page = open_in(browser, way)
    send(page, whole_explorer.base, LONG_STUDY, to="/studies")
    page.wait_for_selector("progress", state="attached")
    going_on = faults(page, way)
    page.evaluate("document.querySelector('form[action$=cancel]').submit()")
    page.wait_for_selector("text=This run was stopped.", state="attached")
    stopped = faults(page, way)
    page.context.close()
    assert going_on + stopped == []


def test_pages_of_what_readers_do_can_be_walked_by_keyboard_alone(browser, whole_explorer, results, busy):
    page, found = open_in(browser, "light"), {}
    page.add_init_script(STAND_STILL)
    for address in (*results.values(), *(whole_explorer.base + path for path in ADDRESSES.values())):
        page.goto(address)
        found[address] = stumbles(page)
    for path, fields in BUSY.values():
        go(page, busy, path, fields)
        found[path] = stumbles(page)
    page.context.close()
    assert {place: told for place, told in found.items() if told} == {}


def test_a_run_can_be_walked_and_stopped_by_keyboard_alone(browser, whole_explorer):
    page = open_in(browser, "light")
    send(page, whole_explorer.base, LONG_STUDY, to="/studies")
    assert stumbles(page) == []
    page.get_by_role("button", name="Stop this run").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=This run was stopped.")
    page.context.close()


def test_runs_results_and_refusals_leave_the_machine_alone(browser, whole_explorer, results, busy):
    """No request elsewhere, nothing that the policy of the pages forbids, no complaint of the browser."""
    page, heard = open_in(browser, "light"), Heard()
    heard.listen(page)
    for address in (*results.values(), *(whole_explorer.base + path for path in ADDRESSES.values())):
        page.goto(address)
        page.wait_for_timeout(100)
    for path, fields in BUSY.values():
        go(page, busy, path, fields)
    send(page, whole_explorer.base, LONG_STUDY, to="/studies")
    with page.expect_request("**/runs/*"):  # the page looks again by itself
        page.wait_for_selector("progress")
    page.get_by_role("button", name="Stop this run").click()
    page.wait_for_selector("text=This run was stopped.")
    page.context.close()
    assert heard.complaints == []
    assert heard.hosts == {"127.0.0.1"}

"""A run in progress in a browser: what has the focus keeps it, and a server that is away is waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.needs_chromium

STATUS = "#run [role=status]"
PROGRESS = "() => document.querySelector('#run progress').value"


@pytest.fixture
def run(browser, explorer) -> Iterator[Page]:
    """The page of a run that is long enough to be looked at, and is stopped in the end."""
    page = browser.new_context().new_page()
    page.goto(f"{explorer.base}/womb")
    page.fill("#women", "1000")
    page.get_by_role("button", name="Run many women").click()
    page.wait_for_selector("#run progress")
    yield page
    page.request.delete(page.url.replace("/runs/", "/api/v1/runs/"))
    page.context.close()


def test_focus_is_kept_while_a_run_goes_on_and_words_change_in_their_place(run):
    button = run.get_by_role("button", name="Stop this run")
    button.focus()
    run.evaluate("at => { window.said = document.querySelector(at); }", STATUS)
    run.wait_for_function("() => window.said.textContent.includes(' of 1000 ')", timeout=400_000)
    assert run.evaluate("document.activeElement.textContent") == "Stop this run"
    assert run.evaluate("window.said.isConnected")
    before = run.evaluate(PROGRESS)
    run.wait_for_function(f"before => ({PROGRESS})() > before", arg=before)
    run.keyboard.press("Enter")
    run.wait_for_selector("text=This run was stopped.")


def test_a_run_that_is_over_is_shown_as_over(run):
    run.request.delete(run.url.replace("/runs/", "/api/v1/runs/"))
    run.wait_for_selector("text=This run was stopped.")
    assert run.locator("progress").count() == 0


def test_a_server_that_does_not_answer_is_asked_again(run):
    run.clock.install()
    run.route("**/runs/*", lambda route: route.abort())
    run.wait_for_selector("text=does not answer at the moment")
    assert run.locator("#run progress").count() == 1
    run.unroute_all()
    run.clock.run_for(11_000)
    run.wait_for_function("() => !document.querySelector('#run').innerText.includes('does not answer')")

"""A history typed in: without a script and by keyboard alone; nothing of it stays in the browser."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from explorer_process import start_explorer, stop_explorer

pytestmark = pytest.mark.needs_chromium

IS_SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && getComputedStyle(one).outlineStyle !== 'none';
}"""
ONE_OF_EACH = {
    "age": 36.25,
    "pregnancies": [
        {"outcome": "miscarriage", "week": 8},
        {"outcome": "live_birth", "week": 40, "age": 35.5},
    ],
}


def type_in(page, explorer, content):
    page.goto(f"{explorer.base}/history")
    page.get_by_label("Age in years").fill(str(content["age"]))
    for number, one in enumerate(content["pregnancies"], start=1):
        page.locator("button[value='add-p']").click()
        page.locator(f"#p{number}-outcome").select_option(one["outcome"])
        page.locator(f"#p{number}-age").fill(str(one.get("age", "")))
        page.locator(f"#p{number}-week").fill(str(one["week"]))


def answer(page):
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_label("with all numbers and their ranges").check()
    page.get_by_role("button", name="Show the answer").click()


def test_a_history_by_keyboard_alone(browser, explorer):
    page = browser.new_context().new_page()
    page.goto(f"{explorer.base}/history")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    walk_to(page, "age")
    page.keyboard.type("34")
    walk_to(page, "add-p", by="value")
    page.keyboard.press("Enter")
    page.wait_for_selector("#p1-outcome")
    page.wait_for_function("document.activeElement.id == 'p1-outcome'")
    page.keyboard.type("pregnancy loss")
    walk_to(page, "p1-week")
    page.keyboard.type("8")
    walk_to(page, "check", by="value")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=What you gave")
    assert "pregnancy loss" in page.locator("dl.given").inner_text()
    walk_to(page, "answer", by="value")
    page.keyboard.press("Enter")
    page.wait_for_selector("figure.hundred")
    page.context.close()


def walk_to(page, wanted, by="id", most=80):
    """Press Tab until the field is reached; what has the focus can always be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.{by}") == wanted:
            assert page.evaluate(IS_SEEN)
            return
    pytest.fail(f"{wanted} was not reached with {most} steps of Tab")


def test_add_move_copy_and_undo_without_a_script(browser, explorer):
    page = browser.new_context(java_script_enabled=False).new_page()
    type_in(page, explorer, ONE_OF_EACH)
    page.locator("button[value='up-p:2']").click()
    assert page.locator("#p1-outcome").input_value() == "live_birth"
    page.locator("button[value='duplicate-p:1']").click()
    assert page.locator("fieldset.one").count() == 3
    page.locator("button[value='remove-p:3']").click()
    assert page.locator("fieldset.one").count() == 2
    page.get_by_role("button", name="Undo the last change").click()
    assert page.locator("#p3-outcome").input_value() == "miscarriage"
    page.context.close()


def test_a_link_shares_a_history_and_its_fragment_reaches_no_server(browser, explorer):
    page = browser.new_context().new_page()
    type_in(page, explorer, ONE_OF_EACH)
    answer(page)
    link = page.locator("a[href^='/history#h1.']").get_attribute("href")
    page.goto("about:blank")
    page.goto(explorer.base + link)
    page.wait_for_selector("#p1-outcome")
    assert page.locator("#age").input_value() == "36.25"
    assert page.locator("#p2-age").input_value() == "35.5"
    assert "#" not in page.url
    assert link.partition("#")[2][:20] not in explorer.log
    page.context.close()


@pytest.mark.parametrize("asked", ["form", "answer"])
def test_a_link_is_opened_where_a_page_of_a_history_is_open_already(browser, explorer, asked):
    page = browser.new_context().new_page()
    type_in(page, explorer, {"age": 36, "pregnancies": [{"outcome": "miscarriage", "week": 8}]})
    answer(page)
    link = page.locator("a[href^='/history#h1.']").get_attribute("href")
    if asked == "form":
        page.goto(f"{explorer.base}/history")
    with page.expect_navigation(wait_until="load"):
        page.evaluate("link => location.assign(link)", link)
        page.wait_for_selector("#p1-outcome")
    page.wait_for_function("() => document.querySelector('#age').value === '36'")
    assert "#" not in page.url
    page.context.close()


def test_what_is_typed_is_kept_only_on_request_and_forgotten_on_leaving(browser, explorer):
    page = browser.new_context().new_page()
    page.goto(f"{explorer.base}/history")
    page.locator("#age").fill("34")
    page.locator("#age").dispatch_event("change")
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_label("Keep what I type").check()
    assert "age=34" in page.evaluate("sessionStorage.getItem('history-form')")
    page.goto(f"{explorer.base}/history")
    page.get_by_role("button", name="Go on with what you typed before").click()
    page.wait_for_load_state()
    assert page.locator("#age").input_value() == "34"
    page.locator("[data-leave]").click()
    page.wait_for_url("**/leave")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert page.context.cookies() == []
    page.context.close()


def test_a_signal_ends_the_explorer_with_its_workers(tmp_path):
    running = start_explorer(tmp_path)
    workers = children_of(running.process.pid)
    assert stop_explorer(running) == 0
    limit = time.monotonic() + 10
    while left := workers & all_processes():
        assert time.monotonic() < limit, left
        time.sleep(0.1)


def all_processes():
    return {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}


def children_of(parent):
    found = set()
    for pid in all_processes():
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        if int(re.sub(r".*\) ", "", status).split()[1]) == parent:
            found.add(pid)
    return found

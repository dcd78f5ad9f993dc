"""Readers' comments in a browser: without JavaScript, however one looks, and on disk in one file alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from explorer_looks import WAYS, faults, open_in, stumbles
from explorer_process import Explorer, holding, start_explorer, stop_explorer

pytestmark = pytest.mark.needs_chromium

MARK = "Zeisig7431"
HOSTILE = f"<script>document.title='{MARK}'</script> <b onclick=alert(1)>\n" + "w" * 400
FILE = "comments.db"
PAGES = ("/comments", "/comments/a", "/comments/a?to=1", "/comments/a?sent=1")


@pytest.fixture(scope="module")
def commented(tmp_path_factory) -> Iterator[Explorer]:
    """An explorer with comments; the first is hostile and approved, the second replies to it."""
    running = start_explorer(tmp_path_factory.mktemp("commented"), "--comments", FILE)
    try:
        yield running
    finally:
        stop_explorer(running)


def moderate(explorer, *arguments) -> str:
    command = [sys.executable, "-m", "decidua", "comments", *arguments]
    told = subprocess.run(
        command, cwd=explorer.folder, env=explorer.environment, check=True, capture_output=True, text=True
    )
    return told.stdout


def write(page, explorer, address, text, name=""):
    page.goto(explorer.base + address)
    page.get_by_label("Your comment").fill(text)
    page.get_by_label("A name, if you like").fill(name)
    page.get_by_role("button", name="Send for reading").click()
    return page.locator("main").inner_text()


@pytest.fixture(scope="module")
def written(browser, commented) -> list[str]:
    """What the pages said while two comments were written with JavaScript off, and approved."""
    page = browser.new_context(java_script_enabled=False).new_page()
    said = [write(page, commented, "/comments/a", HOSTILE, f"Name {MARK}")]
    page.goto(f"{commented.base}/comments/a")
    said.append(page.locator("main").inner_text())
    moderate(commented, "approve", FILE, "1")
    said.append(write(page, commented, "/comments/a?to=1", f"A reply. {MARK}"))
    moderate(commented, "approve", FILE, "2")
    page.goto(f"{commented.base}/comments/a")
    said.append(page.locator("main").inner_text())
    page.context.close()
    return said


def test_a_comment_and_its_reply_need_no_script_and_wait_to_be_read(written):
    thanked, before, replied, after = written
    assert "Your comment has the number 1" in thanked
    assert MARK not in before
    assert "Your comment has the number 2" in replied
    assert HOSTILE.splitlines()[0] in after
    assert f"A reply. {MARK}" in after


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("way", WAYS)
def test_comments_are_accessible_and_fit_in_every_way_of_looking(browser, commented, way):
    page, found, complaints = open_in(browser, way), {}, []
    page.on("console", lambda said: complaints.append(said.text))
    for path in PAGES:
        page.goto(commented.base + path)
        found[path] = faults(page, way)
        assert MARK not in page.title()
    page.context.close()
    assert {path: told for path, told in found.items() if told} == {}
    assert complaints == []


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("path", PAGES)
def test_comments_can_be_walked_by_keyboard_alone(browser, commented, path):
    page = open_in(browser, "light")
    page.goto(commented.base + path)
    assert stumbles(page) == []
    page.context.close()


@pytest.mark.usefixtures("written")
def test_what_was_written_is_in_the_database_and_nowhere_else(commented):
    assert holding(commented.folder, MARK.encode()) == [FILE]
    assert "POST /comments/a 303" in commented.log
    assert MARK not in commented.log

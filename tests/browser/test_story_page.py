"""The story's page in a real browser: quiet, whole in itself, readable when small, dark or on paper."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.needs_chromium

SMALLEST_TARGET_PX = 24

LUMINANCE = """() => {
  const shown = [document.body, document.documentElement].map(e => getComputedStyle(e).backgroundColor);
  const painted = shown.find(c => !/, 0\\)$|transparent/.test(c)) || 'rgb(255, 255, 255)';
  const [r, g, b] = painted.match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""
TEXT_LUMINANCE = """() => {
  const [r, g, b] = getComputedStyle(document.querySelector('main p, p')).color.match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && !e.closest('[data-scrolls]') && e.checkVisibility())
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className)"""


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("story")
    command = [sys.executable, "-m", "decidua", "story", "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return folder / "story.html"


@pytest.fixture
def opened(browser, story, request) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page with what the test asks for, its complaints and every address it asked for."""
    settings = {"viewport": {"width": 1000, "height": 800}, **getattr(request, "param", {})}
    context = browser.new_context(**settings)
    page, complaints, requests = context.new_page(), [], []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: requests.append(asked.url))
    page.goto(story.as_uri())
    yield page, complaints, requests
    context.close()


WAYS_TO_LOOK = [
    {},
    {"color_scheme": "dark"},
    {"java_script_enabled": False},
    {"viewport": {"width": 320, "height": 640}},
    {"reduced_motion": "reduce"},
    {"forced_colors": "active"},
]


@pytest.mark.parametrize("opened", WAYS_TO_LOOK, indirect=True)
def test_the_page_is_quiet_and_asks_for_nothing(opened, story):
    page, complaints, requests = opened
    page.wait_for_timeout(300)
    assert complaints == []
    assert requests == [story.as_uri()]
    assert page.title()
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("opened", [{"viewport": {"width": 320, "height": 640}}], indirect=True)
def test_a_small_screen_needs_no_sideways_scrolling(opened):
    page, _, _ = opened
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    widths = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] <= widths[1], page.evaluate(TOO_WIDE)


@pytest.mark.parametrize("opened", [{"viewport": {"width": 320, "height": 640}}], indirect=True)
def test_what_one_touches_is_large_enough(opened):
    page, _, _ = opened
    heights = page.locator("summary:visible, button:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert [height for height in heights if height < SMALLEST_TARGET_PX] == []


def test_light_is_light(opened):
    page, _, _ = opened
    assert page.evaluate(LUMINANCE) > 0.8
    assert page.evaluate(TEXT_LUMINANCE) < 0.4


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_dark_is_dark(opened):
    page, _, _ = opened
    assert page.evaluate(LUMINANCE) < 0.2
    assert page.evaluate(TEXT_LUMINANCE) > 0.6


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_paper_is_white_whatever_the_screen_was(opened):
    page, _, _ = opened
    page.emulate_media(media="print")
    assert page.evaluate(LUMINANCE) > 0.9
    assert page.evaluate(TEXT_LUMINANCE) < 0.4
    assert page.pdf().startswith(b"%PDF")


def test_headings_step_down_one_at_a_time(opened):
    page, _, _ = opened
    headings = page.locator("h1, h2, h3, h4, h5, h6")
    levels = headings.evaluate_all("all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert [(above, below) for above, below in pairwise(levels) if below > above + 1] == []
    assert page.locator("html").get_attribute("lang")


def test_what_lies_behind_a_click_opens_from_the_keyboard(opened):
    page, _, _ = opened
    folded = page.query_selector_all("details:not([open])")
    assert folded
    folded[0].query_selector("summary").focus()
    page.keyboard.press("Enter")
    assert folded[0].evaluate("one => one.open")
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0

"""How tests look at a page of the explorer: in every way of looking, by keyboard, and by what it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

WAYS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "small": {"viewport": {"width": 320, "height": 640}},
    "forced colours": {"forced_colors": "active"},
    "large text": {},
    "print": {},
}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TWO_LOSSES = {
    "age": "34", "p1-outcome": "miscarriage", "p1-age": "30.5", "p1-week": "8", "p2-outcome": "miscarriage",
}  # fmt: skip
SUBMIT = """([action, fields]) => {
  const form = Object.assign(document.createElement('form'), {method: 'post', action});
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
  document.body.append(form);
  form.submit();
}"""
OPEN_ALL = "all => all.forEach(one => one.open = true)"
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && !e.closest('[data-scrolls]') && e.checkVisibility())
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className + '#' + e.id)"""
# How many stops there are; each tells its place, whether an outline shows once the keyboard is there, and
# whether it lies above the whole of the stop before it. Choices that exclude each other are one stop, and the
# head of a page has two columns.
WATCH_THE_WALK = """() => {
  const touched = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const stops = [...document.querySelectorAll(touched)].filter(
    e => e.type !== 'hidden' && e.tabIndex >= 0 && !e.disabled && e.checkVisibility()
      && (e.type !== 'radio' || e.checked));
  window.walked = [];
  let before = -Infinity;
  document.addEventListener('focusin', event => {
    const box = event.target.getBoundingClientRect();
    const goesUp = box.bottom + scrollY < before;
    before = event.target.closest('main') ? box.top + scrollY : -Infinity;
    window.walked.push(
      [stops.indexOf(event.target), getComputedStyle(event.target).outlineStyle !== 'none', goesUp]);
  });
  return stops.length;
}"""


def open_in(browser: Browser, way: str) -> Page:
    page = browser.new_context(**{"viewport": {"width": 1000, "height": 800}, **WAYS[way]}).new_page()
    if way == "print":
        page.emulate_media(media="print")
    return page


def send(page: Page, base: str, fields: dict[str, str], *, to: str = "/history") -> None:
    """Send a form as the page at that address would."""
    page.goto(f"{base}/about")
    with page.expect_navigation():
        page.evaluate(SUBMIT, [to, fields])


def faults(page: Page, way: str) -> list[str]:
    """What axe finds with every fold open, and what is wider than the window."""
    page.locator("details").evaluate_all(OPEN_ALL)
    if way == "large text":
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]}).response["violations"]
    told = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
    wide = page.evaluate(TOO_WIDE) if way in ("small", "large text") else []
    return told + [f"too wide: {one}" for one in wide]


def stumbles(page: Page) -> list[object]:
    """Where Tab does not go from one control to the next down the page, or where it is cannot be seen."""
    stops = page.evaluate(WATCH_THE_WALK)
    for _ in range(stops):
        page.keyboard.press("Tab")
    walked = page.evaluate("walked")
    expected = [[at, True, False] for at in range(stops)]
    return [] if walked == expected else [stops, *(step for step in walked if step not in expected), walked]


@dataclass
class Heard:
    """What a browser complained of, and every address that it asked for."""

    complaints: list[str] = field(default_factory=list)
    asked: list[SplitResult] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(urlsplit(request.url)))

    def _said(self, message: ConsoleMessage) -> None:
        # A browser reports a refusal as an error of loading, though a page came with it.
        if (
            message.type in ("error", "warning")
            and "the server responded with a status of 4" not in message.text
        ):
            self.complaints.append(message.text)

    @property
    def hosts(self) -> set[str | None]:
        return {place.hostname for place in self.asked if place.scheme not in ("data", "about")}

"""Every page of the explorer in a browser: accessible in every way of looking, and quiet on the wire."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from explorer_process import PATIENCE_SECONDS

pytestmark = pytest.mark.needs_chromium

WAYS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "small": {"viewport": {"width": 320, "height": 640}},
    "forced colours": {"forced_colors": "active"},
    "large text": {},
    "print": {},
}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORMS = {
    "form with two losses": {"do": "edit"},
    "refused form": {"do": "check", "p2-week": "60"},
    "check": {"do": "check"},
    "answer": {"do": "answer"},
    "answer without numbers": {"do": "answer", "numbers": "none"},
    "answer with everything": {
        "do": "answer", "numbers": "clinician", "causes": "yes", "earlier": "without-tests",
        "t1-kind": "uterine_nk:cells_per_mm2", "t1-value": "310",
    },
}  # fmt: skip
TWO_LOSSES = {
    "age": "34", "p1-outcome": "miscarriage", "p1-age": "30.5", "p1-week": "8", "p2-outcome": "miscarriage",
}  # fmt: skip
ONGOING = {"p3-outcome": "ongoing", "p3-week": "8", "p3-heartbeat": "seen"}
PRINTED = {
    "plain": {},
    "with causes": {"causes": "yes"},
    "with everything": FORMS["answer with everything"],
    "ongoing": ONGOING,
    "ongoing with a steroid": {**ONGOING, "p3-prednisolone_tang2013": "yes"},
}
SUBMIT = """fields => {
  const form = Object.assign(document.createElement('form'), {method: 'post', action: '/history'});
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
  document.body.append(form);
  form.submit();
}"""
# The box of a line of text is about a third higher than its letters are large.
TOO_SMALL = """all => all.filter(e => e.getBoundingClientRect().height < 10.5)
  .map(e => e.textContent + ': ' + e.getBoundingClientRect().height)"""
TOUCHED = "button:visible:not([aria-hidden]), select:visible, input:visible, summary:visible, nav a:visible"
# How many stops there are; each tells its place and whether an outline shows once the keyboard is there.
WATCH_THE_WALK = """() => {
  const touched = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const stops = [...document.querySelectorAll(touched)].filter(
    e => e.type !== 'hidden' && e.tabIndex >= 0 && !e.disabled && e.checkVisibility());
  window.walked = [];
  document.addEventListener('focusin', event => window.walked.push(
    [stops.indexOf(event.target), getComputedStyle(event.target).outlineStyle !== 'none']));
  return stops.length;
}"""
OPEN_ALL = "all => all.forEach(one => one.open = true)"
SHUT = """() => [...document.querySelectorAll('details')]
  .filter(e => e.checkVisibility() && !e.lastElementChild.checkVisibility())
  .map(e => e.querySelector('summary').innerText)"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg') && !e.closest('[data-scrolls]') && e.checkVisibility())
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className + '#' + e.id)"""


def open_in(browser, way):
    page = browser.new_context(**{"viewport": {"width": 1000, "height": 800}, **WAYS[way]}).new_page()
    if way == "print":
        page.emulate_media(media="print")
    return page


def send(page, explorer, fields):
    page.goto(f"{explorer.base}/history")
    with page.expect_navigation():
        page.evaluate(SUBMIT, {**TWO_LOSSES, **fields})


def faults(page, way):
    """What axe finds with every fold open, and what is wider than the window."""
    page.locator("details").evaluate_all(OPEN_ALL)
    if way == "large text":
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]}).response["violations"]
    told = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
    wide = page.evaluate(TOO_WIDE) if way in ("small", "large text") else []
    return told + [f"too wide: {one}" for one in wide]


@pytest.fixture(scope="module")
def study(browser, whole_explorer):
    """Where the result of a small study stands that was begun on its page, and followed to its end."""
    page = open_in(browser, "light")
    page.goto(f"{whole_explorer.base}/studies")
    page.locator("[name=women]").fill("10000")
    page.locator("form[action='/studies'] button.main").click()
    page.wait_for_url("**/studies/*", timeout=1000 * PATIENCE_SECONDS)
    place = page.url
    page.context.close()
    return place


def test_a_main_button_can_be_read_in_forced_colours(browser, whole_explorer):
    """The browser paints the page's colour behind its words, so that the words must not have it."""
    page = open_in(browser, "forced colours")
    page.goto(f"{whole_explorer.base}/womb")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<i id=probe>words</i>')")
    page.locator("#probe").evaluate("one => one.style.color = 'ButtonText'")
    colour = "one => getComputedStyle(one).color"
    shown = page.locator("button.main").first.evaluate(colour)
    text = page.locator("#probe").evaluate(colour)
    assert shown == text
    page.context.close()


@pytest.mark.parametrize("way", WAYS)
def test_every_page_is_accessible(browser, whole_explorer, way):
    page, found = open_in(browser, way), {}
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        found[path] = faults(page, way)
    page.context.close()
    assert {path: told for path, told in found.items() if told} == {}


@pytest.mark.parametrize("way", WAYS)
def test_every_step_of_a_history_is_accessible(browser, explorer, way):
    page, found = open_in(browser, way), {}
    for name, fields in FORMS.items():
        send(page, explorer, fields)
        found[name] = faults(page, way)
    page.context.close()
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("way", WAYS)
def test_the_result_of_a_study_is_accessible(browser, study, way):
    page = open_in(browser, way)
    page.goto(study)
    assert page.locator("h1").count() == 1
    assert faults(page, way) == []
    page.context.close()


def test_nothing_leaves_the_machine_and_the_browser_has_no_complaint(browser, whole_explorer):
    page, complaints, asked = open_in(browser, "light"), [], []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        page.wait_for_timeout(100)
    for fields in (fields for name, fields in FORMS.items() if name != "refused form"):
        send(page, whole_explorer, fields)
    page.context.close()
    # A browser reports a refusal as an error of loading, though a page came with it.
    assert [said for said in complaints if "status of 422" not in said] == []
    assert {place.hostname for place in asked if place.scheme != "data"} == {"127.0.0.1"}
    assert len(asked) > len(whole_explorer.pages)


def test_every_page_has_the_same_ways_out(browser, whole_explorer):
    """One heading, a way past the navigation, the button that leaves, help, and what the program is for."""
    page = open_in(browser, "light")
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        assert page.locator("h1").count() == 1, path
        assert page.title(), path
        if path == "/leave":
            continue
        assert page.locator("a.skip").get_attribute("href") == "#main", path
        assert page.locator("header [data-leave]").inner_text() == "Leave this page", path
        assert page.locator("aside.support a").count() >= 5, path
        assert "Not a medical device" in page.locator("footer").last.inner_text(), path
    page.context.close()


def test_what_one_touches_is_large_enough(browser, whole_explorer):
    page, small = open_in(browser, "small"), []
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        page.locator("details").evaluate_all(OPEN_ALL)
        boxes = page.locator(TOUCHED)
        small += boxes.evaluate_all(
            "all => all.filter(e => { const b = e.getBoundingClientRect(); return b.height > 1 && "
            "(b.height < 24 || b.width < 24); }).map(e => e.outerHTML.slice(0, 120))"
        )
    page.context.close()
    assert small == []


def test_every_page_can_be_walked_by_keyboard_alone(browser, whole_explorer):
    """Tab reaches everything that can be touched, in order, and where it is can be seen."""
    page, found = open_in(browser, "light"), {}
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        stops = page.evaluate(WATCH_THE_WALK)
        for _ in range(stops):
            page.keyboard.press("Tab")
        walked = page.evaluate("walked")
        if walked != [[at, True] for at in range(stops)]:
            found[path] = [stops, walked]
    page.context.close()
    assert found == {}


def test_nothing_moves_by_itself(browser, whole_explorer):
    page = open_in(browser, "light")
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        assert page.evaluate("document.getAnimations().length") == 0, path
        assert page.locator("video, audio, animate, marquee").count() == 0, path
    page.context.close()


@pytest.mark.parametrize("path", ["/article", "/evidence/claims"])
def test_what_is_folded_away_is_on_paper(browser, whole_explorer, path):
    page = open_in(browser, "light")
    page.goto(whole_explorer.base + path)
    assert page.evaluate(SHUT) != []
    page.emulate_media(media="print")
    assert page.evaluate(SHUT) == []
    page.context.close()


@pytest.mark.parametrize("name", PRINTED)
def test_an_answer_prints_on_one_side(browser, explorer, name):
    page = open_in(browser, "light")
    send(page, explorer, {"do": "answer", **PRINTED[name]})
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.context.close()


@pytest.mark.parametrize("path", ["/article", "/questions", "/womb"])
def test_words_in_figures_of_a_page_can_be_read_on_a_small_screen(browser, whole_explorer, path):
    page = open_in(browser, "small")
    page.goto(whole_explorer.base + path)
    shown = "all => all.filter(e => e.checkVisibility())"
    assert page.locator("svg text").evaluate_all(f"all => ({TOO_SMALL})(({shown})(all))") == []
    page.context.close()


@pytest.mark.parametrize("name", ["answer", "answer with everything"])
def test_words_in_figures_of_an_answer_can_be_read_on_a_small_screen(browser, explorer, name):
    page = open_in(browser, "small")
    send(page, explorer, FORMS[name])
    assert page.locator("svg text").evaluate_all(TOO_SMALL) == []
    page.context.close()

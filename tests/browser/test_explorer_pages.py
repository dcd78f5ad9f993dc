"""Every page of the explorer in a browser: accessible in every way of looking, and quiet on the wire."""

from __future__ import annotations

import pytest
from explorer_looks import OPEN_ALL, TWO_LOSSES, WAYS, Heard, faults, open_in, send, stumbles

pytestmark = pytest.mark.needs_chromium

ONGOING = {"p3-outcome": "ongoing", "p3-week": "8", "p3-heartbeat": "seen"}
COMPARED = {"earlier": "without-tests", "t1-kind": "uterine_nk:cells_per_mm2", "t1-value": "310"}
FORMS = {
    "form with two losses": {"do": "edit"},
    "refused form": {"do": "check", "p2-week": "60"},
    "check": {"do": "check"},
    "answer": {"do": "answer"},
    "answer without numbers": {"do": "answer", "numbers": "none", **COMPARED},
    "answer about cells": {"do": "answer", "nk": "yes"},
    "answer about the past alone": {"do": "answer", "age": "", "causes": "yes"},
    "answer while pregnant": {"do": "answer", **ONGOING},
    "answer with everything": {
        "do": "answer", "numbers": "clinician", "causes": "yes", "nk": "yes", **COMPARED,
    },
}  # fmt: skip
FIVE_LOSSES = {
    f"p{number}-{name}": value
    for number in (3, 4, 5)
    for name, value in (("outcome", "miscarriage"), ("age", "33"), ("week", "8"))
}
PRINTED = {
    "plain": {},
    "with causes": {"causes": "yes"},
    "with everything": FORMS["answer with everything"],
    "five losses, causes and a test": {
        **FIVE_LOSSES, "causes": "yes", "t1-kind": "uterine_nk:cells_per_mm2", "t1-value": "310",
    },
    "ongoing": ONGOING,
    "ongoing with a steroid": {**ONGOING, "p3-prednisolone_tang2013": "yes"},
}  # fmt: skip
# The box of a line of text is about a third higher than its letters are large.
TOO_SMALL = """all => all.filter(e => e.getBoundingClientRect().height < 10.5)
  .map(e => e.textContent + ': ' + e.getBoundingClientRect().height)"""
TOUCHED = "button:visible:not([aria-hidden]), select:visible, input:visible, summary:visible, nav a:visible"
SHUT = """() => [...document.querySelectorAll('details')]
  .filter(e => e.checkVisibility() && !e.lastElementChild.checkVisibility())
  .map(e => e.querySelector('summary').innerText)"""


def ask(page, explorer, fields):
    send(page, explorer.base, {**TWO_LOSSES, **fields})


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
        ask(page, explorer, fields)
        found[name] = faults(page, way)
    page.context.close()
    assert {name: told for name, told in found.items() if told} == {}


def test_nothing_leaves_the_machine_and_the_browser_has_no_complaint(browser, whole_explorer):
    page, heard = open_in(browser, "light"), Heard()
    heard.listen(page)
    for path in whole_explorer.pages:
        page.goto(whole_explorer.base + path)
        page.wait_for_timeout(100)
    for fields in FORMS.values():
        ask(page, whole_explorer, fields)
    page.context.close()
    assert heard.complaints == []
    assert heard.hosts == {"127.0.0.1"}
    assert len(heard.asked) > len(whole_explorer.pages)


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
        found[path] = stumbles(page)
    page.context.close()
    assert {path: told for path, told in found.items() if told} == {}


@pytest.mark.parametrize("name", [name for name in FORMS if name != "refused form"])
def test_every_step_of_a_history_can_be_walked_by_keyboard_alone(browser, explorer, name):
    """With every fold open. A refused form is left out: the keyboard begins at what is refused."""
    page = open_in(browser, "light")
    ask(page, explorer, FORMS[name])
    page.locator("details").evaluate_all(OPEN_ALL)
    assert stumbles(page) == []
    page.context.close()


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
    ask(page, explorer, {"do": "answer", **PRINTED[name]})
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
    ask(page, explorer, FORMS[name])
    assert page.locator("svg text").evaluate_all(TOO_SMALL) == []
    page.context.close()

"""Figures that a reader can change: by slider, by number, by keyboard, and without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from decidua.study.try_out import try_course, try_meeting
from decidua.tell.lining_figure import lining_figure
from decidua.tell.pages import flat
from decidua.tell.try_charts import cells_figure

pytestmark = pytest.mark.needs_chromium

PLACES = (
    "() => [...document.querySelectorAll('.moving circle[data-path]')].map(c => c.getAttribute('cx')).join()"
)
CAPTION = "#live-meeting figcaption"


def expected_caption() -> str:
    """What Python gives for the number that the tests type."""
    return flat(lining_figure(try_meeting(400, 50).lining).caption)


@pytest.fixture
def page(browser, whole_explorer, request) -> Iterator[Page]:
    context = browser.new_context(**getattr(request, "param", {}))
    opened = context.new_page()
    opened.goto(f"{whole_explorer.base}/article")
    yield opened
    context.close()


def test_the_picture_stands_still_until_a_reader_plays_it(page):
    first = page.evaluate(PLACES)
    page.wait_for_timeout(1500)
    assert page.evaluate(PLACES) == first
    page.get_by_role("button", name="Play the picture").click()
    page.wait_for_function(f"before => ({PLACES})() !== before", arg=first)
    page.get_by_role("button", name="Stop").click()
    stopped = page.evaluate(PLACES)
    page.wait_for_timeout(1500)
    assert page.evaluate(PLACES) == stopped


@pytest.mark.parametrize("page", [{"reduced_motion": "reduce"}], indirect=True, ids=["reduced motion"])
def test_where_motion_is_unwelcome_pictures_come_one_at_a_time(page):
    assert page.get_by_role("button", name="Play the picture").count() == 0
    first = page.evaluate(PLACES)
    page.get_by_role("button", name="Next picture").click()
    assert page.evaluate(PLACES) != first


def test_a_number_typed_by_keyboard_changes_the_figure_and_its_slider(page):
    before = page.inner_text(CAPTION)
    page.focus("#cells")
    page.keyboard.press("Control+A")
    page.keyboard.type("400")
    page.keyboard.press("Tab")
    page.wait_for_function(
        "([at, before]) => document.querySelector(at).innerText !== before", arg=[CAPTION, before]
    )
    assert page.input_value("input[data-pair=cells]") == "400"
    assert expected_caption() in page.inner_text(CAPTION)


def test_a_number_that_is_not_accepted_is_pointed_at(page):
    before = page.inner_text(CAPTION)
    page.fill("#cells", "9999")
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.id === 'cells'")
    assert page.inner_text(CAPTION) == before


def test_a_slider_moves_its_number_and_its_figures_with_the_arrow_keys(page):
    drawn = page.inner_html("#live-course")
    page.focus("input[data-pair=dose]")
    page.keyboard.press("ArrowRight")
    assert page.input_value("#dose") == "25"
    page.wait_for_function("drawn => document.getElementById('live-course').innerHTML !== drawn", arg=drawn)
    assert flat(cells_figure(try_course(25, 12)).caption) in page.inner_text("#live-course")
    assert page.locator("#meeting input[name=dose]").input_value() == "25"  # what the other forms send along


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True, ids=["no script"])
def test_without_a_script_a_form_changes_the_figure_and_four_stills_stand_in_for_motion(page):
    assert page.locator(".stills svg").is_visible()
    assert not page.locator(".moving").is_visible()
    assert page.locator("input[type=range]:visible").count() == 0
    page.fill("#cells", "400")
    page.locator("#meeting button[type=submit]").click()
    assert expected_caption() in page.inner_text(CAPTION)
    assert page.url.endswith("#meeting")
    assert page.input_value("#dose") == "20"


def test_a_slider_that_moves_asks_once(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.focus("input[data-pair=dose]")
    with page.expect_response("**/article?*"):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert len(asked) == 1


def test_a_figure_is_asked_for_again_when_the_server_did_not_answer(page):
    before = page.inner_text(CAPTION)
    page.clock.install()
    page.route("**/article?*", lambda route: route.abort())
    page.fill("#cells", "400")
    page.keyboard.press("Tab")
    page.wait_for_selector("#meeting >> text=does not answer at the moment")
    page.unroute_all()
    page.clock.run_for(11_000)
    page.wait_for_function(
        "([at, before]) => document.querySelector(at).innerText !== before", arg=[CAPTION, before]
    )
    assert page.locator("text=does not answer at the moment").count() == 0


def change(page, box, value):
    """Type a number and wait until its figures are new."""
    live = page.locator(f"form:has(#{box})").get_attribute("data-live")
    before = page.inner_html(f"#{live}")
    page.fill(f"#{box}", value)
    page.keyboard.press("Tab")
    page.wait_for_function(
        "([at, before]) => document.getElementById(at).innerHTML !== before", arg=[live, before]
    )


def test_an_open_table_stays_open_when_its_figure_changes(page):
    page.locator("#live-course summary").first.click()
    assert page.locator("#live-course table").first.is_visible()
    change(page, "dose", "35")
    page.wait_for_timeout(200)
    assert page.locator("#live-course table").first.is_visible()
    assert not page.locator("#live-course table").nth(1).is_visible()


def test_what_changed_is_announced_in_a_sentence_for_each_figure(page):
    said = page.locator("#course p.unseen[role=status]")
    assert said.inner_text() == ""
    change(page, "dose", "35")
    page.wait_for_function("() => document.querySelector('#course p.unseen').innerText !== ''")
    captions = page.locator("#live-course figcaption").all_inner_texts()
    assert all(caption.startswith(said.inner_text()[:20]) for caption in captions[:1])
    assert 0 < len(said.inner_text()) < sum(map(len, captions))


def test_the_button_of_one_form_keeps_what_another_shows(page):
    change(page, "dose", "35")
    page.locator("#meeting button[type=submit]").click()
    assert page.input_value("#dose") == "35"

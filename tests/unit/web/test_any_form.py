"""Any form and any address of a page: no error of the server, and every refusal is a page that says why."""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from decidua.measure.history import CONDITIONS, example_names
from decidua.measure.records import KARYOTYPES, OUTCOMES
from decidua.web.app import create_app
from decidua.web.history_actions import MOVES, UNDO
from decidua.web.history_fields import KINDS, OF_A_PREGNANCY, OF_A_TEST, PERSON, REGIMENS
from decidua.web.history_page import DOWNLOADS, EARLIER, TEST_FREE, WISHES
from decidua.web.settings import Settings
from decidua.web.study_query import StudyQuery
from decidua.web.womb_query import WombQuery

TWO_LOSSES = {
    "age": "34", "p1-outcome": "miscarriage", "p1-age": "30.5", "p2-outcome": "miscarriage", "p2-week": "9"
}  # fmt: skip
FORM = {"content-type": "application/x-www-form-urlencoded"}
REFUSED = re.compile(r'<\w+[^>]* role="alert"[^>]*>(.*?)</(?:p|div)>', re.DOTALL)
few, some = settings(max_examples=60), settings(max_examples=250)

words = st.text(max_size=12)
numbers = st.one_of(st.integers(-3, 70), st.floats(width=16)).map(str)
known_words = st.sampled_from(
    (*OUTCOMES, *KARYOTYPES, *KINDS, "yes", "no", "seen", "scan", "private", "attack", "all", "steps",
     "protocol", "story_course", "prednisolone", "name: [", "none", "clinician", "²", "٣", "1e400", "34,5")
)  # fmt: skip
values = st.one_of(numbers, known_words, words)
places = st.sampled_from(
    ("1", "2", "3", "0", "01", "31", "999", "1000", "9" * 30, "-1", "1.0", "x", "", "²", "٣", "१")
)
letters = st.sampled_from(("p", "t", "x", ""))
parts_of_one = st.sampled_from((*OF_A_PREGNANCY, *OF_A_TEST, *REGIMENS, "new"))
numbered = st.builds("{}{}-{}".format, letters, places, parts_of_one)
history_names = st.one_of(
    st.sampled_from((*PERSON, *CONDITIONS, *WISHES)), numbered, numbered, numbered, words
)
any_fields = st.dictionaries(history_names, values, max_size=14)
nearly_whole = st.dictionaries(history_names, values, max_size=2).map(TWO_LOSSES.__or__)
histories = st.one_of(nearly_whole, any_fields)
moves = st.builds("{}-{}:{}".format, st.sampled_from((*MOVES, "add", "fly")), letters, places)
buttons = st.sampled_from(
    ("check", "answer", "edit", "open", UNDO, "add-p", "add-t", "download", "example:",
     f"example:{example_names()[0]}",     *(f"download:{kind}" for kind in (*DOWNLOADS, "exe")))
)  # fmt: skip
actions = st.one_of(buttons, moves, words)
carried = st.one_of(histories.map(urlencode), st.just(TEST_FREE), words)
extras = st.fixed_dictionaries(
    {"do": actions}, optional={UNDO: carried, EARLIER: carried, "link": words.map("h1.{}".format)}
)


def queries(*names: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Fields of which some are known, some are given twice, and some are no fields at all."""
    return st.lists(st.tuples(st.one_of(st.sampled_from(names), words), values), max_size=8)


@pytest.fixture(scope="module")
def asking():
    """No run that is asked for begins, and as many may wait as are asked for."""
    with TestClient(create_app(Settings(is_warmed=False, runs=0, kept_runs=10_000))) as client:
        yield client


def look_at(answer, *, accepted: set[int]) -> None:
    """An answer is as it should be, or a refusal that says something to its reader."""
    assert answer.status_code in accepted | {404, 415, 422}, answer.text
    if answer.status_code not in accepted:
        said = REFUSED.search(answer.text)
        assert said, answer.text
        assert len(html.unescape(re.sub(r"<[^>]+>", "", said[1])).split()) > 3


def post(client, path, content):
    return client.post(path, content=content, headers=FORM, follow_redirects=False)


@some
@given(fields=histories, extra=extras)
def test_any_form_of_a_history(asking, fields, extra):
    look_at(post(asking, "/history", urlencode(fields | extra)), accepted={200})


@pytest.mark.parametrize("digit", ["²", "①"])
@pytest.mark.parametrize("move", MOVES)
def test_a_button_with_a_digit_that_is_no_number_is_refused(asking, move, digit):
    refused = post(asking, "/history", urlencode(TWO_LOSSES | {"do": f"{move}-p:{digit}"}))
    assert refused.status_code == 422
    look_at(refused, accepted=set())


@pytest.mark.parametrize(("field", "action"), [(UNDO, UNDO), (EARLIER, "answer")])
def test_more_fields_than_a_form_may_have_are_refused_inside_a_field_too(asking, field, action):
    many = urlencode({f"x{number}": "1" for number in range(1200)})
    refused = post(asking, "/history", urlencode(TWO_LOSSES | {field: many, "do": action}))
    assert refused.status_code == 422
    look_at(refused, accepted=set())


@few
@given(
    path=st.sampled_from(("/history", "/studies", "/womb/women")),
    content=st.one_of(st.binary(max_size=200), st.text("a=&%+;1²\0", max_size=60).map(str.encode)),
)
def test_any_bytes_as_a_form(asking, path, content):
    look_at(post(asking, path, content), accepted={200, 303})


@some
@given(
    fields=queries(*WombQuery.model_fields),
    path=st.sampled_from(("/womb", "/womb/files/csv", "/womb/figures/cells.svg")),
)
def test_any_question_to_the_womb(asking, fields, path):
    look_at(asking.get(path, params=fields), accepted={200})


@few
@given(fields=queries(*WombQuery.model_fields))
def test_any_question_about_many_women(asking, fields):
    look_at(post(asking, "/womb/women", urlencode(fields)), accepted={303})


@some
@given(fields=queries(*StudyQuery.model_fields))
def test_any_study(asking, fields):
    look_at(post(asking, "/studies", urlencode(fields)), accepted={303})
    look_at(asking.get("/studies", params=fields), accepted={200})


@few
@given(
    path=st.sampled_from(("/article", "/groups", "/evidence")),
    fields=queries("cells", "recognition", "count", "dose", "taper_week", "numbers", "q", "page"),
)
def test_any_query_of_the_other_pages(asking, path, fields):
    look_at(asking.get(path, params=fields), accepted={200, 202})


@few
@given(
    place=st.text(min_size=1, max_size=12),
    path=st.sampled_from(("/runs/", "/studies/", "/womb/women/", "/evidence/numbers/")),
)
def test_any_name_of_what_is_not_there(asking, path, place):
    look_at(asking.get(path + quote(place, safe="")), accepted={200})

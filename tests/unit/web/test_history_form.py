"""The form of a history: there and back, every button, links by fragment, and refusals by field."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.base.errors import InputError
from decidua.measure.history import example_history, example_names
from decidua.web.history_actions import UNDO, changed, history_part
from decidua.web.history_fields import entries, fields_of, history_of, id_of, refused, without_empty
from decidua.web.history_share import fragment_of, history_of_fragment

THREE = {
    "age": "38",
    "p1-outcome": "miscarriage",
    "p1-age": "30",
    "p2-outcome": "live_birth",
    "p2-age": "32",
    "p3-outcome": "ectopic",
    "p3-age": "35",
}


def outcomes(fields):
    return [entry["outcome"] for entry in entries(fields, "p")]


@pytest.mark.parametrize("name", example_names())
def test_a_history_goes_into_a_form_and_a_link_and_back(name):
    history = example_history(name)
    assert history_of(fields_of(history)) == history
    assert history_of_fragment(fragment_of(history)) == history
    assert re.fullmatch(r"h1\.[A-Za-z0-9_-]+", fragment_of(history))


@pytest.mark.parametrize("unsaid", ["", "unknown", "private", "  "])
def test_what_is_not_said_is_unknown_everywhere(unsaid):
    fields = {
        "age": unsaid, "partner_age": unsaid, "trying_months": unsaid, "antiphospholipid": unsaid,
        "p1-outcome": "miscarriage", "p1-age": unsaid, "p1-week": unsaid, "p1-karyotype": unsaid,
        "p1-confirmed": unsaid, "p1-heartbeat": unsaid, "p1-new_partner": unsaid,
        "t1-kind": "blood_nk:percent_of_lymphocytes", "t1-value": "12", "t1-days_after_ovulation": unsaid,
    }  # fmt: skip
    said = {"schema": "history/1", "pregnancies": [{"outcome": "miscarriage"}],
            "tests": [{"test": "blood_nk", "value": 12.0, "unit": "percent_of_lymphocytes"}]}  # fmt: skip
    assert history_of(fields).to_dict() == said


def test_a_block_of_which_nothing_is_said_is_left_out():
    fields = THREE | {"p4-outcome": "", "p4-week": " ", "t1-kind": "", "t1-value": ""}
    assert without_empty(fields) == THREE
    moved_up = {"p1-outcome": "", "p2-outcome": "miscarriage", "age": "34"}
    assert without_empty(moved_up) == {"p1-outcome": "miscarriage", "age": "34"}


def test_a_pregnancy_without_an_outcome_is_asked_for_it_in_plain_words():
    with pytest.raises(InputError) as refusal:
        history_of({"p1-outcome": "miscarriage", "p2-outcome": "", "p2-week": "7"})
    assert refused(refusal.value) == "Pregnancy 2: please say how it ended, or remove this entry."


def test_a_decimal_comma_is_understood():
    assert history_of({"age": "34,5"}).age_years == 34.5


@pytest.mark.parametrize(
    ("action", "after"),
    [
        ("up-p:2", ["live_birth", "miscarriage", "ectopic"]),
        ("down-p:2", ["miscarriage", "ectopic", "live_birth"]),
        ("up-p:1", ["miscarriage", "live_birth", "ectopic"]),
        ("down-p:3", ["miscarriage", "live_birth", "ectopic"]),
        ("duplicate-p:2", ["miscarriage", "live_birth", "live_birth", "ectopic"]),
        ("remove-p:1", ["live_birth", "ectopic"]),
        ("add-p", ["miscarriage", "live_birth", "ectopic", ""]),
    ],
)
def test_a_button_does_what_it_says_and_can_be_undone(action, after):
    moved = changed(THREE, action)
    assert outcomes(moved) == after
    assert history_part(changed(moved, "undo")) == THREE


def test_every_field_of_a_pregnancy_moves_with_it():
    assert entries(changed(THREE, "up-p:3"), "p")[1] == {"outcome": "ectopic", "age": "35"}


def test_undoing_twice_brings_the_change_back():
    moved = changed(THREE, "remove-p:2")
    twice = changed(changed(moved, "undo"), "undo")
    assert history_part(twice) == history_part(moved)


def test_an_example_takes_the_place_of_the_form_and_can_be_undone():
    example = changed({**THREE, "numbers": "none"}, "example:one-early-loss-then-three-births")
    assert outcomes(example) == ["miscarriage", "live_birth", "live_birth", "live_birth"]
    assert example["numbers"] == "none"
    assert history_part(changed(example, "undo")) == THREE


@pytest.mark.parametrize(
    "action",
    ["up-p:9", "up-p:0", "up-p:x", "up-p:²", "up-p:٢", "fly-p:1", "add-x", "nonsense", "up-p:" + "9" * 5000],
)
def test_a_button_that_is_not_there_is_refused(action):
    with pytest.raises(InputError):
        changed(THREE, action)


def test_no_more_pregnancies_than_a_history_may_hold():
    full = {f"p{i}-outcome": "miscarriage" for i in range(1, 31)}
    for action in ("add-p", "duplicate-p:1"):
        with pytest.raises(InputError, match="30 or fewer"):
            changed(full, action)


@pytest.mark.parametrize(
    "fields", [{f"p{i}-week": "8" for i in range(400)}, {"undo": "a=1&" * 1001}, {"earlier": "a=1&" * 1001}]
)
def test_a_form_larger_than_any_history_is_refused(client, form, fields):
    action = "undo" if "undo" in fields else "answer"
    answer = send(client, form | fields, action)
    assert answer.status_code == 422
    assert "or fewer" in answer.text


def test_a_refused_earlier_history_is_not_pinned_to_the_form(client, form):
    answer = send(client, form | {"earlier": "age=34&p1-outcome=miscarriage&p1-week=99"}, "answer")
    assert answer.status_code == 422
    assert "the history to compare with: pregnancies[0].week: 99" in answer.text
    assert "aria-invalid" not in answer.text


def test_whoever_changes_something_compares_only_when_asked(client, form):
    with_test = form | {"t1-kind": "uterine_nk:cells_per_mm2", "t1-value": "340"}
    page = send(client, with_test, "answer").text
    change = next(one for one in page.split("<form")[1:] if "Change something" in one.split("</form>")[0])
    assert 'name="earlier"' not in change.split("</form>")[0]


def test_a_way_back_brings_nothing_but_a_history():
    assert changed({UNDO: "age=34&do=answer&numbers=none"}, "undo").keys() == {"age", UNDO}


@given(st.text(max_size=200))
def test_a_link_that_nobody_made_is_refused(link):
    with pytest.raises(InputError):
        history_of_fragment(link)


def test_a_link_that_would_unpack_to_very_much_is_refused():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000, 9)).decode()
    with pytest.raises(InputError, match="not whole"):
        history_of_fragment(f"h1.{bomb}")


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("pregnancies[1].week", "p2-week"),
        ("tests[0].unit", "t1-kind"),
        ("tests[2].value", "t3-value"),
        ("age", "age"),
        ("conditions.translocation", "translocation"),
        (None, None),
    ],
)
def test_a_refusal_leads_to_its_field(place, field):
    assert id_of(place) == field


def send(client, fields, action):
    return client.post("/history", data={**fields, "do": action})


def test_a_refused_form_keeps_what_was_typed_and_marks_the_field(client, form):
    refused = send(client, {**form, "p2-week": "60", "p1-age": "thirty"}, "check")
    assert refused.status_code == 422
    assert 'id="p1-age" name="p1-age" value="thirty"' in refused.text
    assert 'id="p2-week" name="p2-week" value="60"' in refused.text
    assert refused.text.count('aria-invalid="true"') == 1
    assert '<a href="#p1-age">Pregnancy 1, age: thirty is not accepted' in html.unescape(refused.text)


def test_what_is_typed_is_shown_as_text_and_never_as_a_tag(client, form):
    refused = send(client, {**form, "age": '"><script>alert(1)</script>'}, "check")
    assert "<script>alert" not in refused.text


def test_what_was_given_is_told_back_before_the_answer(client, form):
    page = html.unescape(send(client, form, "check").text)
    for said in ("pregnancy loss; at age 30.5; 8 weeks", "pregnancy loss; at age 31.5; 9 weeks"):
        assert said in page
    assert 'name="p2-week" value="9"' in page


def test_causes_are_shown_only_to_those_who_ask(client, form):
    without, asked = (send(client, f, "answer").text for f in (form, {**form, "causes": "yes"}))
    assert "which comes about by chance" not in without
    assert "Show what may have been behind the losses" in without
    assert "which comes about by chance" in asked


def test_without_causes_no_other_number_changes():
    from decidua.inference.history import answer_history

    history = history_of({**THREE, "p4-outcome": "miscarriage", "p4-karyotype": "euploid"})
    whole, quick = (answer_history(history, causes=causes).to_dict() for causes in (True, False))
    assert [loss["causes"] for loss in quick["past_losses"]] == [{}, {}]
    for told in (whole, quick):
        del told["past_losses"]
    assert quick == whole


def test_a_page_without_numbers_has_none(client, form):
    page = send(client, {**form, "numbers": "none"}, "answer").text
    main = page[page.index("<main") : page.index("How this is shown")]
    words = re.sub(r"<[^>]+>|decidua [\d.]+, model.*?\.|of these two", " ", main)
    assert "most have a baby" in words
    assert not re.search(r"\d+ (?:in|out of|to) \d+|about \d+|<svg", words)


def test_words_are_offered_before_the_answer_and_kept(client, form):
    page = send(client, form | {"word-loss": "miscarriage"}, "check").text
    assert '<option value="miscarriage" selected>' in page
    assert page.count('name="word-loss"') == 1


def test_a_copy_has_no_word_of_buttons_that_it_has_not(client, form):
    page = send(client, form, "answer").text
    copied = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    assert "next pregnancy" in copied
    assert "button" not in copied
    assert "How this is shown" not in copied


def test_a_copy_in_chosen_words_keeps_its_lines(client, form):
    wish = {"word-loss": "miscarriage", "word-person": "woman", "causes": "yes"}
    page = send(client, form | wish, "answer").text
    copied = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    assert "another miscarriage" in copied
    assert max(map(len, copied.splitlines())) == 78
    assert not re.search(r"\b(loss|losses|people|person)\b", copied.replace("–", ""), re.IGNORECASE)


def test_what_is_compared_without_numbers_is_not_out_of_100(client, form):
    asked = form | {"numbers": "none", "earlier": "without-tests"}
    page = send(client, asked, "answer").text
    assert "Beside the answer you compare with" in page
    assert "out of 100" not in page


def test_only_a_pregnancy_to_come_is_compared_as_one_if_pregnant_again(client, form):
    goes_on = {"p3-outcome": "ongoing", "p3-week": "9", "p3-age": form["age"]}
    captions = {
        "Births out of 100 people, if pregnant again": form,
        "Births out of 100 people; in a next pregnancy, if pregnant again": form | goes_on | {"later": "yes"},
        "Births out of 100 people": form | goes_on,
    }
    for caption, fields in captions.items():
        page = send(client, fields | {"earlier": "without-tests"}, "answer").text
        assert f"<caption>{caption}</caption>" in page


def test_words_are_those_that_the_reader_chose(client, form):
    page = send(client, {**form, "word-loss": "miscarriage", "word-person": "woman"}, "answer").text
    assert "about 18 have another miscarriage" in page or "have another miscarriage" in page
    assert "women with a history like this" in page


def test_an_answer_is_compared_with_the_same_before_its_tests(client, form):
    tested = {**form, "t1-kind": "uterine_nk:cells_per_mm2", "t1-value": "900", "earlier": "without-tests"}
    page = send(client, tested, "answer").text
    assert "Beside the answer you compare with" in page
    table = page[page.index("compared-title") :]
    cells = re.findall(r"<td>(about \d+) \(\d+ to \d+\)</td>", table)
    alone = send(client, form, "answer").text
    assert cells[0] in alone
    # What the test moved most is there too, beside what women with births have.
    row = re.search(r"above the line of one laboratory.*?</td><td>(.*?)</td><td>(.*?)</td>", table)
    assert row[1] != row[2]
    assert "the same among women with births" in table


def test_what_cannot_be_compared_is_said(client, form):
    page = send(client, form | {"earlier": "p1-outcome=miscarriage"}, "answer").text
    assert "Nothing can be set side by side" in page


def test_before_its_tests_everything_else_was_the_same(client, form):
    known = form | {"translocation": "yes", "thyroid_antibodies": "yes", "trying_months": "12"}
    page = send(client, known | {"earlier": "without-tests"}, "answer").text
    then, now = re.findall(r"<td>(about \d+) \(\d+ to \d+\)</td>", page[page.index("compared-title") :])[:2]
    assert then == now


def test_an_earlier_history_is_carried_to_the_answer(client, form):
    earlier = {**form, "earlier": "age=40&p1-outcome=miscarriage"}
    checked = send(client, earlier, "check").text
    assert 'name="earlier" value="age=40&amp;p1-outcome=miscarriage"' in checked
    assert "Beside the answer you compare with" in send(client, earlier, "answer").text


@pytest.mark.parametrize(
    ("kind", "begins"),
    [("json", "{"), ("csv", "what,mean,lo,hi"), ("svg", "<svg"), ("history", "schema: history/1")],
)
def test_downloads(client, form, kind, begins):
    file = send(client, form, f"download:{kind}")
    assert file.status_code == 200
    assert "attachment" in file.headers["content-disposition"]
    assert file.text.startswith(begins)


def test_the_figure_needs_an_age(client):
    refused = client.post("/history", data={"p1-outcome": "miscarriage", "do": "download:svg"})
    assert refused.status_code == 422


def test_a_shared_link_opens_as_a_form(client):
    history = example_history("five-pregnancies-with-karyotypes")
    page = client.post("/history", data={"do": "open", "link": fragment_of(history)}).text
    assert page.count('<fieldset class="one">') == 5
    assert 'value="39.5"' in page

"""Any text is a history or one clear refusal, and every history survives being written and read again."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from decidua.base.errors import InputError
from decidua.measure.history import (
    CONDITIONS,
    History,
    Pregnancy,
    Test,
    history_from_content,
    history_from_words,
    history_text,
    parse_history,
)
from decidua.measure.schema import history_schema

WEEKS = {
    "miscarriage": (4, 23),
    "stillbirth": (24, 45),
    "live_birth": (22, 45),
    "ectopic": (0, 24),
    "induced": (0, 24),
}
LARGEST = {"cells_per_mm2": 5000.0, "percent_of_stroma": 100.0, "percent_of_lymphocytes": 100.0}
REGIMENS = ["prednisolone_tang2013", "progesterone_prism2019", "aspirin_low_dose"]
VALIDATOR = Draft202012Validator(history_schema())


@st.composite
def pregnancies(draw, outcome: str, age: float | None) -> Pregnancy:
    is_loss = outcome in ("miscarriage", "stillbirth")
    weeks = st.integers(*WEEKS.get(outcome, (4, 45)))
    return Pregnancy(
        outcome=outcome,
        age_years=age,
        week=draw(st.none() | weeks),
        karyotype=draw(st.sampled_from(["euploid", "aneuploid", "unbalanced"])) if is_loss else "unknown",
        confirmed=draw(st.sampled_from(["scan", "test", "unknown"])),
        heartbeat=draw(st.sampled_from(["seen", "not_seen", "unknown"])),
        treatments=tuple(draw(st.lists(st.sampled_from(REGIMENS), unique=True))),
        new_partner=draw(st.booleans()),
    )


@st.composite
def cell_tests(draw) -> Test:
    unit = draw(st.sampled_from(sorted(LARGEST)))
    return Test(
        test="blood_nk" if unit == "percent_of_lymphocytes" else "uterine_nk",
        value=draw(st.floats(0.0, LARGEST[unit], exclude_min=True)),
        unit=unit,
        days_after_ovulation=draw(st.none() | st.floats(0.0, 28.0)),
    )


@st.composite
def histories(draw) -> History:
    ages = sorted(draw(st.lists(st.floats(12.0, 60.0), max_size=6)))
    outcomes = [draw(st.sampled_from(sorted(WEEKS))) for _ in ages]
    if ages and draw(st.booleans()):
        outcomes[-1] = "ongoing"
    known = [draw(st.sampled_from([age, None])) for age in ages]
    told = tuple(draw(pregnancies(outcome, age)) for outcome, age in zip(outcomes, known, strict=True))
    return History(
        age_years=draw(st.none() | st.floats(ages[-1] if ages else 12.0, 60.0)),
        partner_age_years=draw(st.none() | st.floats(12.0, 99.0)),
        trying_months=0 if outcomes[-1:] == ["ongoing"] else draw(st.integers(0, 576)),
        pregnancies=told,
        tests=tuple(draw(st.lists(cell_tests(), max_size=4))),
        conditions={name: draw(st.sampled_from(["yes", "no", "unknown"])) for name in CONDITIONS},
    )


# Texts near to a history reach deeper into the reader than random letters do.
NAMES_AND_SIGNS = (
    "age pregnancies outcome miscarriage week tests value [ ] { } , \" ' &a *a !x << ? | > ~ # é"
)
SPACES = (": ", "- ", "\n", "  ", "\t", "\x85", "---\n", "...\n", "%YAML 1.1\n")
SCALAR_WORDS = ("34", "-1", "1e999", ".nan", "0x1F", "08", "true", "null", "yes", "!!python/name:os ")
PIECES = st.sampled_from([*NAMES_AND_SIGNS.split(), *SPACES, *SCALAR_WORDS])
NEAR = st.lists(PIECES | st.characters(), max_size=40).map("".join)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(["age", "pregnancies", "outcome", "week", "treatments", "tests", "unit"]) | SCALARS
CONTENT = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
)


def is_history_or_refusal(read) -> None:
    """Anything else that is raised ends the test."""
    try:
        line = ""
        assert isinstance(read(), History)
    except InputError as refusal:
        line = str(refusal)
    assert not line or line.isprintable()
    assert len(line) < 420


@given(st.text())
def test_any_text_is_a_history_or_one_refusal(text):
    is_history_or_refusal(lambda: parse_history(text, name="ours.yaml"))


@given(NEAR)
def test_any_text_near_to_a_history_is_one_or_is_refused(text):
    is_history_or_refusal(lambda: parse_history(text, name="ours.yaml"))


@given(CONTENT)
def test_any_plain_values_are_a_history_or_refused(content):
    is_history_or_refusal(lambda: history_from_content(content, name="ours.json"))
    is_history_or_refusal(lambda: history_from_content({"pregnancies": [content], "tests": content}))


@given(histories(), st.data())
def test_a_history_with_a_piece_changed_is_one_or_is_refused(history, data):
    text = history_text(history)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 12, len(text))))
    changed = text[:start] + data.draw(PIECES) + text[end:]
    is_history_or_refusal(lambda: parse_history(changed))


@given(histories())
def test_a_history_written_and_read_again_is_the_same(history):
    assert parse_history(history_text(history)) == history
    assert parse_history(json.dumps(history.to_dict())) == history
    assert history_from_content(history.to_dict()) == history


@given(histories())
def test_the_schema_accepts_every_history_that_the_reader_accepts(history):
    assert not list(VALIDATOR.iter_errors(history.to_dict()))


LETTERS = st.text(alphabet="abceghilnorstuv@w.:_-0123456789", max_size=20)
WORDS = st.tuples(st.sampled_from(["loss", "birth", "ongoing", ""]), LETTERS).map("".join) | st.text(
    max_size=10
)


@given(st.lists(WORDS, max_size=5), SCALARS)
def test_any_words_are_a_history_or_refused(words, age):
    is_history_or_refusal(lambda: history_from_words(words, age=age))

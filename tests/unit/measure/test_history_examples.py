"""The shipped examples and those of the documentation are histories, and say what they are said to say."""

from __future__ import annotations

import re
import shlex

import pytest

from decidua.base.errors import InputError
from decidua.measure.history import (
    example_history,
    example_names,
    example_text,
    history_from_words,
    parse_history,
)
from decidua.measure.layout import history_layout, regimen_names

COUNTS = {  # losses, births, pregnancies, tests
    "one-early-loss-then-three-births": (1, 3, 4, 0),
    "four-losses-high-count-treated": (4, 0, 5, 1),
    "five-pregnancies-with-karyotypes": (3, 1, 5, 0),
    "trying-without-a-pregnancy": (0, 0, 0, 1),
    "several-losses-ages-unknown": (3, 0, 3, 0),
}
STEROIDS = (
    "If you take steroids, do not stop or change them without your clinic:"
    " stopping suddenly can be dangerous."
)


def test_the_examples_are_the_ones_listed():
    assert set(example_names()) == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_an_example_holds_what_its_name_says(name):
    history = example_history(name)
    found = (history.previous_losses, history.births, len(history.pregnancies), len(history.tests))
    assert found == COUNTS[name]
    assert "invented" in example_text(name).splitlines()[0]


def test_the_treated_example_is_at_26_weeks_with_a_high_count():
    history = example_history("four-losses-high-count-treated")
    assert history.ongoing is not None
    assert (history.ongoing.week, history.ongoing.treatments) == (26, ("prednisolone_tang2013",))
    assert (history.tests[0].value, history.tests[0].unit) == (340.0, "cells_per_mm2")


def test_the_other_examples_use_what_they_show():
    five = example_history("five-pregnancies-with-karyotypes")
    assert {pregnancy.karyotype for pregnancy in five.pregnancies} == {"aneuploid", "euploid", "unknown"}
    assert five.conditions["antiphospholipid"] == "no"
    assert example_history("trying-without-a-pregnancy").trying_months == 18
    assert example_history("several-losses-ages-unknown").age_years is None


def test_an_unknown_example_is_refused_with_the_closest():
    with pytest.raises(InputError, match=r"did you mean trying-without-a-pregnancy\?"):
        example_text("trying-without-pregnancy")
    with pytest.raises(InputError, match="not accepted"):
        example_text("../__init__")


@pytest.fixture(scope="module")
def page(project):
    return (project / "docs" / "history.md").read_text(encoding="utf-8")


def test_every_file_in_the_documentation_is_a_history(page):
    texts = re.findall(r"```(?:yaml|json)\n(.*?)```", page, re.DOTALL)
    assert len(texts) >= 4
    for text in texts:
        parse_history(text, name="docs/history.md")


def test_every_line_of_words_in_the_documentation_is_a_history(page):
    lines = [line for text in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in text.splitlines()]
    typed = [shlex.split(line)[2:] for line in lines if "--age" in line]
    assert typed
    for line in typed:
        at = line.index("--age")
        history_from_words(line[:at] + line[at + 2 :], age=line[at + 1])


def test_the_documentation_names_every_field_example_and_regimen(page):
    fields = history_layout().fields
    inner = [fields[name].item.fields for name in ("pregnancies", "tests")]
    names = {name for section in (fields, *inner, fields["conditions"].fields) for name in section}
    assert not {name for name in {*names, *example_names(), *regimen_names()} if f"`{name}`" not in page}


@pytest.mark.parametrize("where", ["page", "example"])
def test_steroids_never_appear_without_their_sentence(where, page):
    text = page if where == "page" else example_text("four-losses-high-count-treated").replace("# ", "")
    assert STEROIDS in " ".join(text.split())

"""Every rule of the safety layer, over everything that a command shows or writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from safety.registry import JSON_OUTPUTS, OUTPUTS, STORY, Output, made

from decidua.tell.pages import Page, flat, page_from_html, page_from_text
from decidua.tell.safety import RULES
from decidua.tell.words import sentence

ONE_MECHANISM = [output for output in OUTPUTS if output.is_one_mechanism]
PROSPECTS = [output for output in OUTPUTS if output.is_prospect]
PAGES = [output for output in OUTPUTS if output.files]
LOADING = ("src", "srcset", "poster", "data", "xlink:href")
# A figure stands inside a page, which says the rest.
WHOLE_PAGES = [output for output in PROSPECTS if output.files != "*.svg"]


def name_of(case: Any) -> str:
    return getattr(case, "name", None) or getattr(case, "__name__", str(case))


def pages(output: Output) -> list[Page]:
    read = page_from_html if output.files else page_from_text
    return [read(text) for text in made(output)]


@pytest.mark.parametrize("output", OUTPUTS, ids=name_of)
@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_an_output_keeps_the_rule(rule, output):
    broken = [str(violation) for page in pages(output) for violation in rule(page)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("output", PROSPECTS, ids=name_of)
def test_a_prospect_says_if_pregnant_again(output):
    assert all(sentence("if_pregnant_again") in flat(page.seen).lower() for page in pages(output))


@pytest.mark.parametrize("output", ONE_MECHANISM, ids=name_of)
def test_the_storys_own_world_says_that_it_assumes_a_contested_mechanism(output):
    assert all(sentence("contested_mechanism") in flat(page.seen).lower() for page in pages(output))


@pytest.mark.parametrize("output", WHOLE_PAGES, ids=name_of)
def test_every_page_about_prospects_says_what_it_is_not_and_when_to_seek_help(output):
    for page in pages(output):
        assert sentence("not_a_device") in flat(page.seen)
        assert sentence("urgent_help") in flat(page.seen)


@pytest.mark.parametrize("output", PAGES, ids=name_of)
def test_nothing_is_loaded_from_elsewhere(output):
    for page in pages(output):
        loaded = [
            value
            for tag, attributes in page.tags
            for name, value in attributes
            if name in LOADING or (tag in ("link", "use", "image") and name == "href")
        ]
        assert not [value for value in loaded if not value.startswith(("#", "data:"))]
        assert "url(http" not in page.styles
        assert "@import" not in page.styles


def has_words(drawing: dict[str, str]) -> bool:
    """Either named for a screen reader, or hidden from it because words beside it say the same."""
    is_named = bool(drawing.get("aria-label") or drawing.get("aria-labelledby"))
    return (drawing.get("role") == "img" and is_named) or drawing.get("aria-hidden") == "true"


def test_the_story_shows_pictures_with_words_for_those_who_cannot_see_them():
    for page in pages(STORY):
        drawings = [dict(attributes) for tag, attributes in page.tags if tag == "svg"]
        assert drawings
        assert not [drawing for drawing in drawings if not has_words(drawing)]


def estimates(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, float]]]:
    if isinstance(value, dict):
        if {"mean", "lo", "hi"} <= set(value):
            yield path, value
        for key, inner in value.items():
            yield from estimates(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from estimates(inner, f"{path}[{index}]")


def content(output: Output) -> dict[str, Any]:
    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    return json.loads(made(output)[0], parse_constant=refuse)


@pytest.mark.parametrize("output", JSON_OUTPUTS, ids=name_of)
def test_json_says_where_it_comes_from(output):
    found = content(output)
    assert found["schema_version"]
    assert {
        "program", "version", "model_version", "evidence_version", "seed", "arguments", "mechanism_weights",
    } <= set(found["provenance"])  # fmt: skip


@pytest.mark.parametrize("output", JSON_OUTPUTS, ids=name_of)
def test_every_interval_in_json_holds_its_mean(output):
    wrong = {path: it for path, it in estimates(content(output)) if not it["lo"] <= it["mean"] <= it["hi"]}
    assert not wrong


@pytest.mark.parametrize("output", [o for o in JSON_OUTPUTS if o.is_one_mechanism], ids=name_of)
def test_json_of_the_storys_own_world_says_so(output):
    assert sentence("contested_mechanism") in made(output)[0]


@pytest.mark.parametrize("output", [o for o in JSON_OUTPUTS if o.arguments[0] == "history"], ids=name_of)
def test_a_personal_history_never_enters_provenance(output):
    told = json.dumps(content(output)["provenance"])
    personal = [argument for argument in output.arguments if "@" in argument]
    assert not [argument for argument in personal if argument in told]
    assert '"age"' not in told

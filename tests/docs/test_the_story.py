"""Every sentence of the story and every reader's question has a step, a command and its verdict."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from decidua.cli import lazy
from decidua.evidence import load_ledger
from decidua.study.story_script import claims_by_id, load_script

PAGE = Path(__file__).parents[2] / "docs" / "the-story.md"
CLAIMS = claims_by_id(load_ledger())
SCRIPT = load_script()


def rows() -> dict[str, list[str]]:
    """The cells of every table row of the page, by the first."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| |"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert cells[0] not in found, f"{cells[0]} stands twice"
            found[cells[0]] = cells[1:]
    return found


ROWS = rows()
QUESTIONS = {f"({question.id})": question for question in SCRIPT.questions}
LETTERS = {name[0] for name in CLAIMS}


def test_the_claims_and_the_questions_are_those_of_the_story():
    assert sorted(LETTERS) == list("abcdefghijkl")
    assert [question.id for question in SCRIPT.questions] == list("abcdefgh")


def test_no_sentence_and_no_question_is_unmapped():
    assert set(ROWS) == set(CLAIMS) | set(QUESTIONS)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_sentence_stands_with_its_verdict_and_its_step(name):
    quote, verdict, step, _ = ROWS[name]
    assert quote == f"“{CLAIMS[name].text}”"
    assert verdict == CLAIMS[name].verdict.replace("_", " ")
    told = next(one for one in SCRIPT.walk if one.id == step.strip("`"))
    assert {claim[0] for claim in told.claims} >= {name[0]}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_stands_with_the_verdict_of_its_claim(name):
    asked, verdict, claims, command = ROWS[name]
    question = QUESTIONS[name]
    assert asked.startswith(f"{question.by}: ")
    assert claims == ", ".join(question.claims)
    assert verdict == CLAIMS[question.claims[0]].verdict.replace("_", " ")
    assert command == f"`{question.command}`"


@pytest.mark.parametrize("name", ROWS)
def test_its_command_exists_with_its_options(name):
    program, command, *arguments = shlex.split(ROWS[name][-1].strip("`"))
    assert program == "decidua"
    built = lazy.loaded_command(command, lazy.PLACES[command])
    known = {option for parameter in built.params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= known
    if command == "evidence" and not arguments[0].startswith("--"):
        assert arguments[0] in load_ledger()


def test_every_sentence_is_in_the_walk_itself():
    walked = {claim for step in SCRIPT.walk for claim in step.claims}
    for claim in load_ledger().claims.values():
        parts = {part.id for part in claim.parts}
        assert claim.id in walked or (parts and parts <= walked), claim.id


def test_no_letter_of_a_verdict_was_typed_that_the_claims_do_not_have():
    assert {step.verdict for step in SCRIPT.walk} <= {claim.verdict for claim in CLAIMS.values()}


def test_the_page_names_every_step():
    text = PAGE.read_text(encoding="utf-8")
    assert not [step.id for step in SCRIPT.steps if f"`{step.id}`" not in text]
    assert re.search(r"assumes a contested mechanism", text)

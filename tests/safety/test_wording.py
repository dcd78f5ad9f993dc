"""No banned word in any text written for the public: pages, templates, lists of words, help and messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from decidua.cli import app, lazy
from decidua.tell.pages import Page, page_from_html, page_from_text
from decidua.tell.safety import (
    avoids_banned_words,
    check_public_text,
    gives_no_telephone_numbers,
    gives_no_verdict,
    shows_no_baby,
)

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "src" / "decidua"
EXEMPTIONS = yaml.safe_load((Path(__file__).parent / "exemptions.yaml").read_text(encoding="utf-8"))
WORDING_RULES = (avoids_banned_words, gives_no_verdict, gives_no_telephone_numbers, shows_no_baby)

PUBLIC_PAGES = (
    "README.md",
    "INTENDED_PURPOSE.md",
    "docs/the-story.md",
    "docs/commands.md",
    "docs/history.md",
)
DOCUMENTS = [PROJECT / name for name in PUBLIC_PAGES]
TEMPLATES = sorted(path for kind in ("html", "j2", "jinja", "svg") for path in PACKAGE.rglob(f"*.{kind}"))
CLAIMS = PACKAGE / "evidence" / "claims.yaml"
STORY = PACKAGE / "evidence" / "story.yaml"
PUBLIC_YAML = [
    CLAIMS,
    STORY,
    *sorted(path for room in ("tell", "study") for path in (PACKAGE / room).rglob("*.yaml")),
]
SPEAKING = sorted(path for room in ("cli", "tell", "study") for path in (PACKAGE / room).rglob("*.py"))
# The rules themselves have to name what they forbid.
RULE_FILES = {PACKAGE / "tell" / "safety.py", PACKAGE / "tell" / "pages.py"}


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def without_exemptions(text: str, path: Path) -> str:
    for exemption in EXEMPTIONS.get(name_of(path), []):
        assert exemption["why"].strip(), f"an exemption in {name_of(path)} gives no reason"
        assert exemption["quote"] in text, f"{name_of(path)} no longer holds “{exemption['quote']}”"
        text = text.replace(exemption["quote"], " ")
    return text


def broken(page: Page) -> list[str]:
    return [str(violation) for rule in WORDING_RULES for violation in rule(page)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_document_keeps_every_rule(path):
    text = re.sub(r"```.*?```|`[^`]*`", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not [str(violation) for violation in check_public_text(without_exemptions(text, path))]


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_uses_words_people_accept(path):
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not broken(page_from_html(without_exemptions(text, path)))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in strings(inner))
    elif isinstance(value, list):
        yield from (text for inner in value for text in strings(inner))


@pytest.mark.parametrize("path", PUBLIC_YAML, ids=name_of)
def test_a_list_of_texts_uses_words_people_accept(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "words.yaml":
        del content["banned"]
    text = "\n\n".join(strings(content))
    assert not broken(page_from_text(without_exemptions(text, path)))


def spoken(path: Path) -> str:
    """What a program may say: its strings of several words, without the docstrings of its code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    nodes = list(ast.walk(tree))
    docstrings = {ast.get_docstring(node, clean=False) for node in nodes if isinstance(node, documented)}
    found = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return "\n\n".join(text for text in found if text not in docstrings and len(text.split()) >= 3)


@pytest.mark.parametrize("path", [path for path in SPEAKING if path not in RULE_FILES], ids=name_of)
def test_what_the_program_says_uses_words_people_accept(path):
    assert not broken(page_from_text(without_exemptions(spoken(path), path)))


@pytest.mark.parametrize("command", ["", *lazy.PLACES])
def test_help_uses_words_people_accept(command):
    shown = CliRunner().invoke(app, [*filter(None, [command]), "--help"])
    assert shown.exit_code == 0
    assert not broken(page_from_text(shown.stdout))


def test_only_files_that_are_linted_have_exemptions():
    linted = {name_of(path) for path in [*DOCUMENTS, *TEMPLATES, *PUBLIC_YAML, *SPEAKING]}
    assert set(EXEMPTIONS) <= linted

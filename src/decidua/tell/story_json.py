"""The story as one JSON object: every step in words, with the numbers it shows and where it comes from."""

from __future__ import annotations

from typing import Any

from decidua.base.estimates import Estimate
from decidua.base.provenance import SCHEMA_VERSION
from decidua.study.story import Story
from decidua.tell.story_text import plain
from decidua.tell.story_told import ToldStep, tell_steps
from decidua.tell.words import sentence


def story_record(story: Story) -> dict[str, Any]:
    """The story for a program to read.

    Arguments:  story  as `walk_the_story` gives it
    Returns:    plain data: schema_version, provenance, assumes, steps, numbers
    Checked by: tests/unit/study/test_story_page.py
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "mechanism": story.mechanism,
        "assumes": sentence("contested_mechanism"),
        "if_pregnant_again": sentence("where_it_starts"),
        "steroid": sentence("steroid"),
        "steps": [_step(told) for told in tell_steps(story)],
        "numbers": {name: _number(value) for name, value in story.values.items()},
        "provenance": dict(story.provenance),
    }


def _step(told: ToldStep) -> dict[str, Any]:
    return {
        "id": told.step.id,
        "asked_by": told.step.by,
        "title": plain(told.title),
        "claims": [{"id": claim.id, "claim": claim.quote, "verdict": claim.verdict} for claim in told.claims],
        "own_world": [plain(text) for text in told.own_world],
        "evidence": [plain(text) for text in (*told.evidence, *told.benefit)],
        "sources": [source.label for source in told.sources],
        "command": told.step.command,
    }


def _number(value: float | str | Estimate) -> Any:
    return value.to_dict() if isinstance(value, Estimate) else value

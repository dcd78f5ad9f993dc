"""The coverage table: what the model has, has in part, and lacks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import decidua.evidence
from decidua.base.yaml_text import data_of
from decidua.evidence.schema import Grade
from decidua.study.story_script import Record

FILE = "coverage.yaml"
State = Literal["complete", "partial", "absent"]
SIGNS: dict[State, str] = {"complete": "●", "partial": "◐", "absent": "○"}


class Covered(Record):
    """One part of the model; `grade` is that of the evidence behind it."""

    part: str
    room: str
    state: State
    grade: Grade
    has: str
    lacks: str
    checks: tuple[str, ...]

    @property
    def sign(self) -> str:
        """A mark that needs no colour."""
        return SIGNS[self.state]


@cache
def load_coverage() -> tuple[Covered, ...]:
    """Every part, in the order of the file."""
    return tuple(Covered.model_validate(row) for row in _content())


def _content() -> list[Any]:
    path = Path(decidua.evidence.__file__).parent / FILE
    found: list[Any] = data_of(path.read_text(encoding="utf-8"))
    return found

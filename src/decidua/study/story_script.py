"""The script of the story: its steps and readers' questions, read from the evidence and checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

import decidua.evidence
from decidua.base.errors import InputError
from decidua.base.records import checked
from decidua.base.yaml_text import data_of
from decidua.evidence import Ledger, load_ledger
from decidua.evidence.schema import ClaimPart

FILE = "story.yaml"


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Inputs(Record):
    """Declared example inputs; the questions give none."""

    age_years: int
    ages_years: tuple[int, ...]
    loss_week: int
    losses: int
    most_losses: int
    blood_low_percent_of_lymphocytes: float
    blood_high_percent_of_lymphocytes: float
    drug_from_week: int
    infection_week: int
    late_week: int
    age_shifts_years: tuple[int, ...]
    tested_after_losses: int
    waited_until_losses: tuple[int, ...]
    guidelines_not_counted: tuple[str, ...]


class Told(Record):
    """The history of a question: a shipped example, or words with an age."""

    example: str | None = None
    age: float | None = None
    words: tuple[str, ...] = ()


class Detail(Record):
    """Text that lies behind a click."""

    summary: str
    text: tuple[str, ...]


class Step(Record):
    """One step of the walk, or one reader's question."""

    id: str
    title: str
    claims: tuple[str, ...]
    verdict: str
    command: str
    figures: tuple[str, ...] = ()
    own_world: tuple[str, ...]
    evidence: tuple[str, ...]
    details: tuple[Detail, ...] = ()
    benefits: tuple[str, ...] = ()
    by: str | None = None
    history: Told | None = None
    age_moves: bool = False
    table: Literal["guidelines"] | None = None

    @property
    def is_question(self) -> bool:
        """Whether a reader asks it."""
        return self.by is not None


class Script(Record):
    """The whole walk."""

    inputs: Inputs
    steps: tuple[Step, ...]
    questions: tuple[Step, ...]

    @property
    def walk(self) -> tuple[Step, ...]:
        """Steps, then questions, in order."""
        return (*self.steps, *self.questions)


@cache
def load_script() -> Script:
    """The script that ships with the program.

    Returns:    Script whose verdicts equal those of the claims
    Raises:     InputError when the file is not whole, or cites a claim with another verdict
    Checked by: tests/unit/study/test_story_script.py
    """
    return checked_script(_content(), load_ledger())


def checked_script(content: Any, ledger: Ledger) -> Script:
    """A script from plain data, refused where it disagrees with the claims."""
    script = checked(Script, content, file=FILE)
    for step in script.walk:
        _check_verdict(step, ledger)
    return script


def _check_verdict(step: Step, ledger: Ledger) -> None:
    known = claims_by_id(ledger)
    for name in step.claims:
        if name not in known:
            raise InputError(file=FILE, field=f"{step.id}.claims", value=name, allowed=", ".join(known))
    judged = known[step.claims[0]].verdict
    if step.verdict != judged:
        raise InputError(file=FILE, field=f"{step.id}.verdict", value=step.verdict, allowed=judged)


def claims_by_id(ledger: Ledger) -> dict[str, ClaimPart]:
    """Every claim and every part of one, by its id."""
    return {part.id: part for claim in ledger.claims.values() for part in (claim, *claim.parts)}


def _content() -> Any:
    path = Path(decidua.evidence.__file__).parent / FILE
    return data_of(path.read_text(encoding="utf-8"))

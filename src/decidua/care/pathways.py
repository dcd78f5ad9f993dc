"""Pathways of care as data: whom to test after how many losses, and what follows; shipped or a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from decidua.base.errors import InputError
from decidua.base.records import Kind, checked, without_prefix
from decidua.womb import load_regimen
from decidua.womb.regimens import REGIMENS, read_yaml

PATHWAYS = (
    "never_test",
    "test_after_1",
    "test_after_2",
    "test_after_3",
    "test_after_4",
    "blood_test_after_3",
    "progesterone_after_3",
)
FILE_ENDINGS = (".yaml", ".yml", ".json")
STEROID = "prednisolone"
COURSES = tuple(name for name in REGIMENS if name not in ("none", "story_protocol"))
Losses = Annotated[int, Field(ge=1, le=10)]
Days = Annotated[int, Field(ge=0, le=1000)]


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToAll(Record):
    """A treatment that is offered after so many losses without a test."""

    after_losses: Losses
    regimen: str

    @model_validator(mode="after")
    def holds_no_steroid(self) -> ToAll:
        """A steroid belongs behind a reading, where its harms are counted for those who get it."""
        _refuse_unknown(self.regimen)
        if STEROID in load_regimen(self.regimen).drugs:
            raise ValueError("a regimen without a steroid")
        return self


class CarePathway(Record):
    """One pathway: what is on record decides who is tested, and the reading decides what is offered.

    after_losses           recorded losses after which she is tested
    consecutive            only losses since her last birth count
    cut                    a reading above it is high: cells per mm2, or percent of lymphocytes in blood;
                           the ledger's where it is left out
    days_until_result      in which she does not try; the ledger's where it is left out
    if_high                course of every later pregnancy after a high reading
    wait_to_conceive_days  before each of them; where it is left out, what the course gives before conception
    progesterone           what is offered without a test
    p_accepts              chance that she takes what is offered; the ledger's where it is left out
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    title: Annotated[str, Field(min_length=3, max_length=200)]
    test: Literal["uterine_nk", "blood_nk", "none"]
    after_losses: Losses | None = None
    consecutive: bool = True
    cut: Annotated[float, Field(gt=0.0, le=1e5, allow_inf_nan=False)] | None = None
    days_until_result: Days | None = None
    if_high: str | None = None
    wait_to_conceive_days: Days | None = None
    progesterone: ToAll | None = None
    p_accepts: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def says_when_to_test(self) -> CarePathway:
        """A test has its number of losses; without a test nothing follows from one."""
        if self.test != "none" and self.after_losses is None:
            raise ValueError("after_losses, 1 to 10, beside a test")
        of_a_test = ("after_losses", "cut", "days_until_result", "if_high", "wait_to_conceive_days")
        idle = [name for name in of_a_test if getattr(self, name) is not None]
        if self.test == "none" and idle:
            raise ValueError(f"no {idle[0]} without a test")
        if self.if_high is not None:
            _refuse_unknown(self.if_high)
        return self

    @property
    def regimens(self) -> tuple[str, ...]:
        """Every regimen it may lead to."""
        to_all = self.progesterone.regimen if self.progesterone else None
        return tuple(name for name in (self.if_high, to_all) if name is not None)


def _refuse_unknown(regimen: str) -> None:
    """The story's protocol looks at the true count, which nobody in a simulated life knows."""
    if regimen not in COURSES:
        raise ValueError(f"one of {', '.join(COURSES)}")


@cache
def load_pathway(name: str) -> CarePathway:
    """A shipped pathway by its name.

    Arguments:  name  one of PATHWAYS
    Returns:    CarePathway
    Raises:     InputError for any other name
    """
    if name not in PATHWAYS:
        raise InputError(field="pathway", value=name, allowed=f"{', '.join(PATHWAYS)}, or a YAML file")
    return read_pathway(shipped_folder() / f"{name}.yaml")


def read_pathway(path: Path) -> CarePathway:
    """A pathway from a YAML or JSON file.

    Arguments:  path  file of at most 100 kB
    Returns:    CarePathway
    Raises:     InputError naming file, field and value
    """
    return pathway_from(read_yaml(path), file=path.name)


def pathway_from(raw: Mapping[str, Any], *, file: str | None = None) -> CarePathway:
    """A pathway from plain data.

    Arguments:  raw   mapping with the fields of CarePathway
                file  name to show in an error
    Returns:    CarePathway
    Raises:     InputError for a pathway that cannot be followed
    """
    return read_as(CarePathway, raw, file=file)


def read_as(kind: type[Kind], raw: Any, *, file: str | None) -> Kind:
    """Plain data of a user as a record; an unknown field is told those that there are."""

    def told(error: Any) -> str:
        unknown = error["type"] == "extra_forbidden"
        return f"these fields: {', '.join(kind.model_fields)}" if unknown else without_prefix(error)

    return checked(kind, raw, file=file, whole="file", told=told)


def as_pathway(pathway: str | Path | CarePathway, *, beside: Path | None = None) -> CarePathway:
    """A pathway given by the name of a shipped one, by a file, or as itself.

    Arguments:  pathway  one of PATHWAYS, the name of a YAML file, or a CarePathway
                beside   folder that the name of a file starts from
    Returns:    CarePathway
    """
    if isinstance(pathway, CarePathway):
        return pathway
    if isinstance(pathway, Path) or pathway.lower().endswith(FILE_ENDINGS):
        return read_pathway((beside or Path()) / pathway)
    return load_pathway(pathway)


def shipped_folder() -> Path:
    """The folder of the pathways that ship with the program."""
    import decidua.evidence

    return Path(decidua.evidence.__file__).parent / "pathways"

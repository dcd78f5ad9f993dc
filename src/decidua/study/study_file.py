"""A study as data: which pathways are compared with which, in what population; shipped or a user's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from decidua.base.errors import InputError
from decidua.care.pathways import CarePathway, Record, as_pathway, read_as
from decidua.study.population_world import Plan
from decidua.womb import MECHANISMS
from decidua.womb.regimens import read_yaml

STUDIES = ("when-to-test",)
FILE_ENDINGS = (".yaml", ".yml", ".json")
Age = Annotated[float, Field(ge=12.0, le=49.0)]


class StudyFile(Record):
    """A question to simulated lives.

    arms                 pathways: names of shipped ones, or files beside this one
    against              the arm that all others are compared with
    start_ages           years at first trying, from and to; the ledger's where it is left out
    children_wanted      by all; as in the ledger where it is left out
    horizon_years        followed for so long; until nobody conceives where it is left out
    wait_counted_months  longest time from a first loss to a birth that is counted
    mechanism            one explanation alone; all by their weights where it is left out
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    title: Annotated[str, Field(min_length=3, max_length=200)]
    question: Annotated[str, Field(min_length=3, max_length=500)]
    against: str
    arms: Annotated[tuple[str, ...], Field(min_length=2, max_length=12)]
    start_ages: tuple[Age, Age] | None = None
    children_wanted: Annotated[int, Field(ge=1, le=20)] | None = None
    horizon_years: Annotated[float, Field(ge=0.5, le=40.0)] | None = None
    wait_counted_months: Annotated[int, Field(ge=6, le=240)] = 60
    mechanism: str | None = None

    @model_validator(mode="after")
    def compares_with_one_of_its_arms(self) -> StudyFile:
        """Each arm once, the one compared with among them, ages in order."""
        if len(set(self.arms)) < len(self.arms):
            raise ValueError("each arm once")
        if self.against not in self.arms:
            raise ValueError(f"against: one of {', '.join(self.arms)}")
        if self.mechanism not in (None, *MECHANISMS):
            raise ValueError(f"mechanism: one of {', '.join(MECHANISMS)}")
        if self.start_ages and self.start_ages[0] > self.start_ages[1]:
            raise ValueError("start_ages from the younger to the older")
        return self


class ReadStudy(Record):
    """A study with its pathways at hand."""

    file: StudyFile
    pathways: tuple[CarePathway, ...]

    @model_validator(mode="after")
    def tells_its_arms_apart(self) -> ReadStudy:
        """Two files may hold pathways of one name."""
        names = [care.name for care in self.pathways]
        if len(set(names)) < len(names):
            raise ValueError("pathways with names of their own")
        return self

    @property
    def against(self) -> str:
        """Name of the pathway that all others are compared with."""
        return self.pathways[self.file.arms.index(self.file.against)].name

    def plan(self, *, draws: int | None) -> Plan:
        """The world it is asked of."""
        return Plan(
            mechanism=self.file.mechanism,
            start_ages=self.file.start_ages,
            wanted=self.file.children_wanted,
            horizon_years=self.file.horizon_years,
            draws=draws,
        )


def read_study(study: str | Path) -> ReadStudy:
    """A study by the name of a shipped one, or from a YAML or JSON file.

    Arguments:  study  one of STUDIES, or a path
    Returns:    ReadStudy
    Raises:     InputError naming file, field and value
    Checked by: tests/unit/study/test_study_run.py
    """
    path = Path(study)
    if path.suffix.lower() not in FILE_ENDINGS:
        return shipped_study(str(study))
    file = read_as(StudyFile, read_yaml(path), file=path.name)
    return with_pathways(file, beside=path.parent)


@cache
def shipped_study(name: str) -> ReadStudy:
    """A shipped study by its name."""
    if name not in STUDIES:
        raise InputError(field="study", value=name, allowed=f"{', '.join(STUDIES)}, or a YAML file")
    return with_pathways(read_as(StudyFile, read_yaml(shipped_folder() / f"{name}.yaml"), file=name))


def with_pathways(file: StudyFile, *, beside: Path | None = None) -> ReadStudy:
    """Read the pathways that a study names."""
    pathways = tuple(_pathway(arm, file, beside) for arm in file.arms)
    return read_as(ReadStudy, {"file": file, "pathways": pathways}, file=file.name)


def _pathway(arm: str, file: StudyFile, beside: Path | None) -> CarePathway:
    """One arm; a name that nothing ships under is told with the study that asks for it."""
    try:
        return as_pathway(arm, beside=beside)
    except InputError as error:
        if error.file is not None:
            raise
        raise InputError(file=file.name, field="arms", value=arm, allowed=error.allowed) from None


def shipped_folder() -> Path:
    """The folder of the studies that ship with the program."""
    import decidua.evidence

    return Path(decidua.evidence.__file__).parent / "studies"

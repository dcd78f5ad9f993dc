"""What may be asked of simulated lives: the fields of the form, which are those of the JSON address."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from decidua.base.errors import InputError
from decidua.care.pathways import CarePathway, load_pathway, read_as
from decidua.study.study_file import ReadStudy, StudyFile

FEWEST_WOMEN, USUAL_WOMEN, MOST_WOMEN = 10_000, 100_000, 500_000
DRAWS = 100
YOUNGEST, OLDEST = 18.0, 45.0
NUMBERS = {1: "one loss", 2: "two losses in a row", 3: "three losses in a row", 4: "four losses in a row"}
TESTS = {"uterine_nk": "Womb lining NK test", "blood_nk": "Blood NK test"}
NAMES = {"uterine_nk": "test_after_", "blood_nk": "blood_test_after_"}
NOTHING = "nothing"
COURSES = {
    "story_course": "the story's course",
    "prednisolone_tang2013": "the course of a trial of 40 women",
    "prednisolone_sun2023": "the course of a trial of 715 women",
}
NEVER, TO_ALL = "never_test", "progesterone_after_3"
ALL_EXPLANATIONS = "all"
OWN = "your study"
Course = Literal["story_course", "prednisolone_tang2013", "prednisolone_sun2023", "nothing"]
Losses = Annotated[int, Field(ge=1, le=4)]
Age = Annotated[float, Field(ge=YOUNGEST, le=OLDEST, allow_inf_nan=False)]


class StudyQuery(BaseModel):
    """One question to simulated lives. Nothing in it is about a person.

    after         recorded losses after which the test comes, one pathway for each; never is always compared
    course        what follows a high reading
    waits         whether the result and the course make her wait as assumed, or not at all
    progesterone  whether progesterone for all after three losses is compared too
    from_age      youngest age at first trying, and in to_age the oldest; the ledger's where both are left out
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Annotated[list[Losses], Field(min_length=1, max_length=8)]
    test: Literal["uterine_nk", "blood_nk"] = "uterine_nk"
    course: Course = "story_course"
    waits: Literal["assumed", "none"] = "assumed"
    progesterone: Literal["no", "yes"] = "no"
    mechanism: Literal["all", "attack", "perfusion", "decidual_quality", "too_few", "marker"] = "all"
    from_age: Age | None = None
    to_age: Age | None = None
    women: int = Field(USUAL_WOMEN, ge=FEWEST_WOMEN, le=MOST_WOMEN)
    seed: int = Field(1, ge=0, le=2**31 - 1)

    @field_validator("after")
    @classmethod
    def each_once(cls, after: list[int]) -> list[int]:
        """In order, each number of losses once."""
        return sorted(set(after))

    @model_validator(mode="before")
    @classmethod
    def no_number_is_a_truth_value(cls, sent: Any) -> Any:
        """True would count as 1."""
        values = sent.values() if isinstance(sent, dict) else ()
        if any(value is True or value is False for each in values for value in _each(each)):
            raise ValueError("numbers and words, never true or false")
        return sent

    def study(self) -> ReadStudy:
        """The question, checked.

        Raises:     InputError naming the field
        """
        pathways = [load_pathway(NEVER), *(self._tested(losses) for losses in self.after)]
        if self.progesterone == "yes":
            pathways.append(load_pathway(TO_ALL))
        file = {
            "name": "your-study",
            "title": f"{TESTS[self.test]} after {_listed(self.after)}",
            "question": "What does it change when the test comes earlier, later, or never?",
            "against": NEVER,
            "arms": [care.name for care in pathways],
            "start_ages": self._ages(),
            "mechanism": None if self.mechanism == ALL_EXPLANATIONS else self.mechanism,
        }
        return ReadStudy(file=read_as(StudyFile, file, file=OWN), pathways=tuple(pathways))

    def _tested(self, losses: int) -> CarePathway:
        """A test after so many losses, and what follows it."""
        course = None if self.course == NOTHING else self.course
        waits = {} if self.waits == "assumed" else {"days_until_result": 0, "wait_to_conceive_days": 0}
        pathway: dict[str, Any] = {
            "name": f"{NAMES[self.test]}{losses}",
            "title": f"{TESTS[self.test]} after {NUMBERS[losses]}, {after_high(self.course)}",
            "test": self.test,
            "after_losses": losses,
            "if_high": course,
            "assumed": load_pathway(f"test_after_{losses}").assumed,
            **waits,
        }
        return read_as(CarePathway, pathway, file=OWN)

    def _ages(self) -> tuple[float, float] | None:
        if self.from_age is None and self.to_age is None:
            return None
        if self.from_age is None or self.to_age is None:
            given = self.to_age if self.from_age is None else self.from_age
            raise InputError(
                file=OWN, field="from_age, to_age", value=given, allowed="both of them, or neither"
            )
        if self.from_age > self.to_age:
            both = f"{self.from_age:g} and {self.to_age:g}"
            raise InputError(file=OWN, field="from_age, to_age", value=both, allowed="the younger age first")
        return self.from_age, self.to_age


def after_high(course: str) -> str:
    """What follows a high reading, in words."""
    return "and nothing follows" if course == NOTHING else f"{COURSES[course]} if it reads high"


def _listed(after: list[int]) -> str:
    """All numbers of losses as the end of a title."""
    *first, last = [str(losses) for losses in after]
    return f"{', '.join(first)} or {last} losses" if first else NUMBERS[after[0]]


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

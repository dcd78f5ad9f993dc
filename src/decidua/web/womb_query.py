"""What may be asked of the simulated womb: the fields of the form, which are those of the JSON address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.datastructures import QueryParams

from decidua.base.errors import InputError
from decidua.study.pregnancy import NO_EFFECT, PregnancyQuestion
from decidua.web.forms import fields_of
from decidua.womb import (
    GENOTYPES,
    MECHANISMS,
    REGIMENS,
    Regimen,
    load_regimen,
    regimen_from,
    regimen_from_text,
)
from decidua.womb.pregnancy import ALLOWED, COURSES

MOST_STEPS = 6
LONGEST_PROTOCOL = 8000
MOST_WOMEN = 1000
STEPS, PROTOCOL = "steps", "protocol"
OWN_FILE = "your protocol"
DRUGS = ("prednisolone", "progesterone", "aspirin")


def _within(name: str, default: float | None) -> Any:
    lo, hi = ALLOWED[name]
    return Field(default, ge=lo, le=hi, allow_inf_nan=False)


def _one_word(default: str | None, allowed: Iterable[str | None]) -> Any:
    """A word of a closed list, which the description of the API names; `question` refuses every other."""
    return Field(default, json_schema_extra={"enum": list(allowed)})


class WombQuery(BaseModel):
    """One question to the simulated womb. Nothing in it is about a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    density: float | None = _within("density_per_mm2", None)
    recognition: float | None = _within("recognition", None)
    genotype: str | None = _one_word(None, (None, "", *GENOTYPES))
    mechanism: str = _one_word(NO_EFFECT, MECHANISMS)
    unk_course: str = _one_word(COURSES[0], COURSES)
    regimen: str = _one_word("none", (*REGIMENS, STEPS, PROTOCOL))
    drug: list[str] = Field(default=[], max_length=MOST_STEPS)
    dose: list[str] = Field(default=[], max_length=MOST_STEPS)
    from_week: list[str] = Field(default=[], max_length=MOST_STEPS)
    for_weeks: list[str] = Field(default=[], max_length=MOST_STEPS)
    protocol: str = Field(default="", max_length=LONGEST_PROTOCOL)
    infection_week: float | None = _within("infection_week", None)
    end_week: float = _within("end_week", 40.0)
    women: int = Field(200, ge=1, le=MOST_WOMEN)
    seed: int = Field(1, ge=0, le=2**31 - 1)

    @model_validator(mode="before")
    @classmethod
    def no_number_is_a_truth_value(cls, sent: Any) -> Any:
        """True would count as 1."""
        if isinstance(sent, Mapping) and any(isinstance(value, bool) for value in sent.values()):
            raise ValueError("numbers and words, never true or false")
        return sent

    @model_validator(mode="before")
    @classmethod
    def steps_are_taken(cls, sent: Any) -> Any:
        """A step that names a drug is meant, or a protocol, where no other course was chosen."""
        return with_steps(sent) if isinstance(sent, Mapping) else sent

    def question(self) -> PregnancyQuestion:
        """The question, checked.

        Raises:     InputError naming the field
        """
        _one_of("mechanism", self.mechanism, MECHANISMS)
        return PregnancyQuestion(
            regimen=self._regimen(),
            mechanism=self.mechanism,
            density_per_mm2=self.density,
            recognition=self.recognition,
            genotype=self.genotype or None,
            unk_course=self.unk_course,
            infection_week=self.infection_week,
            end_week=self.end_week,
        )

    def _regimen(self) -> Regimen:
        if self.regimen == PROTOCOL:
            if not self.protocol.strip():
                raise InputError(file=OWN_FILE, value="an empty text", allowed="steps, as in the example")
            return regimen_from_text(self.protocol, file=OWN_FILE)
        if self.regimen == STEPS:
            return regimen_from(self._steps(), file="your steps")
        _one_of("regimen", self.regimen, (*REGIMENS, STEPS, PROTOCOL))
        if any(self.drug):
            allowed = "steps of your own, or no drug named in a step"
            raise InputError(field="regimen", value=self.regimen, allowed=allowed)
        return load_regimen(self.regimen)

    def _steps(self) -> dict[str, Any]:
        """The rows of the editor that name a drug, as plain data."""
        rows = zip_longest(self.drug, self.dose, self.from_week, self.for_weeks, fillvalue="")
        steps: list[Mapping[str, Any]] = [
            {
                "drug": drug,
                "dose_mg_per_day": _number(dose, f"step {place}, mg a day"),
                "start_gestation_weeks": _number(first, f"step {place}, from week"),
                "duration_weeks": _number(weeks, f"step {place}, weeks"),
            }
            for place, (drug, dose, first, weeks) in enumerate(rows, start=1)
            if drug
        ]
        return {"name": "your_steps", "title": "Steps entered on the page", "steps": steps}


def with_steps(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was sent, with the course that its steps make where no course was chosen."""
    if sent.get("regimen", "none") != "none":
        return sent
    named, written = sent.get("drug") or (), sent.get("protocol") or ""
    if not isinstance(named, str) and any(named):
        return {**sent, "regimen": STEPS}
    return {**sent, "regimen": PROTOCOL} if isinstance(written, str) and written.strip() else sent


def as_sent(sent: QueryParams) -> dict[str, Any]:
    """The form as its sender left it, accepted or not."""
    defaults = {name: field.default for name, field in WombQuery.model_fields.items()}
    return dict(with_steps(defaults | fields_of(WombQuery, sent)))


def _number(text: str, field: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(file="your steps", field=field, value=text, allowed="a number") from None


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(field=field, value=value, allowed=", ".join(allowed))


Download = Literal["csv", "parquet", "json", "sbml"]

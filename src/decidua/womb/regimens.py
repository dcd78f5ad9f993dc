"""Drug courses and protocols as data: the schema, the shipped ones, reading a user's own, rendering in words.

Regimens exist in the simulator only. They describe what was given in trials or is told in the popular story;
none is advice, and every rendering carries SAFETY_SENTENCE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from decidua.base.errors import InputError
from decidua.base.records import checked, without_prefix
from decidua.base.yaml_text import READER, data_of
from decidua.womb.parameters import DAYS_PER_WEEK

SAFETY_SENTENCE = (
    "If you take steroids, do not stop or change them without your clinic:"
    " stopping suddenly can be dangerous."
)
REGIMENS: tuple[str, ...] = (
    "none",
    "prednisolone_tang2013",
    "prednisolone_sun2023",
    "progesterone_promise2015",
    "progesterone_prism2019",
    "aspirin_low_dose",
    "story_protocol",
    "prednisolone_quenby2005",
    "prednisolone_cooper2019",
    "story_course",
)
FILE_ENDINGS = (".yaml", ".yml", ".json")
LARGEST_FILE_BYTES = 100_000
MOST_LEVELS = 20
Drug = Literal["prednisolone", "progesterone", "aspirin"]
Dose = Annotated[float, Field(ge=0.0, le=10_000.0, allow_inf_nan=False)]
Weeks = Annotated[float, Field(gt=0.0, le=60.0, allow_inf_nan=False)]


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(Record):
    """One drug at one dose for some weeks; starts at a gestation or on a day of the cycle of conception.

    Cycle day 1 is the first of that cycle; day 0 and days below it lie before it, twelve cycles at most.
    """

    drug: Drug
    dose_mg_per_day: Dose | None = None
    dose_mg_twice_daily: Dose | None = None
    start_gestation_weeks: Annotated[float, Field(ge=0.0, le=42.0)] | None = None
    start_cycle_day: Annotated[float, Field(ge=-335.0, le=28.0)] | None = None
    duration_weeks: Weeks

    @model_validator(mode="after")
    def says_each_thing_once(self) -> Step:
        """One way of giving the dose, one way of giving the start."""
        if (self.dose_mg_per_day is None) == (self.dose_mg_twice_daily is None):
            raise ValueError("exactly one of dose_mg_per_day and dose_mg_twice_daily")
        if (self.start_gestation_weeks is None) == (self.start_cycle_day is None):
            raise ValueError("exactly one of start_gestation_weeks and start_cycle_day")
        return self

    @property
    def mg_per_day(self) -> float:
        """The dose of a whole day, mg."""
        if self.dose_mg_per_day is not None:
            return self.dose_mg_per_day
        return 2.0 * (self.dose_mg_twice_daily or 0.0)

    @property
    def start_day(self) -> float:
        """First day, in days since the last period."""
        if self.start_gestation_weeks is not None:
            return self.start_gestation_weeks * DAYS_PER_WEEK
        return (1.0 if self.start_cycle_day is None else self.start_cycle_day) - 1.0

    @property
    def end_day(self) -> float:
        """Day on which the step is over, in days since the last period."""
        return self.start_day + self.duration_weeks * DAYS_PER_WEEK


class TaperStep(Record):
    """A daily dose of the taper and how long it is given."""

    dose_mg_per_day: Dose
    duration_weeks: Weeks


class InfectionRule(Record):
    """What the protocol does to the steroid when an infection begins."""

    dose_share: Annotated[float, Field(ge=0.0, le=1.0)]
    weeks: Weeks


class Protocol(Record):
    """Steroid by the count: start rule, retest, adjust, wait to conceive, hold on infection, taper, stop."""

    start_above_per_mm2: Annotated[float, Field(gt=0.0, le=1e5)]
    normal_below_per_mm2: Annotated[float, Field(gt=0.0, le=1e5)]
    start_mg_per_day: Annotated[float, Field(gt=0.0, le=10_000.0)]
    raise_by_mg_per_day: Dose
    highest_mg_per_day: Annotated[float, Field(gt=0.0, le=10_000.0)]
    most_cycles: Annotated[int, Field(ge=1, le=24)]
    wait_to_conceive: bool
    taper_from_gestation_weeks: Annotated[float, Field(gt=0.0, le=40.0)]
    taper: tuple[TaperStep, ...]
    on_infection: InfectionRule

    @model_validator(mode="after")
    def adjusts_within_its_limits(self) -> Protocol:
        """The first dose lies within the highest, and the taper only goes down."""
        if self.start_mg_per_day > self.highest_mg_per_day:
            raise ValueError("start_mg_per_day not above highest_mg_per_day")
        doses = [step.dose_mg_per_day for step in self.taper]
        if any(later >= earlier for earlier, later in pairwise(doses)):
            raise ValueError("taper doses that go down")
        return self


class Regimen(Record):
    """A named course of drugs, or a protocol with such a course beside it.

    `overlap`: whether courses of one drug may run at the same time; `adds` says that their doses add up.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    title: Annotated[str, Field(min_length=3, max_length=200)]
    steps: tuple[Step, ...] = ()
    overlap: Literal["refused", "adds"] = "refused"
    protocol: Protocol | None = None
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def courses_can_be_given(self) -> Regimen:
        """Steps of one drug follow one another: none goes back in time, none overlaps unless it says so."""
        for drug in dict.fromkeys(step.drug for step in self.steps):
            steps = [step for step in self.steps if step.drug == drug]
            _refuse_disorder(steps, drug=drug, may_overlap=self.overlap == "adds")
        if self.protocol and any(step.drug == "prednisolone" for step in self.steps):
            raise ValueError("prednisolone either in steps or by the protocol, not both")
        return self

    @property
    def drugs(self) -> tuple[str, ...]:
        """The drugs it holds, each once, steroid by protocol first."""
        by_protocol = ("prednisolone",) if self.protocol else ()
        return tuple(dict.fromkeys((*by_protocol, *(step.drug for step in self.steps))))


def _refuse_disorder(steps: list[Step], *, drug: str, may_overlap: bool) -> None:
    for earlier, later in pairwise(steps):
        if later.start_day < earlier.start_day:
            raise ValueError(f"steps of {drug} in order of time")
        if later.start_day < earlier.end_day and not may_overlap:
            raise ValueError(
                f"courses of {drug} that do not overlap, unless the regimen says `overlap: adds`"
            )


@cache
def load_regimen(name: str) -> Regimen:
    """A shipped regimen by its name.

    Arguments:  name  one of REGIMENS
    Returns:    Regimen
    Raises:     InputError for any other name
    """
    if name not in REGIMENS:
        raise InputError(field="regimen", value=name, allowed=f"{', '.join(REGIMENS)}, or a YAML file")
    return read_regimen(shipped_folder() / f"{name}.yaml")


def read_regimen(path: Path) -> Regimen:
    """A regimen from a YAML file.

    Arguments:  path  file of at most 100 kB
    Returns:    Regimen
    Raises:     InputError naming file, field and value where it cannot be read or could not be given
    """
    return regimen_from(read_yaml(path), file=path.name)


def read_yaml(path: Path) -> Any:
    """What a small YAML or JSON file of a user holds, as plain data.

    Arguments:  path  file of at most 100 kB
    Raises:     InputError naming the file where it is larger, is no YAML, or unfolds from aliases
    """
    if not path.is_file() or path.stat().st_size > LARGEST_FILE_BYTES:
        raise InputError(file=path.name, value=path.name, allowed="a readable file of at most 100 kB")
    return yaml_from(path.read_text(encoding="utf-8", errors="replace"), file=path.name)


def yaml_from(text: str, *, file: str | None = None) -> Any:
    """What a user's YAML holds, as plain data.

    Arguments:  text  at most LARGEST_FILE_BYTES
                file  name to show in an error
    Raises:     InputError where it is longer, is no YAML, has too many levels, or unfolds from aliases
    """
    import yaml

    if len(text) > LARGEST_FILE_BYTES:
        raise InputError(file=file, value=f"{len(text)} letters", allowed="at most 100,000")
    try:
        _refuse_what_grows(yaml.parse(text, Loader=READER), file=file)
        return data_of(text)
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(file=file, field="YAML", value=str(error), allowed="readable YAML") from None


def _refuse_what_grows(events: Iterable[Any], *, file: str | None) -> None:
    """Refuse aliases, which unfold, and many levels, which take the parser minutes."""
    from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    levels = 0
    for event in events:
        if isinstance(event, AliasEvent):
            raise InputError(file=file, value="alias", allowed="YAML without anchors and aliases")
        levels += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if levels > MOST_LEVELS:
            allowed = f"at most {MOST_LEVELS}"
            raise InputError(file=file, field="YAML", value="too many levels", allowed=allowed)


def regimen_from_text(text: str, *, file: str | None = None) -> Regimen:
    """A regimen from YAML, with the limits of `yaml_from`.

    Raises:     InputError naming field and value where it cannot be read or could not be given
    """
    return regimen_from(yaml_from(text, file=file), file=file)


def regimen_from(raw: Mapping[str, Any], *, file: str | None = None) -> Regimen:
    """A regimen from plain data.

    Arguments:  raw   mapping with name, title, steps, protocol, sources, assumed
                file  name to show in an error
    Returns:    Regimen
    Raises:     InputError for a regimen that cannot be given
    """
    return checked(Regimen, raw, file=file, whole="regimen", told=_allowed)


def _allowed(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        inside = "steps" in error["loc"] and "protocol" not in error["loc"]
        known = Step if inside else Protocol if "protocol" in error["loc"] else Regimen
        return f"these fields, doses in mg: {', '.join(known.model_fields)}"
    return without_prefix(error)


def as_regimen(regimen: str | Path | Regimen) -> Regimen:
    """A regimen given by the name of a shipped one, by a file of one's own, or as itself.

    Arguments:  regimen  one of REGIMENS, a path or the name of a YAML file, or a Regimen
    Returns:    Regimen
    Raises:     InputError for an unknown name, or a file that cannot be read or could not be given
    """
    if isinstance(regimen, Regimen):
        return regimen
    if isinstance(regimen, Path) or regimen.lower().endswith(FILE_ENDINGS):
        return read_regimen(Path(regimen))
    return load_regimen(regimen)


def shipped_folder() -> Path:
    """The folder of the regimens that ship with the program."""
    import decidua.evidence

    return Path(decidua.evidence.__file__).parent / "regimens"


def render_regimen(regimen: str | Path | Regimen) -> str:
    """A regimen in words for a reader, with what was assumed and the sentence that must stand beside it.

    Arguments:  regimen  name or Regimen
    Returns:    lines of text; the last is SAFETY_SENTENCE
    """
    known = as_regimen(regimen)
    lines = [f"{known.title} (simulation only)", *(_step_in_words(step) for step in known.steps)]
    if known.protocol:
        lines += _protocol_in_words(known.protocol)
    lines += [f"Assumed here: {line}" for line in known.assumed]
    return "\n".join([*lines, SAFETY_SENTENCE])


def _step_in_words(step: Step) -> str:
    twice = step.dose_mg_twice_daily is not None
    dose = f"{step.dose_mg_twice_daily:g} mg twice a day" if twice else f"{step.dose_mg_per_day:g} mg a day"
    return f"{step.drug} {dose} from {_start_in_words(step)} for {_weeks(step.duration_weeks)}"


def _weeks(count: float) -> str:
    return f"{count:g} {'week' if count == 1.0 else 'weeks'}"


def _start_in_words(step: Step) -> str:
    if step.start_gestation_weeks is not None:
        return f"week {step.start_gestation_weeks:g}"
    if step.start_day < 0.0:
        return f"{-step.start_day:g} days before the cycle of conception"
    return f"cycle day {step.start_cycle_day:g}"


def _protocol_in_words(protocol: Protocol) -> list[str]:
    taper = ", ".join(f"{s.dose_mg_per_day:g} mg for {_weeks(s.duration_weeks)}" for s in protocol.taper)
    wait = "conception waits until then" if protocol.wait_to_conceive else "conception does not wait"
    hold = protocol.on_infection
    return [
        f"with a count above {protocol.start_above_per_mm2:g} per mm²:",
        f"prednisolone {protocol.start_mg_per_day:g} mg a day, the count read again each cycle,",
        f"raised by {protocol.raise_by_mg_per_day:g} mg, to {protocol.highest_mg_per_day:g} mg at most,",
        f"until the count is below {protocol.normal_below_per_mm2:g};",
        f"{wait}, for {protocol.most_cycles} cycles at most",
        f"from week {protocol.taper_from_gestation_weeks:g}: {taper}, then stop",
        f"with an infection: {100 * hold.dose_share:g} percent of the dose for {_weeks(hold.weeks)}",
    ]

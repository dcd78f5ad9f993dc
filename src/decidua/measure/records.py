"""A history of pregnancies as the rest of the program knows it, with nothing filled in that was not said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

SCHEMA_NAME = "history/1"
LOSSES = ("miscarriage", "stillbirth")
OUTCOMES = ("miscarriage", "live_birth", "stillbirth", "ectopic", "induced", "ongoing")
KARYOTYPES = ("euploid", "aneuploid", "unbalanced", "unknown")
CONFIRMATIONS = ("scan", "test", "unknown")
HEARTBEATS = ("seen", "not_seen", "unknown")
CONDITIONS = ("antiphospholipid", "uterine_anomaly", "thyroid_antibodies", "translocation")
CONDITION_WORDS = ("yes", "no", "unknown")

# Names in a file that leave out the unit which the names in Python carry.
NAMES_IN_FILE = {"age_years": "age", "partner_age_years": "partner_age"}


def _unknown_conditions() -> dict[str, str]:
    return dict.fromkeys(CONDITIONS, "unknown")


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """One recognised pregnancy; None and "unknown" both mean that nobody said.

    Arguments:  outcome      one of OUTCOMES
                age_years    the woman's age in this pregnancy, years
                week         completed weeks of gestation when it ended, or now when it is ongoing
                karyotype    of a loss, one of KARYOTYPES; unbalanced means from a parental rearrangement
                confirmed    how the pregnancy was known, one of CONFIRMATIONS
                heartbeat    one of HEARTBEATS
                treatments   names of shipped regimens taken in it
                new_partner  the partner changed since the pregnancy before
    """

    outcome: str
    age_years: float | None = None
    week: int | None = None
    karyotype: str = "unknown"
    confirmed: str = "unknown"
    heartbeat: str = "unknown"
    treatments: tuple[str, ...] = ()
    new_partner: bool = False

    @property
    def is_loss(self) -> bool:
        """A miscarriage or a stillbirth."""
        return self.outcome in LOSSES

    @property
    def is_treated(self) -> bool:
        """Whether a course of drugs was taken in it."""
        return any(name != "none" for name in self.treatments)

    @property
    def is_without_heartbeat(self) -> bool:
        """Whether a scan showed none."""
        return self.heartbeat == "not_seen"

    def to_dict(self) -> dict[str, Any]:
        """What a file of this pregnancy says, with everything left out that was left out."""
        return _said(self)


@dataclass(frozen=True, slots=True)
class Test:
    """One measured share or density of NK cells.

    Arguments:  test                  "uterine_nk" or "blood_nk"
                value                 > 0, in `unit`
                unit                  cells_per_mm2 or percent_of_stroma; percent_of_lymphocytes for blood
                days_after_ovulation  day of the cycle when the sample was taken, days after ovulation
    """

    __test__ = False  # pytest would otherwise take it for a class of tests

    test: str
    value: float
    unit: str
    days_after_ovulation: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """What a file of this test says."""
        return _said(self)


@dataclass(frozen=True, slots=True)
class History:
    """A woman's pregnancies, oldest first, with her tests and conditions.

    Arguments:  age_years          now, years
                partner_age_years  now, years
                trying_months      months of trying without a pregnancy now
                pregnancies        oldest first; an ongoing one is last
                tests              in the order given
                conditions         every name of CONDITIONS to yes, no or unknown
    """

    age_years: float | None = None
    partner_age_years: float | None = None
    trying_months: int = 0
    pregnancies: tuple[Pregnancy, ...] = ()
    tests: tuple[Test, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=_unknown_conditions, hash=False)

    @property
    def previous_losses(self) -> int:
        """How many pregnancies were lost before 24 weeks, by the words of the history."""
        return self._count("miscarriage")

    @property
    def births(self) -> int:
        """How many live births there were."""
        return self._count("live_birth")

    @property
    def is_ongoing(self) -> bool:
        """Whether she is pregnant now."""
        return self.ongoing is not None

    @property
    def ongoing(self) -> Pregnancy | None:
        """The pregnancy of now, always the last one, or None."""
        last = self.pregnancies[-1] if self.pregnancies else None
        return last if last is not None and last.outcome == "ongoing" else None

    def without_ongoing(self) -> History:
        """The same history as it was before the pregnancy of now."""
        return replace(self, pregnancies=self.pregnancies[:-1]) if self.is_ongoing else self

    def to_dict(self) -> dict[str, Any]:
        """What a file of this history says; reading it back gives an equal history."""
        said = _said(self) | {"pregnancies": [pregnancy.to_dict() for pregnancy in self.pregnancies]}
        if self.tests:
            said["tests"] = [test.to_dict() for test in self.tests]
        known = {name: word for name, word in self.conditions.items() if word != "unknown"}
        return {"schema": SCHEMA_NAME, **said, **({"conditions": known} if known else {})}

    def _count(self, outcome: str) -> int:
        return sum(pregnancy.outcome == outcome for pregnancy in self.pregnancies)


def _said(record: Any) -> dict[str, Any]:
    """The plain values of a record that differ from what is assumed when nothing is said."""
    found = {}
    for part in fields(record):
        value = getattr(record, part.name)
        if part.name not in ("pregnancies", "tests", "conditions") and value != part.default:
            name = NAMES_IN_FILE.get(part.name, part.name)
            found[name] = list(value) if isinstance(value, tuple) else value
    return found

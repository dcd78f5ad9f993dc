"""The shape of an evidence entry, a published table, a source, a claim and a guideline; closed lists."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from decidua.evidence.prior import Prior

Unit = Literal[
    "years",
    "months",
    "weeks",
    "days",
    "hours",
    "gestation_weeks",
    "weeks_after_conception",
    "days_after_conception",
    "days_after_ovulation",
    "days_after_transfer",
    "percent",
    "percent_increase",
    "percentage_points",
    "percentage_points_per_year",
    "probability",
    "per_day",
    "per_week",
    "per_cycle",
    "per_hour",
    "per_1000_woman_weeks",
    "per_100000_per_year",
    "odds_ratio",
    "odds_ratio_per_year",
    "risk_ratio",
    "rate_ratio",
    "hazard_ratio",
    "fecundability_ratio",
    "likelihood_ratio",
    "log_odds",
    "log_odds_per_year",
    "log_odds_ratio",
    "log_risk_ratio",
    "log_hazard",
    "log_hazard_ratio",
    "log_sd",
    "correlation",
    "standardised_mean_difference",
    "area_under_curve",
    "fold",
    "dimensionless",
    "count",
    "cells_per_mm2",
    "percent_of_stroma",
    "percent_cd56",
    "percent_of_lymphocytes",
    "mg",
    "mg_per_day",
    "ng_per_ml",
    "nmol_per_litre",
    "litres",
    "litres_per_hour",
    "litres_per_kg",
    "ml_per_min_per_kg",
    "kg",
    "mm",
    "millions_per_year",
    "million_gbp_per_year",
    "as_printed",
    "qualitative",
]
Kind = Literal["measured", "pooled", "assumed", "calibrated"]
Grade = Literal["high", "moderate", "low", "very_low"]
Role = Literal[
    "CALIBRATION",
    "CALIBRATION_SENSITIVITY",
    "HELD_OUT",
    "CROSS_CHECK",
    "PRIOR",
    "INFORMED_STRUCTURE",
    "NONE",
]
Basis = Literal["ova", "hCG", "recognised", "not_applicable"]
Reading = Literal["READ", "READ_SECONDARY", "DERIVED", "JUDGEMENT"]
Reason = Literal[
    "calibrates",
    "holds_out",
    "cross_checks",
    "defines",
    "informs_structure",
    "supports_claim",
    "contradicts_claim",
    "states_position",
    "declares_prior",
]
IntervalIs = Literal["", "ci95", "range", "iqr", "reference_interval", "wilson95", "not_stated"]
Verdict = Literal["supported", "partly_supported", "contested", "contradicted", "unproven"]

UNITS: tuple[str, ...] = get_args(Unit)
READINGS_IN_USE: tuple[str, ...] = get_args(Reading)
MIXED = "MIXED"


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Reference(Record):
    """Where a value was read, and why it is cited."""

    source: str
    table: str | None = None
    dataset: str | None = None
    why: Reason = "defines"


class Value(Record):
    """One published or assumed value with its interval; the interval contains the value."""

    value: float
    interval: tuple[float, float] | None = None
    interval_is: str | None = None
    n: int | None = None
    events: int | None = None
    population: str | None = None
    years: str | int | None = None
    reference: Reference
    reading: Reading
    note: str | None = None

    @model_validator(mode="after")
    def interval_contains_value(self) -> Value:
        """An interval that leaves its own value outside is a typing error."""
        if self.interval is not None and not self.interval[0] <= self.value <= self.interval[1]:
            raise ValueError(f"interval {list(self.interval)} does not contain the value {self.value}")
        return self


class Entry(Record):
    """One number of the model: what it is, its unit, where it comes from and how sure it is."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
    description: str = Field(min_length=8)
    unit: Unit
    kind: Kind
    grade: Grade
    values: tuple[Value, ...] = Field(min_length=1)
    prior: Prior | None = None
    conflicts: str | None = None

    @property
    def chosen(self) -> Value:
        """The value in use: the first of the list; `conflicts` says why."""
        return self.values[0]

    @model_validator(mode="after")
    def declared_prior(self) -> Entry:
        """Assumed and calibrated numbers say what was believed before; judgement stays a prior."""
        if self.kind in ("assumed", "calibrated") and self.prior is None:
            raise ValueError(f"kind {self.kind} needs a declared prior")
        if self.kind == "assumed" and self.grade != "very_low":
            raise ValueError("an assumed entry is graded very_low")
        if self.kind != "assumed" and any(value.reading == "JUDGEMENT" for value in self.values):
            raise ValueError("reading JUDGEMENT is allowed only in an assumed entry with a prior")
        return self


class TableRow(Record):
    """One row of a published table, as printed."""

    dataset: str
    source: str
    table: str
    stratum: str
    timing: str
    age_lo: float | None
    age_hi: float | None
    previous_losses: str
    week: str
    n: int | None
    events: int | None
    estimate: float | None
    lo: float | None
    hi: float | None
    interval_is: IntervalIs
    spread: str
    unit: Unit
    basis: Basis
    reading: Reading
    role: Role
    leakage_group: str = Field(min_length=1)
    note: str
    row_key: str
    file: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources of this row; derived rows can have two."""
        return tuple(part.strip() for part in self.source.split(";"))


class PublishedTable(Record):
    """All rows of one dataset; they may stand in several topic files."""

    dataset: str
    rows: tuple[TableRow, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The topic files the rows stand in."""
        return tuple(dict.fromkeys(row.file for row in self.rows))

    @property
    def role(self) -> str:
        """The role of every row, or MIXED."""
        return _common([row.role for row in self.rows])

    @property
    def basis(self) -> str:
        """The denominator of every row, or MIXED."""
        return _common([row.basis for row in self.rows])

    @property
    def leakage_group(self) -> str:
        """The leakage group of every row, or MIXED."""
        return _common([row.leakage_group for row in self.rows])


def _common(words: list[str]) -> str:
    return words[0] if len(set(words)) == 1 else MIXED


class Author(Record):
    """A CSL name: family (and given) or literal."""

    family: str | None = None
    given: str | None = None
    literal: str | None = None


class Issued(Record):
    """A CSL date."""

    date_parts: tuple[tuple[int, ...], ...] = Field(alias="date-parts")


class Source(Record):
    """The part of CSL-JSON in use; only facts that were seen are filled in."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Literal["article-journal", "book", "chapter", "report", "webpage", "document", "thesis"]
    author: tuple[Author, ...] = ()
    title: str | None = None
    container_title: str | None = Field(default=None, alias="container-title")
    volume: str | None = None
    page: str | None = None
    edition: str | None = None
    publisher: str | None = None
    number: str | None = None
    issued: Issued | None = None
    DOI: str | None = None
    PMID: str | None = None
    PMCID: str | None = None
    URL: str | None = None
    note: str | None = None

    def short_label(self) -> str:
        """Who and when, on one line."""
        authors = ", ".join(author.literal or author.family or "" for author in self.author)
        names = authors or self.publisher or self.container_title or self.title or ""
        year = str(self.issued.date_parts[0][0]) if self.issued else "no date shown"
        return f"{names} {year}"

    def label(self) -> str:
        """One readable line: who, when, where, identifier."""
        place = " ".join(part for part in (self.container_title, self.volume) if part)
        marks = [f"doi:{self.DOI}" if self.DOI else "", f"PMID {self.PMID}" if self.PMID else ""]
        found = " ".join(mark for mark in (*marks, self.PMCID or "") if mark)
        return ". ".join(part for part in (self.short_label(), place, found, self.note) if part)


class Citation(Record):
    """A source and why it is cited."""

    source: str
    why: Reason


class ClaimPart(Record):
    """One sentence of a lay claim with its own verdict."""

    id: str = Field(pattern=r"^[a-z][0-9]?$")
    text: str
    verdict: Verdict
    reason: str
    sources: tuple[Citation, ...] = Field(min_length=1)


class Claim(ClaimPart):
    """A lay claim, its verdict, and its parts where it says several things."""

    parts: tuple[ClaimPart, ...] = ()


class Guideline(Record):
    """What one body says, dated; a cell nobody verified says so."""

    id: str
    body: str
    date: str
    trigger_losses: int | None
    trigger: str
    consecutive: str
    nk_test: str
    steroids: str
    progesterone: str
    aspirin_heparin: str
    ivig: str
    intralipid: str
    note: str
    sources: tuple[Citation, ...] = Field(min_length=1)


class SupportOrganisation(Record):
    """An organisation that offers support, with its home page."""

    id: str
    name: str
    country: str
    about: str
    link: str = Field(pattern=r"^https://[a-z0-9.-]+/?$")
    checked: str

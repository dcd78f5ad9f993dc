"""One simulated pregnancy as one JSON object, and as a table of days for Parquet and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decidua.base.provenance import SCHEMA_VERSION
from decidua.study.pregnancy import PregnancyAnswer, dose_spans
from decidua.study.pregnancy_women import LEVELS, Bands
from decidua.tell import pregnancy_words as words
from decidua.tell.words import sentence
from decidua.womb.parameters import DAYS_PER_WEEK

if TYPE_CHECKING:
    import polars

BAND_NAMES = ("lo", "median", "hi")


def pregnancy_record(answer: PregnancyAnswer) -> dict[str, Any]:
    """The answer for a program to read.

    Arguments:  answer  as `ask_pregnancy` or `ask_women` gives it
    Returns:    plain data: schema_version, mechanism, time course as lists by variable, units, regimen, the
                added hazard by mechanism, bands of virtual women, provenance
    Checked by: tests/unit/tell/test_pregnancy_told.py
    """
    course = answer.course
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "mechanism": course.mechanism,
        "steroid": sentence("steroid"),
        "about": words.NOT_ONE_PERSON,
        "density_per_mm2": course.density_per_mm2,
        "recognition": course.recognition,
        "unk_course": course.unk_course,
        "summary": words.findings(answer),
        "regimen": _regimen(answer),
        "harms": [harm.to_dict() for harm in words.harms_of_answer(answer)],
        "normalised": course.normalised,
        "ended_week": course.ended_week,
        "added_hazard_weeks_6_to_12": {
            name: {"without_drugs": without, "with_this_course": treated}
            for name, (without, treated) in answer.added_hazard.items()
        },
        "time_days": course.time_days.tolist(),
        "gestation_weeks": (course.time_days / DAYS_PER_WEEK).tolist(),
        "variables": {name: values.tolist() for name, values in course.variables.items()},
        "units": dict(course.units),
        "provenance": dict(answer.provenance),
    }
    if course.assumes_contested_mechanism:
        record["assumes"] = sentence("contested_mechanism")
    if answer.bands is not None:
        record["women"] = _women(answer.bands, answer.seed)
    return record


def _regimen(answer: PregnancyAnswer) -> dict[str, Any]:
    regimen = answer.question.regimen
    return {
        "name": regimen.name,
        "title": regimen.title,
        "in_words": words.regimen_words(answer),
        "assumed": list(regimen.assumed),
        "doses": [
            {"drug": drug, "from_week": first, "to_week": last, "mg_per_day": mg}
            for drug, first, last, mg in dose_spans(answer.course)
        ],
    }


def _women(bands: Bands, seed: int | None) -> dict[str, Any]:
    return {
        "women": bands.women,
        "seed": seed,
        "levels": dict(zip(BAND_NAMES, LEVELS, strict=True)),
        "share_given_prednisolone": bands.on_steroid,
        "share_normalised": bands.normalised,
        "share_ended": bands.ended,
        "density_per_mm2": dict(zip(BAND_NAMES, bands.density_per_mm2, strict=True)),
        "time_days": bands.time_days.tolist(),
        "bands": {
            name: dict(zip(BAND_NAMES, values.tolist(), strict=True)) for name, values in bands.bands.items()
        },
    }


def days_table(answer: PregnancyAnswer) -> polars.DataFrame:
    """One row for each day, one column for each variable; bands of women beside them."""
    import polars

    course = answer.course
    columns: dict[str, Any] = {
        "time_days": course.time_days,
        "gestation_weeks": course.time_days / DAYS_PER_WEEK,
        **course.variables,
    }
    table = polars.DataFrame(columns)
    return (
        table if answer.bands is None else table.join(_band_table(answer.bands), on="time_days", how="left")
    )


def _band_table(bands: Bands) -> polars.DataFrame:
    import polars

    columns = {
        f"women_{name}_{level}": values[k]
        for name, values in bands.bands.items()
        for k, level in enumerate(BAND_NAMES)
    }
    return polars.DataFrame({"time_days": bands.time_days, **columns})

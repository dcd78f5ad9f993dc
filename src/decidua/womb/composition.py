"""Composes the parts in Antimony to one model: equations, parameters with units, and a regimen as events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from decidua.womb.parameters import CYCLE_DAYS
from decidua.womb.schedule import DoseChange, Schedule
from decidua.womb.units import undeclared, unit_of, with_dimensionless_numbers

MODEL = "decidua_womb"
PARTS = (
    "units",
    "endometrium",
    "recognition",
    "trophoblast",
    "arteries",
    "decidua",
    "progesterone",
    "cortisol",
    "drugs",
    "infection",
    "mechanisms",
)
DRUGS = ("prednisolone", "progesterone", "aspirin")


@cache
def model_parts() -> str:
    """The text of the model's parts in their order, as they stand in the files."""
    folder = Path(__file__).parent / "models"
    return "\n".join((folder / f"{part}.ant").read_text(encoding="utf-8") for part in PARTS)


@cache
def equations() -> str:
    """The parts with a unit on every number and every name."""
    parts = with_dimensionless_numbers(model_parts())
    return "\n".join([parts, *(f"{name} has {unit_of(name)};" for name in undeclared(parts))])


@cache
def used_names() -> frozenset[str]:
    """Every name that occurs in the equations."""
    return frozenset(re.findall(r"[a-z][a-z0-9_]*", with_dimensionless_numbers(model_parts())))


def composed_text(
    schedule: Schedule,
    *,
    parameters: Mapping[str, float],
    inputs: Mapping[str, float],
    doses_per_day: int = 0,
) -> str:
    """The whole model in Antimony: its parts, its parameters and the regimen as events.

    Arguments:  schedule       changes of dose
                parameters     name to value
                inputs         what is set at each run, name to value
                doses_per_day  0 for an even flow, else single doses of prednisolone each day
    Returns:    text that Antimony reads
    """
    used = {name: value for name, value in sorted(parameters.items()) if name in used_names()}
    values = [
        f"{name} = {value!r} {unit_of(name)}; {name} has {unit_of(name)};" for name, value in used.items()
    ]
    given = [f"{name} = {value!r};" for name, value in inputs.items()]
    events = [*_dose_events(schedule, doses_per_day), *_menses_events(schedule)]
    events += _single_dose_event(schedule, doses_per_day)
    return "\n".join([f"model {MODEL}", equations(), *values, *given, *events, "end", ""])


def _days(day: float) -> str:
    return f"{float(day)!r} time_unit"


def _dose_events(schedule: Schedule, doses_per_day: int) -> list[str]:
    later = [change for change in schedule.changes if change.day > schedule.start_day]
    return [_dose_event(change, doses_per_day) for change in later]


def _dose_event(change: DoseChange, doses_per_day: int) -> str:
    new = f"{change.drug}_mg_per_day = {change.mg_per_day!r} milligram_per_day"
    if doses_per_day and change.drug == "prednisolone":
        new += f", next_dose = {_days(change.day + 0.5 / doses_per_day)}"
    return f"at (time >= {_days(change.day)}): {new};"


def _menses_events(schedule: Schedule) -> list[str]:
    """Cycles before conception end in menses: the lining is shed and all that stands in it starts again."""
    days = np.arange(schedule.start_day + CYCLE_DAYS, 0.5, CYCLE_DAYS)
    shed = "density_per_mm2 * unk_first_day_share * (1 dimensionless - unk_drug_effect)"
    fresh = {"senescent_cells": 0, "narrow_arteries": 1, "oxidative_stress": 0}
    again = ", ".join([f"uterine_nk = {shed}", *(f"{name} = {v} dimensionless" for name, v in fresh.items())])
    return [f"at (time >= {_days(day)}): cycle_start = {_days(day)}, {again};" for day in days]


def _single_dose_event(schedule: Schedule, doses_per_day: int) -> list[str]:
    """Each dose in the middle of its share of the day, so that it stands for the even flow of that share."""
    if not doses_per_day:
        return []
    each = f"prednisolone_mg_per_day * {_days(1.0 / doses_per_day)}"
    taken = [
        f"prednisolone_gut = prednisolone_gut + prednisolone_availability * {each}",
        f"prednisolone_given_mg = prednisolone_given_mg + {each}",
        f"next_dose = next_dose + {_days(1.0 / doses_per_day)}",
    ]
    due = "(time >= next_dose) && (prednisolone_mg_per_day > 0 milligram_per_day)"
    first = schedule.start_day + 0.5 / doses_per_day
    return [f"next_dose = {_days(first)}; next_dose has time_unit;", f"at ({due}): {', '.join(taken)};"]

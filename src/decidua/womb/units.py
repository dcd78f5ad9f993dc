"""Units by name: the last words of a model's name carry its unit, and numbers in the equations have none."""

from __future__ import annotations

import re

BY_LAST_WORDS: tuple[tuple[str, str], ...] = (
    ("_ng_per_ml_per_mg", "ng_per_ml_per_mg"),
    ("_per_mg_per_day", "per_milligram_per_day"),
    ("_mg_per_day", "milligram_per_day"),
    ("_ng_per_ml", "ng_per_ml"),
    ("_per_mm2", "cells_per_mm2"),
    ("_per_day", "per_day"),
    ("_days", "time_unit"),
    ("_day", "time_unit"),
    ("_mg", "milligram"),
)
DIMENSIONLESS = "dimensionless"
_BARE_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])(?!\s*[a-zA-Z_])")
_NAMED = re.compile(r"^([a-z][a-z0-9_]*)(?:'| =| :=| has )", re.MULTILINE)
_DECLARED = re.compile(r"^([a-z][a-z0-9_]*) has ", re.MULTILINE)
_SPECIES = re.compile(r"^substanceOnly species (.+);", re.MULTILINE)
_LEFT_AS_IT_IS = ("unit ", "compartment ", "substanceOnly ")


def unit_of(name: str) -> str:
    """The unit that the last words of a name tell, in the names of the model's units.

    Arguments:  name  of a parameter or variable of the model
    Returns:    e.g. `per_day`; `dimensionless` when its last words name none
    """
    return next((unit for ending, unit in BY_LAST_WORDS if name.endswith(ending)), DIMENSIONLESS)


def with_dimensionless_numbers(text: str) -> str:
    """The parts with every bare number of an equation marked as dimensionless, comments taken out."""
    lines = (_marked(line.split("#")[0].rstrip()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _marked(line: str) -> str:
    if line.startswith(_LEFT_AS_IT_IS) or '"' in line:
        return line
    return _BARE_NUMBER.sub(r"\1 dimensionless", line)


def undeclared(text: str) -> list[str]:
    """Names that the parts give an equation but no unit, in their order; species have that of substance."""
    species = [place.split()[0] for line in _SPECIES.findall(text) for place in line.split(",")]
    declared = {*_DECLARED.findall(text), *species}
    return [name for name in dict.fromkeys(_NAMED.findall(text)) if name not in declared]


def in_own_time(text: str, *, first_day: float) -> str:
    """A composed model that counts time from the first day of its run instead of the last period.

    Arguments:  text       composed model in Antimony
                first_day  day of the run's start, days since the last period
    Returns:    the model with `time + first_day` in the place of `time`
    """
    shifted = re.sub(r"\btime\b", "(time + first_day)", text)
    given = f"first_day = {first_day!r} time_unit; first_day has time_unit;"
    return shifted.replace("\nend\n", f"\n{given}\nend\n")

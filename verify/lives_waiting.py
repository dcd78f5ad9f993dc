"""Time to pregnancy in whole simulated lives, beside the tables of fecundability and the fit's short cut.

Run `python verify/lives_waiting.py` for the tables of docs/calibration.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference.couples import AgeCell, CoupleTables, couple_tables
from decidua.inference.couples_fit import hidden_shares, mixes
from decidua.inference.structures import DEFAULT_STRUCTURE
from decidua.life.parameters import FloatArray
from decidua.life.ways import DAYS_IN_YEAR, GAVE_UP_TRYING, OVULATION_DAY, STERILE
from decidua.study.population_chunks import CHUNK_WOMEN, Lives, simulate_lives
from decidua.study.population_world import Plan, World, world_of

SEED, WOMEN_IN_FULL = 20_261_122, 16 * CHUNK_WOMEN
CYCLES = (1, 3, 6, 12, 24)
NEVER = 10_000  # cycles, of a wait that ended without a pregnancy


@dataclass(frozen=True)
class Waits:
    """Every wait for a noticed pregnancy, from its first cycle; shape (waits,)."""

    age_years: FloatArray  # at its start
    is_gravid: NDArray[np.bool_]
    noticed: NDArray[np.int64]  # cycles until a noticed pregnancy, or NEVER

    def among(self, low: float, high: float, *, is_gravid: bool) -> NDArray[np.int64]:
        """Cycles of the waits that began at these ages."""
        return self.noticed[(self.age_years >= low) & (self.age_years < high) & (self.is_gravid == is_gravid)]


def waits_of(lives: Lives, world: World) -> Waits:
    """The waits of some women: those that ended in a noticed pregnancy, and those that were given up.

    A wait that met the end of follow-up is left out. Hidden losses lengthen a wait by a week or two, which
    is not taken off its start.
    """
    rows, women = lives.rows.pregnancies, lives.rows.women
    known = rows[rows[:, 8] == 1]
    before = known[:, 14] + known[:, 15] > 0  # losses or live births; a stillbirth alone is passed over
    start = known[:, 3] - OVULATION_DAY - (known[:, 2] - 1) * world.ways.cycle_days
    vain = women[np.isin(women[:, 4], (STERILE, GAVE_UP_TRYING))]
    began = vain[:, 3] - world.ways.give_up_days
    vain, began = vain[began >= vain[:, 2]], began[began >= vain[:, 2]]
    return Waits(
        np.concatenate([start, began]) / DAYS_IN_YEAR,
        np.concatenate([before, vain[:, 7] > 0]),
        np.concatenate([known[:, 2], np.full(len(vain), NEVER)]),
    )


def lived_waits(*, women: int, seed: int = SEED) -> Waits:
    """Waits of so many women who notice what they notice, nobody ending a pregnancy by choice."""
    world = world_of(Plan(start_ages=(20.0, 45.0), ascertainment="noticed", induced="none"))
    parts = []
    for first in range(0, women, CHUNK_WOMEN):
        last = min(first + CHUNK_WOMEN, women)
        lives = simulate_lives(world, seed=seed, first=first, last=last, with_rows=True)
        parts.append(waits_of(lives, world))
    return Waits(
        *(np.concatenate([getattr(p, f) for p in parts]) for f in ("age_years", "is_gravid", "noticed"))
    )


def fecundability(cycles: NDArray[np.int64], followed: int) -> tuple[float, float]:
    """Pregnancies over cycles at risk in the first cycles, and the standard error of its logarithm."""
    ever = cycles <= followed
    at_risk = np.minimum(cycles, followed)
    residual = ever - at_risk * ever.sum() / at_risk.sum()
    return float(ever.sum() / at_risk.sum()), math.sqrt(float((residual**2).sum())) / float(ever.sum())


def shares(cycles: NDArray[np.int64]) -> list[float]:
    """Cumulative share pregnant after 1, 3, 6, 12 and 24 cycles."""
    return [float((cycles <= n).mean()) for n in CYCLES]


def tables_and_expected() -> tuple[CoupleTables, FloatArray]:
    """The cells, and what the fit's short cut expects of each, averaged over the draws."""
    draws, ledger = load_draws(DEFAULT_STRUCTURE.name), load_ledger()
    hidden = hidden_shares(draws, ledger)
    tables = couple_tables(ledger, hidden_range=(float(hidden.min()), float(hidden.max())))
    each = np.array([tables.expected(mix) for mix in mixes(draws, hidden)])
    return tables, draws.weight @ each


def of_cell(waits: Waits, cell: AgeCell, tables: CoupleTables) -> tuple[float, float]:
    """The cell in simulated lives: the wait begins within a year of the age of the cell."""
    here = fecundability(_around(waits, cell.age_years, cell.is_gravid), tables.cycles)
    if not cell.is_ratio:
        return here
    young = fecundability(_around(waits, 23.0, cell.is_gravid), tables.cycles)
    return here[0] / young[0], math.hypot(here[1], young[1])


def _around(waits: Waits, age: float, is_gravid: bool) -> NDArray[np.int64]:
    return waits.among(age - 1.0, age + 1.0, is_gravid=is_gravid)


def main() -> None:
    waits = lived_waits(women=WOMEN_IN_FULL)
    tables, expected = tables_and_expected()
    print("| table | women | published | fit | lives |\n| --- | --- | --- | --- | --- |")
    for cell, value in zip(tables.cells, expected, strict=True):
        found, error = of_cell(waits, cell, tables)
        row = f"{cell.value:g} | {value:.3f} | {found:.3f} ± {found * error:.3f}"
        print(f"| {cell.table} | {cell.label} | {row} |")
    print("\n| women | waits | 1 | 3 | 6 | 12 | 24 |\n| --- | --- | --- | --- | --- | --- | --- |")
    for is_gravid in (False, True):
        for low, high in ((23, 25), (28, 31), (33, 36), (38, 40), (40, 46)):
            cycles = waits.among(low, high, is_gravid=is_gravid)
            said = " | ".join(f"{100 * share:.0f}" for share in shares(cycles))
            who = "pregnant before" if is_gravid else "never pregnant before"
            print(f"| {low}-{high - 1}, {who} | {len(cycles):,} | {said} |")


if __name__ == "__main__":
    main()

"""A world with care in it: what regimens do to the cells, to loss and as harms, as histories have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from decidua.care.following import pathway_of, treatments_of
from decidua.care.pathways import CarePathway
from decidua.care.readings import reading_log_sd
from decidua.care.treatments import effects_of
from decidua.evidence import Ledger, load_ledger
from decidua.evidence.draws import Draws
from decidua.inference import cells
from decidua.inference.encoding import TREATMENT_FIELDS, treatment_columns, womb_regimen
from decidua.inference.harms import harms_of_treatments
from decidua.inference.prepared import noise_log_sd
from decidua.life.parameters import FloatArray
from decidua.life.pathway import NOT_GIVEN, Pathway
from decidua.life.ways import IntArray
from decidua.study.population_world import Plan, World, draws_of, numbers_of, world_of

CONTROL_SPREAD = "measure.uterine_nk.control_log_sd"


def cared_world(
    plan: Plan, pathways: Sequence[CarePathway], ledger: Ledger | None = None
) -> tuple[World, Mapping[str, Pathway]]:
    """The world of a plan, and every pathway in numbers for its draws.

    Arguments:  plan      which world
                pathways  each with its own name
                ledger    the shipped one if None
    Returns:    World with the rows of the womb's table that the pathways need, and pathways by name
    """
    ledger = ledger or load_ledger()
    treatments = [names for care in pathways for names in treatments_of(care)]
    rows = tuple(dict.fromkeys((0, *(womb_regimen(names) for names in treatments))))
    draws, numbers = draws_of(plan), numbers_of(plan)
    reading = readings(draws, ledger)
    found = {
        care.name: pathway_of(
            care,
            regimens=regimen_rows(care, rows),
            effects=effects(care, draws, numbers),
            reading=reading,
            ledger=ledger,
        )
        for care in pathways
    }
    return world_of(plan, ledger, regimens=rows), found


def regimen_rows(care: CarePathway, rows: tuple[int, ...]) -> IntArray:
    """Place of each treatment among the rows that the world holds."""
    nothing, *others = treatments_of(care)
    places = [rows.index(womb_regimen(names)) if names else NOT_GIVEN for names in others]
    return np.array([rows.index(womb_regimen(nothing)), *places], dtype=np.int64)


def effects(care: CarePathway, draws: Draws, numbers: IntArray) -> FloatArray:
    """What each treatment does beside the womb, shape (draws, TREATMENTS, EFFECTS)."""
    each = [
        effects_of(direct_log_hazard_ratio(names, draws), harms_of_treatments(names), numbers=numbers)
        for names in treatments_of(care)
    ]
    return np.ascontiguousarray(np.stack(each, axis=1))


def direct_log_hazard_ratio(regimens: tuple[str, ...], draws: Draws) -> FloatArray:
    """Sum over the drugs taken, as the law of a history has it."""
    total = np.zeros(len(draws))
    for field, taken in zip(TREATMENT_FIELDS, treatment_columns(regimens), strict=True):
        total += taken * draws.columns[f"law.{field}"]
    return total


def readings(draws: Draws, ledger: Ledger) -> FloatArray:
    """Spread of one uterine reading, and correlation of blood with the womb, shape (draws, 2)."""
    spread = reading_log_sd(noise_log_sd(draws, ledger.value(CONTROL_SPREAD)), ledger)
    return np.column_stack([spread, draws.columns[cells.BLOOD_CORRELATION]])

"""A history in the numbers that the kernel reads: one row for each pregnancy, one column for each fact."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.evidence import Ledger
from decidua.inference.cells import regimen_index
from decidua.life.parameters import (
    CLINICAL_WEEK,
    CONDITIONS,
    FIRST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
    FloatArray,
)
from decidua.measure.history import History, Pregnancy
from decidua.womb import load_regimen

IntArray = NDArray[np.int64]

LOSS, ALIVE, BIRTH, STILLBIRTH = 0, 1, 2, 3
ANY, ANEUPLOID, EUPLOID, UNBALANCED = 0, 1, 2, 3
KARYOTYPES = {"unknown": ANY, "aneuploid": ANEUPLOID, "euploid": EUPLOID, "unbalanced": UNBALANCED}
TREATMENT_FIELDS = (
    "prednisolone_log_hazard_ratio",
    "progesterone_log_hazard_ratio",
    "aspirin_log_hazard_ratio",
)
BIRTHS = ("live_birth", "stillbirth")  # the fading factor is drawn afresh after these
KNOWN = {"yes": 1.0, "no": 0.0, "unknown": -1.0}


class Course(NamedTuple):
    """The pregnancies that inform the answer, oldest first; ectopic ones are left out."""

    kind: IntArray  # LOSS, ALIVE (still going on, or ended by choice), BIRTH, STILLBIRTH
    age_years: FloatArray
    partner_age_years: FloatArray  # NaN when unknown
    first: IntArray  # week boundary from which the loss may have been, or until which it was alive
    last: IntArray  # week boundary before which the loss was
    karyotype: IntArray
    regimen: IntArray  # row of the womb's table
    treatments: FloatArray  # (pregnancies, TREATMENT_FIELDS) 1 where taken
    is_renewed: IntArray  # 1 where the fading factor is drawn afresh before this pregnancy
    order: IntArray  # place in the history as written, from 1


def encode(history: History, ages: FloatArray, ledger: Ledger) -> Course:
    """Write a history as arrays.

    Arguments:  history  as read
                ages     age at each pregnancy of the history, all known, shape (pregnancies,)
                ledger   for the lag between death and recognition
    """
    lag = int(ledger.interval("life.recognition_lag_weeks")[0])
    rows, renewed, order = [], False, []
    for place, (pregnancy, age) in enumerate(zip(history.pregnancies, ages, strict=True), start=1):
        renewed = renewed or pregnancy.new_partner
        if pregnancy.outcome == "ectopic":
            continue
        rows.append((*_row(pregnancy, float(age), lag), float(renewed)))
        order.append(place)
        renewed = pregnancy.outcome in BIRTHS
    partner = _partner_ages(history, ages)
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 7 + len(TREATMENT_FIELDS))
    # Columns are copied: compiled code would be made anew for every other layout in memory.
    columns, whole = table.T.copy(), table.T.astype(np.int64, order="C")
    kept = np.array(order, dtype=np.int64)
    return Course(
        kind=whole[0],
        age_years=columns[1],
        partner_age_years=partner[kept - 1],
        first=whole[2],
        last=whole[3],
        karyotype=whole[4],
        regimen=whole[5],
        treatments=table[:, 6 : 6 + len(TREATMENT_FIELDS)].copy(),
        is_renewed=whole[-1],
        order=kept,
    )


def is_renewed_after(history: History) -> bool:
    """Whether the fading factor is drawn afresh before the next pregnancy."""
    renewed = False
    for pregnancy in history.pregnancies:
        if pregnancy.outcome == "ectopic":
            renewed = renewed or pregnancy.new_partner
        else:
            renewed = pregnancy.outcome in BIRTHS
    return renewed


def _partner_ages(history: History, ages: FloatArray) -> FloatArray:
    """Partner's age at each pregnancy: known only for pregnancies with today's partner."""
    if history.partner_age_years is None or history.age_years is None:
        return np.full(len(ages), math.nan)
    out = ages + (history.partner_age_years - history.age_years)
    changes = [i for i, pregnancy in enumerate(history.pregnancies) if pregnancy.new_partner]
    out[: changes[-1] if changes else 0] = math.nan
    return out


def _row(pregnancy: Pregnancy, age: float, lag: int) -> tuple[float, ...]:
    kind, first, last = _course(pregnancy, lag)
    karyotype = KARYOTYPES[pregnancy.karyotype]
    treatments = treatment_columns(pregnancy.treatments)
    regimen = womb_regimen(pregnancy.treatments)
    return (kind, age, first, last, karyotype, regimen, *treatments)


def _course(pregnancy: Pregnancy, lag: int) -> tuple[int, int, int]:
    """Kind of course and the week boundaries that are known."""
    end = LOSS_WEEKS
    match pregnancy.outcome:
        case "live_birth":
            return BIRTH, end, end
        case "stillbirth":
            return STILLBIRTH, end, end
        case "miscarriage":
            if pregnancy.week is not None:
                i = boundary(pregnancy.week)
                return LOSS, i, i + 1
            # A loss told without its week is taken as the losses of the published tables: from six weeks
            # on. Only one known by a test alone may have been earlier.
            return LOSS, 0 if pregnancy.confirmed == "test" else boundary(CLINICAL_WEEK), end
        case "induced":
            return ALIVE, boundary(pregnancy.week if pregnancy.week is not None else CLINICAL_WEEK), end
        case _:
            week = pregnancy.week if pregnancy.week is not None else CLINICAL_WEEK
            if pregnancy.is_without_heartbeat:  # known to have been there, not to be going on so far
                return ALIVE, boundary(min(week, CLINICAL_WEEK)), end
            return ALIVE, boundary(week + (lag if pregnancy.heartbeat == "seen" else 0)), end


def boundary(week: float) -> int:
    """Index of the start of a week in the law's tables, held inside them."""
    return int(min(max(week, FIRST_WEEK), VIABLE_WEEK) - FIRST_WEEK)


def treatment_columns(regimens: tuple[str, ...]) -> tuple[float, ...]:
    """Which drugs with an effect of their own were taken, in the order of TREATMENT_FIELDS."""
    drugs = drugs_of(regimens)
    return tuple(float(field.split("_")[0] in drugs) for field in TREATMENT_FIELDS)


def drugs_of(regimens: tuple[str, ...]) -> frozenset[str]:
    """Names of all drugs in these regimens."""
    return frozenset(drug for name in regimens for drug in load_regimen(name).drugs)


def womb_regimen(regimens: tuple[str, ...]) -> int:
    """Row of the womb's table: the regimen with a steroid, else the first one, else none."""
    with_steroid = [name for name in regimens if "prednisolone" in drugs_of((name,))]
    return regimen_index((with_steroid or list(regimens) or ["none"])[0])


def known_conditions(history: History) -> tuple[float, ...]:
    """1 present, 0 absent, -1 unknown, in the order of CONDITIONS."""
    return tuple(KNOWN[history.conditions.get(name, "unknown")] for name in CONDITIONS)


def worlds(history: History) -> tuple[float, ...]:
    """Whether translocation has to be followed apart: only where a karyotype asks for it."""
    translocation = known_conditions(history)[-1]
    asks = any(p.karyotype in ("euploid", "unbalanced") for p in history.pregnancies)
    if translocation >= 0.0:
        return (translocation,)
    return (0.0, 1.0) if asks else (-1.0,)

"""Ages that a history leaves out: filled from the ages it gives, or averaged over those of a register."""

from __future__ import annotations

import numpy as np

from decidua.evidence import Ledger
from decidua.inference.age_bands import band_points
from decidua.life.parameters import FloatArray
from decidua.measure.history import History

YOUNGEST_YEARS = 15.0
OLDEST_YEARS = 50.0


def age_scenarios(history: History, ledger: Ledger) -> list[tuple[FloatArray, float]]:
    """Ages at each pregnancy, with weights that sum to 1.

    With any age known the rest is filled at the usual interval, in order. With none known the first
    pregnancy has the ages of a register, and the others follow at the usual interval.
    """
    step = ledger.value("life.interval_between_pregnancies_years")
    count = len(history.pregnancies)
    known = [p.age_years for p in history.pregnancies]
    if any(age is not None for age in known) or history.age_years is not None or count == 0:
        return [(filled_ages(known, history.age_years, step), 1.0)]
    ages, weights = band_points(ledger.calibration_rows("MAGNUS_AGE"))
    counts = np.array([float(row.n or 0) for row in ledger.calibration_rows("MAGNUS_AGE")])
    out = []
    for band, points, share in zip(ages, weights, counts / counts.sum(), strict=True):
        first = float(points @ band)
        sequence = np.minimum(first + step * np.arange(count), OLDEST_YEARS)
        out.append((sequence, float(share)))
    return out


def filled_ages(known: list[float | None], now: float | None, step: float) -> FloatArray:
    """Fill unknown ages between and beside the known ones, never going backwards or past `now`."""
    count = len(known)
    at = [i for i, age in enumerate(known) if age is not None]
    values = [age for age in known if age is not None]
    if not at:
        last = OLDEST_YEARS if now is None else now - step
        at, values = [count - 1], [last]
    places = np.arange(count, dtype=np.float64)
    out = np.interp(places, at, values)
    out = np.where(places < at[0], values[0] - step * (at[0] - places), out)
    out = np.where(places > at[-1], values[-1] + step * (places - at[-1]), out)
    if now is not None:
        out = np.minimum(out, now)
    return np.maximum.accumulate(np.maximum(out, YOUNGEST_YEARS)) if count else out

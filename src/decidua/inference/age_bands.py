"""Ages within the bands of a register, and how many pregnancies there are at each."""

from __future__ import annotations

import numpy as np

from decidua.evidence import TableRow
from decidua.life.parameters import FloatArray

BAND_POINTS = 3  # ages within a five-year band at which the law is evaluated
LARGEST_AGE_YEARS = 48.0
YOUNGEST_AGE_YEARS = 15.0


def middle_of_band(row: TableRow) -> float:
    """Middle of an age band of completed years; an open band is taken as five years wide."""
    low = YOUNGEST_AGE_YEARS if row.age_lo is None else row.age_lo
    return (low + (low + 4.0 if row.age_hi is None else row.age_hi) + 1.0) / 2.0


def band_points(bands: tuple[TableRow, ...]) -> tuple[FloatArray, FloatArray]:
    """Ages within each band and their weights: pregnancies by year follow the counts of the bands.

    Women of one band are not spread evenly: between 40 and 44 most are 40 or 41. The number by single
    year is a straight line on the log scale through the middles of the bands.
    """
    middles = np.array([middle_of_band(row) for row in bands])
    log_per_year = np.log([float(row.n or 1) / 5.0 for row in bands])
    slopes = np.diff(log_per_year) / np.diff(middles)
    ages, weights = [], []
    for b, row in enumerate(bands):
        low = YOUNGEST_AGE_YEARS if row.age_lo is None else row.age_lo
        high = LARGEST_AGE_YEARS if row.age_hi is None else row.age_hi + 1.0
        years = np.linspace(low, high, 101)
        before, after = slopes[max(b - 1, 0)], slopes[min(b, slopes.size - 1)]
        density = np.exp(np.where(years < middles[b], before, after) * (years - middles[b]))
        thirds = np.array_split(np.arange(years.size), BAND_POINTS)
        ages.append([float(np.average(years[i], weights=density[i])) for i in thirds])
        weights.append([float(density[i].sum() / density.sum()) for i in thirds])
    return np.array(ages), np.array(weights)

"""What trying for months without a pregnancy says: sub-fertile couples, sterility, and implantation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.evidence import Ledger

FloatArray = NDArray[np.float64]

STERILITY_AGES = (20, 25, 30, 35, 38, 40, 42, 45)
RATIO_AGES = {
    "21_24": 23.0,
    "25_27": 26.5,
    "28_30": 29.5,
    "31_33": 32.5,
    "34_36": 35.5,
    "37_39": 38.5,
    "40_45": 43.0,
}


class Couples(NamedTuple):
    """Two kinds of couples, and how age and an earlier pregnancy act on both; numbers, or arrays by draw."""

    share_sub_fertile: float | FloatArray
    per_cycle_fertile: float | FloatArray  # at ages 21 to 24, never pregnant before
    per_cycle_sub_fertile: float | FloatArray
    age_power: float | FloatArray  # to which the published ratios by age are raised
    gravid_ratio: float | FloatArray  # of women pregnant before, beside their own ratios by age


COUPLES = tuple(f"life.couples.{name}" for name in Couples._fields)


def p_not_pregnant(
    months: int,
    *,
    age_years: float,
    is_gravid: bool,
    implantation: FloatArray,
    couples: Couples,
    ledger: Ledger,
) -> FloatArray:
    r"""Chance of no pregnancy in so many months of trying, one cycle a month.

    $$ P = z + (1 - z) \sum_c w_c (1 - \min(f_c\, b\, r^k\, i, 1))^n $$
    with sterility z by age, two classes of couples, fecundability ratio r by age and its power k, ratio b of
    women pregnant before, implantation multiplier i. Assumes cycles of a month, that the two classes hold at
    every age, and that every pregnancy is noticed.

    Arguments:  months        >= 0
                age_years     woman's age
                is_gravid     whether she has been pregnant before
                implantation  multiplier on the chance per cycle, any shape
                couples       numbers, or arrays that go with `implantation`
                ledger        for the ratios by age and sterility
    Returns:    chance, shape of `implantation`
    Source:     ledger entries life.couples.*, life.fecundability.*, life.sterility.*
    Checked by: tests/unit/measure/test_waiting.py
    """
    ratio = fecundability_ratio(age_years, is_gravid=is_gravid, ledger=ledger) ** couples.age_power
    ratio = ratio * (couples.gravid_ratio if is_gravid else 1.0) * implantation
    slow = (1.0 - np.minimum(couples.per_cycle_sub_fertile * ratio, 1.0)) ** months
    quick = (1.0 - np.minimum(couples.per_cycle_fertile * ratio, 1.0)) ** months
    out = couples.share_sub_fertile * slow + (1.0 - couples.share_sub_fertile) * quick
    sterile = share_sterile(age_years, ledger=ledger)
    return np.asarray(sterile + (1.0 - sterile) * out)


def fecundability_ratio(age_years: float, *, is_gravid: bool, ledger: Ledger) -> float:
    """Fecundability at this age against 21 to 24 years."""
    kind = "gravid" if is_gravid else "nulligravid"
    values = [ledger.value(f"life.fecundability.wesselink_{kind}.age_{band}") for band in RATIO_AGES]
    return float(np.interp(age_years, list(RATIO_AGES.values()), values))


def share_sterile(age_years: float, *, ledger: Ledger) -> float:
    """Share of women who can no longer conceive at this age."""
    values = [ledger.value(f"life.sterility.share_at_age_{age}") for age in STERILITY_AGES]
    return float(np.interp(age_years, STERILITY_AGES, values))

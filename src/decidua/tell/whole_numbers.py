"""Whole numbers out of 100 and words for chances: no decimals, intervals rounded outward."""

from __future__ import annotations

import math

from decidua.base.estimates import Estimate
from decidua.tell.words import chance_words

# A float such as 0.6 * 100 lies a hair beside its whole number, and must not be rounded outward past it.
HAIR = 1e-9
TOO_WIDE = 0.40

# How many of a group: the first entry whose bound is above the share.
HOW_MANY = (
    (0.01, "hardly any"),
    (0.10, "very few"),
    (0.20, "few"),
    (0.30, "less than a third"),
    (0.45, "fewer than half"),
    (0.55, "about half"),
    (0.70, "more than half"),
    (0.90, "most"),
    (math.inf, "nearly all"),
)


def out_of_100(p: float) -> int:
    """A chance as a whole number of people out of 100; 0 and 100 stand for themselves alone.

    Arguments:  p  chance, 0 to 1
    Returns:    whole number, 1 to 99 unless nobody or everybody is meant
    Raises:     ValueError when p is not a chance
    Checked by: tests/unit/tell/test_history_numbers.py
    """
    p = as_chance(p)
    if p in (0.0, 1.0):
        return round(100 * p)
    return min(max(math.floor(100 * p + 0.5), 1), 99)


def as_chance(p: float) -> float:
    """The chance, without what sums in floating point leave beside 0 and 1; a ValueError for what is none."""
    if not -HAIR <= p <= 1.0 + HAIR:
        raise ValueError(f"a chance lies between 0 and 1, not {p}")
    return 0.0 if p < HAIR else (1.0 if p > 1.0 - HAIR else p)


def outward(estimate: Estimate) -> tuple[int, int]:
    """The interval in whole numbers out of 100, rounded outward so that it never looks surer than it is.

    Arguments:  estimate  of a chance
    Returns:    lower and upper whole number; `out_of_100` of the mean lies between them
    Checked by: tests/unit/tell/test_history_numbers.py
    """
    middle = out_of_100(estimate.mean)
    lo = max(math.floor(100 * estimate.lo + HAIR), 0)
    hi = min(math.ceil(100 * estimate.hi - HAIR), 100)
    return min(lo, middle), max(hi, middle)


def about(p: float) -> str:
    """A count out of 100 as it stands in a sentence: "about 62", or "fewer than 1" and "more than 99"."""
    p = as_chance(p)
    if 0.0 < p < 0.01:
        return "fewer than 1"
    return "more than 99" if 0.99 < p < 1.0 else f"about {out_of_100(p)}"


def complement(p: float) -> str:
    """How many of 100 are left over once `about(p)` is said; the two always add up to 100."""
    p = as_chance(p)
    if 0.0 < p < 0.01 or 0.99 < p < 1.0:
        return about(1.0 - p)
    return f"about {100 - out_of_100(p)}"


def words_of(p: float) -> str | None:
    """Words for a chance below 30 in 100, its number coming only on request; None for any other."""
    return chance_words(as_chance(p))


def is_small(p: float) -> bool:
    """Whether a chance comes as words first, its number only on request."""
    return words_of(p) is not None


def is_certain(estimate: Estimate) -> bool:
    """Whether it was found out: nobody or everybody, with no range left."""
    return as_chance(estimate.lo) == as_chance(estimate.hi) and as_chance(estimate.mean) in (0.0, 1.0)


def is_too_wide(estimate: Estimate) -> bool:
    """Whether an interval spans so much that the honest answer is "we cannot tell"."""
    return estimate.hi - estimate.lo > TOO_WIDE


def how_many(p: float) -> str:
    """How many of a group, in words without a number: "most", "about half".

    Arguments:  p  share, 0 to 1
    Returns:    words
    Checked by: tests/unit/tell/test_history_numbers.py
    """
    p = as_chance(p)
    if p in (0.0, 1.0):
        return "all" if p else "none"
    return next(words for below, words in HOW_MANY if p < below)


def out_of_1000(p: float) -> str:
    """A share out of 1,000, in tens: it is known no better than that."""
    p = as_chance(p)
    return "fewer than 10" if 0.0 < p < 0.01 else f"about {10 * out_of_100(p)}"

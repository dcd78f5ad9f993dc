"""Gestational age at live birth, from published shares, as a chance by week among those still pregnant."""

from __future__ import annotations

import numpy as np

from decidua.evidence import Ledger
from decidua.life.parameters import BIRTH_WEEKS, VIABLE_WEEK, FloatArray

# First and last completed week of each published block before term.
PRETERM_BLOCKS = (("under_28", VIABLE_WEEK, 27), ("28_to_31", 28, 31), ("32_to_36", 32, 36))
TERM_WEEKS = (37, 38, 39, 40, 41)


def birth_shares_of(ledger: Ledger) -> FloatArray:
    """Chance of birth in each week from VIABLE_WEEK among pregnancies that reach that week alive.

    Within a published block births rise from week to week by the ratio that joins the blocks; at term
    they follow the published shares by week. The last entries are 1: nobody is pregnant for ever.

    Returns:    shape (BIRTH_WEEKS,)
    Source:     ledger entries life.birth_week.*, life.term_week.*
    """
    share = {name: ledger.value(f"life.birth_week.share_{name}") for name, _, _ in PRETERM_BLOCKS}
    by_week = np.zeros(BIRTH_WEEKS)
    for i, (name, first, last) in enumerate(PRETERM_BLOCKS):
        ratio = _weekly_ratio(share, min(i, len(PRETERM_BLOCKS) - 2))
        rising = ratio ** np.arange(last - first + 1)
        by_week[first - VIABLE_WEEK : last + 1 - VIABLE_WEEK] = share[name] * rising / rising.sum()
    term = np.array([ledger.value(f"life.term_week.share_{week}") for week in TERM_WEEKS])
    at_term = ledger.value("life.birth_week.share_37_to_41")
    by_week[TERM_WEEKS[0] - VIABLE_WEEK : TERM_WEEKS[-1] + 1 - VIABLE_WEEK] = at_term * term / term.sum()
    by_week[TERM_WEEKS[-1] + 1 - VIABLE_WEEK] = ledger.value("life.birth_week.share_from_42")
    return _among_those_left(by_week / by_week.sum())


def _weekly_ratio(share: dict[str, float], i: int) -> float:
    """Growth from week to week between the middles of two neighbouring blocks."""
    name, first, last = PRETERM_BLOCKS[i]
    other, later_first, later_last = PRETERM_BLOCKS[i + 1]
    level = share[name] / (last - first + 1)
    later = share[other] / (later_last - later_first + 1)
    weeks = (later_first + later_last - first - last) / 2.0
    return float((later / level) ** (1.0 / weeks))


def _among_those_left(by_week: FloatArray) -> FloatArray:
    left = 1.0 - np.concatenate(([0.0], np.cumsum(by_week)[:-1]))
    out = np.ones(by_week.size)
    still = left > 1e-12
    out[still] = np.minimum(by_week[still] / left[still], 1.0)
    out[by_week.nonzero()[0][-1] :] = 1.0
    return out

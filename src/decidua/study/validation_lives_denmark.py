"""What Danish registers saw of the losses, by age and in life."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from decidua.evidence import Ledger
from decidua.life.parameters import FloatArray
from decidua.study.validation_lives_statistics import Cells

WIDEST_LOG = 5.0  # no register sees fewer than one loss in 150
LAST = 4  # losses in life; this number stands for it or more


def seen_share(share: FloatArray, log_ascertained: float) -> FloatArray:
    """Share of losses among what a register sees if it sees only this part of the losses."""
    odds = share / (1.0 - share) * math.exp(log_ascertained)
    return np.asarray(odds / (1.0 + odds))


@dataclass(frozen=True)
class Denmark:
    """Published pregnancies and losses by age; what part of the simulated losses its registers saw."""

    n: FloatArray
    events: FloatArray
    counted: FloatArray  # 1 for the bands that set the ascertainment

    @classmethod
    def of(cls, ledger: Ledger) -> Denmark:
        """From the table; the bands from 20 to 44 set the ascertainment."""
        rows = ledger.table("NYBO_AGE").rows
        n, events = (np.array([float(getattr(row, name) or 0) for row in rows]) for name in ("n", "events"))
        counted = np.array([(row.age_lo or 0) >= 20 and (row.age_hi or 99) <= 44 for row in rows])
        return cls(n, events, counted.astype(np.float64))

    def log_ascertained(self, cells: Cells) -> float:
        """Log of the share of losses seen, at most 0."""
        wanted, share = float(self.counted @ self.events), cells.share

        def surplus(log_share: float) -> float:
            return float((self.counted * self.n) @ seen_share(share, log_share)) - wanted

        if surplus(0.0) <= 0.0:
            return 0.0
        return float(optimize.brentq(surplus, -WIDEST_LOG, 0.0, xtol=1e-12))

    def by_age(self, cells: Cells, place: int) -> float:
        """Loss in one band as the register sees it."""
        return float(seen_share(cells.share, self.log_ascertained(cells))[place])

    def flat(self, *_: Cells) -> float:
        """One figure for all ages."""
        return float(self.events.sum() / self.n.sum())

    def in_life(self, ages: Cells, women: Cells, losses: int) -> float:
        """Share of women with so many registered losses in life; the last number stands for it or more."""
        seen = math.exp(self.log_ascertained(ages))
        real = np.arange(women.trials.size)
        below = stats.binom.cdf(losses - 1, real, seen)
        above = stats.binom.cdf(losses, real, seen) if losses < LAST else 1.0
        return float(women.trials @ (above - below) / women.trials.sum())

    def at_random(self, ages: Cells, women: Cells, losses: int) -> float:
        """The same number of registered losses, fallen on women at random."""
        seen = math.exp(self.log_ascertained(ages))
        mean = seen * float(women.trials @ np.arange(women.trials.size) / women.trials.sum())
        return float(stats.poisson.pmf(losses, mean) if losses < LAST else stats.poisson.sf(losses - 1, mean))

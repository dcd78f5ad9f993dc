"""What a drug does to births in a group, by draw: gain, chances of none and of harm, what is assumed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import Ledger
from decidua.inference.benefit import carried_by, share_assumed, sides_of
from decidua.inference.cells import REPEATABILITY
from decidua.inference.evaluation import CURRENT_BIRTH, Evaluation
from decidua.measure.history import History
from decidua.study.story_groups import Lens, evaluated, lens_weights, with_ongoing

FloatArray = NDArray[np.float64]

BANDS = 3


@dataclass(frozen=True)
class DrugEffect:
    """A drug in one group and one lens.

    gain                   births with the drug less births without, share of pregnancies
    births_with, _without  chance of a live birth from the week of the start
    p_no_benefit           chance that births rise by less than one in 100, or fall
    p_net_harm             chance that they fall by one in 100 or more
    prior_share            share of the entries that carry the effect that are assumed
    """

    regimen: str
    gain: Estimate
    births_with: Estimate
    births_without: Estimate
    p_no_benefit: float
    p_net_harm: float
    prior_share: float


@dataclass(frozen=True)
class Repeated:
    """A drug's effect where repeatability of the test lies in one band."""

    repeatability_lo: float
    repeatability_hi: float
    effect: DrugEffect


@dataclass(frozen=True)
class DrugRun:
    """Births by draw without and with a drug, from the same group."""

    regimen: str
    without: Evaluation
    births_without: FloatArray
    births_with: FloatArray
    prior_share: float

    def effect(self, lens: Lens, *, keep: NDArray[np.bool_] | None = None) -> DrugEffect:
        """The effect as one lens sees it, over the draws to keep."""
        weights = lens_weights(self.without, lens, keep=keep)
        gain = self.births_with - self.births_without
        return DrugEffect(
            regimen=self.regimen,
            gain=weighted_estimate(gain, weights),
            births_with=weighted_estimate(self.births_with, weights),
            births_without=weighted_estimate(self.births_without, weights),
            **asdict(sides_of(gain, weights, prior_share=self.prior_share)),
        )

    def across_repeatability(self, lens: Lens) -> tuple[Repeated, ...]:
        """The effect in equal bands of the prior range of repeatability, lowest first."""
        values = self.without.prepared.draws.columns[REPEATABILITY]
        edges = np.linspace(values.min(), values.max(), BANDS + 1)
        edges[0], edges[-1] = np.floor(10.0 * edges[0]) / 10.0, np.ceil(10.0 * edges[-1]) / 10.0
        return tuple(
            Repeated(float(lo), float(hi), self.effect(lens, keep=(values >= lo) & (values <= hi)))
            for lo, hi in pairwise(edges)
        )


def run_drug(regimen: str, *, group: History, from_week: int, ledger: Ledger) -> DrugRun:
    """Births of one group with and without a regimen, from the same draws.

    Assumes the pregnancy is alive at `from_week` in both, so early losses before it are not counted.

    Arguments:  regimen    name of a shipped regimen
                group      history without an ongoing pregnancy, with an age now
                from_week  completed weeks at which the comparison starts
                ledger     for the kinds of the entries that carry the effect
    Returns:    DrugRun
    Checked by: tests/unit/study/test_story_groups.py
    """
    without = evaluated(with_ongoing(group, week=from_week, regimens=()))
    treated = evaluated(with_ongoing(group, week=from_week, regimens=(regimen,)))
    return DrugRun(
        regimen=regimen,
        without=without,
        births_without=without.ahead(CURRENT_BIRTH),
        births_with=treated.ahead(CURRENT_BIRTH),
        prior_share=share_assumed(carried_by((regimen,)), ledger),
    )

r"""Women as nodes of their lasting and fading differences, in plain NumPy, for published tables.

A readable twin of the compiled code: chances at every node, what a history leaves of the women, and
the expected mix of histories in a population. Uterine NK cells stay inside the residual: a named cause
takes a share of the variance and never adds to it, so these tables cannot tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from decidua.inference import generations
from decidua.life import differences, law
from decidua.life.parameters import CONDITIONS, FloatArray, LawParameters

NODES = 7
PARITIES, RUNS, TOTALS = 4, 6, 6
LOSS, BIRTH, OTHER = "loss", "birth", "other"

Event = tuple[str, float]  # outcome and age in years


class Chances(NamedTuple):
    """Chances at every node, shape (lasting, fading), from six weeks on."""

    loss: FloatArray
    aneuploid_loss: FloatArray
    euploid_loss: FloatArray
    if_euploid: FloatArray  # chance of loss of a euploid pregnancy


class Mix(NamedTuple):
    """Expected pregnancies and losses, shape (births before, losses in a row before, losses before)."""

    pregnancies: FloatArray
    losses: FloatArray
    abnormal: FloatArray  # aneuploid losses
    pregnant: FloatArray  # (lasting, fading) share of all pregnancies at each node


@dataclass(frozen=True)
class Women:
    """One group of women under one set of parameters."""

    law: LawParameters
    shared: FloatArray  # (lasting,)
    multiplier: FloatArray  # (lasting,)
    weight: FloatArray  # (lasting,) sums to 1
    fading: FloatArray  # (fading,)
    fading_weight: FloatArray  # (fading,)

    @property
    def start(self) -> FloatArray:
        """Weights before the first pregnancy, shape (lasting, fading)."""
        return np.asarray(self.weight[:, None] * self.fading_weight)

    def shifted(self, log_shift: float) -> Women:
        """The same women in a setting whose level differs on the log scale."""
        return replace(self, law=self.law._replace(setting_log_shift=self.law.setting_log_shift + log_shift))

    def chances(self, age_years: float) -> Chances:
        """Chances of loss at every node for one age."""
        factor = self.shared[:, None] * self.fading
        odds = law.aneuploid_odds(age_years, math.nan, self.law) * factor
        aneuploid = odds / (1.0 + odds)
        hazard = law.euploid_hazard(age_years, self.law) * factor * self.multiplier[:, None]
        if_euploid = -np.expm1(-hazard)
        lost_aneuploid = np.asarray(aneuploid * (1.0 - self.law.viable_aneuploid_share))
        lost_euploid = (1.0 - aneuploid) * if_euploid
        return Chances(lost_aneuploid + lost_euploid, lost_aneuploid, lost_euploid, if_euploid)

    def kept(self, outcome: str) -> float:
        """Chance that the fading factor is kept after this outcome."""
        renewed = self.law.fading_renewal_at_birth if outcome == BIRTH else 0.0
        return self.law.fading_correlation * (1.0 - renewed)

    def faded(self, weights: FloatArray, outcome: str) -> FloatArray:
        """Weights at the next pregnancy: the factor is kept or drawn afresh; any leading axes."""
        kept = self.kept(outcome)
        fresh = weights.sum(axis=-1, keepdims=True) * self.fading_weight
        return np.asarray(kept * weights + (1.0 - kept) * fresh)

    def after(self, events: Sequence[Event]) -> FloatArray:
        """Weights that a history leaves, shape (lasting, fading), not normalised."""
        weights = self.start
        for outcome, age in events:
            if outcome in (LOSS, BIRTH):
                p = self.chances(age).loss
                weights = weights * (p if outcome == LOSS else 1.0 - p)
            weights = self.faded(weights, outcome)
        return weights

    def p_loss(self, age_years: float, weights: FloatArray) -> float:
        """Chance of loss at one age for women with these weights."""
        return mean_of(self.chances(age_years).loss, weights)


def mean_of(values: FloatArray, weights: FloatArray) -> float:
    """Weighted mean over nodes."""
    return float((values * weights).sum() / weights.sum())


def women_of(law_parameters: LawParameters, *, shape: int, condition: str | None = None) -> Women:
    """All women, or the women with one condition, as nodes.

    Arguments:  law_parameters  one draw
                shape           LOG_NORMAL or TWO_CLASS
                condition       one of CONDITIONS, or None for all
    Raises:     ValueError where the named causes exceed the budget of variance
    """
    p = law_parameters._replace(uterine_nk_excess=0.0)
    w0, sd_residual = differences.remaining_budget(p, 0.0, 0.0)
    if w0 <= 0.0:
        raise ValueError("the named causes exceed the budget of variance")
    z, z_weights = differences.normal_nodes(NODES)
    nodes = generations.build_nodes(p, shape, z, z_weights, w0, sd_residual)
    first, last = generations.branch(nodes, 0 if condition is None else 1 + CONDITIONS.index(condition))
    part = slice(first, last)
    return Women(
        p, nodes.shared[part], nodes.multiplier[part], nodes.weight[part], nodes.fading, nodes.fading_weight
    )


def losses_in_a_row(count: int, *, age_years: float, interval_years: float) -> list[Event]:
    """A run of losses that ends one interval before this age."""
    return [(LOSS, age_years - interval_years * (count - i)) for i in range(count)]


def expected_mix(women: Women, *, ages_years: Sequence[float], p_go_on: Sequence[float]) -> Mix:
    """Expected pregnancies and losses by history when women go on after a loss more often than after a birth.

    Arguments:  women       the group
                ages_years  age at the first, second, ... pregnancy
                p_go_on     chance of a further pregnancy after a loss, then after birth 1, 2, 3 and later
    Returns:    Mix
    Checked by: tests/unit/study/test_validation_women.py (compiled recursion; direct enumeration)
    """
    shape = (PARITIES, RUNS, TOTALS)
    counts = Mix(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(women.start.shape))
    mass = np.zeros((PARITIES, RUNS, TOTALS, *women.start.shape))
    mass[0, 0, 0] = women.start
    for age in ages_years:
        p = women.chances(age)
        lost = mass * p.loss
        counts.pregnancies[:] += mass.sum(axis=(3, 4))
        counts.losses[:] += lost.sum(axis=(3, 4))
        counts.abnormal[:] += (mass * p.aneuploid_loss).sum(axis=(3, 4))
        counts.pregnant[:] += mass.sum(axis=(0, 1, 2))
        mass = _moved_on(women, lost, mass - lost, p_go_on)
    return counts


def _moved_on(women: Women, lost: FloatArray, born: FloatArray, p_go_on: Sequence[float]) -> FloatArray:
    """Women at their next pregnancy; counts beyond the last stay in the last."""
    out = _one_up(_one_up(p_go_on[0] * women.faded(lost, LOSS), axis=1), axis=2)
    after_birth = women.faded(born.sum(axis=1), BIRTH)
    chance = np.array([p_go_on[min(parity + 1, len(p_go_on) - 1)] for parity in range(PARITIES)])
    out[:, 0] += _one_up(chance[:, None, None, None] * after_birth, axis=0)
    return out


def _one_up(counts: FloatArray, *, axis: int) -> FloatArray:
    """Everything one place further along an axis; the last place keeps its own."""
    moved = np.roll(counts, 1, axis=axis)
    places, last = np.moveaxis(moved, axis, 0), np.moveaxis(counts, axis, 0)[-1]
    places[0] = 0.0
    places[-1] += last
    return moved

"""Women simulated one by one from docs/model.md, to count what the recursion over generations expects.

No nodes and no recursion: every woman has her own factors, conditions and course of pregnancies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import law_twin as twin
import numpy as np

from decidua.life.parameters import LawParameters  # names of fields, no formula

MOST_PREGNANCIES, LONGEST_RUN = 7, 3


@dataclass(frozen=True)
class Shape:
    """How a factor is spread over women."""

    two_class: bool
    high_share: float

    def draw(self, rng: np.random.Generator, count: int, sd: float) -> Any:
        """One factor with mean 1 and variance e^(sd^2) - 1 for each woman."""
        if not self.two_class:
            return rng.lognormal(-0.5 * sd * sd, sd, count)
        share, spread = self.high_share, math.sqrt(math.exp(sd * sd) - 1.0)
        low = 1.0 - spread * math.sqrt(share / (1.0 - share))
        high = 1.0 + spread * math.sqrt((1.0 - share) / share)
        if low < 0.0:
            low, high, share = 0.0, math.exp(sd * sd), math.exp(-sd * sd)
        return np.where(rng.random(count) < share, high, low)


@dataclass
class Tally:
    """A ratio of counts, with the scatter between women that gives its standard error."""

    above: Any  # (women,) what each woman adds to the numerator
    below: Any

    @property
    def ratio(self) -> float:
        """The ratio over all women."""
        return float(self.above.sum() / self.below.sum())

    @property
    def standard_error(self) -> float:
        """By linearisation, women independent of one another."""
        rest = self.above - self.ratio * self.below
        return float(np.sqrt(np.sum(rest * rest)) / self.below.sum())


@dataclass
class Women:
    """All women, what they carry, where they stand and what was counted of each; arrays over women."""

    conditions: Any  # (women, conditions)
    multiplier: Any
    shared: Any
    fading: Any  # renewed as pregnancies pass
    run: Any
    total: Any
    parity: Any
    pregnancies: Any  # (women, runs)
    losses: Any
    second_loss: Any
    third_loss: Any
    fading_total: Any  # fading factor summed over her pregnancies


def draw_women(rng: np.random.Generator, women: int, p: LawParameters, shape: Shape) -> Women:
    """Women before their first pregnancy."""
    shared = shape.draw(rng, women, p.sd_shared_lasting)
    conditions, multiplier = draw_multipliers(rng, women, p, shape)
    return Women(
        conditions=conditions,
        multiplier=multiplier,
        shared=shared,
        fading=shape.draw(rng, women, p.sd_shared_fading),
        run=np.zeros(women, dtype=int),
        total=np.zeros(women, dtype=int),
        parity=np.zeros(women, dtype=int),
        pregnancies=np.zeros((women, LONGEST_RUN + 1)),
        losses=np.zeros((women, LONGEST_RUN + 1)),
        second_loss=np.zeros(women, dtype=bool),
        third_loss=np.zeros(women, dtype=bool),
        fading_total=np.zeros(women),
    )


def draw_multipliers(rng: np.random.Generator, women: int, p: LawParameters, shape: Shape) -> tuple[Any, Any]:
    """Conditions of every woman, and her euploid multiplier w_0 L + sum of a_k X_k."""
    found = twin.budget(p, 0.0, 0.0)
    assert found is not None
    w0, variance = found
    residual = shape.draw(rng, women, math.sqrt(math.log1p(variance)))
    prevalence = [getattr(p, f"prevalence_{name}") for name in twin.CONDITIONS]
    excess = [getattr(p, f"excess_{name}") for name in twin.CONDITIONS]
    conditions = rng.random((women, len(prevalence))) < prevalence
    return conditions, w0 * residual + conditions @ np.array(excess)


def simulate_women(
    p: LawParameters, *, women: int, seed: int, age: float, go_on: Sequence[float], two_class: bool
) -> Women:
    """Let women have pregnancies, all at one age, until they stop or have had seven."""
    rng = np.random.default_rng(seed)
    shape = Shape(two_class, p.high_class_share)
    everyone = draw_women(rng, women, p, shape)
    here = np.arange(women)  # those who are pregnant once more
    for _ in range(MOST_PREGNANCIES):
        factor = everyone.shared[here] * everyone.fading[here]
        lost = rng.random(here.size) < p_loss(age, factor, everyone.multiplier[here], p)
        count_pregnancies(everyone, here, lost)
        renew_fading(rng, everyone, here, lost, p, shape)
        chance = np.where(lost, go_on[0], np.asarray(go_on)[np.minimum(everyone.parity[here], 3)])
        here = here[rng.random(here.size) < chance]
    return everyone


def count_pregnancies(women: Women, here: Any, lost: Any) -> None:
    """Note one pregnancy of each woman who is pregnant, then her new history."""
    capped = np.minimum(women.run[here], LONGEST_RUN)
    women.pregnancies[here, capped] += 1.0
    women.losses[here, capped] += lost
    women.fading_total[here] += women.fading[here]
    women.second_loss[here] |= lost & (women.total[here] == 1)
    women.third_loss[here] |= lost & (women.total[here] == 2)
    women.run[here] = np.where(lost, women.run[here] + 1, 0)
    women.total[here] += lost
    women.parity[here] += ~lost


def renew_fading(
    rng: np.random.Generator, women: Women, here: Any, lost: Any, p: LawParameters, shape: Shape
) -> None:
    """Keep the fading factor with its chance, which a birth lowers, else draw it afresh."""
    kept_at_birth = p.fading_correlation * (1.0 - p.fading_renewal_at_birth)
    afresh = rng.random(here.size) >= np.where(lost, p.fading_correlation, kept_at_birth)
    women.fading[here[afresh]] = shape.draw(rng, int(afresh.sum()), p.sd_shared_fading)


def p_loss(age: float, factor: Any, multiplier: Any, p: LawParameters) -> Any:
    """Chance of a loss between weeks 6 and 24, without cells or treatment."""
    odds = twin.odds_at_six_weeks(age, math.nan, 1.0, p) * factor
    euploid_survives = np.exp(-twin.euploid_mean_hazard(age, p) * factor * multiplier)
    return (odds * (1.0 - p.viable_aneuploid_share) + 1.0 - euploid_survives) / (1.0 + odds)

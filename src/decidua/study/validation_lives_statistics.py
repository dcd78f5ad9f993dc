"""What each test says of its cells: shares, odds ratios over strata, slopes, and life-long distributions.

Every statistic is a function of trials and events that does not change when both are doubled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from decidua.base import conversions
from decidua.life.parameters import FloatArray
from decidua.study import validation_lives_tests as tests

NEWTON_STEPS, CLOSE = 50, 1e-9


class Cells(NamedTuple):
    """Trials and events of the cells of one table, shape (cells,)."""

    trials: FloatArray
    events: FloatArray

    @property
    def share(self) -> FloatArray:
        """Share of events; nothing where nobody was tried."""
        return np.asarray(
            np.divide(self.events, self.trials, out=np.zeros_like(self.events), where=self.trials > 0)
        )


Value = Callable[..., float]  # of the cells of its tables, in their order


@dataclass(frozen=True)
class Statistic:
    """One number asked of the lives."""

    name: str
    tables: tuple[str, ...]
    value: Value
    scale: str = "identity"


def share_at(place: int) -> Value:
    """The share of one cell."""
    return lambda cells: float(cells.share[place])


def shifted_share(cells: Cells, place: int, *, overall: float) -> float:
    """Share of a cell after the shift of the log-odds that brings the share over all cells to a given one."""
    shift = conversions.logit(overall) - conversions.logit(float(cells.events.sum() / cells.trials.sum()))
    return conversions.expit(conversions.logit(float(cells.share[place])) + shift)


def mantel_haenszel(cells: Cells, *, columns: int, above: int, below: int) -> float:
    """Odds ratio of two columns over strata, cells in the order (stratum, column)."""
    n, events = cells.trials.reshape(-1, columns), cells.events.reshape(-1, columns)
    a, b = events[:, above], n[:, above] - events[:, above]
    c, d = events[:, below], n[:, below] - events[:, below]
    total = np.maximum(n[:, above] + n[:, below], 1.0e-300)
    return float((a * d / total).sum() / (b * c / total).sum())


def fit_cells(features: FloatArray, cells: Cells, *, is_poisson: bool = False) -> FloatArray:
    """Coefficients of a logistic (or Poisson, log link) regression on grouped data by Newton's steps.

    Arguments:  features    shape (cells, coefficients)
                cells       trials and events of each
                is_poisson  log link instead of logit
    Raises:     ArithmeticError when the steps do not settle
    Checked by: tests/unit/study/test_validation_lives.py (score equations, rows one by one)
    """
    beta = np.zeros(features.shape[1])
    beta[0] = math.log(cells.events.sum() / cells.trials.sum()) if is_poisson else 0.0
    for _ in range(NEWTON_STEPS):
        score = features @ beta
        mean = np.exp(score) if is_poisson else np.asarray(conversions.expit(score))
        weight = cells.trials * (mean if is_poisson else mean * (1.0 - mean))
        curvature = features.T @ (features * weight[:, None])
        step = np.linalg.solve(curvature, features.T @ (cells.events - cells.trials * mean))
        beta = beta + step
        if np.abs(step).max() < CLOSE:
            return beta
    raise ArithmeticError("the regression did not settle")


def grid(*sizes: int) -> FloatArray:
    """Places of each cell along every axis, shape (cells, axes)."""
    return np.array(list(np.ndindex(*sizes)), dtype=np.float64)


def slope(cells: Cells, *, sizes: Sequence[int], axis: int, is_poisson: bool = False) -> float:
    """Slope along one axis of the cells in a regression on all axes."""
    places = grid(*sizes)
    features = np.column_stack([np.ones(len(places)), places - places.mean(axis=0)])
    return float(fit_cells(features, cells, is_poisson=is_poisson)[1 + axis])


def egerup_ratio(cells: Cells) -> float:
    """Ratio of loss per loss before the last birth, ages as classes."""
    bands = 1 + len(tests.EGERUP_AGES)
    places = grid(tests.EGERUP_BEFORE, tests.EGERUP_AFTER, bands)
    ages = [(places[:, 2] == band).astype(np.float64) for band in range(1, bands)]
    features = np.column_stack([np.ones(len(places)), places[:, 0], places[:, 1], *ages])
    return math.exp(fit_cells(features, cells, is_poisson=True)[1])


def c_statistic(cells: Cells) -> float:
    """Chance that a loss scores higher than a birth, ties counted half, after a fit to the same cells."""
    places = grid(tests.KOLTE_AGES, *[tests.KOLTE_MOST] * 3)
    age = (places[:, 0] - tests.KOLTE_AGES / 2.0) / 5.0
    features = np.column_stack([np.ones(len(places)), age, age**2, age**3, places[:, 1:]])
    score = features @ fit_cells(features, cells)
    order = np.argsort(score, kind="stable")
    lost, born = cells.events[order], (cells.trials - cells.events)[order]
    below = np.concatenate(([0.0], np.cumsum(born)[:-1]))
    return float((lost * (below + 0.5 * born)).sum() / (lost.sum() * born.sum()))


def cohort_share(
    cells: Cells, *, mix: Mapping[int, float], is_unexplained: bool, from_35: float | None
) -> float:
    """Live birth in the next pregnancy over a mix of runs of losses, with a given share from age 35."""
    shape = (len(tests.COHORT_RUNS), 2, 2)  # run, explained or not, below or from age 35
    size = math.prod(shape)
    trials, events = (part[:size].reshape(shape) for part in (cells.trials, cells.events))
    if not is_unexplained:
        trials, events = (part.sum(axis=1, keepdims=True) for part in (trials, events))
    trials, events = trials[:, -1], events[:, -1]
    if from_35 is None:
        trials, events = (part.sum(axis=1, keepdims=True) for part in (trials, events))
    ages = np.array([1.0] if from_35 is None else [1.0 - from_35, from_35])
    # A run that nobody had at some age, which only few lives leave empty, has no part in the mix.
    weight = np.array([mix.get(run, 0.0) for run in tests.COHORT_RUNS]) * (trials > 0.0).all(axis=1)
    return float(weight @ (Cells(trials, events).share @ ages) / weight.sum())


def never_lost_share(cells: Cells, *, from_35: float | None) -> float:
    """Live birth without a loss before."""
    trials, events = cells.trials[-2:], cells.events[-2:]
    if from_35 is None:
        return float(events.sum() / trials.sum())
    return float((events / trials) @ np.array([1.0 - from_35, from_35]))


def odds_ratio_of(above: int, below: int) -> Value:
    """Odds ratio of two cells."""
    return lambda cells: (
        conversions.odds(float(cells.share[above])) / conversions.odds(float(cells.share[below]))
    )


def flat_week(bands: Sequence[tuple[int, int]], place: int) -> Value:
    """Chance of loss in a band if every week of the last band had the same chance."""

    def value(cells: Cells) -> float:
        first, last = bands[-1]
        weeks = bands[place][1] - bands[place][0] + 1
        return float(1.0 - (1.0 - cells.share[-1]) ** (weeks / (last - first + 1)))

    return value


def comparisons_of_order(cells: Cells, gravidities: Sequence[int]) -> dict[str, list[bool]]:
    """What H4 compares: the first pregnancy over final numbers, and first with last within each number."""

    def share(ever: int, place: int) -> Any:
        return cells.share[(ever - 1) * tests.GRAVIDITIES + place - 1]

    return {
        "roman.j_shape": [bool(share(1, 1) > share(2, 1)), bool(share(6, 1) > share(2, 1))],
        "roman.falls": [bool(share(n, 1) > share(n, n)) for n in gravidities],
    }

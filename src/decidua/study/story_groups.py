"""Chances of the groups on the story page, for every draw: averaged over mechanisms, and in one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import load_ledger
from decidua.inference import nk_report
from decidua.inference.ages import age_scenarios
from decidua.inference.answer import UterineNk
from decidua.inference.encoding import encode, known_conditions, worlds
from decidua.inference.evaluation import NEXT_BIRTH, Evaluation, asked_of, evaluate, pool
from decidua.inference.history import prepared_for
from decidua.inference.prepared import log_density_nodes, rules_for
from decidua.inference.sweep import sweep
from decidua.measure.history import History, Pregnancy, Test

FloatArray = NDArray[np.float64]

CUT = "measure.uterine_nk.cut_cells_per_mm2"
TEST_DAY_AFTER_OVULATION = 7.0
# Lasting counts further out than this, in standard scores, are looked up at the last node inside.
WIDEST_SCORE = 3.5
OWN, AVERAGE = "own", "avg"


@dataclass(frozen=True)
class Lens:
    """Whose world the answers are told in: one mechanism, or the average (mechanism None)."""

    name: str
    mechanism: str | None


def lenses(mechanism: str) -> tuple[Lens, Lens]:
    """The story's own world and the evidence-weighted average."""
    return Lens(OWN, mechanism), Lens(AVERAGE, None)


@lru_cache(maxsize=256)
def evaluated(history: History) -> Evaluation:
    """The posterior of one history under all draws, as `answer_history` has it.

    Kept for the life of the process: only declared examples are asked here, never a reader's own history.
    """
    return evaluate(history, prepared_for(history))


def lens_weights(evaluation: Evaluation, lens: Lens, *, keep: NDArray[np.bool_] | None = None) -> FloatArray:
    """Weights of the draws as this lens sees them, zero elsewhere."""
    names = np.array(evaluation.prepared.draws.mechanism)
    wanted = np.ones(len(names), dtype=bool) if lens.mechanism is None else names == lens.mechanism
    return np.where(wanted if keep is None else wanted & keep, evaluation.weights, 0.0)


def estimate(evaluation: Evaluation, values: FloatArray, lens: Lens) -> Estimate:
    """Mean and interval of one value for each draw."""
    return weighted_estimate(values, lens_weights(evaluation, lens))


@lru_cache(maxsize=64)
def losses_history(count: int, *, age_years: float, loss_week: int) -> History:
    """A group with so many losses, one a year, the last a year before the age now."""
    losses = tuple(
        Pregnancy("miscarriage", age_years=age_years - years_ago, week=loss_week)
        for years_ago in range(count, 0, -1)
    )
    return History(age_years=float(age_years), pregnancies=losses)


def with_reading(history: History, cells_per_mm2: float) -> History:
    """The same group with one womb lining sample on the usual day."""
    test = Test("uterine_nk", cells_per_mm2, "cells_per_mm2", TEST_DAY_AFTER_OVULATION)
    return replace(history, tests=(*history.tests, test))


def with_blood(history: History, percent_of_lymphocytes: float) -> History:
    """The same group with one blood result."""
    return replace(
        history, tests=(*history.tests, Test("blood_nk", percent_of_lymphocytes, "percent_of_lymphocytes"))
    )


def with_ongoing(history: History, *, week: int, regimens: Sequence[str]) -> History:
    """The same group, pregnant now in this week with these regimens."""
    now = Pregnancy("ongoing", age_years=history.age_years, week=week, treatments=tuple(regimens))
    return replace(history, pregnancies=(*history.pregnancies, now))


def older(history: History, years: float) -> History:
    """The same history, every age moved by so many years."""
    pregnancies = tuple(
        p if p.age_years is None else replace(p, age_years=p.age_years + years) for p in history.pregnancies
    )

    def moved(age: float | None) -> float | None:
        return None if age is None else age + years

    return replace(
        history,
        age_years=moved(history.age_years),
        partner_age_years=moved(history.partner_age_years),
        pregnancies=pregnancies,
    )


def seen_through(evaluation: Evaluation, lens: Lens) -> Evaluation:
    """The same posterior with the weights of this lens."""
    weights = lens_weights(evaluation, lens)
    return replace(evaluation, weights=weights / weights.sum())


def uterine_nk_of(history: History, evaluation: Evaluation, lens: Lens) -> UterineNk:
    """Lasting density and readings above the cut, before and after a history, as one lens sees them."""
    return nk_report.uterine_nk(history, seen_through(evaluation, lens), load_ledger())


@dataclass(frozen=True)
class ByCount:
    """Births of one group at each lasting density, draw by draw.

    log_density  shape (draws, densities), natural log of cells per mm2
    births       shape (draws, densities), chance of a live birth in the next pregnancy
    """

    evaluation: Evaluation
    log_density: FloatArray
    births: FloatArray

    def at(self, cells_per_mm2: float) -> FloatArray:
        """Births by draw at one lasting density, straight lines in its logarithm between nodes."""
        x = np.log(cells_per_mm2)
        return np.array([np.interp(x, *row) for row in zip(self.log_density, self.births, strict=True)])


@lru_cache(maxsize=1)
def births_by_count(history: History) -> ByCount:
    """Births of a group as if the lasting density of uterine NK cells were known."""
    ledger = load_ledger()
    # The grid that tests ask for has enough densities to look up a count between them.
    prepared = prepared_for(with_reading(history, ledger.value(CUT)))
    ages, _ = age_scenarios(history, ledger)[0]
    course, asked = encode(history, ages, ledger), asked_of(history, ledger, with_future=True)
    rules = rules_for(prepared, known_conditions(history), worlds(history))
    score = prepared.stack.density_score
    usual = np.flatnonzero(np.abs(score) <= WIDEST_SCORE)

    def births_at(d: int) -> FloatArray:
        one = np.zeros((len(prepared), score.size))
        one[:, d] = 1.0
        posterior = sweep(course, asked, one, prepared.stack, rules, 0, len(prepared))
        return np.asarray(posterior.ahead[:, NEXT_BIRTH])

    births = np.stack(list(pool().map(births_at, usual)), axis=1)
    return ByCount(evaluate(history, prepared), log_density_nodes(prepared)[:, usual], births)

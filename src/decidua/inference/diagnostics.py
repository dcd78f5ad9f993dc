"""Do the runs agree, what did the tables teach, which structure do they prefer, what does the law miss.

The only module that imports ArviZ, whose interface changes with its next version.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.inference.posterior import Fit, Likelihood
from decidua.inference.priors import Quantile, StageOne
from decidua.inference.targets import Cell, Targets
from decidua.life.parameters import CONDITIONS, FloatArray

BoolArray = NDArray[np.bool_]

PRIOR_POINTS = 2000
LARGEST_DRAWS = 2000  # for checks that walk over draws and cells
BAD_PARETO_K = 0.7
SPREADS = ("law.sd_shared_lasting", "law.sd_euploid_lasting", "law.sd_shared_fading")
# Posterior sd over prior sd: below the first the tables speak, above the second the prior does.
TABLES_SPEAK, PRIOR_SPEAKS = 0.5, 0.85


def arviz() -> ModuleType:
    """ArviZ, without the notice about its next version that it gives on import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz as module

    found: ModuleType = module
    return found


@dataclass(frozen=True)
class ParameterCheck:
    """What the tables taught about one parameter, and whether the runs agree on it."""

    prior_mean: float
    prior_sd: float
    mean: float
    sd: float
    lo: float
    hi: float
    sd_ratio: float  # posterior over prior
    informed_by: str  # "tables", "both" or "prior"
    r_hat: float | None  # over runs; None with one run
    ess_bulk: float


def check_parameters(stage: StageOne, runs: Sequence[Fit]) -> dict[str, ParameterCheck]:
    """Compare posterior with prior, and the runs with each other, parameter by parameter."""
    draws = np.concatenate([fit.draws for fit in runs])
    r_hat, ess = run_agreement([fit.draws for fit in runs])
    out = {}
    for k, (name, quantile) in enumerate(zip(stage.names, stage.quantiles, strict=True)):
        prior = prior_points(quantile)
        found = weighted_estimate(draws[:, k], np.ones(len(draws)))
        ratio = float(draws[:, k].std() / prior.std())
        out[name] = ParameterCheck(
            prior_mean=float(prior.mean()),
            prior_sd=float(prior.std()),
            mean=found.mean,
            sd=float(draws[:, k].std()),
            lo=found.lo,
            hi=found.hi,
            sd_ratio=ratio,
            informed_by=informed_by(ratio),
            r_hat=None if r_hat is None else float(r_hat[k]),
            ess_bulk=float(ess[k]),
        )
    return out


def prior_points(quantile: Quantile) -> FloatArray:
    """Points of equal chance under a prior."""
    return np.array([quantile((i + 0.5) / PRIOR_POINTS) for i in range(PRIOR_POINTS)])


def informed_by(sd_ratio: float) -> str:
    """Who speaks: the tables, the prior, or both."""
    if sd_ratio < TABLES_SPEAK:
        return "tables"
    return "prior" if sd_ratio > PRIOR_SPEAKS else "both"


def run_agreement(runs: Sequence[FloatArray]) -> tuple[FloatArray | None, FloatArray]:
    """R-hat over runs (None with one), and the effective number of draws, for every column.

    Each run's equally weighted draws stand for a chain; longer runs are cut to the shortest.

    Arguments:  runs  shape (draws, columns) each
    Returns:    R-hat and bulk effective number, shape (columns,)
    Source:     ArviZ (`rhat`, `ess`)
    """
    shortest = min(len(run) for run in runs)
    chains = np.stack([run[:shortest] for run in runs])
    columns = [np.ascontiguousarray(chains[:, :, k]) for k in range(chains.shape[2])]
    ess = np.array([float(arviz().ess(column)) for column in columns])
    if len(runs) == 1:
        return None, ess
    return np.array([float(arviz().rhat(column)) for column in columns]), ess


def check_spreads(stage: StageOne, draws: FloatArray, *, seed: int) -> dict[str, Any]:
    """Whether the tables fix the total of the spreads between women, and whether they fix its split."""
    at = [stage.names.index(name) for name in SPREADS if name in stage.names]
    rng = np.random.default_rng(seed)
    prior = np.array([[stage.quantiles[k](rng.random()) for k in at] for _ in range(PRIOR_POINTS)])
    total, before = (draws[:, at] ** 2).sum(axis=1), (prior**2).sum(axis=1)
    correlation = np.atleast_2d(np.corrcoef(draws[:, at].T))
    names = [stage.names[k] for k in at]
    return {
        "total_log_variance": weighted_estimate(total, np.ones(total.size)).to_dict(),
        "sd_ratio_of_total": float(total.std() / before.std()),
        "correlations": {
            f"{names[i]} and {names[j]}": float(correlation[i, j])
            for i in range(len(at))
            for j in range(i + 1, len(at))
        },
    }


def check_budget(stage: StageOne, draws: FloatArray) -> dict[str, dict[str, Any]]:
    r"""What each named cause does, and the share of the euploid variance between women that it takes.

    The hazard of women with it stands to that of women without as $1 + a_k / (1 - a_k p_k)$; the share is
    $$ a_k^2 \, p_k (1 - p_k) / (e^{\sigma^2} - 1) $$
    with excess $a_k$ and prevalence $p_k$ as in the law.
    """
    columns = dict(zip(stage.names, draws.T, strict=True))
    budget = np.expm1(columns["law.sd_euploid_lasting"] ** 2)
    out = {}
    for condition in CONDITIONS:
        p, a = columns[f"law.prevalence_{condition}"], columns[f"law.excess_{condition}"]
        out[condition] = {
            "hazard_ratio": _estimate(1.0 + a / (1.0 - a * p)).to_dict(),
            "share_of_euploid_hazard": _estimate(a * p).to_dict(),
            "share_of_variance": _estimate(a**2 * p * (1.0 - p) / budget).to_dict(),
        }
    return out


def is_scored(targets: Targets) -> BoolArray:
    """Which cells can be left out and predicted: all but floors, which bound the law and measure nothing."""
    return np.array([cell.scale != "floor" for cell in targets.cells])


def log_likelihood_by_cell(likelihood: Likelihood, draws: FloatArray) -> FloatArray:
    """Log likelihood of every scored cell at every draw, shape (draws, scored cells)."""
    every = np.array([likelihood.by_cell(values) for values in draws])
    return np.asarray(every[:, is_scored(likelihood.targets)])


def some_of(draws: FloatArray, largest: int = LARGEST_DRAWS) -> FloatArray:
    """Evenly spaced rows, no more than asked for."""
    at = np.linspace(0, len(draws) - 1, min(largest, len(draws))).astype(np.int64)
    return np.asarray(draws[at])


def leave_one_out(by_cell: Mapping[str, FloatArray]) -> dict[str, Any]:
    r"""Expected log score of a cell that was left out, for every structure, best first.

    $$ \widehat{elpd} = \sum_i \log \frac{1}{\sum_s w_{is}} \sum_s w_{is}\, p(y_i \mid \theta_s) $$
    with Pareto-smoothed weights $w_{is}$. Scores leave out constants that all structures share, so only
    differences mean something. Cells of one table are taken as exchangeable, which they are only nearly.

    Arguments:  by_cell  structure to log likelihoods, shape (draws, cells); draws independent
    Returns:    structure to elpd, difference to the best with its standard error, effective number of
                parameters, stacking weight, largest Pareto k and how many are above 0.7
    Source:     ArviZ (`loo`, `compare`)
    Checked by: tests/unit/inference/test_diagnostics.py (a conjugate model with a closed form)
    """
    scores = {name: _loo(values) for name, values in by_cell.items()}
    if len(scores) < 2:
        return {name: _score_row(score) for name, score in scores.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = arviz().compare(scores, method="stacking")
    return {
        name: _score_row(scores[name])
        | {
            "difference": float(row["elpd_diff"]),
            "difference_se": float(row["dse"]),
            "stacking_weight": float(row["weight"]),
        }
        for name, row in table.iterrows()
    }


def score_of(likelihood: Likelihood, draws: FloatArray) -> float:
    """Expected log score of the cells, each left out in turn, from the draws of one run."""
    return float(_loo(log_likelihood_by_cell(likelihood, some_of(draws))).elpd_loo)


def _loo(values: FloatArray) -> Any:
    data = arviz().from_dict(log_likelihood={"cells": values[None]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large Pareto k are counted in the result
        return arviz().loo(data, pointwise=True, reff=1.0, scale="log")


def _score_row(score: Any) -> dict[str, Any]:
    k = np.asarray(score.pareto_k)
    return {
        "elpd": float(score.elpd_loo),
        "se": float(score.se),
        "effective_parameters": float(score.p_loo),
        "largest_pareto_k": float(k.max()),
        "cells_above_0.7": int((k > BAD_PARETO_K).sum()),
        "difference": 0.0,
        "difference_se": 0.0,
        "stacking_weight": 1.0,
    }


def by_table(targets: Targets, by_cell: Mapping[str, FloatArray]) -> dict[str, dict[str, float]]:
    """The part of the leave-one-out score that each table brings, for every structure."""
    tables = np.array([cell.table for cell in targets.cells])[is_scored(targets)]
    parts = {name: np.asarray(_loo(values).loo_i) for name, values in by_cell.items()}
    return {
        table: {name: float(part[tables == table].sum()) for name, part in parts.items()}
        for table in targets.tables
    }


@dataclass(frozen=True)
class CellCheck:
    """One published number beside what the law expects and what the table might have printed."""

    table: str
    label: str
    published: float
    expected: dict[str, float]  # estimate over draws
    could_print: dict[str, float]  # estimate over draws with the error of the table
    is_miss: bool


@dataclass(frozen=True)
class TableCheck:
    """One table: how many of its cells the law misses, and how unusual its sum of squares is."""

    table: str
    cells: int
    misses: tuple[str, ...]
    p_as_far: float  # chance that a table made by the law lies as far from it or farther


def predictive_check(
    targets: Targets, predicted: FloatArray, *, seed: int
) -> tuple[list[CellCheck], list[TableCheck]]:
    """Compare every published number with numbers that the law would print.

    A miss is a published number outside the 95% range of printed ones; a floor is missed only from above.

    Arguments:  targets    published cells
                predicted  expected values, shape (draws, cells)
                seed       of the printed numbers
    Returns:    checks by cell and by table
    Checked by: tests/unit/inference/test_diagnostics.py
    """
    rng = np.random.default_rng(seed)
    drawn = np.array(
        [[cell.draw(p, rng) for cell, p in zip(targets.cells, row, strict=True)] for row in predicted]
    )
    cells = [_cell_check(c, predicted[:, i], drawn[:, i]) for i, c in enumerate(targets.cells)]
    here = np.array([[_distance(c, c.value, p) for c, p in zip(targets.cells, row, strict=True)]
                     for row in predicted])  # fmt: skip
    there = np.array([[_distance(c, y, p) for c, y, p in zip(targets.cells, ys, row, strict=True)]
                      for ys, row in zip(drawn, predicted, strict=True)])  # fmt: skip
    names = np.array([cell.table for cell in targets.cells])
    tables = [_table_check(t, cells, here[:, names == t], there[:, names == t]) for t in targets.tables]
    return cells, tables


def _cell_check(cell: Cell, predicted: FloatArray, drawn: FloatArray) -> CellCheck:
    printed = _estimate(drawn)
    above, below = cell.value > printed.hi, cell.value < printed.lo
    missed = above or (below and cell.scale != "floor")
    expected = _estimate(predicted).to_dict()
    return CellCheck(cell.table, cell.label, cell.value, expected, printed.to_dict(), bool(missed))


def _table_check(table: str, cells: list[CellCheck], here: FloatArray, there: FloatArray) -> TableCheck:
    own = [cell for cell in cells if cell.table == table]
    missed = tuple(cell.label for cell in own if cell.is_miss)
    p_as_far = float(np.mean(there.sum(axis=1) >= here.sum(axis=1)))
    return TableCheck(table, len(own), missed, p_as_far)


def _estimate(values: FloatArray) -> Estimate:
    return weighted_estimate(values, np.ones(values.size))


def _distance(cell: Cell, value: float, predicted: float) -> float:
    """Squared distance in units of the cell's error; a floor counts only where it is above the law."""
    if cell.scale == "counts":
        events, expected = value * cell.trials, predicted * cell.trials
        return float((events - expected) ** 2 / (expected * (1.0 - predicted)))
    z = (cell.on_scale(value) - cell.on_scale(predicted)) / cell.sd
    return max(z, 0.0) ** 2 if cell.scale == "floor" else z * z


def as_rows(checks: Sequence[CellCheck] | Sequence[TableCheck]) -> list[dict[str, Any]]:
    """Checks as plain data."""
    return [asdict(check) for check in checks]

"""The posterior of stage one: compiled likelihood, nested sampling with checkpoints, one structure each."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from decidua.evidence import Ledger
from decidua.inference import predictions
from decidua.inference.priors import StageOne, Structure, stage_one
from decidua.inference.targets import Targets, calibration_targets, flatten
from decidua.life import differences
from decidua.life.parameters import SHAPES, FloatArray

IMPOSSIBLE = -1e100  # the sampler wants a finite number for points outside the budget of variance
NODES = 5
CHECKPOINT_EVERY_SECONDS = 30
REPORT_EVERY_SECONDS = 5.0
STEPS = 100  # of the random walk to a new live point; with half as many, two runs differed in some parameters
STILL_MISSING = 0.05  # of the log evidence, when sampling stops

Progress = Callable[[str], None]


@cache
def _nodes() -> tuple[FloatArray, FloatArray]:
    """Normal nodes and weights, worked out once."""
    return differences.normal_nodes(NODES)


@dataclass(frozen=True)
class Likelihood:
    """Log likelihood of the calibration tables under one structure."""

    stage: StageOne
    targets: Targets

    def predicted(self, values: FloatArray) -> FloatArray | None:
        """Expected value of every cell, or None where the named causes exceed the budget of variance."""
        law, nuisance = self.stage.law(values)
        w0, sd_residual = differences.remaining_budget(law, 0.0, 0.0)
        if w0 <= 0.0:
            return None
        z, weights = _nodes()
        shape = SHAPES[self.stage.structure.frailty]
        return flatten(
            predictions.predict(law, nuisance, self.targets.design, shape, z, weights, w0, sd_residual)
        )

    def by_cell(self, values: FloatArray) -> FloatArray:
        """Log likelihood of every cell, shape (cells,)."""
        predicted = self.predicted(values)
        if predicted is None or not np.all(np.isfinite(predicted)):
            return np.full(len(self.targets.cells), IMPOSSIBLE)
        return self.targets.log_likelihoods(predicted)

    def __call__(self, values: FloatArray) -> float:
        """Log likelihood of all cells."""
        return max(float(self.by_cell(values).sum()), IMPOSSIBLE)


@dataclass(frozen=True)
class Fit:
    """Equally weighted posterior draws of one run and its log evidence."""

    structure: Structure
    names: tuple[str, ...]
    draws: FloatArray  # (draws, parameters)
    log_likelihood: FloatArray  # (draws,)
    log_evidence: float
    log_evidence_error: float
    calls: int
    seed: int
    live_points: int


def likelihood_of(ledger: Ledger, structure: Structure, targets: Targets | None = None) -> Likelihood:
    """The likelihood of the published tables, or of other values in their place."""
    return Likelihood(stage_one(ledger, structure), targets or calibration_targets(ledger))


def fit_posterior(
    likelihood: Likelihood,
    *,
    seed: int,
    live_points: int,
    still_missing: float = STILL_MISSING,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Sample the posterior by nested sampling; a run that was interrupted goes on from its checkpoint.

    Assumes the extra `calibrate` is installed (dynesty).

    Arguments:  likelihood     of the tables under one structure
                seed           of the sampler
                live_points    more are slower and finer
                still_missing  stop when the live points can add no more than this to the log evidence
                checkpoint     file to save to and go on from, or None
                progress       called with a line of text now and then
    Returns:    equally weighted draws with evidence; the same after an interruption as without one
    Checked by: tests/unit/inference/test_posterior.py
    """
    import dynesty

    dimensions = len(likelihood.stage.names)
    resume = checkpoint is not None and checkpoint.is_file()
    if resume:
        sampler = dynesty.NestedSampler.restore(str(checkpoint))
    else:
        sampler = dynesty.NestedSampler(
            likelihood,
            likelihood.stage.transform,
            dimensions,
            nlive=live_points,
            bound="single",
            sample="rwalk",
            walks=STEPS,
            rstate=np.random.default_rng(seed),
        )
    kept = {} if checkpoint is None else {"checkpoint_file": str(checkpoint)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler.run_nested(
            dlogz=still_missing,
            resume=resume,
            checkpoint_every=CHECKPOINT_EVERY_SECONDS,
            print_progress=progress is not None,
            print_func=_printer(likelihood.stage.structure, progress),
            **kept,
        )
    return _fit_of(sampler.results, likelihood, seed, live_points)


def _printer(structure: Structure, progress: Progress | None) -> Callable[..., None]:
    """Turn the sampler's own report into one line of ours every few seconds, with the rate since the last."""
    told, told_calls = time.monotonic(), 0

    def report(results: Any, iteration: int, calls: int, **_: Any) -> None:
        nonlocal told, told_calls
        passed = time.monotonic() - told
        if progress is None or passed < REPORT_EVERY_SECONDS:
            return
        rate = (calls - told_calls) / passed if told_calls else 0.0
        told, told_calls = time.monotonic(), calls
        progress(
            f"{structure.name}: step {iteration}, {calls} likelihoods, {rate:.0f} a second, "
            f"log evidence {results.logz:.1f}, still missing {results.delta_logz:.2f}"
        )

    return report


def _fit_of(results: Any, likelihood: Likelihood, seed: int, live_points: int) -> Fit:
    weights = np.exp(results.logwt - results.logz[-1])
    rng = np.random.default_rng(seed)
    size = int(1.0 / np.sum((weights / weights.sum()) ** 2))
    chosen = systematic(weights, size, rng)
    return Fit(
        structure=likelihood.stage.structure,
        names=likelihood.stage.names,
        draws=np.asarray(results.samples)[chosen],
        log_likelihood=np.asarray(results.logl)[chosen],
        log_evidence=float(results.logz[-1]),
        log_evidence_error=float(results.logzerr[-1]),
        calls=int(np.sum(results.ncall)),
        seed=seed,
        live_points=live_points,
    )


def systematic(weights: FloatArray, size: int, rng: np.random.Generator) -> Any:
    """Indices drawn in proportion to weights by systematic resampling, in random order."""
    edges = np.cumsum(weights / weights.sum())
    points = (np.arange(size) + rng.random()) / size
    return rng.permutation(np.minimum(np.searchsorted(edges, points), weights.size - 1))

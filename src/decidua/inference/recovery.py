"""Can the fit find what is known to be true: tables printed by the law itself, fitted as if published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from decidua.inference.calibration import Task
from decidua.inference.posterior import Fit, Likelihood
from decidua.life.parameters import FloatArray

LIVE_POINTS = 100
STILL_MISSING = 0.5
INTERVALS = (50, 95)


@dataclass(frozen=True)
class Simulated:
    """One set of simulated tables and the parameters that made it."""

    truth: FloatArray
    task: Task


def simulated_tasks(likelihood: Likelihood, fit: Fit, *, count: int, seed: int) -> list[Simulated]:
    """Tables printed by the law at parameters drawn from a posterior, each to be fitted again.

    Arguments:  likelihood  of the structure
                fit         whose draws are taken for true, one for each set of tables
                count       sets of tables
                seed        of the choice and of the printed numbers
    Returns:    truths with their tasks; the first few are the same for a larger count
    """
    made = []
    for number in range(1, count + 1):
        rng = np.random.default_rng([seed, number])
        truth = fit.draws[rng.integers(len(fit.draws))]
        name = f"recovery-{fit.structure.name}-{number}"
        values = simulated_values(likelihood, truth, rng)
        task = Task(name, fit.structure.name, number, LIVE_POINTS, STILL_MISSING, values)
        made.append(Simulated(truth, task))
    return made


def simulated_values(
    likelihood: Likelihood, truth: FloatArray, rng: np.random.Generator
) -> tuple[float, ...]:
    """Numbers that the tables might have printed; a floor is a bound, not a measurement, and stays."""
    predicted = likelihood.predicted(truth)
    if predicted is None:
        raise ArithmeticError("the parameters exceed the budget of variance")
    pairs = zip(likelihood.targets.cells, predicted, strict=True)
    return tuple(c.value if c.scale == "floor" else c.draw(float(p), rng) for c, p in pairs)


def recovered(truths: Sequence[FloatArray], fits: Sequence[Fit]) -> dict[str, Any]:
    """How often the 50% and the 95% intervals hold the truth, over all parameters and for each.

    Assumes nothing about independence: parameters of one fit stand or fall together, so the share over all
    parameters is surer than any one of them, but not as sure as their number suggests.

    Arguments:  truths  shape (parameters,) each
                fits    of the tables made at each truth
    Returns:    dict ready for JSON
    Checked by: tests/unit/inference/test_recovery.py
    """
    held = {level: np.array([_holds(t, f, level) for t, f in zip(truths, fits, strict=True)])
            for level in INTERVALS}  # fmt: skip
    return {
        "simulated_sets": len(fits),
        "live_points": LIVE_POINTS,
        "share_held": {str(level): float(inside.mean()) for level, inside in held.items()},
        "by_parameter": {
            name: {str(level): int(held[level][:, k].sum()) for level in INTERVALS}
            for k, name in enumerate(fits[0].names)
        },
    }


def _holds(truth: FloatArray, fit: Fit, level: int) -> FloatArray:
    """For every parameter, whether the central interval of this percentage holds the truth."""
    tail = (100.0 - level) / 2.0
    lo, hi = np.percentile(fit.draws, [tail, 100.0 - tail], axis=0)
    return np.asarray((lo <= truth) & (truth <= hi))

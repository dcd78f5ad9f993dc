"""Everything a calibration found, as one dict: runs, parameters, structures, tables, recovery."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from decidua.base.provenance import SCHEMA_VERSION, provenance
from decidua.evidence import Ledger
from decidua.inference import diagnostics
from decidua.inference.calibration import by_structure, inputs_hash, law_hash, pooled
from decidua.inference.posterior import Fit, Likelihood, likelihood_of
from decidua.inference.priors import STRUCTURES
from decidua.inference.targets import calibration_targets
from decidua.life.parameters import FloatArray
from decidua.womb import MECHANISM_CLASS

PACKAGES = ("arviz", "dynesty", "numba", "numpy", "scipy")

Progress = Callable[[str], None]


def summary_of(
    fits: Sequence[Fit],
    ledger: Ledger,
    *,
    arguments: Mapping[str, Any],
    seed: int,
    recovery: Mapping[str, Any] | None,
    progress: Progress,
) -> dict[str, Any]:
    """Judge the fits and put everything down that is needed to trust them, or not to.

    Arguments:  fits       of one or more structures and seeds
                ledger     that they were fitted with
                arguments  of the calibration, for provenance
                seed       of the random numbers in the checks
                recovery   what `recovered` found, or None where it was not asked for
                progress   called with lines of text
    Returns:    dict ready for JSON: provenance, hashes, packages, structures, leave_one_out, recovery
    Checked by: tests/unit/inference/test_install.py
    """
    targets = calibration_targets(ledger)
    groups = by_structure(fits)
    likelihoods = {name: likelihood_of(ledger, g[0].structure, targets) for name, g in groups.items()}
    some = {name: diagnostics.some_of(pooled(group).draws) for name, group in groups.items()}
    by_cell: dict[str, FloatArray] = {}
    for name, likelihood in likelihoods.items():
        progress(f"{name}: likelihood of every cell at {len(some[name])} draws")
        by_cell[name] = diagnostics.log_likelihood_by_cell(likelihood, some[name])
    found = {
        "schema_version": SCHEMA_VERSION,
        "provenance": _provenance(arguments, seed),
        "law": law_hash(),
        "packages": {name: version(name) for name in PACKAGES},
        "structures": {
            name: _one_structure(likelihoods[name], group, some[name], seed=seed)
            for name, group in groups.items()
        },
        "leave_one_out": diagnostics.leave_one_out(by_cell),
        "leave_one_out_by_table": diagnostics.by_table(targets, by_cell),
        "leave_one_out_by_run": _scores_by_run(likelihoods, groups),
        "recovery": recovery,
    }
    return {key: plain(value) for key, value in found.items()}


def _scores_by_run(
    likelihoods: Mapping[str, Likelihood], groups: Mapping[str, Sequence[Fit]]
) -> dict[str, list[float]]:
    """The score of every run alone: what two runs of one structure differ by is no preference."""
    return {
        name: [diagnostics.score_of(likelihoods[name], fit.draws) for fit in runs]
        for name, runs in groups.items()
    }


def plain(value: Any) -> Any:
    """The same without numbers that could not be worked out; JSON has no word for them but null."""
    if isinstance(value, Mapping):
        return {key: plain(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inside) for inside in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _provenance(arguments: Mapping[str, Any], seed: int) -> dict[str, Any]:
    classes = sorted(set(MECHANISM_CLASS.values()))
    weights = {name: 1.0 / len(classes) for name in classes}
    return provenance(seed=seed, arguments=arguments, mechanism_weights=weights, weights_are="prior")


def _one_structure(
    likelihood: Likelihood, runs: Sequence[Fit], some: FloatArray, *, seed: int
) -> dict[str, Any]:
    stage, whole = likelihood.stage, pooled(runs)
    checks = diagnostics.check_parameters(stage, runs)
    predicted = np.array([likelihood.predicted(values) for values in some])
    cells, tables = diagnostics.predictive_check(likelihood.targets, predicted, seed=seed)
    r_hats = [check.r_hat for check in checks.values() if check.r_hat is not None]
    of_cells = _agreement_on_cells(likelihood, runs)
    return {
        "inputs": inputs_hash(likelihood),
        "runs": [_one_run(fit) for fit in runs],
        "log_evidence": whole.log_evidence,
        "log_evidence_error": whole.log_evidence_error,
        "largest_r_hat": max(r_hats) if r_hats else None,
        "largest_r_hat_of_cells": of_cells,
        "smallest_ess": min(check.ess_bulk for check in checks.values()),
        "informed_by": dict(Counter(check.informed_by for check in checks.values())),
        "parameters": {name: asdict(check) for name, check in checks.items()},
        "spreads": diagnostics.check_spreads(stage, whole.draws, seed=seed),
        "named_causes": diagnostics.check_budget(stage, whole.draws),
        "tables": diagnostics.as_rows(tables),
        "cells": diagnostics.as_rows(cells),
    }


def _agreement_on_cells(likelihood: Likelihood, runs: Sequence[Fit]) -> float | None:
    """Largest R-hat over what the runs expect of the tables: what they must agree on, whatever the split."""
    if len(runs) == 1:
        return None
    expected = [np.array([likelihood.predicted(x) for x in diagnostics.some_of(f.draws)]) for f in runs]
    r_hat, _ = diagnostics.run_agreement(expected)
    return None if r_hat is None else float(r_hat.max())


def _one_run(fit: Fit) -> dict[str, Any]:
    return {
        "seed": fit.seed,
        "live_points": fit.live_points,
        "likelihoods": fit.calls,
        "draws": len(fit.draws),
        "log_evidence": fit.log_evidence,
        "log_evidence_error": fit.log_evidence_error,
    }


def preferred(summary: Mapping[str, Any]) -> str:
    """In plain words, which structure the tables prefer, by what is left out and predicted."""
    rows = summary["leave_one_out"]
    best, *others = rows
    clear = [name for name in others if is_clear(rows[name])]
    unclear = [name for name in others if name not in clear]
    if not others:
        return f"Only {best} was fitted; there is nothing to compare it with."
    if not clear:
        return f"The tables do not tell the {len(rows)} structures apart; {best} scores highest, not clearly."
    said = f"{best} scores highest; the tables speak against {', '.join(clear)}"
    return f"{said}, and do not tell it from {', '.join(unclear)}." if unclear else f"{said}."


def is_clear(row: Mapping[str, float | None]) -> bool:
    """A difference counts from four units of log score and two standard errors on."""
    difference, error = row["difference"], row["difference_se"]
    return difference is not None and error is not None and difference > max(4.0, 2.0 * error)


def structures_missing(fits: Sequence[Fit]) -> tuple[str, ...]:
    """Structures of the program that no fit is of."""
    have = {fit.structure.name for fit in fits}
    return tuple(structure.name for structure in STRUCTURES if structure.name not in have)

"""Gives every draw of the law couples of its own, from a fit of the tables of fecundability."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.digests import digest_of
from decidua.base.estimates import weighted_estimate
from decidua.base.files import write_json_whole
from decidua.evidence import Ledger
from decidua.evidence.draws import HERE, Draws, read_draws, write_draws
from decidua.inference import predictions
from decidua.inference.couples import DIMENSIONS, HIDDEN, CoupleTables, Mix, couple_tables, mix_of
from decidua.inference.install import PROVENANCE_FILE, update_ledger
from decidua.inference.posterior import systematic
from decidua.inference.structures import DEFAULT_STRUCTURE, STRUCTURES
from decidua.life import law
from decidua.life.parameters import FloatArray, LawParameters
from decidua.measure.waiting import COUPLES

LIVE_POINTS, STEPS, STILL_MISSING = 500, 40, 0.05
NEAREST = 50  # posterior points among which a draw of the law chooses: those with the nearest hidden share
PART = "couples"  # of provenance.json
REASON = (
    "The mix of couples was one published cohort without uncertainty; it now has a posterior from all "
    "tables of fecundability, given the law. The columns life.couples.* were added and nothing else changed."
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class CoupleFit:
    """Equally weighted posterior points of one run, shape (points, DIMENSIONS)."""

    tables: CoupleTables
    points: FloatArray
    log_evidence: float
    log_evidence_error: float
    calls: int
    seed: int


def hidden_shares(draws: Draws, ledger: Ledger) -> FloatArray:
    """Share of hCG pregnancies lost before anyone notices, under every draw, at the age of the cohort."""
    age = ledger.value("calibration.early_age_years")
    out = np.empty(len(draws))
    for i in range(len(draws)):
        p = LawParameters(*(float(draws.columns[f"law.{name}"][i]) for name in LawParameters._fields))
        out[i] = predictions.early_chances(0.0, law.aneuploid_odds(age, math.nan, p), p)[0]
    return out


def fit_couples(tables: CoupleTables, *, seed: int) -> CoupleFit:
    """Sample the posterior of the couples by nested sampling; about a minute.

    Assumes the extra `calibrate` is installed (dynesty).

    Checked by: tests/unit/inference/test_couples.py
    """
    import dynesty

    rng = np.random.default_rng(seed)
    sampler = dynesty.NestedSampler(
        tables, tables.transform, DIMENSIONS, nlive=LIVE_POINTS, sample="rwalk", walks=STEPS, rstate=rng
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler.run_nested(dlogz=STILL_MISSING, print_progress=False)
    found = sampler.results
    weights = np.exp(found.logwt - found.logz[-1])
    size = int(weights.sum() ** 2 / (weights**2).sum())
    chosen = systematic(weights, size, np.random.default_rng(seed))
    evidence = float(found.logz[-1]), float(found.logzerr[-1])
    return CoupleFit(tables, np.asarray(found.samples)[chosen], *evidence, int(np.sum(found.ncall)), seed)


def with_couples(draws: Draws, fit: CoupleFit, hidden: FloatArray) -> Draws:
    """The same draws with the couples beside them, given the hidden share of each; nothing else changes."""
    rng = np.random.default_rng(fit.seed)
    points = fit.points[np.argsort(fit.points[:, HIDDEN])]
    columns = {name: np.empty(len(draws)) for name in COUPLES}
    for i, share in enumerate(hidden):
        middle = int(np.searchsorted(points[:, HIDDEN], share))
        first = min(max(middle - NEAREST // 2, 0), len(points) - NEAREST)
        mix = mix_of(points[first + int(rng.integers(NEAREST))])
        for name in COUPLES:
            columns[name][i] = getattr(mix, name.removeprefix("life.couples."))
    return replace(draws, columns=draws.columns | columns)


def mixes(draws: Draws, hidden: FloatArray) -> list[Mix]:
    """The couples of every draw."""
    rows = zip(*(draws.columns[name] for name in COUPLES), hidden, strict=True)
    return [Mix(*map(float, row)) for row in rows]


def calibrate_couples(
    ledger: Ledger, *, seed: int, evidence: Path = HERE.parent, progress: Progress
) -> CoupleFit:
    """Fit the tables of fecundability, given the hidden shares of all shipped draws."""
    shares = [hidden_shares(_read(evidence, s.name), ledger) for s in STRUCTURES]
    every = np.concatenate(shares)
    tables = couple_tables(ledger, hidden_range=(float(every.min()), float(every.max())))
    progress(
        f"{len(tables.cells)} cells of age and {len(tables.cohorts)} cohorts; sampling takes about a minute"
    )
    return fit_couples(tables, seed=seed)


def summary_of_couples(fit: CoupleFit, ledger: Ledger, *, evidence: Path = HERE.parent) -> dict[str, Any]:
    """What was found, over the draws of the default structure: parameters, and every cell."""
    draws = _read(evidence, DEFAULT_STRUCTURE.name)
    hidden = hidden_shares(draws, ledger)
    draws = with_couples(draws, fit, hidden)
    expected = np.array([fit.tables.expected(mix) for mix in mixes(draws, hidden)])
    return {
        "seed": fit.seed,
        "reason": REASON,
        "live_points": LIVE_POINTS,
        "points": len(fit.points),
        "likelihoods": fit.calls,
        "log_evidence": fit.log_evidence,
        "log_evidence_error": fit.log_evidence_error,
        "inputs": inputs_of(fit.tables),
        "hidden": weighted_estimate(hidden, draws.weight).to_dict(),
        "parameters": {n: weighted_estimate(draws.columns[n], draws.weight).to_dict() for n in COUPLES},
        "cells": [
            {"table": c.table, "label": c.label, "published": c.value, "log_sd": c.log_sd}
            | weighted_estimate(expected[:, k], draws.weight).to_dict()
            for k, c in enumerate(fit.tables.cells)
        ],
    }


def inputs_of(tables: CoupleTables) -> str:
    """Hash of every number the fit reads, but the hidden shares, which are the law's."""
    return digest_of(
        {
            "cohorts": tables.cohorts.tolist(),
            "cells": [[c.table, c.label, c.value, c.log_sd] for c in tables.cells],
            "priors": [quantile.prior.model_dump(exclude_none=True) for quantile in tables.priors],
            "ages": [tables.ratio.tolist(), tables.sterile.tolist(), tables.tried, tables.cycles],
        }
    )


def install_couples(
    fit: CoupleFit,
    found: Mapping[str, Any],
    ledger: Ledger,
    *,
    evidence: Path = HERE.parent,
    progress: Progress,
) -> None:
    """Put the couples into the draws of every structure, the ledger and, last, provenance."""
    for structure in STRUCTURES:
        draws = _read(evidence, structure.name)
        write_draws(with_couples(draws, fit, hidden_shares(draws, ledger)), _file(evidence, structure.name))
        progress(f"{structure.name}: {len(draws)} draws have couples of their own")
    changed = update_ledger(evidence, found["parameters"])
    progress(f"{changed} calibrated values of the ledger now say what was found")
    path = evidence / "draws" / PROVENANCE_FILE
    write_json_whole(path, json.loads(path.read_text(encoding="utf-8")) | {PART: dict(found)})


def report_of_couples(found: Mapping[str, Any]) -> str:
    """Two tables in Markdown: what was found of the couples, and every cell beside what was published."""
    lines = ["| couples | mean (95% interval) |", "| --- | --- |"]
    for name, x in found["parameters"].items():
        lines.append(f"| `{name}` | {_three(x)} |")
    lines += ["", "| table | women | published | fitted mean (95% interval) | miss, in sd of the cell |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for cell in found["cells"]:
        miss = math.log(cell["mean"] / cell["published"]) / cell["log_sd"]
        row = (cell["table"], cell["label"], f"{cell['published']:g}", _three(cell), f"{miss:+.1f}")
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _three(x: Mapping[str, float]) -> str:
    return f"{x['mean']:.3f} ({x['lo']:.3f} to {x['hi']:.3f})"


def _file(evidence: Path, structure: str) -> Path:
    return evidence / "draws" / f"{structure}.parquet"


def _read(evidence: Path, structure: str) -> Draws:
    return read_draws(_file(evidence, structure), structure=structure)

"""Puts stage two into the program: weights of the classes, and its posterior in the columns of the draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.files import write_json_whole
from decidua.base.provenance import SCHEMA_VERSION, provenance
from decidua.evidence import EVIDENCE_VERSION
from decidua.evidence.content import hash_of
from decidua.evidence.draws import HERE, Draws, read_draws, write_draws
from decidua.inference.assembly import (
    EFFECT,
    FROM_STAGE_TWO,
    REPEATABILITY,
    STEROID,
    STRENGTHS,
)
from decidua.inference.cells import excess_over_women, uterine_nk_table
from decidua.inference.class_weights import WEIGHTS_FILE, by_mechanism
from decidua.inference.structures import STRUCTURES
from decidua.life import differences
from decidua.life.parameters import LawParameters
from decidua.womb import MECHANISM_CLASS

MAX_TRIES = 10_000

Progress = Callable[[str], None]


def install_weights(
    found: Mapping[str, Any],
    *,
    control_log_sd: float,
    seed: int,
    evidence: Path = HERE.parent,
    progress: Progress,
) -> None:
    """Write the weights, and bring the draws of every structure up to date.

    What stage one fitted stays as it is; its log likelihoods stay right.

    Arguments:  found           what `weigh` returned
                control_log_sd  spread of control counts, which repeatability splits
                seed            of the pairing of stage one with stage two
                evidence        folder of the evidence; the package's own
                progress        called with lines of text
    Checked by: tests/unit/inference/test_weights.py
    """
    folder = evidence / "draws"
    for structure in STRUCTURES:
        path = folder / f"{structure.name}.parquet"
        draws = read_draws(path, structure=structure.name)
        write_draws(updated(draws, found, control_log_sd=control_log_sd, seed=seed), path)
        progress(f"{structure.name}: {len(draws)} draws brought up to date")
    write_json_whole(folder / WEIGHTS_FILE, record_of(found, seed=seed, evidence=evidence))
    progress(f"{WEIGHTS_FILE} written")


def record_of(found: Mapping[str, Any], *, seed: int, evidence: Path) -> dict[str, Any]:
    """What is kept of stage two, with where it comes from."""
    made = provenance(
        seed=seed,
        arguments=found["arguments"],
        mechanism_weights=found["classes"],
        weights_are="posterior",
    )
    made["evidence_version"] = f"{EVIDENCE_VERSION}+{hash_of(evidence)}"
    return {"schema_version": SCHEMA_VERSION, **found, "provenance": made}


def updated(draws: Draws, found: Mapping[str, Any], *, control_log_sd: float, seed: int) -> Draws:
    """The same draws of stage one with the posterior of stage two beside them."""
    rng = np.random.default_rng(seed)
    columns = {name: values.copy() for name, values in draws.columns.items()}
    columns.setdefault(STEROID, np.ones(len(draws)))
    for i, mechanism in enumerate(draws.mechanism):
        _put(columns, i, mechanism, found["draws"][mechanism], control_log_sd, rng)
    share = by_mechanism(found["classes"])
    each = {name: draws.mechanism.count(name) for name in share}
    weight = np.array([share[name] / each[name] for name in draws.mechanism])
    return Draws(draws.structure, columns, draws.mechanism, weight, draws.log_likelihood)


def _put(
    columns: dict[str, Any],
    i: int,
    mechanism: str,
    kept: Mapping[str, list[float]],
    control_log_sd: float,
    rng: np.random.Generator,
) -> None:
    """One posterior point of stage two that the budget of variance of draw i has room for."""
    acts = MECHANISM_CLASS[mechanism] != "no_effect"
    # A strength of cells without effect says nothing, so those draws keep the prior of both strengths.
    names = [name for name in FROM_STAGE_TWO if acts or name not in STRENGTHS]
    table = uterine_nk_table(mechanism)
    for _ in range(MAX_TRIES):
        at = int(rng.integers(len(kept[EFFECT])))
        for name in names:
            columns[name][i] = kept[name][at]
        columns["law.uterine_nk_excess"][i] = math.expm1(kept[EFFECT][at]) if acts else 0.0
        columns["law.uterine_nk_lasting_log_sd"][i] = control_log_sd * math.sqrt(kept[REPEATABILITY][at])
        p = LawParameters(*(float(columns[f"law.{name}"][i]) for name in LawParameters._fields))
        mean, variance = excess_over_women(p, table)
        if differences.remaining_budget(p, mean, variance)[0] > 0.0:
            return
    raise ArithmeticError(f"no strength of {mechanism} fits the budget of variance in {MAX_TRIES} tries")

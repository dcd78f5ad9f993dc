"""Stage one for several structures and seeds: one process each, resumed where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.digests import digest_of
from decidua.base.files import read_record, refuse_another, write_json_whole, write_whole
from decidua.base.provenance import SCHEMA_VERSION
from decidua.evidence import Ledger, load_ledger
from decidua.inference import generations, posterior, predictions, priors, quadrature, targets
from decidua.inference.posterior import STILL_MISSING, Fit, Likelihood, Progress, fit_posterior, likelihood_of
from decidua.inference.priors import STRUCTURES, structure_named
from decidua.inference.targets import calibration_targets
from decidua.inference.workers import Tell, in_processes, termination_interrupts
from decidua.life import differences, law, parameters

RUN_FILE, LOG_FILE = "run.json", "run_log.json"
ANOTHER = "give another folder with --out, or begin again with --no-resume"
DEFAULT_LIVE_POINTS = 250
DEFAULT_SEEDS = (1, 2)
LAW_SOURCES = (differences, law, parameters, generations, quadrature, predictions, priors, targets, posterior)


@dataclass(frozen=True)
class Wanted:
    """What is to be fitted; everything here changes the result."""

    structures: tuple[str, ...] = tuple(structure.name for structure in STRUCTURES)
    seeds: tuple[int, ...] = DEFAULT_SEEDS
    live_points: int = DEFAULT_LIVE_POINTS
    still_missing: float = STILL_MISSING

    @property
    def arguments(self) -> dict[str, Any]:
        """As they stand in run.json and in provenance."""
        return {
            "structures": list(self.structures),
            "seeds": list(self.seeds),
            "live_points": self.live_points,
            "still_missing": self.still_missing,
        }

    @property
    def tasks(self) -> tuple[Task, ...]:
        """One for each seed and structure; the first seed of every structure comes first."""
        return tuple(
            Task(f"{structure}-{seed}", structure, seed, self.live_points, self.still_missing)
            for seed in self.seeds
            for structure in self.structures
        )


@dataclass(frozen=True)
class Task:
    """One run of the sampler; its files carry its name."""

    name: str
    structure: str
    seed: int
    live_points: int
    still_missing: float
    values: tuple[float, ...] | None = None  # of the cells, where they are simulated and not published
    folder: Path = Path()

    @property
    def checkpoint(self) -> Path:
        """Where the sampler saves itself."""
        return self.folder / f"{self.name}.checkpoint"

    @property
    def result(self) -> Path:
        """Where the posterior is kept when it is done."""
        return self.folder / f"{self.name}.npz"

    @property
    def likelihood(self) -> Likelihood:
        """Of the published tables, or of the simulated values in their place."""
        ledger, structure = load_ledger(), structure_named(self.structure)
        return likelihood_of(ledger, structure, with_values(calibration_targets(ledger), self.values))


def with_values(published: targets.Targets, values: Sequence[float] | None) -> targets.Targets:
    """The same tables with other numbers printed in them."""
    if values is None:
        return published
    pairs = zip(published.cells, values, strict=True)
    return replace(published, cells=tuple(replace(cell, value=float(value)) for cell, value in pairs))


def calibrate(
    wanted: Wanted, folder: Path, *, jobs: int, resume: bool = True, progress: Progress
) -> tuple[Fit, ...]:
    """Fit every structure under every seed; finished runs are kept, interrupted ones go on.

    Arguments:  wanted    structures, seeds, live points
                folder    for run.json, checkpoints and results
                jobs      processes at once
                resume    False begins again
                progress  called with lines of text
    Returns:    fits in the order of `wanted.tasks`; the same whatever `jobs` and however often interrupted
    Raises:     InputError when the folder holds a run with other arguments or another law
    Checked by: tests/unit/inference/test_calibration.py
    """
    begin(folder, record_of(wanted, load_ledger()), resume=resume)
    return run_tasks(wanted.tasks, folder, jobs=jobs, progress=progress)


def run_tasks(tasks: Iterable[Task], folder: Path, *, jobs: int, progress: Progress) -> tuple[Fit, ...]:
    """Do the tasks that have no result yet, and read all results."""
    placed = [replace(task, folder=folder) for task in tasks]
    missing = {task.name: task for task in placed if not task.result.is_file()}
    progress(f"{len(placed)} runs, {len(placed) - len(missing)} done before, {len(missing)} to do")
    with termination_interrupts():
        seconds = in_processes(fit_task, missing, jobs=jobs, progress=progress)
    _log_times(folder, jobs=jobs, seconds=seconds)
    return tuple(read_fit(task.result) for task in placed)


def fit_task(task: Task, tell: Tell) -> None:
    """Fit, keep the result, then drop the checkpoint; runs in a process of its own."""
    fit = fit_posterior(
        task.likelihood,
        seed=task.seed,
        live_points=task.live_points,
        still_missing=task.still_missing,
        checkpoint=task.checkpoint,
        progress=lambda line: tell(f"seed {task.seed}, {line}"),
    )
    write_fit(fit, task.result)
    task.checkpoint.unlink(missing_ok=True)
    tell(f"{task.name}: done, {len(fit.draws)} draws, {fit.calls} likelihoods")


def write_fit(fit: Fit, path: Path) -> None:
    """Keep a fit in one file of plain arrays."""
    held: dict[str, Any] = {
        "structure": np.array(fit.structure.name),
        "names": np.array(fit.names),
        "draws": fit.draws,
        "log_likelihood": fit.log_likelihood,
        "numbers": np.array([fit.log_evidence, fit.log_evidence_error]),
        "counts": np.array([fit.calls, fit.seed, fit.live_points]),
    }

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, **held)

    write_whole(path, save)


def read_fit(path: Path) -> Fit:
    """A fit from a file that `write_fit` wrote."""
    with np.load(path, allow_pickle=False) as held:
        evidence, error = (float(x) for x in held["numbers"])
        calls, seed, live = (int(x) for x in held["counts"])
        names = tuple(str(name) for name in held["names"])
        structure = structure_named(str(held["structure"]))
        return Fit(
            structure, names, held["draws"], held["log_likelihood"], evidence, error, calls, seed, live
        )


def pooled(fits: Sequence[Fit]) -> Fit:
    """Runs of one structure as one; their log evidence is averaged, its error is the larger of two.

    The two are the sampler's own error over the root of the number of runs, and the spread between runs.
    """
    first, count = fits[0], len(fits)
    evidence = np.array([fit.log_evidence for fit in fits])
    own = float(np.sqrt(np.mean([fit.log_evidence_error**2 for fit in fits]) / count))
    between = float(evidence.std(ddof=1) / np.sqrt(count)) if count > 1 else 0.0
    return replace(
        first,
        draws=np.concatenate([fit.draws for fit in fits]),
        log_likelihood=np.concatenate([fit.log_likelihood for fit in fits]),
        log_evidence=float(evidence.mean()),
        log_evidence_error=max(own, between),
        calls=sum(fit.calls for fit in fits),
    )


def by_structure(fits: Iterable[Fit]) -> dict[str, tuple[Fit, ...]]:
    """Fits under the name of their structure, in the order in which structures are listed."""
    found = tuple(fits)
    names = (structure.name for structure in STRUCTURES)
    grouped = {name: tuple(fit for fit in found if fit.structure.name == name) for name in names}
    return {name: group for name, group in grouped.items() if group}


def law_hash() -> str:
    """Hash of every source that the likelihood of stage one is computed by."""
    digest = hashlib.sha256()
    for module in LAW_SOURCES:
        digest.update(Path(str(module.__file__)).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def inputs_hash(likelihood: Likelihood) -> str:
    """Hash of every number the likelihood reads: cells, ages, priors, and what is held.

    The central value of a calibrated entry is not among them, so installing a fit does not change it.
    """
    stage, tables = likelihood.stage, likelihood.targets
    return digest_of(
        {
            "cells": [[c.table, c.label, c.scale, c.value, c.sd, c.trials] for c in tables.cells],
            "design": [np.asarray(part).tolist() for part in tables.design],
            "priors": {
                name: quantile.prior.model_dump(exclude_none=True)
                for name, quantile in zip(stage.names, stage.quantiles, strict=True)
            },
            "held": dict(stage.constants),
        }
    )


def record_of(wanted: Wanted, ledger: Ledger) -> dict[str, Any]:
    """What a run depends on, and what a later one must agree with to go on from it."""
    tables = calibration_targets(ledger)
    structures = {name: likelihood_of(ledger, structure_named(name), tables) for name in wanted.structures}
    inputs = {name: inputs_hash(likelihood) for name, likelihood in structures.items()}
    return {"schema_version": SCHEMA_VERSION, **wanted.arguments, "law": law_hash(), "inputs": inputs}


def begin(folder: Path, record: Mapping[str, Any], *, resume: bool) -> None:
    """Write run.json, or see that the one that is there asks for the same."""
    path = folder / RUN_FILE
    if resume and path.is_file():
        refuse_another(read_record(path, why=ANOTHER), record, file=RUN_FILE, why=ANOTHER)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for structure in STRUCTURES:
        for old in [
            *folder.glob(f"*{structure.name}-*.npz"),
            *folder.glob(f"*{structure.name}-*.checkpoint"),
        ]:
            old.unlink()
    write_json_whole(path, record)


def _log_times(folder: Path, *, jobs: int, seconds: Mapping[str, float]) -> None:
    """Times belong beside the result, never inside it."""
    path = folder / LOG_FILE
    before = json.loads(path.read_text(encoding="utf-8"))["sessions"] if path.is_file() else []
    session = {"jobs": jobs, "seconds": {name: round(value, 1) for name, value in seconds.items()}}
    write_json_whole(path, {"schema_version": SCHEMA_VERSION, "sessions": [*before, session]})

"""A run of `decidua study` on disk: sums kept as it goes, and what was found told from them at any time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from decidua.base.provenance import SCHEMA_VERSION, evidence_version
from decidua.base.sources import kernel_hash
from decidua.study.comparison import StudyResult, run_study
from decidua.study.kept_run import Progress, begin, clear_disk_errors, is_finished, write_log
from decidua.study.study_file import ReadStudy
from decidua.study.study_lives import CHUNK_WOMEN


def run_in_folder(
    study: ReadStudy,
    folder: Path,
    *,
    women: int,
    draws: int | None,
    seed: int,
    jobs: int,
    resume: bool,
    progress: Progress,
    write: Callable[[StudyResult, Path], object],
) -> StudyResult:
    """Run a study, or go on with it, or tell a finished one again.

    Arguments:  study, women, draws, seed, jobs, progress  as in `run_study`
                folder  for run.json, sums.npz and what is written; made if it is not there
                resume  go on from an unfinished run of the same arguments
                write   puts the files of the result into the folder, summary.json last
    Returns:    StudyResult
    Raises:     InputError for a folder that holds another run or cannot be written
    Checked by: tests/unit/study/test_study_run.py (kill, disk full, other arguments)
    """
    record = record_of(study, women=women, draws=draws, seed=seed)
    with clear_disk_errors(folder):
        is_told = is_finished(folder, record)
        if not is_told:
            begin(folder, record, resume=resume)
        started = time.monotonic()
        result = run_study(
            study, women=women, draws=draws, seed=seed, jobs=jobs, progress=progress, folder=folder
        )
        if not is_told:
            write_log(folder, jobs=jobs, seconds=time.monotonic() - started)
            write(result, folder)
        return result


def record_of(study: ReadStudy, *, women: int, draws: int | None, seed: int) -> Mapping[str, Any]:
    """What run.json holds, and what a later command must agree with to go on; a field for each answer."""
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": seed,
        "women": women,
        "draws": draws,
        **{f"study {name}": value for name, value in study.file.model_dump(mode="json").items()},
        **{f"pathway {care.name}": care.model_dump(mode="json") for care in study.pathways},
        "chunk_women": CHUNK_WOMEN,
        "law": kernel_hash(Path(__file__).parents[1]),
        "evidence": evidence_version(),
    }

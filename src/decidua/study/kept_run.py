"""A long run on disk: what was asked, sums kept as it goes, the result last.

run.json comes first, summary.json last. Between them `sums.npz` holds the sums of all chunks of women up to
some point, put in place whole. Sums are whole numbers, added in the order of the chunks, so that neither
threads nor interruptions can show in them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from decidua.base.errors import InputError
from decidua.base.files import read_record, refuse_another, write_json_whole, write_whole
from decidua.base.provenance import SCHEMA_VERSION
from decidua.life.ways import IntArray

RUN_FILE, SUMMARY_FILE, LOG_FILE, SUMS_FILE = "run.json", "summary.json", "run_log.json", "sums.npz"
SAVE_SECONDS = 1.0
ANOTHER = "give another folder with --out; nothing was changed"
KEPT = "what was finished is kept, and the same command with --resume goes on"
AHEAD = 2  # chunks under way or waiting to be added, for each thread

Progress = Callable[[int, int], object]  # women done, of how many
Chunk = tuple[int, int]  # first and last-plus-one woman
Work = TypeVar("Work")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Kept:
    """Sums over the first chunks of a run, each by its name."""

    chunks: int
    sums: Mapping[str, IntArray]

    def and_one(self, more: Mapping[str, IntArray]) -> Kept:
        """With the next chunk; a new record, so that an interruption never finds half of one added."""
        return Kept(self.chunks + 1, {name: held + more[name] for name, held in self.sums.items()})


def is_finished(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether this very run is done already; another one's results are never touched."""
    if not (folder / RUN_FILE).is_file():
        return False
    refuse_another(read_record(folder / RUN_FILE), record, file=RUN_FILE, why=ANOTHER)
    return (folder / SUMMARY_FILE).is_file()


def begin(folder: Path, record: Mapping[str, Any], *, resume: bool) -> None:
    """Write run.json, or see that an unfinished run may be gone on with."""
    if (folder / RUN_FILE).is_file():
        if not resume:
            allowed = "a folder without an unfinished run, or --resume to go on with this one"
            raise InputError(field="--out", value=str(folder), allowed=allowed)
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_json_whole(folder / RUN_FILE, record)


def add_up(
    work: Callable[[int, Chunk], Mapping[str, IntArray]],
    chunks: Sequence[Chunk],
    nothing: Mapping[str, IntArray],
    *,
    folder: Path | None,
    jobs: int,
    progress: Progress,
) -> Mapping[str, IntArray]:
    """Do the chunks that are not done, add them in order, and keep the sums now and then.

    Arguments:  work      from the number of a chunk and its women to its sums
                chunks    all of the run
                nothing   sums of no chunk
                folder    where the sums are kept; nothing is kept if None
                jobs      threads; any number gives the same sums
                progress  called with women done and women wanted
    Returns:    sums over all chunks
    Checked by: tests/unit/study/test_population_run.py, tests/unit/study/test_study_run.py
    """
    kept = Kept(0, nothing) if folder is None else read_sums(folder, nothing)
    left, saved = list(enumerate(chunks))[kept.chunks :], time.monotonic()
    try:
        with closing(in_order(lambda each: work(*each), left, jobs=jobs)) as parts:
            for (_, (_, done)), part in zip(left, parts, strict=True):
                kept = kept.and_one(part)
                progress(done, chunks[-1][1])
                if folder is not None and time.monotonic() - saved > SAVE_SECONDS:
                    save_sums(folder, kept)
                    saved = time.monotonic()
    except KeyboardInterrupt:
        if folder is not None:
            save_sums(folder, kept)
        raise
    if folder is not None:
        save_sums(folder, kept)
    return kept.sums


def in_order(
    work: Callable[[Work], Made], items: Sequence[Work], *, jobs: int
) -> Generator[Made, None, None]:
    """Results of threads in the order of the items, with few of them waiting at a time."""
    waiting: deque[Future[Made]] = deque()
    left = iter(items)
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="decidua-lives") as pool:
        try:
            for _ in items:
                while len(waiting) < AHEAD * jobs and (item := next(left, None)) is not None:
                    waiting.append(pool.submit(work, item))
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def read_sums(folder: Path, nothing: Mapping[str, IntArray]) -> Kept:
    """How many chunks have been added, and their sums."""
    path = folder / SUMS_FILE
    if not path.is_file():
        return Kept(0, nothing)
    with np.load(path, allow_pickle=False) as held:
        return Kept(int(held["chunks"]), {name: held[name] for name in nothing})


def save_sums(folder: Path, kept: Kept) -> None:
    """Keep the sums of the first chunks."""

    arrays: dict[str, Any] = {"chunks": np.int64(kept.chunks), **kept.sums}

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, **arrays)

    write_whole(folder / SUMS_FILE, write)


def write_log(folder: Path, *, jobs: int, seconds: float) -> None:
    """Times belong beside the result, never inside it."""
    log = {"schema_version": SCHEMA_VERSION, "jobs": jobs, "seconds": round(seconds, 2)}
    write_json_whole(folder / LOG_FILE, log)


@contextmanager
def clear_disk_errors(folder: Path) -> Iterator[None]:
    """Say what the disk refused, where, and that nothing finished is lost."""
    try:
        yield
    except OSError as error:
        raise _of_disk(folder, error.strerror or str(error)) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] != "polars":
            raise
        raise _of_disk(folder, str(error)) from error


def _of_disk(folder: Path, why: str) -> InputError:
    return InputError(
        field="--out",
        value=str(folder),
        allowed="a folder that can be written, with room on its disk",
        why=f"{why}; {KEPT}" if (folder / RUN_FILE).is_file() else why,
    )

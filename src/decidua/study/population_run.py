"""A run of `decidua population` on disk: fixed chunks on threads, kept as it goes, whole in the end.

run.json comes first, summary.json last. Between them `progress.npz` holds the counts of all chunks up to
some point, and with rows every chunk has files of its own; both are put in place whole. Counts are whole
numbers, so how chunks are shared out among threads cannot show.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.errors import InputError
from decidua.base.files import read_record, refuse_another, write_json_whole, write_whole
from decidua.base.provenance import SCHEMA_VERSION, evidence_version
from decidua.base.sources import kernel_hash
from decidua.care.pathways import CarePathway
from decidua.life.pathway import NO_CARE, Pathway
from decidua.life.tally import Tally, add_to, empty_tally
from decidua.study.care_world import cared_world
from decidua.study.population_chunks import CHUNK_WOMEN, pregnancy_table, simulate_lives, woman_table
from decidua.study.population_world import Plan, World, world_of

RUN_FILE, SUMMARY_FILE, LOG_FILE, PROGRESS_FILE = "run.json", "summary.json", "run_log.json", "progress.npz"
TABLES = ("women", "pregnancies")
ROW_GROUP = 262_144
SAVE_SECONDS = 1.0
ANOTHER = "give another folder with --out; nothing was changed"
KEPT = "what was finished is kept, and the same command with --resume goes on"
AHEAD = 2  # chunks under way or waiting to be added, for each thread

Progress = Callable[[int, int], object]  # women done, of how many


@dataclass(frozen=True)
class Wanted:
    """One run; everything here changes what is written."""

    women: int
    seed: int
    plan: Plan
    with_rows: bool = False
    care: CarePathway | None = None  # none: nobody is tested or treated

    @property
    def arguments(self) -> dict[str, Any]:
        """What was asked, as it stands in provenance."""
        care = None if self.care is None else self.care.model_dump(mode="json")
        return {"women": self.women, "rows": self.with_rows, **self.plan.arguments, "pathway": care}

    @property
    def record(self) -> dict[str, Any]:
        """What run.json holds, and what a later command must agree with to go on."""
        return {
            "schema_version": SCHEMA_VERSION,
            "seed": self.seed,
            **self.arguments,
            "chunk_women": CHUNK_WOMEN,
            "law": kernel_hash(Path(__file__).parents[1]),
            "evidence": evidence_version(),
        }

    @property
    def chunks(self) -> list[tuple[int, int]]:
        """First and last-plus-one woman of every chunk."""
        edges = [*range(0, self.women, CHUNK_WOMEN), self.women]
        return list(pairwise(edges))


def run(
    wanted: Wanted,
    folder: Path,
    *,
    jobs: int,
    resume: bool,
    progress: Progress,
    summarise: Callable[[Wanted, World, Tally], Mapping[str, Any]],
    world: World | None = None,
) -> dict[str, Any]:
    """Simulate, keep and sum up.

    Arguments:  wanted     what to simulate
                folder     for run.json, summary.json and tables; made if it is not there
                jobs       threads
                resume     go on from an unfinished run of the same arguments
                progress   called with women done and women wanted
                summarise  from counts to what summary.json holds
                world      without care; made from the plan if None
    Returns:    the summary
    Raises:     InputError for a folder that holds another run or cannot be written
    Checked by: tests/unit/study/test_population_run.py (threads, chunks, kill, disk full, other arguments)
    """
    with clear_disk_errors(folder):
        if is_finished(folder, wanted):
            drop_parts(folder)
            return dict(read_record(folder / SUMMARY_FILE))
        begin(folder, wanted, resume=resume)
        world, care = world_and_care(wanted) if world is None else (world, NO_CARE)
        started = time.monotonic()
        tally = finish_chunks(wanted, world, care, folder, jobs=jobs, progress=progress)
        if wanted.with_rows:
            join_parts(folder, len(wanted.chunks))
        summary = dict(summarise(wanted, world, tally))
        write_json_whole(folder / LOG_FILE, _log(jobs, time.monotonic() - started))
        write_json_whole(folder / SUMMARY_FILE, summary)
        drop_parts(folder)
        return summary


def world_and_care(wanted: Wanted) -> tuple[World, Pathway]:
    """The world of a run, and its pathway in numbers."""
    if wanted.care is None:
        return world_of(wanted.plan), NO_CARE
    world, pathways = cared_world(wanted.plan, (wanted.care,))
    return world, pathways[wanted.care.name]


def is_finished(folder: Path, wanted: Wanted) -> bool:
    """Whether this very run is done already; another one's results are never touched."""
    if not (folder / RUN_FILE).is_file():
        return False
    refuse_another(read_record(folder / RUN_FILE), wanted.record, file=RUN_FILE, why=ANOTHER)
    return (folder / SUMMARY_FILE).is_file()


def begin(folder: Path, wanted: Wanted, *, resume: bool) -> None:
    """Write run.json, or see that an unfinished run may be gone on with."""
    if (folder / RUN_FILE).is_file():
        if not resume:
            allowed = "a folder without an unfinished run, or --resume to go on with this one"
            raise InputError(field="--out", value=str(folder), allowed=allowed)
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_json_whole(folder / RUN_FILE, wanted.record)


def finish_chunks(
    wanted: Wanted, world: World, care: Pathway, folder: Path, *, jobs: int, progress: Progress
) -> Tally:
    """Do the chunks that are not done, add them in order, and keep the sum now and then."""
    done, total = read_progress(folder, len(world.mechanism))
    chunks, saved = wanted.chunks, time.monotonic()
    waiting: deque[Future[Tally]] = deque()
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="decidua-lives") as pool:
        try:
            for at in range(done, len(chunks)):
                while len(waiting) < AHEAD * jobs and at + len(waiting) < len(chunks):
                    k = at + len(waiting)
                    waiting.append(pool.submit(one_chunk, wanted, world, care, folder, k, chunks[k]))
                add_to(total, waiting.popleft().result())
                done = at + 1
                progress(chunks[at][1], wanted.women)
                if time.monotonic() - saved > SAVE_SECONDS:
                    save_progress(folder, done, total)
                    saved = time.monotonic()
        except KeyboardInterrupt:
            save_progress(folder, done, total)
            raise
        finally:
            for left in waiting:
                left.cancel()
    save_progress(folder, done, total)
    return total


def one_chunk(
    wanted: Wanted, world: World, care: Pathway, folder: Path, number: int, chunk: tuple[int, int]
) -> Tally:
    """Let one chunk of women live; its rows go to files of its own."""
    first, last = chunk
    lives = simulate_lives(
        world, seed=wanted.seed, first=first, last=last, pathway=care, with_rows=wanted.with_rows
    )
    if wanted.with_rows:
        for name, table in (("women", woman_table), ("pregnancies", pregnancy_table)):
            frame = table(lives, world)
            write_whole(part(folder, name, number), frame.write_parquet)
    return lives.tally


def part(folder: Path, table: str, number: int) -> Path:
    """Where the rows of one chunk wait to be joined."""
    return folder / f"part-{table}-{number:06d}.parquet"


def join_parts(folder: Path, chunks: int) -> None:
    """One file for each table, in the order of women, with fixed row groups."""
    import polars as pl

    for table in TABLES:
        parts = [part(folder, table, k) for k in range(chunks)]

        def write(path: Path, parts: list[Path] = parts) -> None:
            pl.scan_parquet(parts).sink_parquet(
                path, compression="zstd", row_group_size=ROW_GROUP, maintain_order=True
            )

        write_whole(folder / f"{table}.parquet", write)


def drop_parts(folder: Path) -> None:
    """Take away what only an unfinished run needs."""
    for path in [*folder.glob("part-*.parquet"), *folder.glob(".*.new"), folder / PROGRESS_FILE]:
        path.unlink(missing_ok=True)


def read_progress(folder: Path, draws: int) -> tuple[int, Tally]:
    """How many chunks have been added, and their counts."""
    path = folder / PROGRESS_FILE
    if not path.is_file():
        return 0, empty_tally(draws)
    with np.load(path, allow_pickle=False) as held:
        return int(held["chunks"]), Tally(held["by_draw"], held["cells"])


def save_progress(folder: Path, chunks: int, tally: Tally) -> None:
    """Keep the counts of the first chunks."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, chunks=np.int64(chunks), by_draw=tally.by_draw, cells=tally.cells)

    write_whole(folder / PROGRESS_FILE, write)


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


def _log(jobs: int, seconds: float) -> dict[str, Any]:
    """Times belong beside the result, never inside it."""
    return {"schema_version": SCHEMA_VERSION, "jobs": jobs, "seconds": round(seconds, 2)}

"""A run of `decidua population` on disk: counts kept as it goes, and with rows a file for every chunk."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from decidua.base.files import read_record, write_json_whole, write_whole
from decidua.base.provenance import SCHEMA_VERSION, evidence_version
from decidua.base.sources import kernel_hash
from decidua.care.pathways import CarePathway
from decidua.life.pathway import NO_CARE, Pathway
from decidua.life.tally import Tally, empty_tally
from decidua.life.ways import IntArray
from decidua.study.care_world import cared_world
from decidua.study.kept_run import (
    SUMMARY_FILE,
    SUMS_FILE,
    Chunk,
    Progress,
    add_up,
    begin,
    clear_disk_errors,
    is_finished,
    write_log,
)
from decidua.study.population_chunks import CHUNK_WOMEN, pregnancy_table, simulate_lives, woman_table
from decidua.study.population_world import Plan, World, world_of

TABLES = ("women", "pregnancies")
ROW_GROUP = 262_144


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
    def chunks(self) -> list[Chunk]:
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
        if is_finished(folder, wanted.record):
            drop_parts(folder)
            return dict(read_record(folder / SUMMARY_FILE))
        begin(folder, wanted.record, resume=resume)
        world, care = world_and_care(wanted) if world is None else (world, NO_CARE)
        started = time.monotonic()
        tally = finish_chunks(wanted, world, care, folder, jobs=jobs, progress=progress)
        if wanted.with_rows:
            join_parts(folder, len(wanted.chunks))
        summary = dict(summarise(wanted, world, tally))
        write_log(folder, jobs=jobs, seconds=time.monotonic() - started)
        write_json_whole(folder / SUMMARY_FILE, summary)
        drop_parts(folder)
        return summary


def world_and_care(wanted: Wanted) -> tuple[World, Pathway]:
    """The world of a run, and its pathway in numbers."""
    if wanted.care is None:
        return world_of(wanted.plan), NO_CARE
    world, pathways = cared_world(wanted.plan, (wanted.care,))
    return world, pathways[wanted.care.name]


def finish_chunks(
    wanted: Wanted, world: World, care: Pathway, folder: Path, *, jobs: int, progress: Progress
) -> Tally:
    """Do the chunks that are not done, and count over all."""

    def work(number: int, chunk: Chunk) -> Mapping[str, IntArray]:
        return one_chunk(wanted, world, care, folder, number, chunk)._asdict()

    nothing = empty_tally(len(world.mechanism))._asdict()
    return Tally(**add_up(work, wanted.chunks, nothing, folder=folder, jobs=jobs, progress=progress))


def one_chunk(wanted: Wanted, world: World, care: Pathway, folder: Path, number: int, chunk: Chunk) -> Tally:
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
    for path in [*folder.glob("part-*.parquet"), *folder.glob(".*.new"), folder / SUMS_FILE]:
        path.unlink(missing_ok=True)

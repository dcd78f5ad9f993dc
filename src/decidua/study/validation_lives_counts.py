"""From chunks of lives to counts by draw and cell, with flat memory.

The women of every draw fall into two halves, by even and odd numbers. Chance in the simulation is not shared
by the halves and what a draw says is, so their agreement tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from decidua.life.ways import IntArray
from decidua.study.filters import with_history
from decidua.study.kept_run import in_order
from decidua.study.population_chunks import CHUNK_WOMEN, pregnancy_table, simulate_lives, woman_table
from decidua.study.population_world import World

if TYPE_CHECKING:
    import polars as pl

HALVES = 2
OF_HER = ("antiphospholipid", "uterine_anomaly", "translocation")


@dataclass(frozen=True)
class Chunk:
    """Some women: all their pregnancies, those that were recognised (with history), and themselves."""

    pregnancies: pl.DataFrame
    recognised: pl.DataFrame
    women: pl.DataFrame


@dataclass(frozen=True)
class Table:
    """A table of cells: rows with `woman`, `draw`, `cell` and `event`, from one chunk of one world."""

    name: str
    world: str
    cells: int
    rows: Callable[[Chunk], pl.DataFrame]


Counts = Mapping[str, IntArray]  # by table: (trials and events, halves, draws, cells)


def chunk_of(pregnancies: pl.DataFrame, women: pl.DataFrame) -> Chunk:
    """The rows of a chunk, with what filters need of the woman beside each pregnancy."""
    joined = pregnancies.join(women.select("woman", *OF_HER), on="woman", how="left", maintain_order="left")
    return Chunk(joined, with_history(joined.filter("recognised")), women)


def counted(rows: pl.DataFrame, *, draws: int, cells: int) -> IntArray:
    """Trials and events by half, draw and cell, shape (2, halves, draws, cells)."""
    woman, draw, cell = (rows[name].to_numpy().astype(np.int64) for name in ("woman", "draw", "cell"))
    place = ((woman % HALVES) * draws + draw) * cells + cell
    size = HALVES * draws * cells
    trials = np.bincount(place, minlength=size)
    events = np.bincount(place[rows["event"].to_numpy()], minlength=size)
    return np.stack([trials, events]).reshape(2, HALVES, draws, cells)


def one_chunk(world: World, tables: Sequence[Table], *, seed: int, first: int, last: int) -> list[IntArray]:
    """The counts of one chunk of women."""
    lives = simulate_lives(world, seed=seed, first=first, last=last, with_rows=True)
    chunk = chunk_of(pregnancy_table(lives, world), woman_table(lives, world))
    draws = len(world.mechanism)
    return [counted(table.rows(chunk), draws=draws, cells=table.cells) for table in tables]


def count_world(
    world: World,
    tables: Sequence[Table],
    *,
    seed: int,
    women: int,
    jobs: int,
    progress: Callable[[int], None],
) -> dict[str, IntArray]:
    """Counts of all tables of one world; the same for any number of threads.

    Arguments:  world     one world
                tables    of this world
                seed      of the lives
                women     how many live
                jobs      threads, a chunk each
                progress  called with the women done
    """
    total = [np.zeros((2, HALVES, len(world.mechanism), table.cells), dtype=np.int64) for table in tables]
    edges = [(first, min(first + CHUNK_WOMEN, women)) for first in range(0, women, CHUNK_WOMEN)]

    def count(edge: tuple[int, int]) -> list[IntArray]:
        return one_chunk(world, tables, seed=seed, first=edge[0], last=edge[1])

    for (_, done), found in zip(edges, in_order(count, edges, jobs=jobs), strict=True):
        for place, more in enumerate(found):
            total[place] += more
        progress(done)
    return {table.name: counts for table, counts in zip(tables, total, strict=True)}

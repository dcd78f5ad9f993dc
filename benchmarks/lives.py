"""Lives a second on one core and two, beside a simple kernel and its C twin; cost and memory to 10^8."""

from __future__ import annotations

import argparse
import ctypes
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.simple_lives import SOURCE_IN_C, simple_lives
from decidua.life.tally import COUNTS, Tally, add_to, empty_tally
from decidua.study.kept_run import Chunk, Made, in_order
from decidua.study.population_chunks import CHUNK_WOMEN, simulate_lives
from decidua.study.population_world import Plan, World, world_of

RUNS, SEED = 5, 1
ASKED_LIVES_A_SECOND, ASKED_RATIO = 1.0e6, 1.8


def chunked(work: Callable[[Chunk], Made], *, women: int, cores: int) -> Iterator[Made]:
    """Results of fixed chunks of women, from so many threads; few of them wait at a time."""
    edges = [*range(0, women, CHUNK_WOMEN), women]
    return in_order(work, list(pairwise(edges)), jobs=cores)


def lives_of(world: World, *, women: int, cores: int) -> tuple[int, float]:
    """Recognised and hidden pregnancies, and seconds."""
    started, total = time.perf_counter(), empty_tally(len(world.mechanism))

    def work(chunk: Chunk) -> Tally:
        return simulate_lives(world, seed=SEED, first=chunk[0], last=chunk[1]).tally

    for tally in chunked(work, women=women, cores=cores):
        add_to(total, tally)
    pregnancies = int(total.by_draw[:, COUNTS.index("pregnancies_from_first_test")].sum())
    return pregnancies, time.perf_counter() - started


def simple(women: int, cores: int) -> float:
    """Seconds that the simple kernel needs."""
    started = time.perf_counter()
    deque(chunked(lambda chunk: simple_lives(SEED, *chunk), women=women, cores=cores), maxlen=0)
    return time.perf_counter() - started


def simple_in_c(women: int) -> float | None:
    """Seconds that its C twin needs on one core, or None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "lives.c", Path(folder) / "lives.so"
        source.write_text(SOURCE_IN_C, encoding="utf-8")
        settings = ["-O3", "-march=native", "-shared", "-fPIC"]
        subprocess.run([compiler, *settings, str(source), "-o", str(library), "-lm"], check=True)
        run = ctypes.CDLL(str(library)).simple_lives
        run.restype, run.argtypes = ctypes.c_double, [ctypes.c_uint64, ctypes.c_int64, ctypes.c_int64]
        started = time.perf_counter()
        run(SEED, 0, women)
        return time.perf_counter() - started


def peak_mib() -> float:
    """Most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main() -> None:
    """Print rates, ratios and the cost per life."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--women", type=int, default=2_000_000)
    asked.add_argument("--long", action="store_true", help="also 10^6 to 10^8 lives: several minutes")
    words = asked.parse_args()
    world = world_of(Plan())
    lives_of(world, women=1000, cores=1)
    simple(1000, 1)
    rates = side_by_side(world, words.women)
    report(rates)
    if words.long:
        cost_by_size(world)


def side_by_side(world: World, women: int) -> dict[str, list[float]]:
    """Alternate what is compared, so that a busy moment hits all alike."""
    rates: dict[str, list[float]] = {}

    def note(name: str, seconds: float | None, count: float = women) -> None:
        if seconds is not None:
            rates.setdefault(name, []).append(count / seconds)

    for _ in range(RUNS):
        for cores in (1, 2):
            pregnancies, seconds = lives_of(world, women=women, cores=cores)
            note(f"lives, {cores} core(s)", seconds)
            note(f"pregnancies, {cores} core(s)", seconds, pregnancies)
            note(f"simple kernel, {cores} core(s)", simple(women, cores))
        note("simple kernel in C, 1 core", simple_in_c(women))
    return rates


def report(rates: dict[str, list[float]]) -> None:
    for name, each in rates.items():
        print(
            f"{name}: {statistics.median(each) / 1e6:.2f} million a second "
            f"({min(each) / 1e6:.2f} to {max(each) / 1e6:.2f})"
        )
    one, two = (statistics.median(rates[f"lives, {cores} core(s)"]) for cores in (1, 2))
    print(f"lives on one core: {one / ASKED_LIVES_A_SECOND:.2f} of the rate asked for")
    print(f"two cores against one: {two / one:.2f} (asked for: {ASKED_RATIO})")


def cost_by_size(world: World) -> None:
    """Nanoseconds for each life from 10^6 to 10^8, and the memory that was held at most."""
    found: dict[int, list[float]] = {}
    for _ in range(RUNS):
        for women in (10**6, 10**7, 10**8):
            cost = 1e9 * lives_of(world, women=women, cores=2)[1] / women
            found.setdefault(women, []).append(cost)
            print(f"{women:,} lives: {cost:.0f} ns each, peak {peak_mib():.0f} MiB", flush=True)
    for women, costs in found.items():
        print(f"{women:,}: median {statistics.median(costs):.0f} ns ({min(costs):.0f} to {max(costs):.0f})")


if __name__ == "__main__":
    main()

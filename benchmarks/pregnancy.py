"""One pregnancy and many virtual women against libRoadRunner's own time for the model."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from decidua.study.pregnancy_draws import draw_women
from decidua.study.pregnancy_women import (
    ATOL,
    RTOL,
    WOMEN_PER_CHUNK,
    Scratch,
    WomenPlan,
    run_chunk,
    simulate_women,
)
from decidua.study.pregnancy_women import _bands as bands_of
from decidua.study.pregnancy_women import _run as woman_run
from decidua.womb import Regimen, load_regimen, simulate_pregnancy
from decidua.womb.regimens import regimen_from
from decidua.womb.schedule import schedule_of
from decidua.womb.solver import Run, density_multiplier, model_parameters, parameters_with
from decidua.womb.solver import _compiled as compiled
from decidua.womb.solver import _set_up as set_up

LIMIT_ONE, LIMIT_WOMEN = 1.5, 1.25
RUNS, CHUNKS, ALL_WOMEN, CORES = 15, 4, 10_000, 2
DENSITY = 250.0
DAILY = {
    "name": "daily",
    "title": "A benchmark of a dose every day of 280",
    "steps": [
        {"drug": "prednisolone", "dose_mg_per_day": 20, "start_gestation_weeks": 0, "duration_weeks": 40}
    ],
}


def median_seconds(work: Callable[[], object], *, runs: int = RUNS) -> float:
    """Median time of one call, after two that do not count."""
    work()
    work()
    return statistics.median(seconds(work) for _ in range(runs))


def seconds(work: Callable[[], object]) -> float:
    """Time of one call in processor seconds of this process, which other work moves least."""
    started = time.process_time()
    work()
    return time.process_time() - started


def own_seconds(regimen: Regimen, *, rtol: float, atol: float) -> float:
    """libRoadRunner alone: the compiled model, already set up, solved for 280 days and read once a day."""
    schedule = schedule_of(regimen, density_per_mm2=DENSITY, multiplier=density_multiplier)
    run = Run(
        schedule=schedule,
        density_per_mm2=DENSITY,
        recognition=0.5,
        mechanism=1,
        end_day=280.0,
        rtol=rtol,
        atol=atol,
    )

    def ready() -> float:
        model = ready_model(run, model_parameters())
        days = round(run.end_day - schedule.start_day) + 1
        return seconds(lambda: model.runner.simulate(schedule.start_day, 280.0, days))

    ready()
    return statistics.median(ready() for _ in range(RUNS))


def one_pregnancy() -> None:
    """Our time for one pregnancy over libRoadRunner's own."""
    regimen = regimen_from(DAILY)
    own = own_seconds(regimen, rtol=1e-9, atol=1e-12)
    ours = median_seconds(lambda: simulate_pregnancy("attack", density_per_mm2=DENSITY, regimen=regimen))
    _say("one pregnancy, 280 days of a daily dose", own, ours, LIMIT_ONE)


def paired(task: tuple[str, int]) -> tuple[float, float, float]:
    """Seconds a woman: ours; libRoadRunner's own for the same women; its own at the care of one pregnancy.

    Chunk by chunk in turn, since a shared machine changes its speed from one second to the next.
    """
    name, first_chunk = task
    plan = WomenPlan("attack", load_regimen(name), ALL_WOMEN, seed=1)
    run_chunk(plan, first_chunk)  # compiles
    ours = own = careful = 0.0
    for chunk in range(first_chunk, first_chunk + CHUNKS):
        started = time.perf_counter()
        run_chunk(plan, chunk)
        ours += time.perf_counter() - started
        own += own_seconds_of(plan, chunk)
        careful += own_seconds_of(plan, chunk, rtol=1e-9, atol=1e-12)
    women = CHUNKS * WOMEN_PER_CHUNK
    return ours / women, own / women, careful / women


def own_seconds_of(plan: WomenPlan, chunk: int, *, rtol: float = RTOL, atol: float = ATOL) -> float:
    """libRoadRunner alone for the women of one chunk, each model set up before the clock starts."""
    first, count = plan.chunk(chunk)
    drawn, total = draw_women(plan.seed, first=first, count=count), 0.0
    for k in range(count):
        values = parameters_with({name: float(column[k]) for name, column in drawn.priors.items()})
        run = replace(woman_run(plan, drawn, k, values), rtol=rtol, atol=atol)
        model, points = ready_model(run, values), round(run.end_day - run.schedule.start_day) + 1
        started = time.perf_counter()
        model.runner.simulate(run.schedule.start_day, run.end_day, points)
        total += time.perf_counter() - started
    return total


def ready_model(run: Run, values: Mapping[str, float]) -> Any:
    """The compiled model of a run, set up, at its start."""
    model = compiled(run.schedule, run.doses_per_day)
    model.runner.resetToOrigin()
    set_up(model, run, values)
    return model


def many_women(name: str) -> None:
    """A woman on each of two busy cores, over libRoadRunner's own time; then all women, start and end in."""
    context = get_context("spawn")
    with context.Pool(CORES) as pool:
        found = pool.map(paired, [(name, core * CHUNKS) for core in range(CORES)])
    ours, own, careful = (statistics.mean(column) for column in zip(*found, strict=True))
    _say(f"a virtual woman, {name}, both cores busy", own, ours, LIMIT_WOMEN)
    fixed = start_and_end_seconds(name)
    whole = fixed + ALL_WOMEN / CORES * ours
    ratio = whole / (ALL_WOMEN / CORES * own)
    verdict = "agree" if ratio <= LIMIT_WOMEN else "disagree"
    print(
        f"{verdict}: {ALL_WOMEN:,} women on {CORES} processes, {fixed:.1f} s to start and to find the bands: "
        f"about {whole:.0f} s, {ratio:.2f} of {ALL_WOMEN // CORES:,} own times, limit {LIMIT_WOMEN}; "
        f"{ratio * own / careful:.2f} of those at the tolerance of one pregnancy"
    )


def start_and_end_seconds(name: str) -> float:
    """Wall time of a run before its first women are done and after its last, bands of all women included."""
    plan = WomenPlan("attack", load_regimen(name), CORES * WOMEN_PER_CHUNK, seed=1)
    told: list[float] = []
    started = time.perf_counter()
    simulate_women(plan, jobs=CORES, progress=lambda _: told.append(time.perf_counter()))
    first = told[0] - started
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(Path(folder), replace(plan, women=ALL_WOMEN))
        scratch.create()
        started = time.perf_counter()
        bands_of(scratch.plan, scratch, CORES)
    return first + time.perf_counter() - started


def all_women(name: str) -> None:
    """All women on both cores, as it is; the machine may have changed its speed in between."""
    plan = WomenPlan("attack", load_regimen(name), ALL_WOMEN, seed=1)
    before = own_seconds_of(plan, 0)
    started = time.perf_counter()
    simulate_women(plan, jobs=CORES)
    taken = time.perf_counter() - started
    own = (before + own_seconds_of(plan, 0)) / (2 * WOMEN_PER_CHUNK)
    ratio = taken / (ALL_WOMEN / CORES * own)
    print(f"  measured as a whole: {taken:.0f} s, {ratio:.2f} of the own times taken before and after")


def _say(what: str, own: float, ours: float, limit: float) -> None:
    verdict = "agree" if ours <= limit * own else "disagree"
    print(
        f"{verdict}: {what}: libRoadRunner {1e3 * own:.2f} ms, decidua {1e3 * ours:.2f} ms, "
        f"ratio {ours / own:.2f}, limit {limit}"
    )


def main() -> None:
    """Print each ratio with its limit."""
    one_pregnancy()
    for name in ("none", "prednisolone_tang2013"):
        many_women(name)
        all_women(name)


if __name__ == "__main__":
    main()

"""One pregnancy and many virtual women against libRoadRunner's own time for the model."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from decidua.study.pregnancy_women import ATOL, RTOL, WOMEN_PER_CHUNK, WomenPlan, run_chunk, simulate_women
from decidua.womb import load_regimen, simulate_pregnancy
from decidua.womb.regimens import regimen_from
from decidua.womb.schedule import schedule_of
from decidua.womb.solver import OUTPUTS, Run, density_multiplier, model_parameters
from decidua.womb.solver import _compiled as compiled
from decidua.womb.solver import _set_up as set_up

LIMIT_ONE, LIMIT_WOMEN = 1.5, 1.25
RUNS, WOMEN, ALL_WOMEN, CORES = 15, 400, 10_000, 2
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


def own_seconds(regimen: object, *, rtol: float, atol: float) -> float:
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
    model = compiled(schedule, 0)

    def ready() -> float:
        model.runner.resetToOrigin()
        set_up(model, run, model_parameters())
        days = round(run.end_day - schedule.start_day) + 1
        return seconds(lambda: model.runner.simulate(schedule.start_day, 280.0, days, ["time", *OUTPUTS]))

    ready()
    return statistics.median(ready() for _ in range(RUNS))


def one_pregnancy() -> None:
    """Our time for one pregnancy over libRoadRunner's own."""
    regimen = regimen_from(DAILY)
    own = own_seconds(regimen, rtol=1e-9, atol=1e-12)
    ours = median_seconds(lambda: simulate_pregnancy("attack", density_per_mm2=DENSITY, regimen=regimen))
    _say("one pregnancy, 280 days of a daily dose", own, ours, LIMIT_ONE)


def many_women(name: str) -> None:
    """Time a woman on one core, workers' start left out, over libRoadRunner's own for the same regimen."""
    regimen = load_regimen(name)
    own = own_seconds(regimen, rtol=RTOL, atol=ATOL)
    plan = WomenPlan("attack", regimen, WOMEN, seed=1)
    run_chunk(plan, 0)  # compiles
    simulated = seconds(lambda: [run_chunk(plan, chunk) for chunk in range(plan.chunks)]) / WOMEN
    _say(f"a virtual woman, {name}, {WOMEN} of them", own, simulated, LIMIT_WOMEN)
    careful = own_seconds(regimen, rtol=1e-9, atol=1e-12)
    ratio = simulated / careful
    print(f"  libRoadRunner at the tolerance of one pregnancy {1e3 * careful:.2f} ms: {ratio:.2f}")
    whole = WomenPlan("attack", regimen, WOMEN_PER_CHUNK, seed=1)
    fixed = seconds(lambda: simulate_women(whole, jobs=1)) - WOMEN_PER_CHUNK * simulated
    print(f"  bands and files of a small run: {max(fixed, 0.0):.2f} s")


def together(name: str) -> None:
    """Wall time of a sample on two worker processes, as a share of the limit for that many women."""
    regimen = load_regimen(name)
    own = own_seconds(regimen, rtol=RTOL, atol=ATOL)
    started = time.perf_counter()
    simulate_women(WomenPlan("attack", regimen, WOMEN, seed=1), jobs=CORES)
    taken = time.perf_counter() - started
    started = time.perf_counter()
    simulate_women(WomenPlan("attack", regimen, CORES * WOMEN_PER_CHUNK, seed=1), jobs=CORES)
    small = time.perf_counter() - started
    rate = (taken - small) / (WOMEN - CORES * WOMEN_PER_CHUNK)
    whole, limit = small + ALL_WOMEN * rate, LIMIT_WOMEN * ALL_WOMEN / CORES * own
    print(
        f"{WOMEN} women on {CORES} processes: {taken:.1f} s, of which {small:.1f} s to start; so "
        f"{ALL_WOMEN:,} take "
        f"about {whole:.0f} s, {whole / limit:.2f} of the limit ({limit:.0f} s)"
    )


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
    together("prednisolone_tang2013")


if __name__ == "__main__":
    main()

"""Pregnancies a second beside FPsim and Starsim, with what each of them simulates in the same time.

They live in an environment of their own, since they bring many packages that this project does not need:
    python -m venv peers && peers/bin/pip install fpsim starsim
    python -m benchmarks.lives_peers --python peers/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess

from benchmarks.lives import lives_of
from decidua.study.population_world import Plan, world_of

AGENTS, YEARS, RUNS, WOMEN = 10_000, 30, 3, 1_000_000
ONE_CORE = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

FPSIM = f"""
import json, time, numpy as np, fpsim
sim = fpsim.Sim(location="kenya", n_agents={AGENTS}, start=2000, stop={2000 + YEARS}, rand_seed=1, verbose=0)
sim.init()
started = time.perf_counter()
sim.run()
seconds = time.perf_counter() - started
count = lambda name: float(np.sum(np.asarray(sim.results["fp"][name])))
print(json.dumps(dict(version=fpsim.__version__, seconds=seconds, pregnancies=count("pregnancies"))))
"""
STARSIM = f"""
import json, time, numpy as np, starsim as ss
pregnancy = ss.Pregnancy(fertility_rate=ss.peryear(120), p_loss=ss.bernoulli(p=0.02))
deaths = ss.Deaths(death_rate=ss.peryear(8))
sim = ss.Sim(n_agents={AGENTS}, start=2000, stop={2000 + YEARS}, dt=ss.months(1), rand_seed=1, verbose=0,
             demographics=[pregnancy, deaths])
sim.init()
started = time.perf_counter()
sim.run()
seconds = time.perf_counter() - started
found = float(np.sum(np.asarray(sim.results.pregnancy.pregnancies)))
print(json.dumps(dict(version=ss.__version__, seconds=seconds, pregnancies=found)))
"""
PEOPLE = f"{AGENTS:,} people of both sexes and all ages, {YEARS} years in monthly steps"
IN_FPSIM = "with contraception, education, deaths and births; a loss is one draw in month 3, by age"
IN_STARSIM = "with deaths and births; a loss is one chance a month, the same for everyone"
PEERS = {"FPsim": (FPSIM, f"{PEOPLE}, {IN_FPSIM}"), "Starsim": (STARSIM, f"{PEOPLE}, {IN_STARSIM}")}
OURS = (
    "women from first trying to the last pregnancy, without steps of time; each lost by cause and week or "
    "born by week, with histories that change the next one; no deaths, no contraception, no births into it"
)
TO_BE_READ_AS = "They do other work too: the ratio is the time that a study of losses takes, and no more."


def pregnancies_a_second(python: str, source: str) -> tuple[str, float]:
    """Version of a peer and its median rate over some runs of its own process."""
    runs = []
    for _ in range(RUNS):
        done = subprocess.run(
            [python, "-c", source], capture_output=True, check=True, text=True, env={**os.environ, **ONE_CORE}
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return str(runs[0]["version"]), statistics.median(run["pregnancies"] / run["seconds"] for run in runs)


def main() -> None:
    """Print each rate, the ratio, and what is simulated."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--python", required=True, help="an interpreter that has fpsim and starsim")
    words = asked.parse_args()
    world = world_of(Plan())
    lives_of(world, women=1000, cores=1)
    runs = [lives_of(world, women=WOMEN, cores=1) for _ in range(RUNS)]
    ours = statistics.median(pregnancies / seconds for pregnancies, seconds in runs)
    print(f"decidua, one core: {ours:,.0f} pregnancies a second: {OURS}")
    for name, (source, what) in PEERS.items():
        version, each = pregnancies_a_second(words.python, source)
        print(
            f"{name} {version}, one core: {each:,.0f} pregnancies a second, {ours / each:,.0f} to 1; {what}"
        )
    print(TO_BE_READ_AS)


if __name__ == "__main__":
    main()

"""Stage one: one likelihood of every structure, and what a whole calibration takes on two cores."""

from __future__ import annotations

import json
import statistics
import time

import numpy as np

from decidua.evidence import load_ledger
from decidua.evidence.draws import HERE
from decidua.inference.posterior import Likelihood, likelihood_of
from decidua.inference.structures import structure_named

LIMIT_MINUTES, CORES = 30.0, 2
POINTS, RUNS = 50, 7


def seconds_of_one(likelihood: Likelihood) -> float:
    """Median time of one draw from the prior's middle half and its likelihood."""
    rng = np.random.default_rng(1)
    cubes = rng.uniform(0.25, 0.75, (POINTS, len(likelihood.stage.names)))

    def once() -> float:
        started = time.perf_counter()
        for cube in cubes:
            likelihood(likelihood.stage.transform(cube))
        return (time.perf_counter() - started) / POINTS

    once()
    return statistics.median(once() for _ in range(RUNS))


def main() -> None:
    """Print the time of one likelihood, and of all that the shipped draws took, against the limit."""
    ledger, total = load_ledger(), 0.0
    shipped = json.loads((HERE / "provenance.json").read_text(encoding="utf-8"))
    for name, entry in shipped["structures"].items():
        taken = seconds_of_one(likelihood_of(ledger, structure_named(name)))
        calls = sum(run["likelihoods"] for run in entry["runs"])
        total += calls * taken
        print(f"{name}: {1e3 * taken:.2f} ms for one likelihood, {calls} for the shipped draws")
    minutes = total / CORES / 60.0
    print(
        f"all likelihoods of a calibration on {CORES} cores: {minutes:.0f} minutes, "
        f"{minutes / LIMIT_MINUTES:.2f} of the limit"
    )


if __name__ == "__main__":
    main()

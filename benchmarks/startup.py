"""Whole processes with a warm compile cache, against the limits of the first issue."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5
HISTORY = ["--age", "34", "loss@30w8", "loss@31w9", "birth@32", "loss@33w7", "loss@34w8", "--json"]
LIMITS_SECONDS = {"help": 0.5, "history": 3.0, "story": 20.0}


def seconds(arguments: list[str], *, runs: int = RUNS) -> float:
    """Median wall time of `decidua` with these arguments, after one run that does not count."""
    times = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "decidua", *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def main() -> None:
    """Print each time and its share of the limit."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "help": (["--help"], RUNS),
            "history": (["history", *HISTORY], RUNS),
            "story": (["story", "--out", folder], 3),
        }
        for name, (arguments, runs) in commands.items():
            taken, limit = seconds(arguments, runs=runs), LIMITS_SECONDS[name]
            print(f"decidua {name}: {taken:.2f} s, {taken / limit:.2f} of the limit ({limit} s)")


if __name__ == "__main__":
    main()

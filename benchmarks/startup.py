"""Whole processes with a warm compile cache, against what each may take to its end."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5
HISTORY = ["--age", "34", "loss@30w8", "loss@31w9", "birth@32", "loss@33w7", "loss@34w8", "--json"]
LIMITS_SECONDS = {"help": 0.5, "population": 1.5, "history": 3.0, "story": 20.0}
COMMANDS = {
    "help": ["--help"],
    "population": ["population", "--women", "1000", "--seed", "1", "--out"],
    "history": ["history", *HISTORY],
    "story": ["story", "--out"],
}


def seconds(arguments: list[str]) -> float:
    """Wall time of `decidua` with these arguments; what it writes goes to a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = [folder] if arguments[-1] == "--out" else []
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "decidua", *arguments, *out], check=True, capture_output=True)
        return time.perf_counter() - started


def main() -> None:
    """Print each time and its share of the limit, after one run that does not count."""
    for name, arguments in COMMANDS.items():
        times = [seconds(arguments) for _ in range(RUNS + 1)][1:]
        taken, limit = statistics.median(times), LIMITS_SECONDS[name]
        print(
            f"decidua {name}: {taken:.2f} s ({min(times):.2f} to {max(times):.2f}), "
            f"{taken / limit:.2f} of the limit ({limit} s)"
        )


if __name__ == "__main__":
    main()

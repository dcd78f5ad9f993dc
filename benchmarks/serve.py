"""Many readers at once on the history page, each asking again once answered, no history twice.

Ends with 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

READERS, SECONDS = 50, 60.0
LIMIT_A_SECOND, AIM_A_SECOND = 20.0, 100.0
LIMIT_P99_SECONDS, AIM_P99_SECONDS = 3.0, 0.5
PATIENCE_SECONDS = 400.0  # an empty cache is filled first
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# One after the other they last longer than a phase; what is left of them is stopped once it is over.
RUNS, WOMEN = 10, 500_000


def history_form(draw: random.Random) -> str:
    """The form of a random history of one to four pregnancies, ages in half years as people give them.

    No two are the same: the partner's age is told to a millionth of a year.
    """
    age = draw.randint(50, 84) / 2
    fields = {"do": "answer", "age": f"{age:g}", "partner_age": f"{age + draw.uniform(-3, 5):.6f}"}
    for number in range(1, draw.randint(2, 5)):
        outcome = draw.choice(("miscarriage", "miscarriage", "live_birth"))
        week = draw.randint(5, 12) if outcome == "miscarriage" else draw.randint(37, 41)
        fields |= {f"p{number}-outcome": outcome, f"p{number}-week": str(week)}
        fields |= {f"p{number}-age": f"{age - 6 + number:.2f}"}
    return urlencode(fields)


def ask(port: int, method: str, path: str, body: str | None = None, kind: str = FORM) -> tuple[int, bytes]:
    """The status of one answer and what it holds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, {"content-type": kind} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def read(port: int, seed: str, until: float, took: list[float], statuses: Counter[int | str]) -> None:
    """One reader: ask, wait for the whole page, ask again."""
    draw = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            connection.request("POST", "/history", history_form(draw), {"content-type": FORM})
            answer = connection.getresponse()
            page = answer.read()
            statuses[answer.status if b"if pregnant again" in page else "wrong page"] += 1
        except (OSError, http.client.HTTPException) as error:
            statuses[type(error).__name__] += 1
            connection.close()
        took.append(time.monotonic() - started)


def load(port: int, phase: str, *, readers: int, seconds: float) -> tuple[list[float], Counter[int | str]]:
    """All readers for so long; seconds that each answer took, and how many of each status."""
    until = time.monotonic() + seconds
    took: list[float] = []
    statuses: Counter[int | str] = Counter()
    threads = [
        threading.Thread(target=read, args=(port, f"{phase}, {reader}", until, took, statuses))
        for reader in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, statuses


def told(name: str, took: list[float], statuses: Counter[int | str], seconds: float) -> bool:
    """One line of figures against the limits, and whether they are kept."""
    rate, p99 = statuses[200] / seconds, statistics.quantiles(took, n=100)[98]
    errors = sum(count for status, count in statuses.items() if status != 200)
    is_kept = rate >= LIMIT_A_SECOND and p99 <= LIMIT_P99_SECONDS and not errors
    print(
        f"{name}: {rate:.1f} answers a second (limit {LIMIT_A_SECOND:g}, aim {AIM_A_SECOND:g}), "
        f"median {statistics.median(took):.2f} s, p99 {p99:.2f} s "
        f"(limit {LIMIT_P99_SECONDS:g}, aim {AIM_P99_SECONDS:g}), {errors} errors {dict(statuses)}: "
        f"{'reached' if is_kept else 'NOT reached'}"
    )
    return is_kept


def state_of(port: int, run: str) -> dict[str, Any]:
    """How far a run is."""
    state: dict[str, Any] = json.loads(ask(port, "GET", run)[1])
    return state


def start_runs(port: int) -> list[str]:
    """Long runs in a worker process, many simulated lives, once the first women have lived."""
    runs = []
    for seed in range(RUNS):
        asked = json.dumps({"after": [1, 2, 3, 4], "women": WOMEN, "seed": seed})
        status, said = ask(port, "POST", "/api/v1/studies", asked, JSON)
        if status != 202:
            raise SystemExit(f"no run began: {status} {said[:200]!r}")
        runs.append(str(json.loads(said)["run"]))
    while (state := state_of(port, runs[0]))["state"] in ("waiting", "running") and state["share"] == 0.0:
        time.sleep(0.2)
    return runs


def stop_runs(port: int, runs: list[str]) -> bool:
    """Stop what is left of them, and tell whether there was one all the time."""
    states = [state_of(port, run)["state"] for run in runs]
    for run in reversed(runs):  # the one that goes on last of all, so that no other begins
        ask(port, "DELETE", run)
    is_lasting = "running" in states and not {"failed", "cancelled"} & set(states)
    print(f"runs: {dict(Counter(states))}" + ("" if is_lasting else ": NOT one all the time"))
    return is_lasting


def refuse_taken(port: int) -> None:
    """Another server at this port would be measured in place of ours."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise SystemExit(f"port {port}: {error.strerror}; choose another with --port") from None


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers, with its first answer worked out and the work of its start done."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        if server.poll() is not None:
            raise SystemExit(f"the server ended with {server.returncode}: {log.read_text()[-2000:]}")
        time.sleep(0.3)
        try:
            ask(port, "POST", "/history", history_form(random.Random("first")))
            if json.loads(ask(port, "GET", "/health")[1])["runs"] == 0:
                return
        except (OSError, http.client.HTTPException):
            continue
    raise SystemExit(f"the server was not ready after {PATIENCE_SECONDS:g} s: {log.read_text()[-2000:]}")


def both_phases(port: int, *, readers: int, seconds: float) -> bool:
    """Print the figures without and with a run in a worker; whether every limit is kept."""
    alone = told("alone", *load(port, "alone", readers=readers, seconds=seconds), seconds)
    runs = start_runs(port)
    took, statuses = load(port, "beside", readers=readers, seconds=seconds)
    is_lasting = stop_runs(port, runs)
    beside = told("beside runs in a worker", took, statuses, seconds)
    return alone and beside and is_lasting


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each of the two phases")
    parser.add_argument("--port", type=int, default=8790)
    chosen = parser.parse_args()
    refuse_taken(chosen.port)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "decidua", "serve", "--port", str(chosen.port)]
        with log.open("wb") as written:
            server = subprocess.Popen(command, stdout=written, stderr=written)
        try:
            wait_for(chosen.port, server, log)
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {chosen.readers} readers")
            is_kept = both_phases(chosen.port, readers=chosen.readers, seconds=chosen.seconds)
        finally:
            server.terminate()
            server.wait()
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())

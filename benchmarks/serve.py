"""Fifty readers at once on the history page, each asking again once answered, no history twice."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

READERS, SECONDS = 50, 60.0
LIMIT_A_SECOND, AIM_A_SECOND = 20.0, 100.0
LIMIT_P99_SECONDS, AIM_P99_SECONDS = 3.0, 0.5
FORM = {"content-type": "application/x-www-form-urlencoded"}


def history_form(draw: random.Random) -> str:
    """The form of a random history of one to four pregnancies, ages in half years as people give them.

    No two are the same: the partner's age is told to a thousandth of a year.
    """
    age = draw.randint(50, 84) / 2
    fields = {"do": "answer", "age": f"{age:g}", "partner_age": f"{age + draw.uniform(-3, 5):.3f}"}
    for number in range(1, draw.randint(2, 5)):
        outcome = draw.choice(("miscarriage", "miscarriage", "live_birth"))
        week = draw.randint(5, 12) if outcome == "miscarriage" else draw.randint(37, 41)
        fields |= {f"p{number}-outcome": outcome, f"p{number}-week": str(week)}
        fields |= {f"p{number}-age": f"{age - 6 + number:.2f}"}
    return urlencode(fields)


def read(port: int, seed: int, until: float, took: list[float], statuses: Counter[int | str]) -> None:
    """One reader: ask, wait for the whole page, ask again."""
    draw = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            connection.request("POST", "/history", history_form(draw), FORM)
            answer = connection.getresponse()
            page = answer.read()
            statuses[answer.status if b"if pregnant again" in page else "wrong page"] += 1
        except OSError as error:
            statuses[type(error).__name__] += 1
            connection.close()
        took.append(time.monotonic() - started)


def load(port: int, *, readers: int, seconds: float) -> tuple[list[float], Counter[int | str]]:
    """All readers for so long; seconds that each answer took, and how many of each status."""
    until = time.monotonic() + seconds
    took: list[float] = []
    statuses: Counter[int | str] = Counter()
    threads = [
        threading.Thread(target=read, args=(port, seed, until, took, statuses)) for seed in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, statuses


def told(name: str, took: list[float], statuses: Counter[int | str], seconds: float) -> None:
    """One line of figures against the limits."""
    rate, p99 = statuses[200] / seconds, statistics.quantiles(took, n=100)[98]
    errors = sum(count for status, count in statuses.items() if status != 200)
    verdict = (
        "reached" if rate >= LIMIT_A_SECOND and p99 <= LIMIT_P99_SECONDS and not errors else "NOT reached"
    )
    print(
        f"{name}: {rate:.1f} answers a second (limit {LIMIT_A_SECOND:g}, aim {AIM_A_SECOND:g}), "
        f"median {statistics.median(took):.2f} s, p99 {p99:.2f} s "
        f"(limit {LIMIT_P99_SECONDS:g}, aim {AIM_P99_SECONDS:g}), {errors} errors {dict(statuses)}: {verdict}"
    )


def start_run(port: int) -> str:
    """A long run in a worker process: many virtual women."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"women": 200})
    connection.request("POST", "/api/v1/pregnancy/women", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()[:120]
    return f"{answer.status} {said!r}"


def wait_for(port: int) -> None:
    """Until the server answers, with its first answer worked out and the work of its start done."""
    while True:
        time.sleep(0.3)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("POST", "/history", history_form(random.Random(0)), FORM)
            connection.getresponse().read()
            connection.request("GET", "/health")
            if json.loads(connection.getresponse().read())["runs"] == 0:
                return
        except OSError:
            continue


def main() -> None:
    """Print the figures, without and with a run in a worker at the same time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--port", type=int, default=8790)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        command = [sys.executable, "-m", "decidua", "serve", "--port", str(chosen.port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(chosen.port)
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {chosen.readers} readers")
            for name in ("alone", "beside a run in a worker"):
                if name != "alone":
                    print(f"run started: {start_run(chosen.port)}")
                took, statuses = load(chosen.port, readers=chosen.readers, seconds=chosen.seconds)
                told(name, took, statuses, chosen.seconds)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()

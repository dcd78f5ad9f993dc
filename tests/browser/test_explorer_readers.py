"""A run in a worker keeps nobody waiting: readers are answered, and so is whoever asks how the server is."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from explorer_process import PATIENCE_SECONDS

READERS, QUESTIONS = 20, 3
# A run takes many times as long, and an answer some milliseconds, also on a busy machine.
HEALTH_SECONDS = 2.0
LONG_RUN = {"after": [1, 2, 3, 4], "women": 500_000}


def asked(address, *, method=None, form=None, body=None):
    """The status of an answer, and what it says."""
    content = urlencode(form).encode() if form else json.dumps(body).encode() if body else None
    request = urllib.request.Request(address, content, method=method)
    if body:
        request.add_header("content-type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def state_of(run):
    return json.loads(asked(run)[1])


def begin_a_run(explorer):
    """Where a long run tells how far it is, once its women live."""
    status, told = asked(f"{explorer.base}/api/v1/studies", body=LONG_RUN)
    assert status == 202
    run = explorer.base + json.loads(told)["run"]
    limit = time.monotonic() + PATIENCE_SECONDS
    while (state := state_of(run))["state"] != "running" or state["share"] == 0.0:
        assert time.monotonic() < limit, state
        assert state["state"] in ("waiting", "running"), state
        time.sleep(0.2)
    return run


def read(explorer, reader):
    """The statuses of one reader's histories, no history twice, and the seconds that /health took between."""
    statuses, seconds = [], []
    for question in range(QUESTIONS):
        age = f"{30 + reader / READERS + question:g}"
        form = {"age": age, "p1-outcome": "miscarriage", "p1-week": "8", "do": "answer"}
        statuses.append(asked(f"{explorer.base}/history", form=form)[0])
        began = time.monotonic()
        statuses.append(asked(f"{explorer.base}/health")[0])
        seconds.append(time.monotonic() - began)
    return statuses, seconds


def test_a_study_that_runs_does_not_block_readers(whole_explorer):
    run = begin_a_run(whole_explorer)
    try:
        with ThreadPoolExecutor(READERS) as readers:
            found = list(readers.map(lambda reader: read(whole_explorer, reader), range(READERS)))
        assert state_of(run)["state"] == "running"
    finally:
        assert asked(run, method="DELETE")[0] == 200
    assert state_of(run)["state"] == "cancelled"
    assert {status for statuses, _ in found for status in statuses} == {200}
    assert max(second for _, seconds in found for second in seconds) < HEALTH_SECONDS

"""Tasks in processes of their own: all done, no more than asked for, errors and interruptions told."""

from __future__ import annotations

import signal
import time
from itertools import pairwise

import pytest
import worker_tasks

from decidua.inference.workers import in_processes, termination_interrupts


def test_every_task_is_done_and_told_of_one_at_a_time_if_asked(tmp_path):
    told: list[str] = []
    tasks = {name: (tmp_path, name) for name in ("first", "second", "third")}
    seconds = in_processes(worker_tasks.leave_a_mark, tasks, jobs=1, progress=told.append)
    assert sorted(told) == ["first is done", "second is done", "third is done"]
    assert list(seconds) == list(tasks)
    assert all(0.5 <= each < 120.0 for each in seconds.values())
    times = [tuple(map(float, (tmp_path / name).read_text().split())) for name in tasks]
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(times))


def test_a_process_that_ends_badly_is_named():
    with pytest.raises(ChildProcessError, match="the second: the process ended with code 3"):
        in_processes(worker_tasks.refuse, {"the second": ""}, jobs=1, progress=lambda _line: None)


def test_nothing_to_do_is_done_at_once():
    assert in_processes(worker_tasks.refuse, {}, jobs=2, progress=lambda _line: None) == {}


def test_a_request_to_terminate_interrupts_and_the_old_answer_comes_back():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), termination_interrupts():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_interruption_ends_every_process():
    """The tasks would sleep for an hour; the interruption comes with the first thing that is told."""
    started = time.monotonic()

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_processes(worker_tasks.sleep_long, {"one": 3600.0, "two": 3600.0}, jobs=2, progress=interrupt)
    assert time.monotonic() - started < 60.0

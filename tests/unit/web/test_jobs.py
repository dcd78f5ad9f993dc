"""Long runs in workers: told how far, ended at any moment, refused when too many, gone with the server."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import SpawnProcess

import pytest

from decidua.web.jobs import NICENESS, PAUSE_SECONDS, WENT_WRONG, Job, Jobs
from decidua.web.pool import BusyError

PATIENCE_SECONDS = 30


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(runs=1, kept=3)
    yield made
    made.close()


def start(jobs: Jobs, task: str = "count_up", **arguments) -> Job:
    return jobs.start(f"worker_tasks:{task}", arguments, title="a run", shown_at="/shown/{id}")


def own(jobs: Jobs, task: str = "count_up", *, is_asked_for: bool = False, **arguments) -> Job:
    return jobs.once(
        "own", f"worker_tasks:{task}", arguments, title="own", shown_at="/own", is_asked_for=is_asked_for
    )


def wait(until: Callable[[], object]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < limit, "it took too long"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_run_gives_its_result_and_where_it_is_shown(jobs):
    job = start(jobs, steps=3)
    wait(lambda: job.is_over)
    assert (job.state, job.result, job.share) == ("done", 9, 1.0)
    assert job.shown_at == f"/shown/{job.id}"
    assert jobs.get(job.id) is job
    assert jobs.get("no such") is None


def test_a_run_tells_how_far_it_is(jobs):
    job = start(jobs, steps=200, seconds=0.05)
    wait(lambda: job.share > 0)
    assert job.state == "running"
    assert job.doing.startswith("step ")


def test_a_run_that_is_stopped_leaves_no_process(jobs):
    job = start(jobs, steps=1000, seconds=1.0)
    wait(lambda: job.share > 0)
    jobs.cancel(job.id)
    wait(lambda: not is_alive(job.process.pid))
    assert (job.state, job.result) == ("cancelled", None)


def test_the_end_of_the_server_is_the_end_of_its_runs(jobs):
    running, waiting = start(jobs, steps=1000, seconds=1.0), start(jobs, steps=1)
    wait(lambda: running.share > 0)
    assert waiting.state == "waiting"
    jobs.close()
    wait(lambda: not is_alive(running.process.pid))
    assert {running.state, waiting.state} == {"cancelled"}
    with pytest.raises(BusyError):
        start(jobs, steps=1)


def test_one_run_at_a_time_and_no_more_than_are_kept(jobs):
    first, second, _ = (start(jobs, steps=1000, seconds=1.0) for _ in range(3))
    with pytest.raises(BusyError, match="try again"):
        start(jobs, steps=1)
    assert jobs.running == 1
    jobs.cancel(first.id)
    wait(lambda: second.state == "running")


def test_old_results_make_room(jobs):
    done = [start(jobs, steps=1) for _ in range(3)]
    wait(lambda: all(job.is_over for job in done))
    newest = start(jobs, steps=1)
    assert jobs.get(done[0].id) is None
    assert jobs.get(newest.id) is newest


def test_refused_input_reaches_the_reader(jobs):
    job = start(jobs, "refuse_input", steps=0)
    wait(lambda: job.is_over)
    assert (job.state, job.said) == ("failed", "steps: 0 is not accepted; allowed: more")


def test_an_error_does_not(jobs, capfd):
    job = start(jobs, "break_down")
    wait(lambda: job.is_over)
    assert job.state == "failed"
    assert "not for a reader" not in job.said + capfd.readouterr().err


def test_a_run_has_low_priority(jobs):
    job = start(jobs, "tell_niceness")
    wait(lambda: job.is_over)
    assert job.result >= NICENESS


def test_a_process_that_does_not_start_fails_its_run_alone(jobs, monkeypatch):
    start_process, failing = SpawnProcess.start, ["the first"]

    def start_or_fail(process):
        if failing:
            failing.pop()
            raise OSError(12, "Cannot allocate memory")
        start_process(process)

    monkeypatch.setattr(SpawnProcess, "start", start_or_fail)
    first, second = start(jobs, steps=1), start(jobs, steps=2)
    wait(lambda: second.is_over)
    assert (first.state, first.said, second.result) == ("failed", WENT_WRONG, 4)


def test_a_thread_that_does_not_start_fails_its_run_alone(jobs, monkeypatch):
    start_thread, failing = threading.Thread.start, ["the first"]

    def start_or_fail(thread):
        if failing:
            failing.pop()
            raise RuntimeError("can't start new thread")
        start_thread(thread)

    monkeypatch.setattr(threading.Thread, "start", start_or_fail)
    first, second = start(jobs, steps=1), start(jobs, steps=2)
    wait(lambda: second.is_over)
    assert (first.state, second.result) == ("failed", 4)


def test_an_answer_that_cannot_be_read_fails_its_run_alone(jobs):
    first, second = start(jobs, "give_what_cannot_be_read"), start(jobs, steps=2)
    wait(lambda: second.is_over)
    assert (first.state, second.result) == ("failed", 4)
    assert not is_alive(first.process.pid)


def test_nobody_waits_while_a_process_starts_or_ends(jobs, monkeypatch):
    may_start = threading.Event()
    start_process = SpawnProcess.start
    monkeypatch.setattr(
        SpawnProcess, "start", lambda process: may_start.wait(PATIENCE_SECONDS) and start_process(process)
    )
    first = start(jobs, steps=1000, seconds=1.0)
    wait(lambda: first.state == "running")
    before = time.monotonic()
    second = start(jobs, steps=1)
    jobs.cancel(first.id)
    assert time.monotonic() - before < 1.0
    may_start.set()
    wait(lambda: second.is_over)
    wait(lambda: first.process is not None and not is_alive(first.process.pid))
    assert (first.state, second.state) == ("cancelled", "done")


def test_own_work_takes_no_place_of_a_reader(jobs):
    for _ in range(3):
        start(jobs, steps=1000, seconds=1.0)
    mine = own(jobs, steps=2)
    assert own(jobs, steps=2) is mine
    assert mine.state == "waiting"
    with pytest.raises(BusyError):
        start(jobs, steps=1)


def test_own_work_is_begun_once_however_many_ask_at_the_same_time(jobs):
    begun: list[Job] = []
    together = threading.Barrier(8)

    def ask():
        together.wait()
        begun.append(own(jobs, steps=3, is_asked_for=True, seconds=0.2))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({job.id for job in begun}) == 1


def test_what_own_work_found_is_kept_until_it_is_found_anew(jobs):
    first = own(jobs, steps=3)
    wait(lambda: first.is_over)
    assert (jobs.found("own"), own(jobs, steps=4)) == (9, first)
    second = own(jobs, steps=4, is_asked_for=True)
    assert second is not first
    assert jobs.found("own") == 9
    wait(lambda: second.is_over)
    assert jobs.found("own") == 16
    assert jobs.get(first.id) is None


def test_own_work_that_failed_rests_before_it_is_tried_again(jobs):
    kept = start(jobs, steps=1)
    wait(lambda: kept.is_over)
    failed = own(jobs, "break_down")
    wait(lambda: failed.is_over)
    assert all(own(jobs, "break_down") is failed for _ in range(20))
    assert jobs.get(kept.id) is kept
    failed.over_at -= PAUSE_SECONDS
    assert own(jobs, "break_down") is not failed


def test_the_page_of_a_run(app, client):
    job = app.state.jobs.start(
        "worker_tasks:count_up", {"steps": 500, "seconds": 0.1}, title="counting", shown_at="/about"
    )
    wait(lambda: job.share > 0)
    page = client.get(f"/runs/{job.id}").text
    assert "counting" in page
    assert "<progress" in page
    assert client.get(f"/api/v1/runs/{job.id}").json()["state"] == "running"
    stopped = client.post(f"/runs/{job.id}/cancel")
    assert "This run was stopped." in stopped.text
    assert client.get(f"/api/v1/runs/{job.id}").json()["state"] == "cancelled"

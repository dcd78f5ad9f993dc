"""Long runs in workers: told how far, ended at any moment, refused when too many, gone with the server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest

from decidua.web.jobs import NICENESS, Job, Jobs
from decidua.web.pool import BusyError

PATIENCE_SECONDS = 30


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(runs=1, kept=3)
    yield made
    made.close()


def start(jobs: Jobs, task: str = "count_up", **arguments) -> Job:
    return jobs.start(f"worker_tasks:{task}", arguments, title="a run", shown_at="/shown/{id}")


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

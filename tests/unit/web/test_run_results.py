"""In the place of a result: its run while it goes on, why it failed, nothing once it is forgotten."""

from __future__ import annotations

import pytest

from decidua.base.provenance import SCHEMA_VERSION
from decidua.web import study_page, womb_page
from decidua.web.jobs import Job

TASKS = {"/studies": study_page.TASK, "/womb/women": womb_page.TASK}
TWINS = {"/studies": "/api/v1/studies", "/womb/women": "/api/v1/pregnancy/women"}


@pytest.fixture
def run(app, monkeypatch):
    """Lets the server know one run, in the state that a test asks for."""

    def known(place: str, state: str) -> Job:
        job = Job("known", "a run", TASKS[place], {}, "/", state=state, said="Not solved.")
        monkeypatch.setattr(app.state.jobs, "get", {"known": job}.get)
        return job

    return known


@pytest.mark.parametrize("place", TASKS)
@pytest.mark.parametrize("state", ["waiting", "running"])
def test_a_result_that_is_not_there_yet_leads_to_its_run(client, run, place, state):
    run(place, state)
    answer = client.get(f"{TWINS[place]}/known")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "2")
    told = {"schema_version": SCHEMA_VERSION, "run": "/api/v1/runs/known", "state": state}
    assert answer.json() == told
    assert client.get(told["run"]).json()["state"] == state


@pytest.mark.parametrize("place", TASKS)
def test_a_run_that_failed_says_why(client, run, place):
    run(place, "failed")
    answer = client.get(f"{TWINS[place]}/known")
    assert (answer.status_code, answer.json()["detail"]) == (503, "Not solved.")


@pytest.mark.parametrize("place", TASKS)
@pytest.mark.parametrize("state", ["waiting", "running", "failed", "cancelled"])
def test_the_page_of_a_result_that_is_not_there_is_that_of_its_run(client, run, place, state):
    run(place, state)
    answer = client.get(f"{place}/known", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs/known")
    assert client.get(f"{place}/known").status_code == 200
    assert client.get(f"{place}/known/files/csv").status_code == 404


@pytest.mark.parametrize("place", TASKS)
def test_a_run_that_was_stopped_or_is_of_another_kind_is_not_here(client, run, place):
    run(place, "cancelled")
    assert client.get(f"{TWINS[place]}/known").status_code == 404
    (other,) = TASKS.keys() - {place}
    run(other, "running")
    assert client.get(f"{TWINS[place]}/known").status_code == 404
    assert client.get(f"{place}/known").status_code == 404


@pytest.mark.parametrize("place", TASKS)
def test_every_such_answer_is_described(client, place):
    described = client.get("/api/openapi.json").json()
    answers = described["paths"][f"{TWINS[place]}/{{name}}"]["get"]["responses"]
    for status, schema in {"202": "Unfinished", "404": "Refusal", "503": "Refusal"}.items():
        content = answers[status]["content"]["application/json"]["schema"]
        assert content["$ref"].endswith(f"/{schema}")

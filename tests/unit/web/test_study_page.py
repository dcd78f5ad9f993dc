"""What if we tested earlier?: form, refusals, a run in a worker, and agreement with the command line."""

from __future__ import annotations

import io
import json
import re

import polars
import pytest
from starlette.testclient import TestClient
from web_runs import wait_for

from decidua.study.comparison import run_study
from decidua.study.waiting_lives import lived_waiting, waiting_of
from decidua.tell.safety import check_public_html
from decidua.tell.study_files import study_files, study_record
from decidua.tell.words import sentence
from decidua.web.app import create_app
from decidua.web.settings import Settings
from decidua.web.study_page import DRAWS, PRESETS
from decidua.web.study_query import StudyQuery

ASKED = {"after": [1, 3], "mechanism": "attack", "women": 10_000, "seed": 5}


@pytest.fixture(scope="module")
def running():
    with TestClient(create_app(Settings(is_warmed=False))) as client:
        yield client


@pytest.fixture(scope="module")
def run(running):
    """Where a run that is done says that its result is."""
    begun = running.post("/api/v1/studies", json=ASKED).json()
    state = wait_for(running, begun["run"])
    assert state["state"] == "done", state
    return {**begun, "page": state["shown_at"]}


@pytest.fixture(scope="module")
def here():
    query = StudyQuery.model_validate(ASKED)
    return run_study(query.study(), women=query.women, draws=DRAWS, seed=query.seed)


def test_a_run_in_a_worker_gives_what_the_same_study_gives_here(running, run, here):
    assert running.get(run["result"]).json() == json.loads(json.dumps(study_record(here)))


def test_downloads_are_the_files_of_the_command(running, run, here):
    files = study_files(here)
    for kind, name in {"json": "summary.json", "csv": "results.csv", "html": "report.html"}.items():
        assert running.get(f"{run['page']}/files/{kind}").content == files[name]
    parquet = running.get(f"{run['page']}/files/parquet").content
    assert polars.read_parquet(io.BytesIO(parquet)).equals(
        polars.read_parquet(io.BytesIO(files["results.parquet"]))
    )
    assert running.get(f"{run['page']}/files/exe").status_code == 422


def test_the_report_of_a_run_is_virtual_safe_and_the_same_as_the_command_writes(running, run, here):
    page = running.get(run["page"]).text
    for line in ("no real person", sentence("steroid"), sentence("contested_mechanism"), "if pregnant again"):
        assert line in page
    assert not [str(broken) for broken in check_public_html(page)]
    report = study_files(here)["report.html"].decode()
    cells = re.findall(r"<td>(.*?)</td>", report)
    assert len(cells) > 50
    assert re.findall(r"<td>(.*?)</td>", page) == cells


def test_a_run_can_be_changed_and_asked_again(running, run):
    page = running.get(run["page"]).text
    again = re.search(r'href="(/studies\?[^"#]*)', page)[1].replace("&amp;", "&")
    form = running.get(again).text
    assert re.findall(r'name="after" value="(\d)" checked', form) == ["1", "3"]
    assert 'value="attack" selected' in form
    assert 'name="seed" value="5"' in form


def test_what_is_known_without_a_run_is_the_shipped_count(client):
    page, told = client.get("/studies").text, client.get("/api/v1/studies").json()
    births = waiting_of(34, 4, None)["birth"].mean
    assert f"<td>{round(100 * births) * 10} (" in page
    assert lived_waiting()["made"] in page
    assert told["waiting"]["groups"]["34"]["4"]["average"]["birth"]["mean"] == births
    assert [example["title"] for example in told["examples"]] == [title for title, _ in PRESETS]


def test_every_example_can_be_sent(client):
    for example in client.get("/api/v1/studies").json()["examples"]:
        asked = {name: value for name, value in example.items() if name != "title"}
        study = StudyQuery.model_validate(asked).study()
        assert study.against == "never_test"
        assert len(study.pathways) >= 2


def test_a_test_without_waits_or_a_treatment_is_one(client):
    study = StudyQuery(after=[2], course="nothing", waits="none").study()
    care = study.pathways[1]
    assert (care.if_high, care.days_until_result, care.wait_to_conceive_days) == (None, 0, 0)
    found = run_study(study, women=20_000, draws=5, seed=1)
    assert found.arm("test_after_2").with_a_loss["women_tested"].value.mean > 0.0
    assert found.arm("test_after_2").difference["live_births"].value.mean == 0.0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "after"),
        ({"after": "5"}, "after"),
        ({"after": "2", "women": "10"}, "women"),
        ({"after": "2", "women": "9000000"}, "women"),
        ({"after": "2", "test": "tea"}, "test"),
        ({"after": "2", "course": "story_protocol"}, "course"),
        ({"after": "2", "mechanism": "storks"}, "mechanism"),
        ({"after": "2", "from_age": "30"}, "from_age, to_age"),
        ({"after": "2", "from_age": "40", "to_age": "30"}, "younger"),
        ({"after": "2", "from_age": "12", "to_age": "30"}, "from_age"),
        ({"after": "2", "storks": "1"}, "storks"),
    ],
)
def test_what_is_not_accepted_is_named_and_the_form_is_kept(client, asked, told):
    page = client.post("/studies", data={"seed": "77", **asked})
    assert page.status_code == 422
    assert told in re.search(r'id="refused">([^<]*)', page.text)[1]
    assert 'name="seed" value="77"' in page.text
    assert client.post("/api/v1/studies", json=asked).status_code == 422


def test_too_many_runs_are_refused_for_now_and_a_run_can_be_stopped():
    with TestClient(create_app(Settings(is_warmed=False, kept_runs=1))) as client:
        begun = client.post("/studies", data={"after": "2"}, follow_redirects=False)
        assert begun.status_code == 303
        refused = client.post("/studies", data={"after": "2", "seed": "77"})
        assert refused.status_code == 429
        assert refused.headers["retry-after"]
        assert "try again" in re.search(r'id="refused">([^<]*)', refused.text)[1]
        assert 'name="seed" value="77"' in refused.text
        name = begun.headers["location"].removeprefix("/runs/")
        assert client.delete(f"/api/v1/runs/{name}").json()["state"] == "cancelled"
    assert client.get("/studies/nobody").status_code == 404

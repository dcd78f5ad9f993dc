"""The simulator's page: form, refusals, downloads, many women, and agreement with the command line."""

from __future__ import annotations

import io
import json
import re

import polars
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner
from web_runs import wait_for

from decidua.base.errors import InputError
from decidua.cli import app as command
from decidua.tell.words import sentence
from decidua.web.app import create_app
from decidua.web.settings import Settings
from decidua.web.womb_page import run_women
from decidua.womb import regimen_from_text

ASKED = {"density": 300, "regimen": "prednisolone_tang2013", "infection_week": 9, "end_week": 20}
STEPS = {
    "regimen": "steps",
    "drug": ["prednisolone", "", "prednisolone"],
    "dose": ["20", "", "10"],
    "from_week": ["5", "", "11"],
    "for_weeks": ["6", "", "1"],
    "end_week": 16,
}
PROTOCOL = """
name: mine
title: A course of one's own
steps:
  - {drug: prednisolone, dose_mg_per_day: 20, start_gestation_weeks: 5, duration_weeks: 6}
  - {drug: prednisolone, dose_mg_per_day: 10, start_gestation_weeks: 11, duration_weeks: 1}
"""


def variables(client: TestClient, **asked) -> dict[str, list[float]]:
    answer = client.get("/api/v1/pregnancy", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["variables"]


def test_page_json_and_command_line_agree(client):
    words = [
        "--density",
        "300",
        "--regimen",
        "prednisolone_tang2013",
        "--infection-week",
        "9",
        "--weeks",
        "20",
    ]
    told = json.loads(CliRunner().invoke(command, ["pregnancy", *words, "--json"]).stdout)
    answer = client.get("/api/v1/pregnancy", params=ASKED).json()
    assert answer["variables"] == told["variables"]
    page = client.get("/womb", params=ASKED).text
    for line in told["summary"]:
        assert line.replace("'", "&#39;") in page


def test_steps_and_the_same_protocol_written_out_give_the_same_course(client):
    by_steps = variables(client, **STEPS)
    by_text = variables(client, regimen="protocol", protocol=PROTOCOL, end_week=16)
    assert by_steps["prednisolone_mg_per_day"] == by_text["prednisolone_mg_per_day"]
    assert max(by_steps["prednisolone_mg_per_day"]) == 20.0


def test_steps_are_taken_where_no_course_is_chosen(client):
    chosen = {**STEPS, "regimen": "none"}
    assert variables(client, **chosen) == variables(client, **STEPS)
    assert re.search(r'value="steps"[^>]* selected', client.get("/womb", params=chosen).text)


def test_an_empty_field_counts_as_left_out(client):
    empty = {"density": "", "recognition": "", "infection_week": "", "genotype": ""}
    assert client.get("/womb", params=empty).status_code == 200
    assert variables(client, end_week=12) == variables(client, end_week=12, density=250, recognition=0.5)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"density": "none"}, "density"),
        ({"density": "0"}, "density"),
        ({"recognition": "2"}, "recognition"),
        ({"mechanism": "storks"}, "storks"),
        ({"regimen": "tea"}, "tea"),
        ({"genotype": "zz"}, "genotype"),
        ({"end_week": "50"}, "end_week"),
        ({**STEPS, "dose": ["x", "", "10"]}, "step 1, mg a day"),
        ({**STEPS, "regimen": "aspirin_low_dose"}, "no drug named in a step"),
        ({**STEPS, "from_week": ["11", "", "5"]}, "order of time"),
        ({"regimen": "protocol", "protocol": "steps: ["}, "YAML"),
        ({"regimen": "protocol", "protocol": "[" * 5000}, "YAML"),
        ({"regimen": "protocol", "protocol": "a: &x 1\nb: *x"}, "anchors"),
        ({"regimen": "protocol", "protocol": "- 1"}, "your protocol"),
        ({"storks": "1"}, "storks"),
    ],
)
def test_what_is_not_accepted_is_named_and_the_form_is_kept(client, asked, told):
    page = client.get("/womb", params=asked)
    assert page.status_code == 422
    refused = re.search(r'id="refused">([^<]*)', page.text)
    assert told in refused[1]
    assert 'id="womb-form"' in page.text
    assert client.get("/api/v1/pregnancy", params=asked).status_code == 422


def test_what_was_entered_is_still_there_after_a_refusal(client):
    page = client.get("/womb", params={**STEPS, "dose": ["x", "", "10"], "density": "321"}).text
    assert 'name="density" value="321"' in page
    assert re.search(r'id="dose-0" name="dose" value="x"', page)
    assert re.search(r'id="for_weeks-2" name="for_weeks" value="1"', page)


def test_downloads_hold_the_same_course(client):
    course = variables(client, **ASKED)
    csv = polars.read_csv(client.get("/womb/files/csv", params=ASKED).content)
    parquet = polars.read_parquet(io.BytesIO(client.get("/womb/files/parquet", params=ASKED).content))
    assert csv["uterine_nk"].to_list() == pytest.approx(course["uterine_nk"], rel=1e-12)
    assert parquet["uterine_nk"].to_list() == course["uterine_nk"]
    assert client.get("/womb/files/json", params=ASKED).json()["variables"] == course
    sbml = client.get("/womb/files/sbml", params=ASKED)
    assert sbml.headers["content-disposition"] == 'attachment; filename="womb.xml"'
    assert "<sbml" in sbml.text
    assert sentence("steroid") in sbml.text


def test_a_figure_of_its_own_says_that_it_is_simulated(client):
    svg = client.get("/womb/figures/cells.svg", params=ASKED).text
    assert "Simulated" in svg
    assert client.get("/womb/figures/storks.svg", params=ASKED).status_code == 404


def test_many_women_run_in_a_worker_and_are_the_same_as_here():
    asked = {"density": 300, "end_week": 8, "women": 3, "seed": 5}
    with TestClient(create_app(Settings(is_warmed=False))) as client:
        started = client.post("/api/v1/pregnancy/women", json=asked).json()
        state = wait_for(client, started["run"])
        assert state["state"] == "done", state
        found = client.get(started["result"]).json()
        page = client.get(state["shown_at"])
        assert client.get(f"{state['shown_at']}/files/csv").status_code == 200
    here = run_women(asked, lambda share, doing: None)
    assert found["women"]["women"] == 3
    assert found["women"]["bands"]["uterine_nk"]["median"] == here.bands.bands["uterine_nk"][1].tolist()
    assert "3 virtual women (seed 5)" in page.text


def test_a_run_that_cannot_be_is_refused_before_it_starts(client):
    asked = {"women": "5000", "density": "321", "recognition": "", **STEPS}
    answer = client.post("/womb/women", data=asked)
    assert answer.status_code == 422
    assert "women" in re.search(r'id="refused">([^<]*)', answer.text)[1]
    for name, value in {"women": "5000", "density": "321", "recognition": "", "end_week": "16"}.items():
        assert re.search(rf'id="{name}" name="{name}" value="{value}"', answer.text)
    assert re.search(r'id="dose-2" name="dose" value="10"', answer.text)
    assert client.get("/womb/women/nobody").status_code == 404


def test_a_form_for_many_women_is_kept_when_too_many_runs_wait():
    client = TestClient(create_app(Settings(is_warmed=False, kept_runs=0)))
    answer = client.post("/womb/women", data={"density": "321", "women": "9"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "try again" in re.search(r'id="refused">([^<]*)', answer.text)[1]
    assert 'id="density" name="density" value="321"' in answer.text
    assert client.post("/api/v1/pregnancy/women", json={}).status_code == 429


def test_a_protocol_of_too_many_levels_is_refused():
    with pytest.raises(InputError) as refused:
        regimen_from_text("[" * 20_000)
    assert refused.value.field == "YAML"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("drug=prednisolone&dose=10&from_week=5", "step 1, weeks"),
        ("protocol=x", "your protocol"),
        ("regimen=protocol", "an empty text is not accepted"),
        ("infection_week=30&end_week=20", "a week before 20"),
    ],
)
def test_what_was_meant_is_never_passed_over(client, asked, said):
    for address in ("/womb", "/api/v1/pregnancy"):
        refused = client.get(f"{address}?{asked}")
        assert refused.status_code == 422
        assert said in refused.text

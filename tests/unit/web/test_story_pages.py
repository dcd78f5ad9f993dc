"""Article and questions: what a reader chose is what is shown, and page and JSON agree."""

from __future__ import annotations

import re

import pytest
from explorer_story import told_app
from starlette.testclient import TestClient

from decidua.tell.pages import flat, page_from_html
from decidua.web.app import create_app
from decidua.web.jobs import Job
from decidua.web.settings import Settings

CHOSEN = {
    "cells": 350,
    "recognition": 0,
    "count": 120,
    "dose": 40,
    "taper_week": 8,
    "high": 60,
    "agreement": 40,
}


@pytest.fixture(scope="module")
def told() -> TestClient:
    return TestClient(told_app())


def test_the_form_holds_what_was_chosen(told):
    html = told.get("/article", params=CHOSEN).text
    for name, value in CHOSEN.items():
        assert re.search(rf'<input type="number" id="{name}" name="{name}" value="{value}"', html)
        assert html.count(f'type="hidden" name="{name}" value="{value}"') == 3


def test_figures_of_the_page_are_those_of_the_json(told):
    page = flat(page_from_html(told.get("/article", params=CHOSEN).text).text)
    answer = told.get("/api/v1/article", params=CHOSEN).json()
    figures = [one for found in answer["figures"].values() for one in found]
    assert len(figures) == 7
    for figure in figures:
        assert flat(figure["caption"]) in page
        for row in figure["rows"]:
            assert flat(" ".join(str(cell) for cell in row)) in page


def test_another_choice_gives_other_figures_and_the_same_choice_the_same_page(told):
    first, again, other = (
        told.get("/article", params={**CHOSEN, "cells": cells}).text for cells in (350, 350, 100)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cells", "601"),
        ("cells", "many"),
        ("recognition", "-1"),
        ("count", "301"),
        ("high", "405"),
        ("agreement", "71"),
        ("dose", "41"),
        ("taper_week", "5"),
    ],
)
def test_a_choice_outside_its_range_is_refused_by_name(told, name, value):
    for address in ("/article", "/api/v1/article"):
        answer = told.get(address, params={name: value})
        assert answer.status_code == 422
        assert name in answer.text


def test_every_claim_of_the_article_is_marked_and_has_sources(told):
    sections = told.get("/api/v1/article").json()["sections"]
    assert len(sections) == 11
    for section in sections:
        assert section["sources"]
        assert all(claim["verdict"] and claim["reason"] for claim in section["claims"])


def test_the_picture_stands_still_and_has_stills_for_readers_without_script(told):
    html = told.get("/article").text
    assert html.count('class="stills"') == html.count('class="moving noprint"') == 1
    assert "<animate" not in html
    assert html.count("data-path=") == 201


def test_every_question_of_the_story_has_a_reply(told):
    page = told.get("/questions").text
    answer = told.get("/api/v1/questions").json()
    assert [step["id"] for step in answer["steps"]] == list("abcdefgh")
    for step in answer["steps"]:
        assert f'id="{step["id"]}"' in page
        assert step["sources"]
        for line in step["evidence"]:
            assert flat(line) in flat(page_from_html(page).text)


def test_until_the_numbers_are_there_a_reader_is_told_and_a_program_asked_to_come_back(monkeypatch):
    client, begun = with_story_run(monkeypatch, Job("id", "", "", {}, "", state="running"))
    assert client.get("/article").status_code == 202
    assert "data-poll" in client.get("/questions").text
    answer = client.get("/api/v1/article")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "10")
    assert set(begun) == {"decidua.web.story_numbers:work_out"}


def test_a_reader_is_told_that_the_numbers_could_not_be_worked_out(monkeypatch):
    failed = Job("id", "", "", {}, "", state="failed", said="The run stopped.")
    client, _ = with_story_run(monkeypatch, failed)
    for address in ("/article", "/questions", "/api/v1/article", "/api/v1/questions"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "could not be worked out. The run stopped." in answer.text


def test_a_full_line_of_runs_keeps_no_reader_from_the_article():
    app = create_app(Settings(is_warmed=False, kept_runs=1))
    try:
        app.state.jobs.start("worker_tasks:count_up", {"steps": 1, "seconds": 99}, title="", shown_at="/")
        assert TestClient(app).get("/article").status_code == 202
        assert TestClient(app).get("/api/v1/questions").status_code == 202
        app.state.jobs.close()
        assert TestClient(app).get("/article").status_code == 202
    finally:
        app.state.jobs.close()


def with_story_run(monkeypatch, job: Job) -> tuple[TestClient, list[str]]:
    """An explorer whose run for the story is this one, and which tasks it was asked for."""
    app, begun = create_app(Settings(is_warmed=False)), []
    monkeypatch.setattr(app.state.jobs, "once", lambda key, task, *_, **__: begun.append(task) or job)
    return TestClient(app), begun

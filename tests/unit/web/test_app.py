"""What every response carries, what is refused and how, and that a refusal is one clear message."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from decidua.measure.history import example_history
from decidua.web.app import create_app
from decidua.web.pool import BusyError, Pool
from decidua.web.security import HEADERS
from decidua.web.settings import Settings

BODY = example_history("one-early-loss-then-three-births").to_dict()
EVERYWHERE = ("/", "/about", "/leave", "/history", "/static/explorer.css", "/static/explorer.js", "/health",
              "/api/openapi.json", "/api/v1/site", "/nowhere", "/api/nowhere", "/runs/none")  # fmt: skip


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_response_carries_the_headers(client, path):
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


def test_the_policy_allows_nothing_from_elsewhere():
    policy = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("img-src") == "'self' data:"
    assert policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert set(policy) == {"script-src", "style-src", "connect-src", "form-action"}
    assert set(policy.values()) == {"'self'"}


@pytest.mark.parametrize("path", ["/", "/about", "/history", "/leave", "/nowhere"])
def test_no_page_holds_what_the_policy_forbids(client, path):
    page = client.get(path).text
    assert not re.search(r"<style|<script(?! src=)|\sstyle=|\son\w+=|javascript:|http-equiv", page)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_that_loads_a_script_from_elsewhere(client, path):
    assert client.get(path).status_code == 404


def test_more_than_may_be_sent_is_refused_before_it_is_read(client):
    refused = client.post("/api/v1/history", content=b" " * 1_000_001)
    assert refused.status_code == 413
    assert refused.json() == {
        "detail": "The request is too large; allowed: a request of 1 MB or less.",
        "field": None,
    }


def test_more_than_may_be_sent_is_refused_when_its_length_is_not_told(client):
    pieces = (b" " * 100_000 for _ in range(11))
    headers = {"content-type": "application/json"}
    assert client.post("/api/v1/history", content=pieces, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"{", "application/json", 422, "body: what came is not accepted; allowed: a history as JSON"),
        (b"\xff", "application/json", 422, "UTF-8"),
        (b"[" * 100_000, "application/json", 422, "a history as JSON"),
        (b"pregnancies: []", "application/yaml", 415, "This address takes application/json."),
        (b'{"pregnancies": [], "name": 1}', "application/json", 422, "name is not accepted"),
        (b'{"pregnancies": [{"outcome": "ectopic", "week": 60}]}', "application/json", 422, "[0].week: 60"),
    ],
)  # fmt: skip
def test_bad_input_has_one_message_that_names_the_field(client, content, kind, status, said):
    refused = client.post("/api/v1/history", content=content, headers={"content-type": kind})
    assert refused.status_code == status
    assert said in refused.json()["detail"]
    assert "\n" not in refused.json()["detail"]


def test_a_wrong_option_is_refused_by_name(client):
    refused = client.post("/api/v1/history?mechanism=magic", json=BODY)
    assert refused.status_code == 422
    assert refused.json()["field"] == "mechanism"
    assert refused.json()["detail"].startswith("mechanism: magic is not accepted")


def test_a_form_of_another_kind_is_refused(client):
    refused = client.post("/history", json={})
    assert refused.status_code == 415
    assert "application/x-www-form-urlencoded" in refused.text


def test_a_form_of_too_many_fields_is_refused(client):
    assert client.post("/history", data={f"x{i}": "1" for i in range(1200)}).status_code == 422


def test_another_host_name_is_refused():
    app = create_app(Settings(is_warmed=False, hosts=("127.0.0.1", "[::1]")))
    names = ("127.0.0.1:8765", "[::1]:8765", "127.0.0.1", "evil.example", "127.0.0.1.evil.example")
    client = TestClient(app)
    assert {name: client.get("/health", headers={"host": name}).status_code for name in names} == {
        "127.0.0.1:8765": 200,
        "[::1]:8765": 200,
        "127.0.0.1": 200,
        "evil.example": 421,
        "127.0.0.1.evil.example": 421,
    }


def test_too_many_histories_at_once_are_refused_and_the_others_answered():
    async def ask() -> list[object]:
        pool, held = Pool(threads=1, waiting=1), threading.Event()
        first, second = (asyncio.ensure_future(pool.run(held.wait)) for _ in range(2))
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError, match="try again"):
            await pool.run(held.wait)
        held.set()
        return [await first, await second, pool.busy]

    # A thread of its own: the browser of another test may have left its loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, ask()).result() == [True, True, 0]


def test_a_busy_server_says_so():
    app = create_app(Settings(is_warmed=False, histories=1, waiting=-1))
    refused = TestClient(app).post("/api/v1/history", json=BODY)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    assert "try again" in refused.json()["detail"]


def test_an_error_tells_neither_the_reader_nor_the_log_what_was_typed(app, caplog, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("typed: 34.7712")

    monkeypatch.setattr("decidua.web.history_page.tell", broken)
    with caplog.at_level(logging.DEBUG):
        failed = TestClient(app).post("/history", data={"age": "34.7712", "do": "answer"})
    assert failed.status_code == 500
    assert "34.7712" not in failed.text + caplog.text
    assert "RuntimeError in test_app.py line" in caplog.text


def test_the_log_holds_the_path_alone(client, caplog):
    with caplog.at_level(logging.DEBUG, logger="decidua"):
        client.post("/api/v1/history?mechanism=secret7712", json={"secret7713": 1})
        client.get("/groups?numbers=secret7714")
        client.get("/nowhere%0Aforged line")
    assert re.findall(r"secret\d+", caplog.text) == []
    assert "POST /api/v1/history 422" in caplog.text
    assert "\nforged" not in caplog.text


def test_the_api_gives_the_same_object_as_the_command(client):
    from typer.testing import CliRunner

    from decidua.cli import app as command

    shown = CliRunner().invoke(
        command, ["history", "--example", "one-early-loss-then-three-births", "--json"]
    )
    assert client.post("/api/v1/history", json=BODY).text == shown.stdout.rstrip("\n")


def test_the_group_explorer_takes_no_history():
    client = TestClient(create_app(Settings(is_warmed=False, explorer="group")))
    assert client.get("/history").status_code == 404
    assert client.post("/history", data={"do": "answer", "age": "34"}).status_code == 404
    assert client.post("/api/v1/history", json=BODY).status_code == 404
    assert client.get("/api/v1/history/examples").status_code == 404
    assert 'href="/history"' not in client.get("/groups").text
    assert "/history" not in [page["path"] for page in client.get("/api/v1/site").json()["pages"]]


def test_the_table_of_groups_falls_with_losses_and_with_age(client):
    rows = client.get("/api/v1/groups").json()["groups"]
    births = {(row["age"], row["losses"]): row["live_birth"]["mean"] for row in rows}
    ages, losses = sorted({age for age, _ in births}), sorted({count for _, count in births})
    assert len(births) == len(ages) * len(losses) == 25
    for age in ages:
        assert [births[age, count] for count in losses] == sorted(births[age, c] for c in losses)[::-1]
    assert births[42, 0] < births[37, 0] < births[32, 0]


@pytest.mark.parametrize("path", ["/", "/health", "/history", "/api/v1/site"])
def test_the_head_of_a_page_can_be_asked_for_alone(client, path):
    whole, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_every_refusal_is_described(client):
    described = client.get("/api/openapi.json").json()["paths"]["/api/v1/history"]["post"]["responses"]
    assert set(described) == {"200", "403", "404", "405", "413", "415", "421", "422", "429", "503"}

"""The pages of comments: hostile text stays text, a refusal keeps what was typed, other sites cannot post."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from decidua.cli import app as command_line
from decidua.web.app import create_app
from decidua.web.comment_book import MOST_A_MINUTE, CommentBook
from decidua.web.jobs import Job
from decidua.web.security import HEADERS
from decidua.web.settings import Settings

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></article><form action=https://example.org>",
    '[here](javascript:alert(1)) "quoted" \' & &lt;',
    "{{ 7 * 7 }} {% raw %}",
    "*bold* `code` https://example.org/",
)


@pytest.fixture
def book(tmp_path) -> CommentBook:
    return CommentBook(tmp_path / "comments.db")


@pytest.fixture
def client(tmp_path, book) -> TestClient:
    return TestClient(create_app(Settings(is_warmed=False, comments=tmp_path / "comments.db")))


def token(client) -> str:
    return re.search(r'name="token" value="([^"]+)"', client.get("/comments/a").text)[1]


def send(client, **fields):
    return client.post("/comments/a", data={"token": token(client), **fields}, follow_redirects=False)


def run(*arguments):
    return CliRunner().invoke(command_line, ["comments", *map(str, arguments)])


@pytest.mark.parametrize("path", ["/comments", "/comments/a", "/api/v1/comments", "/api/v1/comments/a"])
def test_without_a_database_there_is_no_such_address(path):
    app = create_app(Settings(is_warmed=False))
    assert TestClient(app).get(path).status_code == 404
    assert TestClient(app).post("/comments/a", data={"text": "hello"}).status_code == 404
    assert "comments" not in json.dumps(app.openapi())


def test_a_comment_is_thanked_for_with_its_number_and_waits(client, book):
    sent = send(client, text="We lost one.", name="A reader of these pages")
    assert (sent.status_code, sent.headers["location"]) == (303, "/comments/a?sent=1#sent")
    assert "set-cookie" not in sent.headers
    assert "Your comment has the number 1" in client.get(sent.headers["location"]).text
    assert "We lost one." not in client.get("/comments/a").text
    book.approve(1)
    assert "We lost one." in client.get("/comments/a").text
    assert client.get("/api/v1/comments").json()["comments"]["a"] == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_the_text_it_is(client, book, text):
    send(client, text=text, name=text[:60])
    book.approve(1)
    answer = client.get("/comments/a?to=1")
    shown = answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert not re.search(r"<script(?! src=)|<img|<[^>]*(onerror=|javascript:|action=https)", shown)
    assert shown.count("<form") == 1
    assert 'https://example.org/"' not in shown
    told = client.get("/api/v1/comments/a").json()["comments"][0]
    assert told["text"] == text
    assert told["name"] == " ".join(text[:60].split())


def test_a_reply_goes_under_its_comment(client, book):
    send(client, text="We lost one.")
    book.approve(1)
    assert "Reply to comment 1" in client.get("/comments/a?to=1").text
    send(client, text="So did we.", to="1")
    book.approve(2)
    (told,) = client.get("/api/v1/comments/a").json()["comments"]
    assert [one["text"] for one in told["replies"]] == ["So did we."]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "x"}, "3 to 3000 letters"),
        ({"text": "y" * 3001}, "this one has 3001"),
        ({"text": "fine words", "name": "n" * 61}, "60 letters or fewer"),
        ({"text": "fine words", "to": "7"}, "no longer here"),
        ({"text": "fine words", "to": "seven"}, "no longer here"),
        ({"text": "fine words", "token": "made elsewhere"}, "once more"),
    ],
)
def test_a_refusal_comes_with_what_was_typed(client, book, fields, said):
    refused = send(client, **fields)
    assert refused.status_code == 422
    assert said in refused.text
    assert fields["text"] in refused.text
    assert fields.get("name", "") in refused.text
    assert book.everything() == ()


def test_another_site_cannot_post_for_a_reader(client, book):
    assert client.post("/comments/a", data={"text": "hello there"}).status_code == 422
    sent_as_json = client.post("/comments/a", json={"text": "hello there", "token": token(client)})
    assert sent_as_json.status_code == 415
    assert book.everything() == ()


def test_too_many_are_refused_and_nothing_is_lost(client):
    for i in range(MOST_A_MINUTE):
        assert send(client, text=f"text {i}").status_code == 303
    refused = send(client, text="one more than may come")
    assert refused.status_code == 429
    assert "one more than may come" in refused.text
    assert refused.headers["retry-after"] == "60"


def test_a_comment_is_taken_without_the_numbers_of_the_story(tmp_path, book, monkeypatch):
    app = create_app(Settings(is_warmed=False, kept_runs=0, comments=tmp_path / "comments.db"))
    client = TestClient(app)
    assert send(client, text="first").status_code == 303
    app.state.jobs.close()
    assert send(client, text="second").status_code == 303
    failed = Job("id", "", "", {}, "", state="failed")
    monkeypatch.setattr(app.state.jobs, "once", lambda *_, **__: failed)
    assert send(client, text="third").status_code == 303
    assert [one.text for one in book.waiting()] == ["first", "second", "third"]


def test_too_much_at_once_is_refused(client):
    assert client.post("/comments/a", content=b"x" * 1_000_001).status_code == 413


@pytest.mark.parametrize("path", ["/comments/zz", "/api/v1/comments/zz", "/comments/a/b"])
def test_a_question_that_nobody_asked_is_not_here(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["to=-1", "to=x", "sent=x", "to=99999999999999999999"])
def test_a_number_that_is_none_is_refused(client, query):
    assert client.get(f"/comments/a?{query}").status_code == 422


def test_the_footer_says_what_is_kept(client):
    assert "A comment that you send is kept" in client.get("/").text
    assert "is not stored and not sent" not in client.get("/about").text
    assert "within 30 days is deleted" in client.get("/about").text
    assert "A comment that you send is kept" in client.get("/api/v1/about").json()["privacy"]


def test_the_command_lists_approves_and_deletes(client, tmp_path):
    file = tmp_path / "comments.db"
    send(client, text="First words\nin two lines", name="Somebody")
    send(client, text="Second words")
    listed = run("list", file).stdout
    assert "1  " in listed
    assert "Somebody:\n    First words\n    in two lines" in listed
    assert run("approve", file, 1).stdout == "comment 1: approved\n"
    assert "First words" not in run("list", file).stdout
    told = json.loads(run("list", file, "--all", "--json").stdout)["comments"]
    assert [(one["number"], one["is_approved"]) for one in told] == [(1, True), (2, False)]
    assert run("delete", file, 1, 2).exit_code == 0
    assert run("list", file, "--all").stdout == "No comment waits to be read.\n"


@pytest.mark.parametrize("arguments", [("approve", 1, 9), ("delete", 9), ("approve",), ("delete", 1, 9)])
def test_a_number_that_is_not_there_changes_nothing(client, book, tmp_path, arguments):
    send(client, text="First words")
    action, *numbers = arguments
    refused = run(action, tmp_path / "comments.db", *numbers)
    assert refused.exit_code == 3
    assert "NUMBER" in refused.stderr
    assert [one.text for one in book.waiting()] == ["First words"]


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    refused = run("list", tmp_path / "none.db")
    assert refused.exit_code == 3
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr("decidua.web.comment_book.find_spec", lambda name: None)
    refused = run("list", tmp_path / "comments.db")
    assert refused.exit_code == 2
    assert 'pip install "decidua[comments]"' in refused.stderr
    serve = CliRunner().invoke(command_line, ["serve", "--comments", str(tmp_path / "comments.db")])
    assert serve.exit_code == 2

"""Another site cannot have a reader's browser begin a run or write a comment; readers and programs can."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from starlette.testclient import TestClient

from decidua.web.app import create_app
from decidua.web.settings import Settings

FORBIDDEN = 403
FORMS = {
    "/studies": {"after": "2"},
    "/womb/women": {"women": "2"},
    "/evidence/validation": {"do": "begin"},
    "/comments/a": {"text": "hello there"},
}
BODIES = {
    "/api/v1/studies": {"after": [2]},
    "/api/v1/pregnancy/women": {"women": 2},
    "/api/v1/validation": {},
}
FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site", "origin": "https://example.org"},
    {"sec-fetch-site": "cross-site", "origin": "null"},
    {"origin": "https://example.org"},
    {"origin": "http://testserver.example.org"},
)
OWN = (
    {},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin", "origin": "http://testserver"},
    {"sec-fetch-site": "none"},
    {"origin": "http://testserver"},
)


@pytest.fixture
def client(tmp_path) -> TestClient:
    """No run begins, and there is room for as many as readers send; comments where their library is."""
    comments = tmp_path / "comments.db" if find_spec("isso") else None
    settings = Settings(is_warmed=False, runs=0, kept_runs=len(OWN), comments=comments)
    return TestClient(create_app(settings))


def post(client, path, headers):
    sent = {"json": BODIES[path]} if path in BODIES else {"data": FORMS[path]}
    return client.post(path, headers=headers, follow_redirects=False, **sent)


@pytest.mark.parametrize("path", [*FORMS, *BODIES])
def test_what_another_site_sends_is_refused_and_begins_nothing(client, path):
    for headers in FOREIGN:
        refused = post(client, path, headers)
        assert refused.status_code == FORBIDDEN, headers
        said = refused.json()["detail"] if path in BODIES else refused.text
        assert "site" in said
        assert len(said.split()) > 5
    assert [post(client, "/studies", headers).status_code for headers in OWN] == [303] * len(OWN)


@pytest.mark.parametrize("path", [*FORMS, *BODIES])
def test_what_a_reader_or_a_program_sends_is_not(client, path):
    is_there = not path.startswith("/comments") or find_spec("isso")
    for headers in OWN:
        # A comment needs the token of its form as well.
        expected = {422} if path.startswith("/comments") else {202, 303}
        assert post(client, path, headers).status_code in (expected if is_there else {404}), headers


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_link_on_another_site_may_be_followed(client, headers):
    assert client.get("/studies", headers=headers).status_code == 200

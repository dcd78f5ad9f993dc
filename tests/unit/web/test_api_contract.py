"""The API keeps its own description: no server error, no status and no shape that it does not name."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from decidua.measure.history import example_history, example_names
from decidua.web.app import create_app
from decidua.web.settings import Settings

EXAMPLES = 12

# Where no schema says all that is asked, what keeps it may be refused: ages that never go back; an oldest age
# with its youngest; a course of drugs in time; an infection before the end of a run.
MAY_REFUSE = {
    ("POST", "/api/v1/history"),
    ("POST", "/api/v1/studies"),
    ("GET", "/api/v1/pregnancy"),
    ("POST", "/api/v1/pregnancy/women"),
}

# Comments are there wherever their library is.
folder = TemporaryDirectory()
comments = Path(folder.name) / "comments.db" if find_spec("isso") else None
# No run that is asked for begins: other tests look at what runs give.
app = create_app(Settings(is_warmed=False, comments=comments, runs=0, kept_runs=10_000))
schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_description(case):
    may_refuse = (case.operation.method.upper(), case.operation.path) in MAY_REFUSE
    case.call_and_validate(excluded_checks=[positive_data_acceptance] if may_refuse else [])


def test_the_addresses_of_comments_are_among_those_described():
    paths = app.openapi()["paths"]
    assert {"/api/v1/comments", "/api/v1/comments/{question}"} <= set(paths) or comments is None


def test_only_addresses_that_there_are_may_refuse_what_keeps_their_description():
    described = {(method.upper(), path) for path, one in app.openapi()["paths"].items() for method in one}
    assert described >= MAY_REFUSE


def test_every_page_has_a_twin_in_the_description(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    for page in client.get("/api/v1/site").json()["pages"]:
        assert "get" in paths[page["json"]], page


def test_every_route_is_described(app, client):
    paths = client.get("/api/openapi.json").json()["paths"]
    for operations in paths.values():
        for described in operations.values():
            assert described["summary"]
            assert {"200", "202"} & set(described["responses"])
            assert {"403", "404", "405", "413", "421", "422", "429", "503"} <= set(described["responses"])


@pytest.mark.parametrize("name", example_names())
def test_the_described_body_accepts_every_example(client, name):
    from jsonschema_rs import is_valid

    described = client.get("/api/openapi.json").json()["paths"]["/api/v1/history"]["post"]
    body = described["requestBody"]["content"]["application/json"]["schema"]
    assert is_valid(body, example_history(name).to_dict())

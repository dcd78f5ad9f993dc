"""The API keeps its own description: no server error, no status and no shape that it does not name."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from decidua.measure.history import example_history, example_names
from decidua.web.app import create_app
from decidua.web.settings import Settings

EXAMPLES = 12

# One check is left out: no schema can say that ages never go back, so a history that keeps the schema may be
# refused.

app = create_app(Settings(is_warmed=False))
schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_description(case):
    case.call_and_validate(excluded_checks=[positive_data_acceptance])


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

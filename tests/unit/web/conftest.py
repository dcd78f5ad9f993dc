"""The application in this process, asked as a browser would ask it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from decidua.web.app import create_app
from decidua.web.settings import Settings

TWO_LOSSES = {
    "age": "34",
    "p1-outcome": "miscarriage",
    "p1-age": "30.5",
    "p1-week": "8",
    "p2-outcome": "miscarriage",
    "p2-age": "31.5",
    "p2-week": "9",
}


@pytest.fixture(scope="session")
def app():
    return create_app(Settings(is_warmed=False))


@pytest.fixture
def client(app) -> TestClient:
    return TestClient(app)


@pytest.fixture
def form() -> dict[str, str]:
    return dict(TWO_LOSSES)

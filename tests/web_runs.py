"""Waits for a long run of the explorer."""

from __future__ import annotations

import time

from starlette.testclient import TestClient

PATIENCE_SECONDS = 300.0  # a worker compiles first where the cache is empty


def wait_for(client: TestClient, run: str) -> dict:
    """The state of the run at this address once it is over."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        state = client.get(run).json()
        if state["state"] not in ("waiting", "running"):
            return state
        time.sleep(0.2)
    raise TimeoutError(state)

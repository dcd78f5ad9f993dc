"""The result of a long run, or what stands in its place while there is none."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel

from decidua.base.errors import NotSolvedError
from decidua.base.provenance import SCHEMA_VERSION
from decidua.web.errors import Refusal
from decidua.web.jobs import Job

SECONDS_TO_WAIT = "2"


class Unfinished(BaseModel):
    """A run whose result is not there yet."""

    schema_version: str
    run: str
    state: str


RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"model": Unfinished, "description": "Not there yet: the run waits or goes on; ask at `run`"},
    404: {"model": Refusal, "description": "No such run: it was stopped, or newer runs took its place"},
    503: {"model": Refusal, "description": "The run gave no result; the message says why"},
}


def run_address(name: str) -> str:
    """Where a program asks how far a run is."""
    return f"/api/v1/runs/{name}"


def begun(name: str, **more: str) -> dict[str, Any]:
    """What a program gets that began a run.

    Arguments:  name  of the run
                more  further addresses, such as that of its result
    """
    return {"schema_version": SCHEMA_VERSION, "run": run_address(name), **more}


def job_of(request: Request, name: str, *, task: str = "") -> Job:
    """The run of that id, of that task where one is given.

    Raises:     HTTPException 404 when there is none
    """
    job: Job | None = request.app.state.jobs.get(name)
    if job is None or task not in ("", job.task):
        raise HTTPException(404)
    return job


def result_of(request: Request, name: str, *, task: str) -> Any:
    """What a run gave.

    Raises:     HTTPException 404 when there is no such run, or nothing of it yet
    """
    job = job_of(request, name, task=task)
    if job.state != "done":
        raise HTTPException(404)
    return job.result


def unfinished_answer(job: Job) -> JSONResponse | None:
    """What a program gets until a run is done; None when it is.

    Raises:     NotSolvedError saying why it failed; HTTPException 404 when it was stopped
    """
    state = job.state
    if state == "failed":
        raise NotSolvedError(job.said)
    if state == "cancelled":
        raise HTTPException(404)
    told = Unfinished(schema_version=SCHEMA_VERSION, run=run_address(job.id), state=state).model_dump()
    headers = {"Retry-After": SECONDS_TO_WAIT}
    return None if state == "done" else JSONResponse(told, status_code=202, headers=headers)


def unfinished_page(job: Job) -> Response | None:
    """Where a reader is led until a run is done: to the page of the run; None when it is done."""
    return None if job.state == "done" else RedirectResponse(f"/runs/{job.id}", status_code=303)

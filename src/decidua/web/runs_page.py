"""The page of a long run: how far it is, and a way to stop it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from decidua.base.provenance import SCHEMA_VERSION
from decidua.web.jobs import Job
from decidua.web.pages import WebPage
from decidua.web.render import render
from decidua.web.run_results import job_of

RUN = WebPage("/runs", "A run in progress", "/api/v1/runs", in_navigation=False)
ENDED = WebPage("/runs", "A run that has ended", "/api/v1/runs", in_navigation=False)
PAGES = ()

router = APIRouter()


@router.get("/runs/{name}", response_class=HTMLResponse, include_in_schema=False)
def show_run(request: Request, name: str) -> Response:
    """How far a run is; once it is done, its result."""
    job = job_of(request, name)
    if job.state == "done":
        return RedirectResponse(job.shown_at, status_code=303)
    return render(request, "run.html.j2", page=ENDED if job.is_over else RUN, job=job)


@router.post("/runs/{name}/cancel", include_in_schema=False)
def cancel_run(request: Request, name: str) -> Response:
    """Stop a run."""
    request.app.state.jobs.cancel(job_of(request, name).id)
    return RedirectResponse(f"/runs/{name}", status_code=303)


@router.get(
    "/api/v1/runs/{name}",
    tags=["runs"],
    summary="How far a run is",
    responses={404: {"description": "No such run; runs are kept in memory for a while only"}},
)
def run_state(request: Request, name: str) -> dict[str, Any]:
    """State, share done, and where the result is shown."""
    return _told(job_of(request, name))


@router.delete(
    "/api/v1/runs/{name}",
    tags=["runs"],
    summary="Stop a run",
    responses={404: {"description": "No such run"}},
)
def stop_run(request: Request, name: str) -> dict[str, Any]:
    """Stop a run, and tell its state."""
    request.app.state.jobs.cancel(job_of(request, name).id)
    return _told(job_of(request, name))


def _told(job: Job) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "id": job.id,
        "title": job.title,
        "state": job.state,
        "share": job.share,
        "doing": job.doing,
        "said": job.said,
        "shown_at": job.shown_at,
    }

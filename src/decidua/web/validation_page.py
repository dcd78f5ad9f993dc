"""The model beside published results, misses first: worked out in a worker process when a reader asks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from decidua.web.jobs import Job, Report
from decidua.web.pages import WebPage
from decidua.web.render import render

VALIDATION = WebPage(
    "/evidence/validation",
    "The model beside published results",
    "/api/v1/validation",
    in_navigation=False,
    short="Validation",
)
PAGES = (VALIDATION,)

TASK = "decidua.web.validation_page:compare"
TITLE = "The model beside published results"
ONCE = "This takes some minutes, once, in a process of its own."
VERDICTS = ("disagree", "undecided", "agree")
HEADS = ("what", "used", "published", "model", "likely reason")

router = APIRouter()


@router.get("/evidence/validation", response_class=HTMLResponse, include_in_schema=False)
def show_validation(request: Request) -> Response:
    """Every comparison, misses first; or the button that starts it."""
    found = _found(request)
    return render(
        request,
        "evidence_validation.html.j2",
        page=VALIDATION,
        once=ONCE,
        found=found,
        groups=[] if found is None else _groups(found["rows"]),
        heads=HEADS,
    )


@router.post("/evidence/validation", include_in_schema=False)
def start_validation(request: Request) -> Response:
    """Begin the comparison, or show how far the one that goes on is."""
    return RedirectResponse(f"/runs/{_begin(request).id}", status_code=303)


@router.get("/api/v1/validation", tags=["evidence"], summary="The model beside published results")
def validation(request: Request) -> dict[str, Any]:
    """What `decidua validate --fast --json` gives, with its time; not here until a POST has asked for it."""
    found = _found(request)
    if found is None:
        raise HTTPException(404)
    return found


@router.post(
    "/api/v1/validation",
    tags=["evidence"],
    summary="Begin the comparison with published results",
    status_code=202,
)
def begin_validation(request: Request) -> dict[str, Any]:
    """Where to ask how far it is."""
    return {"schema_version": 1, "run": f"/api/v1/runs/{_begin(request).id}"}


def compare(_arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """In the worker: every comparison with few draws."""
    from decidua.study.validation import validate

    found = validate(is_fast=True, progress=lambda line: report(0.0, line))
    return {**found, "made_at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}


def keep_validation(app: Any, found: Mapping[str, Any]) -> None:
    """Keep a comparison that was made elsewhere."""
    app.state.validation = dict(found)


def _found(request: Request) -> dict[str, Any] | None:
    state = request.app.state
    job: Job | None = getattr(state, "validation_job", None)
    if job is not None and job.state == "done":
        keep_validation(request.app, job.result)
    kept: dict[str, Any] | None = getattr(state, "validation", None)
    return kept


def _begin(request: Request) -> Job:
    state = request.app.state
    job: Job | None = getattr(state, "validation_job", None)
    if job is None or job.is_over:
        job = state.jobs.start(TASK, {}, title=TITLE, shown_at=VALIDATION.path)
        state.validation_job = job
    return job


def _groups(rows: list[dict[str, Any]]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Rows by verdict, misses first, then whatever could not be judged."""
    verdicts = [*VERDICTS, *dict.fromkeys(row["verdict"] for row in rows)]
    return [
        (verdict, [_cells(row) for row in rows if row["verdict"] == verdict])
        for verdict in dict.fromkeys(verdicts)
        if any(row["verdict"] == verdict for row in rows)
    ]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    predicted = row["predicted"] or {"mean": None, "lo": None, "hi": None}
    kind = " (two kinds of women)" if "two_class" in row["structure"] else ""
    return (
        f"{row['id']}{kind}: {row['statistic']}",
        row["label"],
        _interval(row["published"], row["published_lo"], row["published_hi"]),
        _interval(predicted["mean"], predicted["lo"], predicted["hi"]),
        row["reason"],
    )


def _interval(value: float | None, lo: float | None, hi: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if lo is None or hi is None else f"{value:.3g} ({lo:.3g} to {hi:.3g})"

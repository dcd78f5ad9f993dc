"""The model beside published results, misses first: as shipped, or made afresh when a reader asks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from decidua.study.validation_shipped import shipped_validation, with_its_making
from decidua.web.jobs import Job, Report
from decidua.web.pages import WebPage
from decidua.web.render import render
from decidua.web.run_results import begun

VALIDATION = WebPage(
    "/evidence/validation",
    "The model beside published results",
    "/api/v1/validation",
    in_navigation=False,
    short="Validation",
)
PAGES = (VALIDATION,)

KEY = "validation"
TASK = "decidua.web.validation_page:compare"
TITLE = "The model beside published results"
VERDICTS = ("disagree", "undecided", "agree")
HEADS = ("what", "used", "published", "model", "likely reason")

router = APIRouter()


@router.get("/evidence/validation", response_class=HTMLResponse, include_in_schema=False)
def show_validation(request: Request) -> Response:
    """Every comparison, misses first, and the button that makes them afresh."""
    found = _found(request)
    return render(
        request,
        "evidence_validation.html.j2",
        page=VALIDATION,
        found=found,
        groups=_groups(found["rows"]),
        heads=HEADS,
    )


@router.post("/evidence/validation", include_in_schema=False)
def start_validation(request: Request) -> Response:
    """Begin the comparison, or show how far the one that goes on is."""
    return RedirectResponse(f"/runs/{_begin(request).id}", status_code=303)


@router.get("/api/v1/validation", tags=["evidence"], summary="The model beside published results")
def validation(request: Request) -> dict[str, Any]:
    """What `decidua validate --json` gave, with date and command: what ships, or what a POST made since."""
    return dict(_found(request))


@router.post(
    "/api/v1/validation",
    tags=["evidence"],
    summary="Begin the comparison with published results afresh",
    status_code=202,
)
def begin_validation(request: Request) -> dict[str, Any]:
    """Where to ask how far it is; one that goes on already is not begun a second time."""
    return begun(_begin(request).id)


def compare(_arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """In the worker: every comparison that needs no file of somebody else's."""
    from decidua.study.validation import validate

    found = validate(progress=lambda line: report(0.0, line))
    return with_its_making(found, made_at=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))


def _found(request: Request) -> Mapping[str, Any]:
    made_here: Mapping[str, Any] | None = request.app.state.jobs.found(KEY)
    return made_here or shipped_validation()


def _begin(request: Request) -> Job:
    job: Job = request.app.state.jobs.once(
        KEY, TASK, {}, title=TITLE, shown_at=VALIDATION.path, is_asked_for=True
    )
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

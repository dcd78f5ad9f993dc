"""The first page, the page about the program, and the empty page one leaves to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from decidua.base.provenance import SCHEMA_VERSION, evidence_version
from decidua.base.version import MODEL_VERSION, __version__
from decidua.evidence import load_ledger
from decidua.tell.words import sentence
from decidua.web.comment_book import DAYS_KEPT_WAITING
from decidua.web.pages import WebPage
from decidua.web.render import render

FRONT = WebPage("/", "Pregnancy loss, and a story about one kind of cell", "/api/v1/site", short="Start")
ABOUT = WebPage("/about", "About these pages", "/api/v1/about", in_navigation=False)
LEAVE = WebPage("/leave", "An empty page", "/api/v1/leave", in_navigation=False)
PAGES = (FRONT, ABOUT, LEAVE)
UK_GUIDELINE = "rcog_2023_fourth"
BEHIND_DOORS = {
    "/article": "The story in its own order, and what is known of each step.",
    "/questions": "What people asked after hearing the story, with replies.",
    "/history": "What is known of groups of people with such a history.",
    "/groups": "A table of births next time. It asks you nothing.",
    "/womb": "A computer model of the cells and hormones, for the curious.",
    "/studies": "Simulated lives, for those who plan care.",
    "/evidence": "Every number, with its source.",
}

router = APIRouter()


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def show_front(request: Request) -> HTMLResponse:
    """What there is here, in a few words."""
    date = load_ledger().guidelines[UK_GUIDELINE].date
    return render(
        request,
        "front.html.j2",
        page=FRONT,
        doors=[
            (one, BEHIND_DOORS.get(one.path, ""))
            for one in request.app.state.pages
            if one.in_navigation and one.path != FRONT.path
        ],
        guideline_date=f"{datetime.fromisoformat(date):%B %Y}",
    )


@router.get("/about", response_class=HTMLResponse, include_in_schema=False)
def show_about(request: Request) -> HTMLResponse:
    """What the program is for, and what becomes of what one types."""
    return render(request, "about.html.j2", page=ABOUT, days_waiting=DAYS_KEPT_WAITING)


@router.get("/leave", response_class=HTMLResponse, include_in_schema=False)
def show_leave(request: Request) -> HTMLResponse:
    """An empty page; the browser forgets what it kept for these pages."""
    response = render(request, "leave.html.j2", page=LEAVE)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@router.get("/api/v1/site", tags=["site"], summary="The pages there are, and where each is as JSON")
def site(request: Request) -> dict[str, Any]:
    """The list of pages."""
    told = [
        {"path": one.path, "title": one.title, "json": one.twin, "visits": list(one.visits)}
        for one in request.app.state.pages
    ]
    return {"schema_version": SCHEMA_VERSION, "pages": told, "explorer": request.app.state.settings.explorer}


@router.get("/api/v1/about", tags=["site"], summary="What the program is for, and its versions")
def about(request: Request) -> dict[str, Any]:
    """The intended purpose and the versions."""
    has_comments = request.app.state.comments is not None
    return {
        "schema_version": SCHEMA_VERSION,
        "purpose": sentence("not_a_device"),
        "privacy": sentence("comments_stored" if has_comments else "never_stored"),
        "version": __version__,
        "model_version": MODEL_VERSION,
        "evidence_version": evidence_version(),
    }


@router.get("/api/v1/leave", tags=["site"], summary="Nothing: the twin of the empty page")
def leave() -> dict[str, Any]:
    """An empty object."""
    return {"schema_version": SCHEMA_VERSION}


@router.get("/health", tags=["site"], summary="Whether the server answers")
def health(request: Request) -> dict[str, Any]:
    """Whether the server answers, and how busy it is."""
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "ok",
        "histories_in_work": request.app.state.pool.busy,
        "runs": request.app.state.jobs.running,
    }

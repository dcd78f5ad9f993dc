"""The application: pages, their JSON twins, limits, and the workers of long runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from decidua.base.version import __version__
from decidua.web import errors
from decidua.web.comment_book import CommentBook
from decidua.web.errors import Refusal
from decidua.web.jobs import Jobs
from decidua.web.pool import Pool
from decidua.web.security import Guard
from decidua.web.settings import Settings
from decidua.web.site import add_pages, pages_of, warm_pages

DESCRIPTION = (
    "The JSON twin of every page of the explorer. It speaks of groups of people, for research and education; "
    "it is not a medical device. Nothing that is sent here is stored."
)

# Every refusal has the same form, so that one reader of it serves for all.
REFUSALS: dict[int | str, dict[str, Any]] = {
    403: {"model": Refusal, "description": "Another site had a browser send it"},
    404: {"model": Refusal, "description": "Not here"},
    405: {"model": Refusal, "description": "The address takes another kind of request; `Allow` says which"},
    413: {"model": Refusal, "description": "More than 1 MB"},
    421: {"model": Refusal, "description": "Asked by a name that this server does not answer to"},
    422: {"model": Refusal, "description": "Something is not accepted; the message names the field"},
    429: {"model": Refusal, "description": "Too many are asking at once; try again in some seconds"},
    503: {"model": Refusal, "description": "It could not be worked out"},
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The explorer, ready for a server.

    Arguments:  settings  what its owner chose; the defaults when left out
    Returns:    the application; its long runs end with it
    Checked by: tests/unit/web/test_app.py
    """
    chosen = settings or Settings()
    app = FastAPI(
        title="decidua",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # the pages that come with the library load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_with_workers,
        responses=REFUSALS,
    )
    app.state.settings = chosen
    app.state.pages = pages_of(chosen)
    app.state.comments = CommentBook(chosen.comments) if chosen.comments else None
    _hire(app)
    app.add_middleware(Guard, hosts=chosen.hosts)
    errors.add_handlers(app)
    add_pages(app)
    return app


def _hire(app: FastAPI) -> None:
    """The threads of short work and the processes of long runs, none of them begun yet."""
    chosen: Settings = app.state.settings
    app.state.jobs = Jobs(runs=chosen.runs, kept=chosen.kept_runs)
    app.state.pool = Pool(threads=chosen.histories, waiting=chosen.waiting)


@asynccontextmanager
async def _with_workers(app: FastAPI) -> AsyncIterator[None]:
    """However the server ends, no run outlives it; one that begins again has new workers."""
    _hire(app)
    if app.state.settings.is_warmed:
        warm_pages(app)
    try:
        yield
    finally:
        app.state.jobs.close()
        app.state.pool.close()

"""The numbers of the story, worked out once in a worker process and kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from decidua.base.estimates import Estimate
from decidua.base.provenance import SCHEMA_VERSION
from decidua.study.story import Story
from decidua.study.try_out import COUNTS_PER_MM2
from decidua.tell.story_charts import CHARTS
from decidua.tell.story_figure import Figure
from decidua.tell.story_page import HUNDREDS, figure_named
from decidua.tell.try_charts import births_figure
from decidua.web.jobs import PAUSE_SECONDS, Job, Report
from decidua.web.pages import WebPage
from decidua.web.pool import BusyError
from decidua.web.render import drawn, render

KEY = "story"
TASK = "decidua.web.story_numbers:work_out"
TITLE = "The numbers of the article and of the readers' questions"
NOT_YET = "The numbers of this page are being worked out. It takes about a minute, once."
NOT_FOUND = "The numbers of this page could not be worked out. {said} They are tried again in a minute."
SECONDS_TO_WAIT = "10"
WAITING: dict[int | str, dict[str, Any]] = {202: {"description": "Its numbers are being worked out"}}


@dataclass(frozen=True)
class StoryNumbers:
    """The walked story, and what is drawn of it.

    figures         every figure of the story by its name
    births          chance of a live birth by lens and lasting count
    births_figures  the figure of each count
    """

    story: Story
    figures: Mapping[str, Figure]
    births: Mapping[str, Mapping[int, Estimate]]
    births_figures: Mapping[int, Figure]


def work_out(arguments: Mapping[str, Any], report: Report) -> StoryNumbers:
    """In the worker: walk the story, and draw it."""
    from decidua.study.story import walk_the_story
    from decidua.study.try_out import births_over_counts

    report(0.0, "walking through the story")
    story = walk_the_story(**arguments)
    report(0.7, "births at each count")
    births = births_over_counts()
    report(0.8, "drawing")
    return StoryNumbers(
        story=story,
        figures={name: ready(figure_named(story, name)) for name in (*CHARTS, *HUNDREDS)},
        births=births,
        births_figures={count: ready(births_figure(births, count=count)) for count in COUNTS_PER_MM2},
    )


def ready(figure: Figure) -> Figure:
    """A figure whose drawing may stand in a page as it is."""
    return replace(figure, svg=drawn(figure.svg))


def begin(app: FastAPI) -> Job | None:
    """Let a worker work them out, unless one does, has, or failed a moment ago; None when none can begin."""
    with suppress(BusyError):
        job: Job = app.state.jobs.once(KEY, TASK, {}, title=TITLE, shown_at="/article")
        return job
    return None


def numbers_of(request: Request) -> StoryNumbers | None:
    """The numbers, once they are there; otherwise a worker is sent for them.

    Raises:     HTTPException 503 saying what went wrong, until they are tried again
    """
    kept: StoryNumbers | None = request.app.state.jobs.found(KEY)
    job = None if kept else begin(request.app)
    if job is not None and job.state == "failed":
        said = NOT_FOUND.format(said=job.said)
        raise HTTPException(503, said, headers={"Retry-After": str(PAUSE_SECONDS)})
    return kept


def numbers_so_far(request: Request) -> StoryNumbers | None:
    """The numbers if they are there, for a page that can be without them; otherwise a worker is sent."""
    kept: StoryNumbers | None = request.app.state.jobs.found(KEY)
    if kept is None:
        begin(request.app)
    return kept


def waiting_answer() -> JSONResponse:
    """What a program gets until then, with a time after which to ask again."""
    return JSONResponse(
        {"schema_version": SCHEMA_VERSION, "state": "waiting", "said": NOT_YET},
        status_code=202,
        headers={"Retry-After": SECONDS_TO_WAIT},
    )


def waiting_page(request: Request, page: WebPage) -> Response:
    """What a reader sees until then; the page itself comes as soon as it can."""
    return render(request, "waiting.html.j2", page=page, status=202, said=NOT_YET, look_again=page.path)

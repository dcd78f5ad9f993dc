"""Inside the womb: the pregnancy simulator, for one virtual woman or for many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from decidua.base.errors import InputError, NotSolvedError
from decidua.study.pregnancy import PregnancyAnswer, ask_pregnancy, ask_women
from decidua.tell import pregnancy_words as words
from decidua.tell.pregnancy_charts import figures_of
from decidua.tell.pregnancy_json import pregnancy_record
from decidua.tell.story_figure import Figure
from decidua.tell.words import label
from decidua.web.errors import try_again
from decidua.web.forms import body_of, sent_as
from decidua.web.jobs import Report
from decidua.web.pages import WebPage
from decidua.web.pool import BusyError
from decidua.web.render import render
from decidua.web.run_results import RESPONSES, begun, job_of, result_of, unfinished_answer, unfinished_page
from decidua.web.story_numbers import ready
from decidua.web.womb_files import download, figure_file
from decidua.web.womb_query import (
    DRUGS,
    MOST_STEPS,
    PROTOCOL,
    STEPS,
    Download,
    WombQuery,
    as_sent,
)
from decidua.womb import GENOTYPES, MECHANISMS, REGIMENS, load_regimen
from decidua.womb.pregnancy import ALLOWED, COURSES

WOMB = WebPage(
    "/womb",
    "Inside the womb: a simulated pregnancy",
    "/api/v1/pregnancy",
    short="Inside the womb",
    visits=(
        "/womb?density=350&mechanism=attack&regimen=story_protocol&infection_week=9&end_week=24",
        "/womb?regimen=steps&drug=prednisolone&dose=20&from_week=5&for_weeks=6",
    ),
)
PAGES = (WOMB,)
TASK = "decidua.web.womb_page:run_women"
KEPT = 32  # runs of one woman, so that her files and figures are not solved and drawn again
EXAMPLE = """name: my_protocol
title: Prednisolone 20 mg in weeks 5 to 10, then half
steps:
  - {drug: prednisolone, dose_mg_per_day: 20, start_gestation_weeks: 5, duration_weeks: 6}
  - {drug: prednisolone, dose_mg_per_day: 10, start_gestation_weeks: 11, duration_weeks: 1}
"""
PRESETS = (
    ("A usual number of cells, no drugs", "density=133"),
    ("A high number, no drugs", "density=350"),
    ("A high number and a trial's course of prednisolone", "density=350&regimen=prednisolone_tang2013"),
    ("The story's own world and protocol", "density=350&mechanism=attack&regimen=story_protocol"),
    (
        "An infection in week 9 under the story's protocol",
        "density=350&regimen=story_protocol&infection_week=9",
    ),
)
router = APIRouter()
Found = TypeVar("Found")


@router.get("/womb", response_class=HTMLResponse, include_in_schema=False)
async def show_womb(request: Request) -> Response:
    """The form, and the run of what it holds; a refusal stands above the form, which is kept."""
    try:
        asked = _asked(sent_as(WombQuery, request.query_params))
        shown = await _in_turn(request, lambda: _shown(_answer_to(asked), _figures_of(asked)))
    except (InputError, NotSolvedError) as error:
        return _page(request, None, sent=as_sent(request.query_params), refused=str(error))
    return _page(request, shown, sent=as_sent(request.query_params))


@router.get(
    "/api/v1/pregnancy",
    tags=["womb"],
    summary="One simulated pregnancy, day by day",
)
async def pregnancy(request: Request, query: Annotated[WombQuery, Query()]) -> dict[str, Any]:
    """The time course as lists by variable, as `decidua pregnancy --json` gives it."""
    asked = _asked(query)
    return await _in_turn(request, lambda: pregnancy_record(_answer_to(asked)))


@router.get("/womb/files/{kind}", include_in_schema=False)
async def download_course(request: Request, kind: Download) -> Response:
    """The course of one run as a file."""
    asked = _asked(sent_as(WombQuery, request.query_params))
    return await _in_turn(request, lambda: download(_answer_to(asked), kind))


@router.get("/womb/figures/{name}.svg", include_in_schema=False)
async def download_figure(request: Request, name: str) -> Response:
    """One figure of one run."""
    asked = _asked(sent_as(WombQuery, request.query_params))
    return _found(
        await _in_turn(
            request, lambda: figure_file(_figures_of(asked), name, course=_answer_to(asked).course)
        )
    )


@router.post("/womb/women", include_in_schema=False)
async def start_women(request: Request) -> Response:
    """Begin a run of many virtual women, and show how far it is; a refusal stands above the form."""
    sent = await body_of(request)
    try:
        name = await run_in_threadpool(_begin, request, sent_as(WombQuery, sent))
    except InputError as error:
        return _page(request, None, sent=_as_left(sent), refused=str(error))
    except BusyError as busy:
        return try_again(_page(request, None, sent=_as_left(sent), refused=str(busy)))
    return RedirectResponse(f"/runs/{name}", status_code=303)


@router.post(
    "/api/v1/pregnancy/women", tags=["womb"], summary="Begin a run of many virtual women", status_code=202
)
def begin_women(request: Request, query: WombQuery) -> dict[str, Any]:
    """Where to ask how far the run is, and where its result will be."""
    name = _begin(request, query)
    return begun(name, result=f"/api/v1/pregnancy/women/{name}")


@router.get(
    "/api/v1/pregnancy/women/{name}",
    tags=["womb"],
    summary="The result of a run of virtual women",
    responses=RESPONSES,
    response_model=dict[str, Any],
)
def women(request: Request, name: str) -> Any:
    """The course with bands of the women."""
    job = job_of(request, name, task=TASK)
    return unfinished_answer(job) or pregnancy_record(job.result)


@router.get("/womb/women/{name}", response_class=HTMLResponse, include_in_schema=False)
async def show_women(request: Request, name: str) -> Response:
    """The result of a run of virtual women; until it is there, the page of the run."""
    job = job_of(request, name, task=TASK)
    if (elsewhere := unfinished_page(job)) is not None:
        return elsewhere
    shown = await _in_turn(request, lambda: _shown(job.result, figures_of(job.result)))
    return _page(request, shown, sent=None, run=name)


@router.get("/womb/women/{name}/files/{kind}", include_in_schema=False)
async def download_women(request: Request, name: str, kind: Download) -> Response:
    """The result of a run of virtual women as a file."""
    answer = result_of(request, name, task=TASK)
    return await _in_turn(request, lambda: download(answer, kind))


@router.get("/womb/women/{name}/figures/{figure}.svg", include_in_schema=False)
async def download_women_figure(request: Request, name: str, figure: str) -> Response:
    """One figure of a run of virtual women."""
    answer = result_of(request, name, task=TASK)
    return _found(
        await _in_turn(request, lambda: figure_file(figures_of(answer), figure, course=answer.course))
    )


def run_women(arguments: Mapping[str, Any], report: Report) -> PregnancyAnswer:
    """In the worker: the question for one woman, then for many."""
    query = WombQuery.model_validate(arguments)
    answer = ask_pregnancy(query.question())

    def told(done: int) -> None:
        report(done / query.women, f"{done} of {query.women} virtual women")

    return ask_women(answer, women=query.women, seed=query.seed, jobs=1, progress=told)


def _as_left(sent: QueryParams) -> dict[str, Any]:
    """The form as its sender left it: a number left empty stays empty, for it is then drawn by chance."""
    return {name: "" if value is None else value for name, value in as_sent(sent).items()}


def _begin(request: Request, query: WombQuery) -> str:
    query.question()
    job = request.app.state.jobs.start(
        TASK,
        query.model_dump(),
        title=f"{query.women} virtual women, seed {query.seed}",
        shown_at="/womb/women/{id}",
    )
    return str(job.id)


def _asked(query: WombQuery) -> str:
    """What is asked of one virtual woman, as one word for what is kept of it."""
    return query.model_dump_json(exclude={"women", "seed"})


@lru_cache(maxsize=KEPT)
def _answer_to(asked: str) -> PregnancyAnswer:
    return ask_pregnancy(WombQuery.model_validate_json(asked).question())


@lru_cache(maxsize=KEPT)
def _figures_of(asked: str) -> list[Figure]:
    return figures_of(_answer_to(asked))


async def _in_turn(request: Request, work: Callable[[], Found]) -> Found:
    """What solves or draws waits for its turn, so that nobody else waits for it."""
    found: Found = await request.app.state.pool.run(work)
    return found


def _found(response: Response | None) -> Response:
    if response is None:
        raise HTTPException(404)
    return response


def _page(
    request: Request, shown: Mapping[str, Any] | None, *, sent: Any, refused: str = "", run: str = ""
) -> Response:
    return render(
        request,
        "womb.html.j2",
        page=WOMB,
        status=422 if refused else 200,
        sent=sent,
        refused=refused,
        run=run,
        files=f"/womb/women/{run}" if run else "/womb",
        asked="" if run else f"?{request.url.query}",
        choices=_choices(),
        presets=PRESETS,
        limits=ALLOWED,
        steps=range(MOST_STEPS),
        example=EXAMPLE,
        shown=shown,
    )


def _shown(answer: PregnancyAnswer, figures: Sequence[Figure]) -> dict[str, Any]:
    heads, rows = words.week_rows(answer)
    return {
        "opening": words.opening(answer),
        "findings": words.findings(answer),
        "figures": [ready(one) for one in figures],
        "weeks": ("Week by week", heads, rows),
        "explained": (
            words.EXPLANATIONS_TITLE,
            ("explanation", "without drugs", "with this course"),
            words.explanation_rows(answer),
            words.EXPLANATIONS_NOTE,
        ),
        "regimen": words.regimen_words(answer)[:-1],
    }


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "mechanism": [(name, label("mechanism", name)) for name in reversed(MECHANISMS)],
        "genotype": [("", "not known: use the number above"), *((n, g.title) for n, g in GENOTYPES.items())],
        "regimen": [
            *((name, load_regimen(name).title) for name in REGIMENS),
            (STEPS, "steps of your own, entered below"),
            (PROTOCOL, "a protocol of your own, written below"),
        ],
        "unk_course": [(name, name.replace("_", " ")) for name in COURSES],
        "drug": [("", "none"), *((name, name) for name in DRUGS)],
    }

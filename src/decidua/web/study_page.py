"""What if we tested earlier? Pathways of care compared in simulated lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from decidua.base.errors import InputError
from decidua.care.following import DAYS_UNTIL_RESULT
from decidua.evidence import load_ledger
from decidua.tell.pregnancy_page import safe
from decidua.tell.study_page import StudyPage
from decidua.tell.waiting_words import waiting_record, waiting_table
from decidua.tell.words import label
from decidua.web.api_head import with_origin
from decidua.web.errors import try_again
from decidua.web.forms import body_of, fields_of, sent_as
from decidua.web.jobs import Job, Report
from decidua.web.pages import WebPage
from decidua.web.pool import BusyError
from decidua.web.render import render
from decidua.web.run_results import RESPONSES, begun, job_of, result_of, unfinished_answer, unfinished_page
from decidua.web.study_query import (
    ALL_EXPLANATIONS,
    COURSES,
    DRAWS,
    NOTHING,
    NUMBERS,
    TESTS,
    StudyQuery,
)

PRESETS = (
    ("After one, two, three or four losses, or never", "after=1&after=2&after=3&after=4"),
    ("The same, if nobody had to wait", "after=1&after=2&after=3&after=4&waits=none"),
    ("A test that nothing follows", "after=1&after=2&after=3&course=nothing"),
    ("A blood test after three losses", "test=blood_nk&after=3"),
    ("A test, or progesterone for all, after three losses", "after=3&progesterone=yes"),
    ("The story's own world", "after=1&after=2&after=3&after=4&mechanism=attack"),
)
STUDIES = WebPage(
    "/studies",
    "What if we tested earlier?",
    "/api/v1/studies",
    visits=tuple(f"/studies?{query}" for _, query in PRESETS[1::3]),
)
PAGES = (STUDIES,)
TASK = "decidua.web.study_page:run_asked"
START = QueryParams(PRESETS[0][1])
CHOOSE = "Please choose after how many losses the test comes: one answer or more."
GETTING_READY = "Getting ready. The first run after an installation takes up to a minute longer."
Download = Literal["json", "parquet", "csv", "html"]
KINDS: dict[Download, str] = {
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "html": "text/html",
}
NAMES: dict[Download, str] = {
    "json": "summary.json",
    "parquet": "results.parquet",
    "csv": "results.csv",
    "html": "report.html",
}
router = APIRouter()


@dataclass(frozen=True)
class ToldStudy:
    """What the worker sends back: the report, the answer for a program, and the files."""

    page: StudyPage
    record: Mapping[str, Any]
    files: Mapping[str, bytes]


@router.get("/studies", response_class=HTMLResponse, include_in_schema=False)
def show_studies(request: Request) -> Response:
    """What is known without a run, and the form of one."""
    return _form(request, request.query_params or START)


@router.post("/studies", include_in_schema=False)
async def start_study(request: Request) -> Response:
    """Begin a run and show how far it is; a refusal stands above the form, which is kept."""
    sent = await body_of(request)
    if not sent.getlist("after"):
        return _form(request, sent, refused=CHOOSE)
    try:
        job = await run_in_threadpool(_begin, request, sent_as(StudyQuery, sent))
    except InputError as error:
        return _form(request, sent, refused=str(error))
    except BusyError as busy:
        return try_again(_form(request, sent, refused=str(busy)))
    return RedirectResponse(f"/runs/{job.id}", status_code=303)


@router.get(
    "/api/v1/studies", tags=["studies"], summary="What follows two losses with no test, and what may be asked"
)
def studies() -> dict[str, Any]:
    """Shipped counts of simulated lives by age, losses waited for and explanation; examples to send."""
    examples = [{"title": title, **fields_of(StudyQuery, QueryParams(query))} for title, query in PRESETS]
    return with_origin({**waiting_record(), "examples": examples})


@router.post("/api/v1/studies", tags=["studies"], summary="Begin a study of pathways", status_code=202)
def begin_study(request: Request, query: StudyQuery) -> dict[str, Any]:
    """Where to ask how far the run is, and where its result will be."""
    job = _begin(request, query)
    return begun(job.id, result=f"/api/v1/studies/{job.id}")


@router.get(
    "/api/v1/studies/{name}",
    tags=["studies"],
    summary="The result of a study of pathways",
    responses=RESPONSES,
    response_model=dict[str, Any],
)
def study(request: Request, name: str) -> Any:
    """The result as `decidua study --json` gives it."""
    job = job_of(request, name, task=TASK)
    return unfinished_answer(job) or job.result.record


@router.get("/studies/{name}", response_class=HTMLResponse, include_in_schema=False)
def show_study(request: Request, name: str) -> Response:
    """The report of a run, the same as that of `decidua study`; until it is there, the page of the run."""
    job = job_of(request, name, task=TASK)
    return unfinished_page(job) or render(
        request,
        "study.html.j2",
        page=STUDIES,
        told=job.result.page,
        safe=safe,
        run=name,
        again=urlencode({k: v for k, v in job.arguments.items() if v is not None}, doseq=True),
        downloads=NAMES,
    )


@router.get("/studies/{name}/files/{kind}", include_in_schema=False)
def download_study(request: Request, name: str, kind: Download) -> Response:
    """The result of a run as a file."""
    content = result_of(request, name, task=TASK).files[kind]
    headers = {"Content-Disposition": f'attachment; filename="{NAMES[kind]}"'}
    return Response(content, media_type=KINDS[kind], headers=headers)


def run_asked(arguments: Mapping[str, Any], report: Report) -> ToldStudy:
    """In the worker: let the women live in every arm, and tell what was found."""
    from decidua.study.comparison import run_study

    report(0.0, GETTING_READY)
    query = StudyQuery.model_validate(arguments)

    def lived(done: int, of: int) -> None:
        report(done / of, f"{done:,} of {of:,} simulated women in every arm")

    return told_study(
        run_study(query.study(), women=query.women, draws=DRAWS, seed=query.seed, progress=lived)
    )


def told_study(result: Any) -> ToldStudy:
    """A result as the pages and files of the explorer need it."""
    from decidua.tell.study_files import study_files, study_record
    from decidua.tell.study_page import study_page

    files = study_files(result)
    return ToldStudy(
        study_page(result), study_record(result), {kind: files[name] for kind, name in NAMES.items()}
    )


def _begin(request: Request, query: StudyQuery) -> Job:
    asked = query.study()
    job: Job = request.app.state.jobs.start(
        TASK,
        query.model_dump(),
        title=f"{asked.file.title}: {query.women:,} simulated women, seed {query.seed}",
        shown_at="/studies/{id}",
    )
    return job


def _form(request: Request, sent: QueryParams, *, refused: str = "") -> Response:
    fields = {name: field.default for name, field in StudyQuery.model_fields.items()}
    return render(
        request,
        "studies.html.j2",
        page=STUDIES,
        status=422 if refused else 200,
        refused=refused,
        sent={**fields, "after": [], **fields_of(StudyQuery, sent)},
        waiting=waiting_table(),
        presets=PRESETS,
        choices=_choices(),
        limits=_limits(),
    )


def _choices() -> dict[str, list[tuple[str, str]]]:
    days = int(load_ledger().value(DAYS_UNTIL_RESULT))
    mechanisms = get_args(StudyQuery.model_fields["mechanism"].annotation)
    return {
        "after": [(str(n), f"after {words}") for n, words in NUMBERS.items()],
        "test": list(TESTS.items()),
        "course": [*COURSES.items(), (NOTHING, "nothing: she is only told the result")],
        "waits": [("assumed", f"{days} days for a result, and as the course asks"), ("none", "nobody waits")],
        "mechanism": [
            (name, "all, by their weights" if name == ALL_EXPLANATIONS else label("mechanism", name))
            for name in mechanisms
        ],
    }


def _limits() -> dict[str, tuple[float, float]]:
    """What the number boxes take, as the fields say themselves."""
    described = StudyQuery.model_json_schema()["properties"]
    return {name: (described[name]["minimum"], described[name]["maximum"]) for name in ("women", "seed")}

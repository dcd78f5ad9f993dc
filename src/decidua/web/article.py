"""The article: the story in its own order, with figures that a reader can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response

from decidua.base.provenance import SCHEMA_VERSION
from decidua.inference.harms import harms_of_doses
from decidua.life.harms import Doses
from decidua.study import try_out
from decidua.tell import try_charts
from decidua.tell.article import ToldArticle, ToldSection, tell_article
from decidua.tell.harm_lines import harm_sentences
from decidua.tell.lining_figure import lining_figure, moving_lining
from decidua.tell.story_figure import Figure
from decidua.tell.story_text import plain
from decidua.tell.story_told import OWN_WORLD
from decidua.tell.weights_words import weights_label, weights_sentence
from decidua.tell.words import sentence
from decidua.web.pages import WebPage
from decidua.web.render import drawn, render
from decidua.web.story_numbers import (
    WAITING,
    StoryNumbers,
    begin,
    numbers_of,
    ready,
    waiting_answer,
    waiting_page,
)

ARTICLE = WebPage(
    "/article",
    "Natural killer cells and pregnancy loss",
    "/api/v1/article",
    short="The story",
    visits=("/article?cells=350&recognition=0&count=300&dose=40&taper_week=8", "/article?cells=20&dose=0"),
)
PAGES = (ARTICLE,)

LEAST_COUNT, MOST_COUNT = try_out.COUNTS_PER_MM2[0], try_out.COUNTS_PER_MM2[-1]

# Taken in a thread: a worker may have to be sent for them.
Numbers = Annotated[StoryNumbers | None, Depends(numbers_of)]

router = APIRouter()


@dataclass(frozen=True)
class Tried:
    """What a reader chose; none of it says anything about a person."""

    cells: Annotated[int, Query(ge=try_out.CELLS_PER_MM2[0], le=try_out.CELLS_PER_MM2[1])] = 250
    recognition: Annotated[int, Query(ge=0, le=100)] = 50
    high: Annotated[
        int, Query(ge=try_out.HIGH_OF_1000[0], le=try_out.HIGH_OF_1000[1], multiple_of=try_out.HIGH_STEP)
    ] = 100
    agreement: Annotated[int, Query(ge=try_out.AGREEMENT_OF_100[0], le=try_out.AGREEMENT_OF_100[1])] = 50
    count: Annotated[int, Query(ge=LEAST_COUNT, le=MOST_COUNT, multiple_of=try_out.COUNT_STEP_PER_MM2)] = 300
    dose: Annotated[int, Query(ge=try_out.DOSE_MG_PER_DAY[0], le=try_out.DOSE_MG_PER_DAY[1])] = 20
    taper_week: Annotated[int, Query(ge=try_out.TAPER_WEEK[0], le=try_out.TAPER_WEEK[1])] = 12


@dataclass(frozen=True)
class Live:
    """What follows from a reader's choice.

    figures  by the name that the article gives them
    moving   the picture of the lining that can be made to move
    harms    of the course, in sentences
    """

    figures: Mapping[str, Sequence[Figure]]
    moving: str
    harms: tuple[str, ...]

    @classmethod
    def of(cls, tried: Tried, numbers: StoryNumbers) -> Self:
        """Solve and draw; up to a second's work where nobody has chosen the same before."""
        figures = {
            "meeting": _meeting(tried.cells, tried.recognition),
            "births": [numbers.births_figures[tried.count]],
            "tested": _tested(tried.high, tried.agreement),
            "course": _course(tried.dose, tried.taper_week),
        }
        return cls(figures, _moving(tried.cells, tried.recognition), _harms_of_course(tried))


def warm(app: FastAPI) -> None:
    """Let a worker begin with the numbers of the story as soon as the server starts."""
    begin(app)


@router.get("/article", response_class=HTMLResponse, include_in_schema=False)
async def show_article(request: Request, tried: Annotated[Tried, Depends()], numbers: Numbers) -> Response:
    """The article; figures show what was chosen."""
    if numbers is None:
        return waiting_page(request, ARTICLE)
    live = await request.app.state.pool.run(lambda: Live.of(tried, numbers))
    return render(
        request,
        "article.html.j2",
        page=ARTICLE,
        article=tell_article(numbers.story),
        tried=tried,
        limits=try_out,
        live=live.figures,
        moving=drawn(live.moving),
        harms=live.harms,
        figures=numbers.figures,
        own_world=OWN_WORLD[numbers.story.mechanism],
        contested=sentence("contested_mechanism"),
        weights_label=weights_label(),
        weights_said=weights_sentence(),
    )


@router.get(
    "/api/v1/article",
    tags=["article"],
    summary="The article in words, and the numbers behind its figures",
    responses=WAITING,
    response_model=dict[str, Any],
)
async def article(request: Request, tried: Annotated[Tried, Depends()], numbers: Numbers) -> Any:
    """Sections, claims with verdicts and sources, and the data of the figures that can be changed."""
    if numbers is None:
        return waiting_answer()
    told = tell_article(numbers.story)
    live = await request.app.state.pool.run(lambda: Live.of(tried, numbers))
    return {
        "schema_version": SCHEMA_VERSION,
        "title": ARTICLE.title,
        "reviewed": told.reviewed,
        "steroid": sentence("steroid"),
        "if_pregnant_again": sentence("where_it_starts"),
        "assumes": sentence("contested_mechanism"),
        **_texts(told),
        "tried": asdict(tried),
        "harms": live.harms,
        "figures": {name: [_data(one) for one in found] for name, found in live.figures.items()},
        "provenance": dict(numbers.story.provenance),
    }


@lru_cache(maxsize=128)
def _meeting(cells: int, recognition: int) -> list[Figure]:
    meeting = try_out.try_meeting(cells, recognition)
    return [ready(lining_figure(meeting.lining)), ready(try_charts.embryo_figure(meeting))]


@lru_cache(maxsize=32)
def _moving(cells: int, recognition: int) -> str:
    return moving_lining(try_out.try_meeting(cells, recognition).lining)


@lru_cache(maxsize=128)
def _tested(high: int, agreement: int) -> list[Figure]:
    return [ready(try_charts.one_test_figure(high, agreement))]


@lru_cache(maxsize=128)
def _course(dose: int, taper_week: int) -> list[Figure]:
    courses = try_out.try_course(dose, taper_week)
    charts = (try_charts.cells_figure, try_charts.infection_figure, try_charts.cortisol_figure)
    return [ready(chart(courses)) for chart in charts]


def _harms_of_course(tried: Tried) -> tuple[str, ...]:
    """What may come with the course that was chosen, in sentences; none without a drug."""
    course = try_out.try_course(tried.dose, tried.taper_week).treated
    doses = Doses(round(course.time_days[0]), course.variables["prednisolone_mg_per_day"])
    return harm_sentences(harms_of_doses(doses))


def _texts(told: ToldArticle) -> dict[str, Any]:
    return {
        "opening": [plain(text) for text in told.opening],
        "sections": [_section(one) for one in told.sections],
        "closing": [plain(text) for text in told.closing],
    }


def _section(told: ToldSection) -> dict[str, Any]:
    return {
        "id": told.section.id,
        "title": plain(told.title),
        "text": [plain(text) for text in told.text],
        "claims": [
            {"id": claim.id, "claim": claim.quote, "verdict": claim.verdict, "reason": claim.reason}
            for claim in told.step.claims
        ],
        "sources": [{"label": source.label, "link": source.link} for source in told.step.sources],
    }


def _data(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "title": figure.title,
        "caption": figure.caption,
        "columns": figure.columns,
        "rows": figure.rows,
    }

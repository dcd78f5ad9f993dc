"""Groups by age and number of losses: the page for those who would rather not give a history."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from decidua.base.estimates import Estimate
from decidua.inference.answer import ENDPOINT
from decidua.inference.history import answer_history
from decidua.study.story_groups import losses_history
from decidua.tell.history_grades import how_sure
from decidua.tell.history_sentences import ranged
from decidua.web.api_head import with_origin
from decidua.web.pages import WebPage
from decidua.web.render import render

PAGE = WebPage(
    "/groups",
    "Groups by age and number of losses",
    "/api/v1/groups",
    short="Groups",
    visits=("/groups?numbers=clinician",),
)
PAGES = (PAGE,)

# One age inside each band stands for it, and says so; no figure of biology.
BANDS = (("20 to 24", 22), ("25 to 29", 27), ("30 to 34", 32), ("35 to 39", 37), ("40 to 44", 42))
LOSSES = (0, 1, 2, 3, 4)
LOSS_WEEK = 8

Shown = Literal["public", "clinician", "none"]

router = APIRouter()


@cache
def groups() -> tuple[tuple[str, int, tuple[Estimate, ...]], ...]:
    """For every band its name, its age, and live birth in the next pregnancy by number of losses."""
    return tuple((name, age, tuple(_births(age, count) for count in LOSSES)) for name, age in BANDS)


@cache
def _births(age_years: int, losses: int) -> Estimate:
    history = losses_history(losses, age_years=float(age_years), loss_week=LOSS_WEEK)
    found = answer_history(history, changes=False, causes=False).next_live_birth
    if found is None:
        raise ValueError("a group has an age")
    return found


def warm(app: FastAPI) -> None:
    """Begin with the table as soon as the server starts, in turn with whoever asks for a history."""
    app.state.pool.begin(groups)


@router.get("/groups", response_class=HTMLResponse, include_in_schema=False)
async def show_groups(request: Request, numbers: Shown = "public") -> HTMLResponse:
    """The table."""
    found = await request.app.state.pool.run(groups)
    rows = [
        (name, *(ranged(births, numbers=numbers) for births in by_losses)) for name, _, by_losses in found
    ]
    heads = ("age", *(_losses(count) for count in LOSSES))
    return render(
        request,
        "groups.html.j2",
        page=PAGE,
        heads=heads,
        rows=rows,
        numbers=numbers,
        bands=BANDS,
        how_sure=how_sure("births"),
    )


@router.get("/api/v1/groups", tags=["history"], summary="Live birth next time by age and number of losses")
async def groups_twin(request: Request) -> dict[str, Any]:
    """Estimates of a live birth in the next pregnancy, if pregnant again, of groups of people."""
    found = await request.app.state.pool.run(groups)
    rows = [
        {"ages": name, "age": age, "losses": count, "live_birth": births.to_dict()}
        for name, age, by_losses in found
        for count, births in zip(LOSSES, by_losses, strict=True)
    ]
    return with_origin({"endpoint": ENDPOINT, "groups": rows, "week_of_losses": LOSS_WEEK})


def _losses(count: int) -> str:
    return {0: "no loss", 1: "one loss"}.get(count, f"{count} losses")

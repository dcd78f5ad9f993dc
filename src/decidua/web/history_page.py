"""The page “A history like yours”: a form that holds its own state, a look before asking, and the answer.

Every button sends the whole form, and the answer to it is a whole page: nothing of it is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from decidua.base.errors import InputError
from decidua.inference.history import answer_history
from decidua.measure.examples import example_about, example_names
from decidua.measure.history import CONDITIONS, History, history_text
from decidua.tell.history_figure import history_figure
from decidua.tell.history_rows import csv_text
from decidua.tell.wording import choices, reworded
from decidua.web import history_options as options
from decidua.web.forms import fields_in, form_fields
from decidua.web.history_actions import UNDO, changed, history_part, refuse_too_many
from decidua.web.history_fields import (
    Fields,
    entries,
    fields_of,
    history_of,
    id_of,
    refused,
    with_entries,
    without_empty,
)
from decidua.web.history_share import history_of_fragment
from decidua.web.history_view import NUMBERS, tell, wish_of, words_of_reader
from decidua.web.pages import WebPage, only_personal
from decidua.web.render import render

PAGE = WebPage(
    "/history",
    "A history like yours",
    "/api/v1/history/examples",
    explorers=("personal",),
)
PAGES = (PAGE,)

# Fields that a page carries along unseen besides the history: the reader's wishes, and the way back.
EARLIER = "earlier"
COMPARED = "the history to compare with"
WORDS = tuple(f"word-{matter}" for matter in choices())
WISHES = ("numbers", "nk", "causes", "later", *WORDS)
TEST_FREE = "without-tests"
ASKING = ("check", "answer", "download")

router = APIRouter(dependencies=[Depends(only_personal)])


@router.get("/history", response_class=HTMLResponse, include_in_schema=False)
def show_form(request: Request) -> HTMLResponse:
    """An empty form."""
    return _form(request, {})


@router.post("/history", response_class=HTMLResponse, include_in_schema=False)
async def take_form(request: Request) -> Response:
    """What a button of the form asks for."""
    fields = await form_fields(request)
    refuse_too_many(fields)
    action = fields.pop("do", "check")
    if action.partition(":")[0] in ASKING:
        fields = without_empty(fields)
    try:
        return await _done(request, fields, action)
    except InputError as error:
        return _form(request, fields, error=error)


async def _done(request: Request, fields: dict[str, str], action: str) -> Response:
    verb, _, what = action.partition(":")
    match verb:
        case "edit":
            return _form(request, fields)
        case "open":
            return _form(request, fields_of(history_of_fragment(fields.get("link", ""))))
        case "check":
            return _check(request, fields)
        case "answer":
            return await _answer(request, fields)
        case "download":
            return await _download(request, history_of(fields), what)
        case _:
            return _form(request, changed(fields, action), focus=_focus(action))


def _form(
    request: Request, fields: Fields, *, error: InputError | None = None, focus: str = ""
) -> HTMLResponse:
    return render(
        request,
        "history_form.html.j2",
        page=PAGE,
        status=422 if error else 200,
        fields=fields,
        pregnancies=entries(fields, "p"),
        tests=entries(fields, "t"),
        options=options,
        conditions=CONDITIONS,
        examples=[(name, example_about(name)) for name in example_names()],
        wishes=_carried(fields),
        has_way_back=bool(fields.get(UNDO)),
        error=refused(error) if error else "",
        wrong=id_of(error.field) if error and error.file is None else None,
        focus=focus,
    )


def _check(request: Request, fields: Fields) -> HTMLResponse:
    """Everything that was given, in words, before anything is asked of it."""
    history = history_of(fields)
    return render(
        request,
        "history_check.html.j2",
        page=PAGE,
        rows=options.told(history),
        hidden=history_part(fields) | _carried(fields),
        is_ahead=history.age_years is not None,
        is_ongoing=history.is_ongoing,
        gives_numbers=history.ongoing is None or not history.ongoing.is_without_heartbeat,
        has_treatments=any(one.is_treated for one in history.pregnancies),
        asked=("numbers", *WORDS),
        matters=choices(),
        chosen=words_of_reader(fields),
    )


async def _answer(request: Request, fields: dict[str, str]) -> HTMLResponse:
    history, chosen = history_of(fields), words_of_reader(fields)
    earlier = _earlier(fields)
    told = await request.app.state.pool.run(lambda: tell(history, fields, earlier=earlier))
    return render(
        request,
        "history_answer.html.j2",
        page=PAGE,
        told=told,
        wish=wish_of(fields),
        chosen=chosen,
        said=lambda text: reworded(text, chosen),
        numbers=NUMBERS,
        matters=choices(),
        hidden=history_part(fields),
        wishes=_wishes(fields),
        this=urlencode(history_part(fields)),
    )


def _earlier(fields: Fields) -> History | None:
    """The history to compare with: the one that was kept, or this one before its tests; None for none."""
    kept = fields.get(EARLIER, "")
    if not kept:
        return None
    if kept == TEST_FREE:
        return history_of(with_entries(history_part(fields), "t", []))
    try:
        return history_of(fields_in(kept.encode(), field=EARLIER))
    except InputError as error:
        # It is not in this form, so that no field of the form can be pointed at.
        raise InputError(
            file=COMPARED, field=error.field, value=error.value, allowed=error.allowed, why=error.why
        ) from None


async def _download(request: Request, history: History, kind: str) -> Response:
    if kind not in DOWNLOADS:
        raise InputError(field="do", value=kind, allowed=", ".join(DOWNLOADS))
    media, name, written = DOWNLOADS[kind]
    text = await request.app.state.pool.run(lambda: written(history))
    return Response(text, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _json(history: History) -> str:
    return json.dumps(answer_history(history).to_dict(), ensure_ascii=False, allow_nan=False)


def _svg(history: History) -> str:
    if history.age_years is None:
        raise InputError(field="age", value="unknown", allowed="an age now, for the figure of what may come")
    return history_figure(answer_history(history, changes=False, causes=False))


DOWNLOADS: Mapping[str, tuple[str, str, Callable[[History], str]]] = {
    "json": ("application/json", "answer.json", _json),
    "csv": ("text/csv", "answer.csv", lambda history: csv_text(answer_history(history))),
    "svg": ("image/svg+xml", "answer.svg", _svg),
    "history": ("application/yaml", "history.yaml", history_text),
}


def _wishes(fields: Fields) -> dict[str, str]:
    return {name: fields[name] for name in WISHES if name in fields}


def _carried(fields: Fields) -> dict[str, str]:
    """What a form takes along unseen: the wishes, and an earlier history to compare with."""
    return _wishes(fields) | {name: fields[name] for name in (EARLIER,) if fields.get(name)}


def _focus(action: str) -> str:
    """The field to go on with after a button, so that nobody is thrown to the top of the page."""
    is_kept = ":" in action or action == UNDO
    return {"add-p": "last-p", "add-t": "last-t"}.get(action, action if is_kept else "")

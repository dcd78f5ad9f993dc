"""Every refusal as one clear message: a page for a reader, JSON for a program."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from decidua.base.errors import InputError, NotSolvedError, shortened
from decidua.base.records import in_plain_words
from decidua.web.pages import WebPage
from decidua.web.pool import BusyError
from decidua.web.render import render
from decidua.web.security import wants_json

UNREADABLE, METHOD_NOT_ALLOWED = 400, 405
TITLES = {
    404: "This page is not here",
    405: "This page cannot be asked in that way",
    413: "That is too much at once",
    422: "Something here is not accepted",
    429: "Many people are asking",
    503: "This could not be worked out",
}
SECONDS_TO_WAIT = 5
SAID = {404: "There is nothing at this address.", 405: "This address takes another kind of request."}


class Refusal(BaseModel):
    """Why something is refused, in one sentence, and which field it is about."""

    detail: str
    field: str | None = None


def add_handlers(app: FastAPI) -> None:
    """Turn every error that has a meaning for its reader into a response."""
    app.add_exception_handler(InputError, _bad_input)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(NotSolvedError, _not_solved)
    app.add_exception_handler(HTTPException, _other)


def refuse(
    request: Request,
    status: int,
    said: str,
    *,
    field: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One message, as JSON under /api/ and as a page elsewhere."""
    if wants_json(request.url.path):
        content = Refusal(detail=said, field=field).model_dump()
        return JSONResponse(content, status_code=status, headers=headers)
    page = WebPage(request.url.path, TITLES.get(status, "That did not work"), "", in_navigation=False)
    response = render(request, "refusal.html.j2", page=page, status=status, said=said)
    response.headers.update(headers or {})
    return response


async def _bad_input(request: Request, error: Exception) -> Response:
    return refuse(request, 422, str(error), field=getattr(error, "field", None))


async def _bad_request(request: Request, error: Exception) -> Response:
    """The first thing that the description of a request forbids, in the words of every other refusal."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    if first["type"] == "json_invalid" or isinstance(first.get("input"), bytes):
        return refuse(request, 422, "The body is no readable JSON.")
    given = "nothing" if first["type"] == "missing" else shortened(first.get("input"))
    said = f"{field}: {given} is not accepted; allowed: {in_plain_words(first)}"
    return refuse(request, 422, said, field=field)


async def _busy(request: Request, error: Exception) -> Response:
    return try_again(refuse(request, 429, str(error)))


def try_again(page: Response, *, seconds: int = SECONDS_TO_WAIT) -> Response:
    """A page, such as a form that is kept, as the answer to somebody who comes while too many do."""
    page.status_code = 429
    page.headers["Retry-After"] = str(seconds)
    return page


async def _not_solved(request: Request, error: Exception) -> Response:
    return refuse(request, 503, str(error))


async def _other(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    # A body that cannot be read at all is bad input like any other.
    status = 422 if error.status_code == UNREADABLE else error.status_code
    said = SAID.get(error.status_code, str(error.detail))
    headers = dict(error.headers or {})
    if status == METHOD_NOT_ALLOWED:
        headers["Allow"] = _methods_at(request) or headers.get("Allow", "")
    return refuse(request, status, said, headers=headers)


def _methods_at(request: Request) -> str:
    """Every method that an address takes; the first route that fits would name its own alone."""
    fitting = (route for route in request.app.state.routes if route.matches(request.scope)[0] != Match.NONE)
    methods = {method for route in fitting for method in route.methods or ()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))

"""The fields of a form as they were sent, without a library for uploads: forms here hold text alone."""

from __future__ import annotations

from typing import Any, get_origin
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from pydantic import BaseModel
from starlette.datastructures import QueryParams

from decidua.base.records import Kind, as_it_says, checked

MOST_FIELDS = 1000
URLENCODED = "application/x-www-form-urlencoded"


async def form_fields(request: Request) -> dict[str, str]:
    """Every field of a form by name; of a name given twice, the last.

    Raises:     HTTPException 415 for another kind of content, 422 for too many fields or what is not UTF-8
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != URLENCODED:
        raise HTTPException(415, f"This address takes a form ({URLENCODED}).")
    try:
        pairs = parse_qsl(
            (await request.body()).decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise HTTPException(422, f"A form of {MOST_FIELDS} fields or fewer, in UTF-8, is accepted.") from None
    return dict(pairs)


async def body_of(request: Request) -> QueryParams:
    """A form with fields of which there may be several.

    Raises:     as `form_fields`
    """
    await form_fields(request)
    return QueryParams((await request.body()).decode())


def sent_as(kind: type[Kind], sent: QueryParams) -> Kind:
    """The fields of a form as the record they make up; an empty one counts as left out.

    Raises:     InputError naming the first field that is not accepted
    """
    return checked(kind, fields_of(kind, sent), told=lambda error: as_it_says(error).lower())


def fields_of(kind: type[BaseModel], sent: QueryParams) -> dict[str, Any]:
    """What was sent, with a list for every field that holds several."""
    many = {name for name, field in kind.model_fields.items() if get_origin(field.annotation) is list}
    single = {name: value for name, value in sent.items() if name not in many and value.strip()}
    return {**single, **{name: sent.getlist(name) for name in many if name in sent}}


FORM_RESPONSES: dict[int | str, dict[str, Any]] = {
    413: {"description": "More than 1 MB"},
    415: {"description": "Another kind of content"},
    422: {"description": "Something is not accepted; the message names the field"},
    429: {"description": "Too many people are asking"},
}

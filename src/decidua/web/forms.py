"""The fields of a form as they were sent, without a library for uploads: forms here hold text alone."""

from __future__ import annotations

from typing import Any, get_origin
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from pydantic import BaseModel
from starlette.datastructures import QueryParams

from decidua.base.errors import InputError
from decidua.base.records import Kind, checked, in_plain_words

MOST_FIELDS = 1000
URLENCODED = "application/x-www-form-urlencoded"
ACCEPTED = f"{MOST_FIELDS} fields or fewer, in UTF-8"


async def form_fields(request: Request) -> dict[str, str]:
    """Every field of a form by name; of a name given twice, the last.

    Raises:     HTTPException 415 for another kind of content, InputError as `fields_in`
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != URLENCODED:
        raise HTTPException(415, f"This address takes a form ({URLENCODED}).")
    return fields_in(await request.body(), field="form")


def fields_in(sent: bytes, *, field: str) -> dict[str, str]:
    """Fields as a form sends them: those of a body, or of a form that travels in a field of another.

    Arguments:  sent   the fields
                field  where they came from, for a refusal
    Raises:     InputError for too many fields, or what is not UTF-8
    """
    try:
        text = sent.decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise InputError(field=field, value="what came", allowed=ACCEPTED) from None


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
    return checked(kind, fields_of(kind, sent), told=in_plain_words)


def fields_of(kind: type[BaseModel], sent: QueryParams) -> dict[str, Any]:
    """What was sent, with a list for every field that holds several."""
    many = {name for name, field in kind.model_fields.items() if get_origin(field.annotation) is list}
    single = {name: value for name, value in sent.items() if name not in many and value.strip()}
    return {**single, **{name: sent.getlist(name) for name in many if name in sent}}

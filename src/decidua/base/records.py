"""Plain data from outside as a record, with one clear message for the first thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from decidua.base.errors import InputError

Kind = TypeVar("Kind", bound=BaseModel)
Told = Callable[[Any], str]  # from Pydantic's first error to what is allowed


def as_it_says(error: Any) -> str:
    """Pydantic's own words."""
    return str(error["msg"])


PLAIN = {
    "missing": "a value",
    "extra_forbidden": "a field of this form",
    "bool_type": "true or false",
    "list_type": "a list",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "names with their values"),
    "literal_error": "{expected}",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
    "multiple_of": "a multiple of {multiple_of:g}",
    "too_short": "{min_length} or more of them",
    "too_long": "{max_length} or fewer of them",
    "string_too_long": "{max_length} characters or fewer",
    **dict.fromkeys(("string_type", "string_unicode"), "text"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "a number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "a whole number"),
}


def in_plain_words(error: Any) -> str:
    """What is allowed, for a reader of a page; Pydantic's own words where there are no others."""
    said = PLAIN.get(error["type"])
    if said is None:
        return without_prefix(error).lower()
    return said.format(**error.get("ctx", {})).replace("'", "")


def without_prefix(error: Any) -> str:
    """The same without the prefix that Pydantic gives to a record's own complaints."""
    return str(error["msg"]).removeprefix("Value error, ")


def checked(
    kind: type[Kind], raw: Any, *, file: str | None = None, whole: str = "", told: Told = as_it_says
) -> Kind:
    """Plain data as a record.

    Arguments:  kind   of record
                raw    plain data
                file   name to show in an error
                whole  what to call the record where no field of it is wrong but all of it
                told   what is allowed instead, in words
    Returns:    the record
    Raises:     InputError naming file, field and value
    Checked by: tests/unit/base/test_records.py
    """
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or whole
        is_missing = first["type"] == "missing"  # its input is the whole record
        value, allowed = ("nothing", "a value") if is_missing else (first["input"], told(first))
        raise InputError(file=file, field=where, value=value, allowed=allowed) from None

"""From a file, a text or plain values to a history, or to one clear refusal."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from decidua.base.errors import InputError
from decidua.measure.checks import check_pregnancies, check_test
from decidua.measure.fields import Place
from decidua.measure.layout import LARGEST_FILE_BYTES, history_layout
from decidua.measure.plain_yaml import TOO_LARGE, WHOLE, plain_values
from decidua.measure.records import History, Pregnancy, Test


def read_history(path: str | PathLike[str]) -> History:
    """The history in a file.

    Arguments:  path  a file in YAML or JSON, schema history/1, of 1 MB or less
    Returns:    the history, with nothing filled in that the file leaves out
    Raises:     InputError naming the file, the field, the value and what is allowed
    Checked by: tests/unit/measure/test_history_refusals.py, tests/unit/measure/test_history_reading.py
    """
    name = fspath(path)
    content = _first_bytes(name)
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError(file=name, value="a larger file", allowed=TOO_LARGE)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(file=name, value="a file that is not text in UTF-8", allowed=WHOLE) from None
    return parse_history(text, name=name)


def parse_history(text: str, *, name: str | None = None) -> History:
    """The history in a text.

    Arguments:  text  YAML or JSON, schema history/1
                name  what to call the text in a refusal
    Returns:    the history
    Raises:     InputError, and nothing else, whatever the text is
    Checked by: tests/property/test_history_reading.py
    """
    return history_from_content(plain_values(text, name=name), name=name)


def history_from_content(content: object, *, name: str | None = None) -> History:
    """The history in plain values, as another reader of JSON may hand them over.

    Arguments:  content  the mapping that a file of schema history/1 holds
                name     what to call it in a refusal
    Returns:    the history
    Raises:     InputError for the first field that is not accepted
    Checked by: tests/unit/measure/test_history_reading.py
    """
    root = Place(file=name)
    read = history_layout().read(content, root)
    history = _history(read)
    for index, test in enumerate(history.tests):
        check_test(test, root.inside("tests").at(index))
    places = [root.inside("pregnancies").at(index) for index in range(len(history.pregnancies))]
    check_pregnancies(history, places, trying=root.inside("trying_months"))
    return history


def pregnancy_from_fields(fields: Mapping[str, Any]) -> Pregnancy:
    """The record of one pregnancy whose fields have been read."""
    rest = {name: value for name, value in fields.items() if name != "age"}
    return Pregnancy(age_years=fields["age"], **rest)


def _history(read: Mapping[str, Any]) -> History:
    return History(
        age_years=read["age"],
        partner_age_years=read["partner_age"],
        trying_months=read["trying_months"],
        pregnancies=tuple(pregnancy_from_fields(fields) for fields in read["pregnancies"]),
        tests=tuple(Test(**fields) for fields in read["tests"]),
        conditions=dict(read["conditions"]),
    )


def _first_bytes(name: str) -> bytes:
    """As much of a file as is needed to know that it is not too large."""
    try:
        with Path(name).open("rb") as file:
            return file.read(LARGEST_FILE_BYTES + 1)
    # A path with a null character raises ValueError.
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InputError(
            file=name,
            value="this path",
            allowed="a file that can be read",
            why=(why or "no such path").lower(),
        ) from None

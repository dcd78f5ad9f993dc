"""YAML and JSON as plain values: no tags, no aliases, no name given twice, no deep nesting, words stay words.

JSON is read as the YAML it is. Values are built from the parser's events, so that a file which would unfold
into gigabytes is refused at its first anchor. Only true, false, null and decimal numbers are more than text:
`yes` and `no` stay words, and 12:30 or 2026-01-01 never turn into something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from decidua.base.errors import InputError
from decidua.base.yaml_text import READER
from decidua.measure.layout import DEEPEST_NESTING, LARGEST_FILE_BYTES, MOST_EVENTS

WHOLE = "a history in YAML or JSON, whole and in UTF-8"
TOO_LARGE = f"a file of {LARGEST_FILE_BYTES // 1_000_000} MB or less"
CONSTANTS: dict[str, Any] = {"~": None, "": None} | {
    written: value
    for word, value in {"true": True, "false": False, "null": None}.items()
    for written in (word, word.capitalize(), word.upper())
}
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
DECIMAL = re.compile(
    r"[-+]?([0-9]{1,18}\.[0-9]{0,40}|\.[0-9]{1,40}|[0-9]{1,18})([eE][-+]?[0-9]{1,4})?", re.ASCII
)
NO_DECIMAL = re.compile(r"[-+]?0[0-9]+", re.ASCII)


def plain_values(text: str, *, name: str | None) -> Any:
    """The plain values that a text in YAML or JSON holds.

    Arguments:  text  the whole text
                name  what to call it in a refusal
    Returns:    dicts with text as names, lists, text, numbers, True, False and None
    Raises:     InputError, and nothing else, for every text that is not one small plain document
    Checked by: tests/property/test_history_reading.py (any text), tests/unit/measure/test_history_refusals.py
    """
    _refuse_what_is_no_text(text, name)
    try:
        events = yaml.parse(text.removeprefix("\ufeff"), Loader=READER)
        return _document(_as_many_as_a_history_has(events, name), name)
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(error, text, name) from None
    except yaml.YAMLError:
        raise InputError(file=name, value="a file with characters that are no text", allowed=WHOLE) from None


def plain_scalar(text: str) -> Any:
    """The constant or decimal number that an unquoted word stands for, or the word itself."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    # 010 is ten to one reader and eight to another, so it is left a word, which no number's field accepts.
    return float(text) if DECIMAL.fullmatch(text) and not NO_DECIMAL.fullmatch(text) else text


def _refuse_what_is_no_text(text: str, name: str | None) -> None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise InputError(file=name, value="a file with characters that are no text", allowed=WHOLE) from None
    if size > LARGEST_FILE_BYTES:
        raise InputError(file=name, value="a larger file", allowed=TOO_LARGE)
    if not text.strip("\ufeff \t\r\n"):
        raise InputError(file=name, value="an empty file", allowed=WHOLE)


def _as_many_as_a_history_has(events: Iterator[Any], name: str | None) -> Iterator[Any]:
    """Events up to a number that no history reaches: a megabyte of brackets would take seconds."""
    for count, event in enumerate(events):
        if count == MOST_EVENTS:
            allowed = f"{MOST_EVENTS} words, numbers and brackets, or fewer"
            raise _refusal(event, name, value="so much", allowed=allowed)
        yield event


def _document(events: Iterator[Any], name: str | None) -> Any:
    """The one document of a stream of events."""
    next(events)
    if isinstance(next(events), yaml.StreamEndEvent):
        raise InputError(file=name, value="a file of nothing but comments", allowed=WHOLE)
    content = _value(events, next(events), name, 0)
    next(events)
    if not isinstance(after := next(events), yaml.StreamEndEvent):
        raise _refusal(after, name, value="a second document", allowed="one history in a file")
    return content


def _value(events: Iterator[Any], event: Any, name: str | None, depth: int) -> Any:
    _refuse_what_is_not_plain(event, name)
    if isinstance(event, yaml.ScalarEvent):
        return plain_scalar(event.value) if event.implicit[0] else event.value
    if depth == DEEPEST_NESTING:
        allowed = f"{DEEPEST_NESTING} lists or sections inside one another, or fewer"
        raise _refusal(event, name, value="deeper nesting", allowed=allowed)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, name, depth + 1)
    return _mapping(events, name, depth + 1)


def _sequence(events: Iterator[Any], name: str | None, depth: int) -> list[Any]:
    entries = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        entries.append(_value(events, event, name, depth))
    return entries


def _mapping(events: Iterator[Any], name: str | None, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        _refuse_what_is_not_plain(event, name)
        if not isinstance(event, yaml.ScalarEvent):
            raise _refusal(event, name, value="a list or section as a name", allowed="words as names")
        if event.value in found:
            raise _refusal(event, name, value=event.value, allowed="each name once")
        found[event.value] = _value(events, next(events), name, depth)
    return found


def _refuse_what_is_not_plain(event: Any, name: str | None) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _refusal(event, name, value="an anchor or alias (& or *)", allowed="values written out in full")
    if event.tag is not None:
        raise _refusal(event, name, value="a tag (!)", allowed="values without tags")


def _no_yaml(error: yaml.MarkedYAMLError, text: str, name: str | None) -> InputError:
    """The parser's own words for what it missed; they never hold a part of the file."""
    mark = error.problem_mark or error.context_mark
    # At the end of a file the parser stands one line below the last.
    line = min(mark.line + 1, len(text.splitlines())) if mark else None
    what = "text that is neither YAML nor JSON"
    field, why = f"line {line}" if line else None, error.problem or ""
    return InputError(file=name, field=field, value=what, allowed=WHOLE, why=why)


def _refusal(event: Any, name: str | None, *, value: str, allowed: str) -> InputError:
    return InputError(file=name, field=f"line {event.start_mark.line + 1}", value=value, allowed=allowed)

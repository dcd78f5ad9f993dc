"""A history as the fields of a form, there and back; what is left empty is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from decidua.base.errors import InputError
from decidua.measure.fields import MISSING
from decidua.measure.history import CONDITIONS, History, history_from_content
from decidua.measure.layout import TEST_UNITS, regimen_names
from decidua.measure.plain_yaml import plain_scalar

Fields = Mapping[str, str]

PERSON = ("age", "partner_age", "trying_months")
OF_A_PREGNANCY = ("outcome", "age", "week", "karyotype", "confirmed", "heartbeat", "new_partner")
OF_A_TEST = ("kind", "value", "days_after_ovulation")
REGIMENS = tuple(name for name in regimen_names() if name != "none")
KINDS = tuple(f"{test}:{unit}" for test, units in TEST_UNITS.items() for unit in units)
# Both answers leave the matter unknown; nobody is asked to say which of the two it is.
UNSAID = ("", "unknown", "private")
NUMBERED = re.compile(r"([pt])([0-9]{1,3})-([a-z_0-9]+)")
PLACE = re.compile(r"(pregnancies|tests)\[([0-9]+)\](?:\.([a-z_]+))?")
LETTERS = {"pregnancies": "p", "tests": "t"}
NAMES = {
    "outcome": "how it ended",
    "week": "weeks",
    "karyotype": "chromosomes",
    "confirmed": "how it was known",
    "kind": "what was tested",
    "value": "result",
}


def history_of(fields: Fields) -> History:
    """The history that a form says.

    Arguments:  fields  as sent; those of other matters are left alone
    Returns:    the history
    Raises:     InputError naming the first field that is not accepted
    Checked by: tests/unit/web/test_history_form.py, tests/browser/test_explorer_history.py
    """
    return history_from_content(content_of(fields))


def content_of(fields: Fields) -> dict[str, Any]:
    """The same as a file of schema history/1 would hold it."""
    content: dict[str, Any] = {name: _number(fields[name]) for name in PERSON if _is_said(fields.get(name))}
    content["pregnancies"] = [_pregnancy(entry) for entry in entries(fields, "p")]
    tests = [_test(entry) for entry in entries(fields, "t")]
    conditions = {name: fields[name] for name in CONDITIONS if _is_said(fields.get(name))}
    return content | ({"tests": tests} if tests else {}) | ({"conditions": conditions} if conditions else {})


def entries(fields: Fields, letter: str) -> list[dict[str, str]]:
    """The pregnancies (p) or tests (t) of a form in order, each with its own fields."""
    found: dict[int, dict[str, str]] = {}
    for name, value in fields.items():
        match = NUMBERED.fullmatch(name)
        if match and match[1] == letter:
            found.setdefault(int(match[2]), {})[match[3]] = value
    return [found[number] for number in sorted(found)]


def with_entries(fields: Fields, letter: str, kept: list[dict[str, str]]) -> dict[str, str]:
    """The form with these pregnancies or tests in place of its own, numbered from 1."""
    rest = {name: value for name, value in fields.items() if not _is_of(name, letter)}
    numbered = {
        f"{letter}{number}-{name}": value
        for number, entry in enumerate(kept, start=1)
        for name, value in entry.items()
    }
    return rest | numbered


def without_empty(fields: Fields) -> dict[str, str]:
    """The form without pregnancies and tests of which nothing was said; the others move up."""
    for letter in "pt":
        said = [entry for entry in entries(fields, letter) if any(map(_is_said, entry.values()))]
        fields = with_entries(fields, letter, said)
    return dict(fields)


def is_history_field(name: str) -> bool:
    """Whether a field holds a part of the history, and not a wish of the reader."""
    return name in PERSON or name in CONDITIONS or NUMBERED.fullmatch(name) is not None


def fields_of(history: History) -> dict[str, str]:
    """The form that says this history.

    Arguments:  history  any
    Returns:    fields; `history_of` gives an equal history back
    """
    said = history.to_dict()
    fields = {name: _text(said[name]) for name in PERSON if name in said}
    fields |= said.get("conditions", {})
    pregnancies = [dict(_pregnancy_fields(one)) for one in said["pregnancies"]]
    tests = [_test_fields(one) for one in said.get("tests", [])]
    return with_entries(with_entries(fields, "p", pregnancies), "t", tests)


def id_of(place: str | None) -> str | None:
    """The field of the form that a refusal speaks of, such as p2-week for pregnancies[1].week."""
    if place is None:
        return None
    found = PLACE.match(place)
    if found is None:
        return place.rpartition(".")[2]
    part = found[3] or ("outcome" if found[1] == "pregnancies" else "kind")
    part = "kind" if found[1] == "tests" and part in ("test", "unit") else part
    return f"{LETTERS[found[1]]}{int(found[2]) + 1}-{part}"


def _is_of(name: str, letter: str) -> bool:
    match = NUMBERED.fullmatch(name)
    return match is not None and match[1] == letter


def _is_said(value: str | None) -> bool:
    return value is not None and value.strip() not in UNSAID


def _number(text: str) -> object:
    """A number as it was typed, a decimal comma included; anything else goes on to be refused in full."""
    return plain_scalar(text.strip().replace(",", "."))


def _pregnancy(entry: Fields) -> dict[str, Any]:
    said: dict[str, Any] = {name: entry[name] for name in OF_A_PREGNANCY if _is_said(entry.get(name))}
    said |= {name: _number(said[name]) for name in ("age", "week") if name in said}
    taken = [name for name in REGIMENS if entry.get(name)]
    return said | ({"treatments": taken} if taken else {})


def _pregnancy_fields(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        if name == "treatments":
            yield from ((regimen, "yes") for regimen in value if regimen != "none")
        else:
            yield name, _text(value)


def _test(entry: Fields) -> dict[str, Any]:
    test, _, unit = entry.get("kind", "").partition(":")
    said: dict[str, Any] = {"test": test, "unit": unit} if test else {}
    for name in ("value", "days_after_ovulation"):
        if _is_said(entry.get(name)):
            said[name] = _number(entry[name])
    return said


def _test_fields(said: Mapping[str, Any]) -> dict[str, str]:
    fields = {"kind": f"{said['test']}:{said['unit']}", "value": _text(said["value"])}
    day = said.get("days_after_ovulation")
    return fields if day is None else fields | {"days_after_ovulation": _text(day)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def refused(error: InputError) -> str:
    """A refusal in the words of the form: which pregnancy or test, which of its boxes, what is allowed."""
    where = NUMBERED.fullmatch(id_of(error.field) or "")
    if where is None or error.file is not None:
        return str(error)
    thing = {"p": "Pregnancy", "t": "Test"}[where[1]]
    name = NAMES.get(where[3], where[3].replace("_", " "))
    if error.value == MISSING:
        return f"{thing} {where[2]}: please say {name}, or remove this entry."
    placed = InputError(
        field=f"{thing} {where[2]}, {name}", value=error.value, allowed=error.allowed, why=error.why
    )
    return str(placed)

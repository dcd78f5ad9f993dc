"""What the buttons of the form do to it: add, move, copy, take away, undo; nothing is kept on the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from decidua.base.errors import InputError
from decidua.measure.history import example_history
from decidua.measure.layout import MOST_PREGNANCIES, MOST_TESTS
from decidua.web.forms import fields_in
from decidua.web.history_fields import Fields, entries, fields_of, is_history_field, with_entries

Entries = list[dict[str, str]]

# The form as it was before the last change travels in the form itself.
UNDO = "undo"
LONGEST_UNDO = 60_000
MOST = {"p": MOST_PREGNANCIES, "t": MOST_TESTS}
THINGS = {"p": "pregnancies", "t": "tests"}
PLACE = re.compile(r"[0-9]{1,3}")


def _removed(kept: Entries, at: int) -> Entries:
    return [*kept[:at], *kept[at + 1 :]]


def _duplicated(kept: Entries, at: int) -> Entries:
    return [*kept[: at + 1], dict(kept[at]), *kept[at + 1 :]]


def _moved_up(kept: Entries, at: int) -> Entries:
    return kept if at == 0 else [*kept[: at - 1], kept[at], kept[at - 1], *kept[at + 1 :]]


def _moved_down(kept: Entries, at: int) -> Entries:
    return kept if at + 1 >= len(kept) else _moved_up(kept, at + 1)


MOVES: dict[str, Callable[[Entries, int], Entries]] = {
    "remove": _removed,
    "duplicate": _duplicated,
    "up": _moved_up,
    "down": _moved_down,
}


def changed(fields: Fields, action: str) -> dict[str, str]:
    """The form after one button.

    Arguments:  fields  as sent
                action  add-p, add-t, undo, example:NAME, or a move such as up-p:2
    Returns:    the fields to show, with the way back in UNDO
    Raises:     InputError for a button that there is not
    Checked by: tests/unit/web/test_history_form.py
    """
    if action == UNDO:
        return undone(fields)
    if action.startswith("example:"):
        shown = fields_of(example_history(action.removeprefix("example:")))
        return _with_way_back(fields, shown | _wishes(fields))
    verb, _, rest = action.partition("-")
    letter, _, number = rest.partition(":")
    if letter not in MOST:
        raise InputError(field="do", value=action, allowed="a button of the form")
    kept = entries(fields, letter)
    after = _added(kept, letter) if verb == "add" else _one_moved(kept, verb, number)
    shown = with_entries(fields, letter, after)
    refuse_too_many(shown)
    return _with_way_back(fields, shown)


def refuse_too_many(fields: Fields) -> None:
    """No form is longer than a history may be.

    Raises:     InputError for more pregnancies or tests than that
    """
    for letter, most in MOST.items():
        if (count := len(entries(fields, letter))) > most:
            raise InputError(field=THINGS[letter], value=count, allowed=f"{most} or fewer")


def undone(fields: Fields) -> dict[str, str]:
    """The form before its last change; undoing twice brings the change back."""
    before = fields_in(fields.get(UNDO, "").encode(), field=UNDO)
    if not before:
        return dict(fields)
    only_history = {name: value for name, value in before.items() if is_history_field(name)}
    return _with_way_back(fields, only_history | _wishes(fields))


def history_part(fields: Fields) -> dict[str, str]:
    """The fields of the history alone."""
    return {name: value for name, value in fields.items() if is_history_field(name)}


def _added(kept: Entries, letter: str) -> Entries:
    return [*kept, {"outcome": ""} if letter == "p" else {"kind": ""}]


def _one_moved(kept: Entries, verb: str, number: str) -> Entries:
    at = int(number) - 1 if PLACE.fullmatch(number) else -1
    if verb not in MOVES or not 0 <= at < len(kept):
        raise InputError(field="do", value=f"{verb} {number}", allowed="a button of the form")
    return MOVES[verb](kept, at)


def _wishes(fields: Fields) -> dict[str, str]:
    return {name: value for name, value in fields.items() if not is_history_field(name) and name != UNDO}


def _with_way_back(before: Fields, after: dict[str, str]) -> dict[str, str]:
    way_back = urlencode(history_part(before)) or "age="
    rest = {name: value for name, value in after.items() if name != UNDO}
    return rest | ({UNDO: way_back} if len(way_back) <= LONGEST_UNDO else {})

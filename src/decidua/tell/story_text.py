"""Texts of the story with their numbers filled in; every number keeps the id or run it came from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from decidua.base.errors import InputError
from decidua.base.estimates import Estimate
from decidua.evidence import Entry, Ledger
from decidua.study.story_script import FILE, claims_by_id
from decidua.tell.whole_numbers import out_of_100
from decidua.tell.words import load_words, sentence

TOKEN = re.compile(r"\{(?P<kind>[=~]?)(?P<name>[\w.]+)(?:\|(?P<form>[^}]+))?\}")
SAME = 0.005

Number = float | str | Estimate


@dataclass(frozen=True)
class Piece:
    """A stretch of text; a number has an origin: `evidence:ID`, `claim:ID` or `run:NAME`."""

    text: str
    origin: str | None = None


Text = tuple[Piece, ...]


@dataclass(frozen=True)
class Filler:
    """Fills the texts of the script from the ledger and the named runs."""

    ledger: Ledger
    values: Mapping[str, Number]

    def fill(self, text: str) -> Text:
        """A text of the script in pieces.

        Arguments:  text  with tokens {=ledger id|form}, {run name|form}, {~claim or ledger id|words}
        Returns:    pieces in order
        Raises:     InputError for a token that names nothing, or quotes words that do not stand there
        Checked by: tests/unit/study/test_story_text.py
        """
        pieces, at, flat = [], 0, " ".join(text.split())
        for found in TOKEN.finditer(flat):
            pieces.append(Piece(flat[at : found.start()]))
            pieces.append(self._piece(found["kind"], found["name"], found["form"]))
            at = found.end()
        return tuple(piece for piece in (*pieces, Piece(flat[at:])) if piece.text)

    def _piece(self, kind: str, name: str, form: str | None) -> Piece:
        if kind == "=":
            return Piece(_of_entry(self._entry(name), form), f"evidence:{name}")
        if kind == "~":
            return self._quoted(name, form or "")
        if name in load_words().sentences:
            return Piece(sentence(name))
        if name not in self.values:
            raise InputError(file=FILE, field="text", value=name, allowed="the name of a run or an id with =")
        return Piece(_of_value(self.values[name], form), f"run:{name}")

    def _entry(self, name: str) -> Entry:
        if name not in self.ledger:
            raise InputError(
                file=FILE, field="text", value=name, allowed="an id that `decidua evidence` lists"
            )
        return self.ledger[name]

    def _quoted(self, name: str, words: str) -> Piece:
        claims = claims_by_id(self.ledger)
        said = (
            f"{claims[name].text} {claims[name].reason}" if name in claims else self._entry(name).description
        )
        if words not in said:
            raise InputError(file=FILE, field=name, value=words, allowed=f"words of: {said}")
        return Piece(words, f"claim:{name}" if name in claims else f"evidence:{name}")


def plain(text: Text) -> str:
    """The text alone."""
    return "".join(piece.text for piece in text)


def _of_entry(entry: Entry, form: str | None) -> str:
    value = entry.chosen
    match form:
        case "n" | "events":
            return _whole(float(getattr(value, form) or 0))
        case "second":
            return _whole(entry.values[1].value)
        case "range" if value.interval is not None:
            return f"{value.interval[0]:g} to {value.interval[1]:g}"
    return _of_value(value.value, form)


def _of_value(value: Number, form: str | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Estimate) and form in ("lo100", "hi100"):
        return str(math.floor(100 * value.lo) if form == "lo100" else math.ceil(100 * value.hi))
    return FORMS[form](value.mean if isinstance(value, Estimate) else float(value))


def _whole(value: float) -> str:
    return f"{int(value + 0.5)}"


def _more(gain: float) -> str:
    """A difference of births in whole numbers of 100 women."""
    if abs(gain) < SAME:
        return "about as many have a baby as without it"
    count = _whole(100 * abs(gain))
    have, more = "has" if count == "1" else "have", "more" if gain > 0 else "fewer"
    return f"about {count} {more} {have} a baby than without it"


def _size(difference: float) -> str:
    return "less than 1" if abs(difference) < 0.01 else f"about {_whole(100 * abs(difference))}"


FORMS: dict[str | None, Callable[[float], str]] = {
    None: lambda value: f"{value:.10g}",
    "whole": _whole,
    "tens": lambda value: _whole(10.0 * round(value / 10.0)),
    "one": lambda value: f"{value:.1f}",
    "fold": lambda value: f"{value:.1f}".removesuffix(".0"),
    "n100": lambda p: str(out_of_100(p)),
    "not100": lambda p: str(100 - out_of_100(p)),
    "of100": lambda value: _whole(100.0 * value),
    "per100": lambda value: _whole(100.0 * value),
    "count100": lambda value: _whole(100.0 * value),
    "size100": _size,
    "more": _more,
}

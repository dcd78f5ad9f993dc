"""A history in a few words, as it is typed on the command line: `loss@30.5w8 birth@32`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from decidua.base.errors import shortened
from decidua.measure.checks import check_pregnancies
from decidua.measure.fields import Place, closest
from decidua.measure.layout import (
    AGE,
    MOST_PREGNANCIES,
    PARTNER_AGE,
    TRYING,
    layout_of_a_pregnancy,
    regimen_names,
)
from decidua.measure.plain_yaml import plain_scalar
from decidua.measure.reading import pregnancy_from_fields
from decidua.measure.records import CONFIRMATIONS, HEARTBEATS, KARYOTYPES, OUTCOMES, History, Pregnancy

OUTCOME_WORDS = {"loss": "miscarriage", "birth": "live_birth", **{word: word for word in OUTCOMES}}
FORM = re.compile(
    r"(?P<outcome>[a-z_]+)(@(?=[0-9w])(?P<age>[0-9]{1,6}(\.[0-9]{1,6})?)?(w(?P<week>[0-9]{1,6}))?)?"
    r"(?P<marks>(:[a-z0-9_]+)*)",
    re.ASCII,
)
EXAMPLES = "words such as loss@30.5w8, loss, loss@36w9:aneuploid, birth@32w40, ongoing@34w26"


def history_from_words(
    words: Sequence[str],
    *,
    age: object = None,
    partner_age: object = None,
    trying_months: object = 0,
) -> History:
    """The history that the words of a command line give, oldest pregnancy first.

    A word is OUTCOME, OUTCOME@AGE, OUTCOME@wWEEK or OUTCOME@AGEwWEEK with any number of marks: a karyotype
    (euploid, aneuploid, unbalanced), how it was known (scan, test), the heartbeat (seen, not_seen),
    new_partner, or the name of a shipped regimen.

    Arguments:  words          one for each pregnancy; loss and birth beside the outcomes of a file
                age            her age now, years; a number, its text, "unknown" or None
                partner_age    her partner's age now, years; likewise
                trying_months  months of trying without a pregnancy now
    Returns:    the history
    Raises:     InputError naming the word
    Checked by: tests/unit/measure/test_history_words.py
    """
    if len(words) > MOST_PREGNANCIES:
        raise Place().refusal(f"{len(words)} pregnancies", allowed=f"{MOST_PREGNANCIES} or fewer")
    places = [Place(path=shortened(word), joint=": ") for word in words]
    trying = Place(path="--trying-months")
    history = History(
        age_years=AGE.read(_number(age), Place(path="--age")),
        partner_age_years=PARTNER_AGE.read(_number(partner_age), Place(path="--partner-age")),
        trying_months=int(TRYING.read(_number(trying_months), trying) or 0),
        pregnancies=tuple(_pregnancy(word, place) for word, place in zip(words, places, strict=True)),
    )
    check_pregnancies(history, places, trying=trying)
    return history


def _pregnancy(word: str, place: Place) -> Pregnancy:
    found = FORM.fullmatch(word)
    if found is None:
        raise Place().refusal(word, allowed=EXAMPLES)
    if found["outcome"] not in OUTCOME_WORDS:
        allowed, why = ", ".join(OUTCOME_WORDS), closest(found["outcome"], tuple(OUTCOME_WORDS))
        raise place.refusal(found["outcome"], allowed=allowed, why=why)
    given = {name: float(found[name]) if name == "age" else int(found[name]) for name in _numbers(found)}
    marks = _marked(found["marks"].split(":")[1:], place)
    content = {"outcome": OUTCOME_WORDS[found["outcome"]], **given, **marks}
    return pregnancy_from_fields(layout_of_a_pregnancy().read(content, place))


def _numbers(found: re.Match[str]) -> list[str]:
    return [name for name in ("age", "week") if found[name] is not None]


def _marked(marks: Sequence[str], place: Place) -> dict[str, Any]:
    """The fields that the marks of a word set; no field may be set twice."""
    fields: dict[str, Any] = {}
    known = _known_marks()
    for mark in marks:
        if mark not in known:
            raise place.refusal(mark, allowed=", ".join(known), why=closest(mark, tuple(known)))
        name, value = known[mark]
        if name == "treatments":
            value = [*fields.get(name, []), value]
        elif name in fields:
            raise place.refusal(mark, allowed=f"one mark for {name}")
        fields[name] = value
    return fields


def _known_marks() -> dict[str, tuple[str, Any]]:
    """Every mark, with the field it sets and the value it gives."""
    lists = {"karyotype": KARYOTYPES, "confirmed": CONFIRMATIONS, "heartbeat": HEARTBEATS}
    marks: dict[str, tuple[str, Any]] = {
        word: (name, word) for name, words in lists.items() for word in words if word != "unknown"
    }
    return {**marks, "new_partner": ("new_partner", True), **{n: ("treatments", n) for n in regimen_names()}}


def _number(given: object) -> object:
    return plain_scalar(given) if isinstance(given, str) else given

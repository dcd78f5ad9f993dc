"""Reads the closed list of words: fixed sentences, labels, words for small chances, and words never used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from decidua.base.yaml_text import data_of

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class BannedWord:
    """A word that is not put before the public, and what to say instead."""

    word: str
    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything in words.yaml."""

    reviewed: str
    sentences: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    chance_words: tuple[tuple[float, str], ...]
    banned: tuple[BannedWord, ...]
    choices: Mapping[str, Mapping[str, Mapping[str, str]]]


@cache
def load_words() -> Words:
    """The list as it ships, read once."""
    content = data_of(files("decidua.tell").joinpath("words.yaml").read_text(encoding="utf-8"))
    return Words(
        reviewed=str(content["reviewed"]),
        sentences=content["sentences"],
        labels=content["labels"],
        chance_words=tuple((entry["below"], entry["words"]) for entry in content["chance_words"]),
        banned=tuple(_banned(entry) for entry in content["banned"]),
        choices=content["choices"],
    )


def _banned(entry: Mapping[str, str]) -> BannedWord:
    inside = entry.get("pattern") or re.escape(entry["word"])
    whole_words = re.compile(rf"\b(?:{inside})\b", re.IGNORECASE)
    return BannedWord(entry["word"], whole_words, entry["instead"])


def sentence(name: str) -> str:
    """One of the fixed sentences, word for word, e.g. sentence("steroid").

    Arguments:  name  key under `sentences` in words.yaml
    Returns:    the sentence
    Raises:     KeyError naming the sentences there are
    Checked by: tests/safety/test_words.py
    """
    return _found(load_words().sentences, name, "sentence")


def label(group: str, key: str) -> str:
    """What a reader is shown for a value of a closed list, e.g. label("outcome", "miscarriage").

    Arguments:  group  key under `labels` in words.yaml
                key    value in that group
    Returns:    the words for it
    Raises:     KeyError naming what there is
    Checked by: tests/safety/test_words.py
    """
    return _found(_found(load_words().labels, group, "group of labels"), key, group)


def _found(there: Mapping[str, Kind], key: str, what: str) -> Kind:
    if key not in there:
        raise KeyError(f"no {what} {key!r}; there are {', '.join(sorted(there))}")
    return there[key]


def chance_words(p: float) -> str | None:
    """Words for a chance below 30 in 100, which come before its number; None for any other chance.

    Arguments:  p  chance, 0 to 1
    Returns:    words, or None where the number may stand first
    Raises:     ValueError when p is not a chance
    Checked by: tests/safety/test_words.py
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"a chance lies between 0 and 1, not {p}")
    return next((words for below, words in load_words().chance_words if p < below), None)


def in_100(p: float) -> str:
    """A chance as a whole number out of 100, e.g. "62 in 100"; below one it is "fewer than 1 in 100".

    Arguments:  p  chance, 0 to 1
    Returns:    words with the number
    Raises:     ValueError when p is not a chance
    Checked by: tests/safety/test_words.py
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"a chance lies between 0 and 1, not {p}")
    if 0.0 < p < 0.01:
        return "fewer than 1 in 100"
    return "more than 99 in 100" if 0.99 < p < 1.0 else f"{round(100 * p)} in 100"

"""The reader's own choice of words: a loss or a miscarriage, a baby or a child, people or women."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial

from decidua.base.errors import InputError
from decidua.tell.words import load_words

# What others said keeps their words.
QUOTATION = re.compile("(“[^”]*”)")


def choices() -> Mapping[str, tuple[str, ...]]:
    """What may be chosen, by matter; the first of each is what the sentences were written with."""
    return {matter: tuple(words) for matter, words in load_words().choices.items()}


def reworded(text: str, chosen: Mapping[str, str]) -> str:
    """A text in the words that its reader chose.

    Arguments:  text    sentences as the program writes them
                chosen  matter to word; matters left out stay as they are
    Returns:    the text
    Raises:     InputError for a word that is not among the choices
    Checked by: tests/unit/tell/test_wording.py, tests/safety
    """
    pairs = [pair for matter, word in chosen.items() for pair in _replacements(matter, word)]
    parts = QUOTATION.split(text)
    return "".join(part if part.startswith("“") else _replaced(part, pairs) for part in parts)


def _replaced(text: str, pairs: list[tuple[re.Pattern[str], str]]) -> str:
    for pattern, instead in pairs:
        text = pattern.sub(partial(_as_long, said=instead), text)
    return text


def _as_long(found: re.Match[str], *, said: str) -> str:
    """The new word, with a capital where the old one had it."""
    return said[:1].upper() + said[1:] if found.group()[:1].isupper() else said


@cache
def _replacements(matter: str, word: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    known = load_words().choices.get(matter, {})
    if word not in known:
        raise InputError(field=matter, value=word, allowed=", ".join(known))
    pairs = known[word].items()
    return tuple((re.compile(rf"\b{old}\b", re.IGNORECASE), new) for old, new in pairs)

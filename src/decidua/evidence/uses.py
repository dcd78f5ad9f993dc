"""Finds what uses a number: the files of the installed package that name its id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".py", ".yaml", ".ant", ".antimony")
PACKAGE = Path(__file__).parents[1]


def files_using(name: str, *, package: Path = PACKAGE) -> tuple[str, ...]:
    """Files that name this id, or the family it belongs to when an id is put together from parts.

    Arguments:  name     id of an entry
                package  folder to look through
    Returns:    paths inside the package, the ledger's own definitions left out
    Checked by: tests/unit/evidence/test_uses.py
    """
    found = tuple(_naming(_whole(name), package))
    return found or tuple(_naming(_family(name), package))


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w|\.\w)")


def _family(name: str) -> re.Pattern[str]:
    """The id up to its last dot, followed by a place to fill in: `life.sterility.{...}`."""
    stem = re.escape(name.rpartition(".")[0])
    return re.compile(rf"(?<![\w.]){stem}\.[\w.]*\{{")


def _naming(pattern: re.Pattern[str], package: Path) -> Iterator[str]:
    for path in _searched(package):
        if pattern.search(path.read_text(encoding="utf-8")):
            yield path.relative_to(package).as_posix()


def _searched(package: Path) -> list[Path]:
    own = package / "evidence" / "ledger"
    found = [path for path in package.rglob("*") if path.suffix in SUFFIXES and own not in path.parents]
    return sorted(found)

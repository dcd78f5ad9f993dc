"""Worked examples of history files, shipped with the program; all of them are invented."""

from __future__ import annotations

from importlib.resources import files
from itertools import takewhile

from decidua.base.errors import InputError
from decidua.measure.fields import closest
from decidua.measure.reading import parse_history
from decidua.measure.records import History

SUFFIX = ".yaml"


def example_names() -> tuple[str, ...]:
    """The names of the shipped examples, in the order of the alphabet."""
    names = (path.name for path in files("decidua.measure").joinpath("examples").iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def example_text(name: str) -> str:
    """The text of one shipped example.

    Arguments:  name  one of `example_names()`
    Returns:    the file as it stands, comments included
    Raises:     InputError when no example has that name
    Checked by: tests/unit/measure/test_history_examples.py
    """
    if name not in example_names():
        raise InputError(value=name, allowed=", ".join(example_names()), why=closest(name, example_names()))
    path = files("decidua.measure").joinpath("examples", f"{name}{SUFFIX}")
    return path.read_text(encoding="utf-8")


def example_history(name: str) -> History:
    """The history of one shipped example."""
    return parse_history(example_text(name), name=f"example {name}")


def example_about(name: str) -> str:
    """What one shipped example is, in the words at its head.

    Raises:     InputError when no example has that name
    """
    lines = example_text(name).splitlines()
    head = takewhile(lambda line: line.startswith("#"), lines)
    return " ".join(line.removeprefix("#").strip() for line in head)

"""The pieces that a page about a history is made of, and what a reader may ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from decidua.base.estimates import Estimate
from decidua.tell.history_sentences import Numbers
from decidua.tell.history_ways import TERMINAL, Ways
from decidua.tell.wording import reworded
from decidua.tell.words import sentence

Pregnancy = Literal["now", "next"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader asked to see.

    Arguments:  numbers  public (whole numbers, words first below 30 in 100), clinician (all numbers with
                         their intervals) or none
                nk       show what is said about uterine NK cells though no test was given
                causes   show the possible causes of past losses
                later    show the pregnancy after one that goes on now
                ways     how this reader asks for more
                is_page  a page of the explorer, which has help and support in a place of its own
    """

    numbers: Numbers = "public"
    nk: bool = False
    causes: bool = False
    later: bool = False
    ways: Ways = TERMINAL
    is_page: bool = False

    @property
    def is_without_numbers(self) -> bool:
        """The page in words alone."""
        return self.numbers == "none"

    @property
    def is_clinician(self) -> bool:
        """The page with every number and interval."""
        return self.numbers == "clinician"

    @property
    def has_later(self) -> bool:
        """Whether a pregnancy after one that goes on now is spoken of."""
        return self.later or self.is_clinician


@dataclass(frozen=True, slots=True)
class Bar:
    """Chances as bars on one scale from 0 to 100, each with a soft band as wide as its interval.

    Arguments:  rows       a label and a chance of a live birth each; the first also as a hundred marks
                legend     what a bar shows
                pregnancy  which one: the next, or the one that goes on now
                group      whom the first row is about
                other      what those of them without a birth have
    """

    rows: tuple[tuple[str, Estimate], ...]
    legend: str
    pregnancy: Pregnancy = "next"
    group: str = f"people with a history like this, {sentence('if_pregnant_again')}"
    other: str = "a loss"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of short lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """What is said of several things side by side, such as of each loss: a table where there is room.

    Arguments:  title  of the table
                what   head of its first column
                heads  of the others, one for each thing
                rows   a name, and what is said of each thing
    """

    title: str
    what: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The same one thing after the other: its head, and a line for each row that says something."""
        for at, head in enumerate(self.heads, start=1):
            yield head, tuple(f"{row[0]}: {row[at]}" for row in self.rows if row[at])


Part = str | Bar | Listed | Grid


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands under it; a quiet section is printed small or pale."""

    title: str
    parts: tuple[Part, ...]
    is_quiet: bool = False

    def without_bars(self) -> Section:
        """The same for where nothing can be drawn."""
        return replace(self, parts=tuple(part for part in self.parts if not isinstance(part, Bar)))

    def reworded(self, chosen: Mapping[str, str]) -> Section:
        """The same in the words that its reader chose (`decidua.tell.wording`)."""
        return replace(
            self,
            title=reworded(self.title, chosen),
            parts=tuple(_part_reworded(part, chosen) for part in self.parts),
        )


def _part_reworded(part: Part, chosen: Mapping[str, str]) -> Part:
    if isinstance(part, str):
        return reworded(part, chosen)
    return replace(part, **{one.name: _deep(getattr(part, one.name), chosen) for one in fields(part)})


def _deep(value: Any, chosen: Mapping[str, str]) -> Any:
    """Every text inside a value of a part; chances stay."""
    if isinstance(value, tuple):
        return tuple(_deep(one, chosen) for one in value)
    return reworded(value, chosen) if isinstance(value, str) else value

"""The pieces that a page about a history is made of, and what a reader may ask of it."""

from __future__ import annotations

from dataclasses import dataclass

from decidua.base.estimates import Estimate
from decidua.tell.history_sentences import Numbers
from decidua.tell.history_ways import TERMINAL, Ways


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader asked to see.

    Arguments:  numbers  public (whole numbers, words first below 30 in 100), clinician (all numbers with
                         their intervals) or none
                nk       show what is said about uterine NK cells though no test was given
                causes   show the possible causes of past losses
                ways     how this reader asks for more
                is_page  a page of the explorer, which has help and support in a place of its own
    """

    numbers: Numbers = "public"
    nk: bool = False
    causes: bool = False
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


@dataclass(frozen=True, slots=True)
class Bar:
    """Chances as bars on one scale from 0 to 100, each with a soft band as wide as its interval."""

    rows: tuple[tuple[str, Estimate], ...]
    legend: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of short lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands under it; a quiet section is printed small or pale."""

    title: str
    parts: tuple[str | Bar | Listed, ...]
    is_quiet: bool = False

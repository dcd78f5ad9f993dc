"""How a reader asks for more than is shown: by an option on the terminal, by a button on a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ways:
    """Ends of sentences, each saying where one thing is to be had."""

    without_numbers: str
    numbers: str
    causes: str
    age: str
    more_on_tests: str
    sources: str


TERMINAL = Ways(
    without_numbers="For the same page without numbers, add --words-only.",
    numbers="To see the numbers, add --numbers clinician.",
    causes="Not shown unless you ask for it: add --causes.",
    age="To look ahead as well, give an age (--age, or age in the file).",
    more_on_tests="More: decidua evidence --claims, and decidua story.",
    sources="Every number: decidua evidence.",
)
PAGE = Ways(
    without_numbers="To have the same page without numbers, choose “no numbers” under “How this is shown”.",
    numbers="To see the numbers, choose “all numbers” under “How this is shown”.",
    causes="Not shown unless you ask for it, with the button below.",
    age="To look ahead as well, go back and give an age.",
    more_on_tests="More is in the article and under evidence.",
    sources="Every number has its sources under evidence.",
)

"""How a reader asks for more than is shown: by an option, by a button, or by asking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ways:
    """Ends of sentences, each saying where one thing is to be had."""

    without_numbers: str
    numbers: str
    causes: str
    later: str
    age: str
    more_on_tests: str
    sources: str


TERMINAL = Ways(
    without_numbers="For the same page without numbers, add --words-only.",
    numbers="To see the numbers, add --numbers clinician.",
    causes="Not shown unless you ask for it: add --causes.",
    later="A pregnancy after this one, if pregnant again, is not shown unless you ask for it: add --later.",
    age="To look ahead as well, give an age (--age, or age in the file).",
    more_on_tests="More: decidua evidence --claims, and decidua story.",
    sources="Every number: decidua evidence.",
)
PAGE = Ways(
    without_numbers="To have the same page without numbers, choose “no numbers” under “How this is shown”.",
    numbers="To see the numbers, choose “all numbers” under “How this is shown”.",
    causes="Not shown unless you ask for it.",
    later="A pregnancy after this one, if pregnant again, can be asked for under “How this is shown”.",
    age="To look ahead as well, go back and give an age.",
    more_on_tests="More is in the article and under evidence.",
    sources="Every number has its sources under evidence.",
)
# In a copy of the page as text there are no buttons.
COPY = Ways(
    without_numbers="The same can be had without numbers.",
    numbers="The numbers can be had on request.",
    causes="Not shown, since it was not asked for.",
    later="A pregnancy after this one, if pregnant again, was not asked for.",
    age="To look ahead as well, an age is needed.",
    more_on_tests="The pages of decidua say more of such tests.",
    sources="The pages of decidua give the sources of every number.",
)

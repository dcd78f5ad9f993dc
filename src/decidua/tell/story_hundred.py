"""A hundred marks for one chance: certain, uncertain and other told apart by shape, never a person."""

from __future__ import annotations

from decidua.base.estimates import Estimate
from decidua.tell.history_figure import counts_of
from decidua.tell.story_figure import Figure, dressed, table
from decidua.tell.template import template
from decidua.tell.whole_numbers import outward

COLUMNS, STEP = 20, 16
WORDS = {
    "certain": "even at the low end",
    "uncertain": "inside the range",
    "other": "not even at the high end",
}


def hundred_figure(found: Estimate, *, name: str, title: str, what: str, origin: str) -> Figure:
    """A hundred marks: how many of 100 for sure, perhaps, and not.

    Arguments:  found   a chance with its interval
                name    id of the figure on the page
                title   for those who cannot see it
                what    what the filled marks are, for instance "have a baby"
                origin  the run it comes from
    Returns:    Figure whose marks add up to 100
    Checked by: tests/unit/study/test_story_page.py
    """
    counts = counts_of(found)
    marks = [
        (kind, STEP // 2 + STEP * (at % COLUMNS), STEP // 2 + STEP * (at // COLUMNS))
        for at, kind in enumerate(counts.kinds)
    ]
    lo, hi = outward(found)
    caption = (
        f"Out of 100 people, {lo} to {hi} {what}. Filled marks: {WORDS['certain']}. Marks with a "
        f"dash: {WORDS['uncertain']}. "
        f"Empty marks: {WORDS['other']}."
    )
    svg = template("story_hundred.svg.j2").render(
        marks=marks, width=STEP * COLUMNS, height=STEP * 100 // COLUMNS
    )
    rows = [(WORDS[kind], counts.kinds.count(kind)) for kind in WORDS]
    return Figure(
        name=name,
        title=title,
        caption=caption,
        svg=dressed(svg, name=f"figure-{name}", title=title, description=caption),
        origin=origin,
        **table((what, "of 100"), rows),
    )

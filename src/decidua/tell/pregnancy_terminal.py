"""One simulated pregnancy on the terminal: words first, then the weeks as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from decidua.study.pregnancy import PregnancyAnswer
from decidua.tell import pregnancy_words as words
from decidua.tell.words import sentence

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST = 100


def print_pregnancy(answer: PregnancyAnswer, console: Console) -> None:
    """Write the answer to a console.

    Arguments:  answer   as `ask_pregnancy` gives it
                console  never written wider than WIDEST
    Checked by: tests/unit/tell/test_pregnancy_told.py, tests/safety
    """
    console.width = min(console.width, WIDEST)
    told = (line for line in words.opening(answer))
    say(console, told, style="")
    console.print()
    say(console, words.findings(answer), style="")
    console.print(table_of("Week by week", *words.week_rows(answer)))
    heads = ("explanation", "without drugs", "with this course")
    console.print(table_of(words.EXPLANATIONS_TITLE, heads, words.explanation_rows(answer)))
    say(console, [words.EXPLANATIONS_NOTE], style="dim")
    console.print()
    say(console, words.regimen_words(answer)[:-1], style="")
    say(console, [sentence("steroid")], style="bold")
    say(console, [f"{sentence('urgent_help')} {sentence('not_a_device')}"], style="dim")


def say(console: Console, lines: Iterable[str], *, style: str) -> None:
    """Write plain lines, each wrapped at words."""
    from rich.text import Text

    for line in lines:
        console.print(Text(line, style=style))


def table_of(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """A plain table; the first column holds words."""
    from rich import box
    from rich.table import Table

    table: Any = Table(title=title, box=box.SIMPLE, title_justify="left", pad_edge=False, padding=0)
    for place, head in enumerate(heads):
        cells = [row[place] for row in rows]
        # Heads wrap between their words, so that no word is cut where the table has room for its cells.
        words = [word for text in (head, *cells) for word in text.split()]
        fitting = max(map(len, [*head.split(), *cells]))
        table.add_column(
            head,
            justify="left" if place == 0 else "right",
            min_width=max(map(len, words)),
            max_width=fitting,
        )
    for row in rows:
        table.add_row(*row)
    return table  # type: ignore[no-any-return]

"""The answer to a history as rows of numbers, for a table, a spreadsheet, or a comparison of two."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.tell.history_now import speaks_of_next
from decidua.tell.history_parts import Pregnancy, Wish
from decidua.tell.history_sentences import Numbers, ranged, share_of_100

ESTIMATE = {"mean", "lo", "hi"}
NOW = "a baby born alive in this pregnancy"
HEADS = ("what", "mean", "lo", "hi")
NEXT = {
    "live_birth": "a baby born alive in the next pregnancy",
    "same_age_no_losses": "the same, for people of that age without a loss",
}


def number_rows(answer: HistoryAnswer) -> tuple[tuple[str, float, float, float], ...]:
    """Every estimate of an answer by its path in the JSON object, in the order of that object.

    Arguments:  answer  as worked out
    Returns:    path, mean, lower and upper end, unrounded
    Checked by: tests/unit/tell/test_history_rows.py (they equal the JSON object)
    """
    told = {name: value for name, value in answer.to_dict().items() if name != "provenance"}
    return tuple(_rows(told, ""))


def csv_text(answer: HistoryAnswer) -> str:
    """The same rows as comma-separated values, with the versions that made them in the last column."""
    made = answer.provenance
    by = f"decidua {made['version']}, model {made['model_version']}, evidence {made['evidence_version']}"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*HEADS, "made_by"))
    writer.writerows((*row, by) for row in number_rows(answer))
    return text.getvalue()


def spoken_rows(
    answer: HistoryAnswer, *, numbers: Numbers, of: tuple[Pregnancy, ...] = ("now", "next")
) -> tuple[tuple[str, str], ...]:
    """The main chances in the form that the reader asked for: what, and how many of 100.

    Arguments:  answer   as worked out
                numbers  whole, all with their ranges, or none
                of       the pregnancy that goes on now, the next, or both
    """
    rows = [row for pregnancy in of for row in (_now(answer) if pregnancy == "now" else _next(answer))]
    return tuple((what, share_of_100(estimate, numbers=numbers)) for what, estimate in rows)


def ranged_rows(answer: HistoryAnswer, wish: Wish) -> tuple[tuple[str, str], ...]:
    """The same for a comparison, each number with its range: most differences are smaller than it."""
    rows = [*_now(answer), *(_next(answer) if speaks_of_next(answer, wish) else ())]
    return tuple((what, ranged(estimate, numbers=wish.numbers)) for what, estimate in rows)


def _now(answer: HistoryAnswer) -> list[tuple[str, Estimate]]:
    birth = answer.current and answer.current.live_birth
    return [(NOW, birth)] if birth else []


def _next(answer: HistoryAnswer) -> list[tuple[str, Estimate]]:
    if answer.next_live_birth is None or answer.same_age_no_losses is None:
        return []
    rows = [
        (NEXT["live_birth"], answer.next_live_birth),
        (NEXT["same_age_no_losses"], answer.same_age_no_losses),
    ]
    rows += [
        (f"one or more within {count} pregnancies", estimate)
        for count, estimate in answer.within_pregnancies.items()
        if count != "1"
    ]
    return rows


def _rows(told: Any, path: str) -> Iterator[tuple[str, float, float, float]]:
    if isinstance(told, Mapping) and set(told) == ESTIMATE:
        yield path, told["mean"], told["lo"], told["hi"]
    elif isinstance(told, Mapping):
        for name, value in told.items():
            yield from _rows(value, f"{path}.{name}" if path else name)
    elif isinstance(told, list):
        for index, value in enumerate(told):
            yield from _rows(value, f"{path}[{index}]")

"""The weights of the explanations as tables, and what moved them: the same tables as the command prints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from decidua.inference.class_weights import load_weights, weights_in_use
from decidua.inference.weights_report import by_table_table, classes_table, sensitivities_table
from decidua.tell.words import label
from decidua.womb import MECHANISM_CLASS, MECHANISMS


@dataclass(frozen=True)
class Explanation:
    """One explanation, its class, and its weight in use."""

    name: str
    words: str
    class_words: str
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class WeightsTable:
    """A table with its heading and what it says."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


TITLES = (
    (
        "Weight of each kind of explanation, before and after the studies",
        (
            "A factor of 0 means that the studies speak neither for it nor against it. It is worked out "
            "over the draws of the law together. The weights are worked out draw by draw and then "
            "averaged, so the two need not agree. The figure after ± is the error of the computing alone."
        ),
        classes_table,
    ),
    (
        "What each published table says",
        (
            "Log likelihood less that of “no effect”: above 0 speaks for it, below 0 against. All lie near "
            "0. The rows do not add up to the weights: they show how well the tables fit in the end, and "
            "a weight also counts how far the starting guesses had to move for that."
        ),
        by_table_table,
    ),
    (
        "Weights when something is left out or changed",
        (
            "If the order changes from row to row, or one weight is less than three times the next, the "
            "program says that it cannot tell. The first row uses more draws of the law than the others, so "
            "small steps from it mean nothing."
        ),
        sensitivities_table,
    ),
)


def explanations() -> list[Explanation]:
    """The five explanations in the order of the model."""
    weights = weights_in_use()
    return [
        Explanation(
            name=name,
            words=label("mechanism", name),
            class_words=label("mechanism_class", MECHANISM_CLASS[name]),
            weight=weights[name],
        )
        for name in MECHANISMS
    ]


def weights_tables() -> list[WeightsTable]:
    """What moved the weights; none while nothing has been weighed.

    Returns:    tables in the order of `docs/weights.md`
    Checked by: tests/unit/tell/test_evidence_told.py
    """
    found = load_weights()
    if found is None:
        return []
    return [WeightsTable(title, note, *_cells(make(found))) for title, note, make in TITLES]


def _cells(markdown: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    lines = [tuple(line[2:-2].split(" | ")) for line in markdown.splitlines()]
    return lines[0], tuple(lines[2:])

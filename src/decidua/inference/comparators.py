"""Published prognosis models beside ours, with their known faults: shown, never averaged in."""

from __future__ import annotations

import math

from decidua.evidence import Ledger, TableRow
from decidua.inference.answer import Comparator
from decidua.measure.history import History

BRIGHAM_FAULT = (
    "predicts too many births and too extreme chances in another clinic; from one clinic with supportive "
    "care, women who conceived; order, births, weeks and results play no part"
)
KOKI_FAULT = (
    "its intercept is not published, so only differences between women can be shown, not a chance; counts "
    "add up whatever their order; discrimination 0.65"
)


def comparators_of(history: History, ledger: Ledger) -> tuple[Comparator, ...]:
    """The two published models for this history; the chance is None where a model does not apply or exist."""
    return (brigham_1999(history, ledger), koki_2025())


def brigham_1999(history: History, ledger: Ledger) -> Comparator:
    r"""Brigham1999, from two losses on: $\mathrm{logit}(p) = a + b \cdot \text{age} + c \cdot \text{losses}$.

    Assumes the coefficients re-fitted to the printed cells, not the authors' own.
    """
    chance = None
    losses = history.previous_losses
    if history.age_years is not None and losses >= 2:
        rows = {row.stratum: row for row in ledger.table("BRIGHAM_LOGIT").rows}
        score = _value(rows["intercept"]) + _value(rows["per year of age"]) * history.age_years
        score += _value(rows["per previous miscarriage"]) * losses
        chance = 1.0 / (1.0 + math.exp(-score))
    return Comparator("Brigham1999", chance, "a birth of the next pregnancy", BRIGHAM_FAULT, "brigham_1999")


def koki_2025() -> Comparator:
    """Koki2025: odds ratios for a pregnancy beyond 24 weeks; no chance without the intercept."""
    return Comparator("Koki2025", None, "a pregnancy beyond 24 weeks", KOKI_FAULT, "koki_2025")


def koki_odds_ratio(history: History, ledger: Ledger, *, other: History) -> float:
    """Odds of a viable pregnancy for this history against another one, by the published ratios."""
    ratios = {row.stratum: _value(row) for row in ledger.table("KOKI_VIABLE").rows}
    age = (history.age_years or 0.0) - (other.age_years or 0.0)
    out = ratios["per year maternal age"] ** age
    out *= ratios["per previous miscarriage"] ** (history.previous_losses - other.previous_losses)
    return float(out * ratios["per previous live birth"] ** (history.births - other.births))


def _value(row: TableRow) -> float:
    if row.estimate is None:
        raise LookupError(f"{row.row_key}: no estimate")
    return row.estimate

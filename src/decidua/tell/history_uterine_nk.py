"""What is said of uterine NK cells: only beside what women with births have, and never as a headline."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.measure.history import History
from decidua.tell.history_grades import how_sure
from decidua.tell.history_parts import Listed, Section, Wish
from decidua.tell.weights_words import weights_sentence
from decidua.tell.whole_numbers import about, how_many, is_too_wide, out_of_100, out_of_1000, outward
from decidua.tell.words import label, sentence

CLASSES = ("high_count_harms", "low_count_harms", "no_effect")
# Weights that differ by less are called equal.
EQUAL_WITHIN = 0.005


def uterine_nk_section(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    """Uterine NK cells before and after the history, as counts of people, with the classes of explanation."""
    of = "this history and these results" if history.tests else "this history"
    nk = answer.uterine_nk
    cut = f"{nk.cut:g} {nk.cut_unit.replace('cells_per_mm2', 'cells per mm²')}"
    lines = (
        f"before anything is known: {_people(nk.p_above_cut_before, wish)}",
        f"after {of}: {_people(nk.p_above_cut_after, wish)}",
        f"among women with births: {_people(nk.share_high_among_women_with_births, wish)}",
    )
    group = "How many" if wish.is_without_numbers else "Out of 1,000 people, how many"
    opening = f"{group} have a sample of the womb lining that reads above the line of one laboratory"
    line = "" if wish.is_without_numbers else f", {cut}"
    parts: list[str | Listed] = [
        f"{sentence('natural_killer')} A count in blood counts other cells than one in the womb lining.",
        f"{opening}{line}? Lines of other laboratories lie elsewhere.",
        Listed(lines),
        *_density(answer, wish),
        *_weights(answer, wish),
        how_sure("uterine_nk"),
    ]
    return Section("Natural killer cells in the womb lining", tuple(parts))


def births_too(answer: HistoryAnswer, wish: Wish) -> str:
    """The share of high results among women with births, which stands beside every uterine NK result."""
    share = answer.uterine_nk.share_high_among_women_with_births
    opening = "High counts are also found among women with births"
    if is_too_wide(share):
        return f"{opening}: in how many, {sentence('cannot_tell')}."
    if wish.is_without_numbers:
        return f"{opening}: in {how_many(share.mean)} of them."
    lo, hi = outward(share)
    counted = f"{about(share.mean)} of 100; studies fit {lo} to {hi}"
    return f"{opening}: in {how_many(share.mean)} of them ({counted})."


def _people(share: Estimate, wish: Wish) -> str:
    if is_too_wide(share):
        return sentence("cannot_tell")
    if wish.is_without_numbers:
        return how_many(share.mean)
    lo, hi = outward(share)
    return f"{out_of_1000(share.mean)} (studies fit {10 * lo} to {10 * hi})"


def _density(answer: HistoryAnswer, wish: Wish) -> list[str]:
    if not wish.is_clinician:
        return []
    before, after = (_count(e) for e in (answer.uterine_nk.density_before, answer.uterine_nk.density_after))
    return [f"Lasting density, cells per mm²: {before} before, {after} after."]


def _count(estimate: Estimate) -> str:
    return f"{estimate.mean:.0f} ({math.floor(estimate.lo)} to {math.ceil(estimate.hi)})"


def _weights(answer: HistoryAnswer, wish: Wish) -> list[str | Listed]:
    """Classes of explanation: what weighs them, and how little one history moves that."""
    if answer.mechanism is not None:
        return []
    before, after = answer.mechanisms, answer.mechanisms_after
    starting = weights_sentence(is_prior=before.get("weights_are") == "prior")
    names = "; ".join(label("mechanism_class", name) for name in CLASSES)
    inside = f"Between explanations inside one of these groups, {sentence('data_cannot_tell')}."
    side_by_side = f"Three groups of explanation stand side by side: {names}."
    parts: list[str | Listed] = [f"{side_by_side} {starting}".strip()]
    if wish.is_clinician:
        parts.append(Listed(tuple(_moved(name, before, after) for name in CLASSES)))
    elif not wish.is_without_numbers:
        parts.append(_how_far(before, after))
    return [*parts, inside]


def _moved(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    weights = f"weight {out_of_100(before[name])} before, {out_of_100(after[name])} after this history alone"
    return f"{label('mechanism_class', name)}: {weights}"


def _how_far(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    most = max(abs(after[name] - before[name]) for name in CLASSES)
    spread = max(before[name] for name in CLASSES) - min(before[name] for name in CLASSES)
    start = "They start with equal weight" if spread < EQUAL_WITHIN else "They start with unequal weight"
    return f"{start}. This history alone moves none of them by more than {math.ceil(100 * most)} out of 100."

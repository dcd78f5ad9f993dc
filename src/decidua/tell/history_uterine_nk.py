"""What is said of uterine NK cells: only beside what women with births have, and never as a headline."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.inference.answer import HistoryAnswer
from decidua.measure.history import History, Test
from decidua.tell.history_grades import how_sure
from decidua.tell.history_parts import Listed, Section, Wish
from decidua.tell.weights_words import weights_sentence
from decidua.tell.whole_numbers import about, how_many, is_too_wide, out_of_100, out_of_1000, outward
from decidua.tell.words import label, sentence

CLASSES = ("high_count_harms", "low_count_harms", "no_effect")
UNITS = {
    "cells_per_mm2": "cells per mm²",
    "percent_of_stroma": "percent of stroma",
    "percent_of_lymphocytes": "of 100 lymphocytes",
}
BLOOD = "measure.blood_nk.women_reference_{}_percent_of_lymphocytes"


def uterine_nk_section(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    """Uterine NK cells before and after the history, as counts of people, with the classes of explanation."""
    of = "this history and these results" if history.tests else "this history"
    sample = "another sample" if any(test.test == "uterine_nk" for test in history.tests) else "a sample"
    nk = answer.uterine_nk
    cut = f"{nk.cut:g} {nk.cut_unit.replace('cells_per_mm2', 'cells per mm²')}"
    lines = (
        f"before anything is known: {_people(nk.p_above_cut_before, wish)}",
        f"after {of}: {_people(nk.p_above_cut_after, wish)}",
        f"among women with births: {_people(nk.share_high_among_women_with_births, wish)}",
    )
    group = "How many" if wish.is_without_numbers else "Out of 1,000 people, how many"
    opening = f"{group} have {sample} of the womb lining that reads above the line of one laboratory"
    line = "" if wish.is_without_numbers else f", {cut}"
    parts: list[str | Listed] = [
        f"{sentence('natural_killer')} A count in blood counts other cells than one in the womb lining.",
        *(_reading(test, wish) for test in history.tests),
        f"{opening}{line}? Lines of other laboratories lie elsewhere.",
        Listed(lines),
        *_density(answer, wish),
        *_weights(answer, wish),
        how_sure("uterine_nk"),
    ]
    return Section("Natural killer cells in the womb lining", tuple(parts))


def compared_rows(answer: HistoryAnswer, wish: Wish) -> tuple[tuple[str, str], ...]:
    """What a comparison of two answers says of a next sample, never without that of women with births."""
    nk = answer.uterine_nk
    what = "a next sample of the womb lining above the line of one laboratory"
    group = what if wish.is_without_numbers else f"{what}, out of 1,000 people"
    return (
        (group, _people(nk.p_above_cut_after, wish, fits="")),
        ("the same among women with births", _people(nk.share_high_among_women_with_births, wish, fits="")),
    )


def births_too(answer: HistoryAnswer, wish: Wish) -> str:
    """The share of high results among women with births, which stands beside every uterine NK result."""
    share = answer.uterine_nk.share_high_among_women_with_births
    opening = "High counts are also found among women with births"
    if is_too_wide(share):
        return f"{opening}: in how many, {sentence('cannot_tell')}."
    if wish.is_without_numbers:
        return f"{opening}: in {how_many(share.mean)} of them."
    lo, hi = outward(share)
    counted = f"{about(share.mean)} of 100; {lo} to {hi} fit"
    return f"{opening}: in {how_many(share.mean)} of them ({counted})."


def _people(share: Estimate, wish: Wish, *, fits: str = "studies fit ") -> str:
    if is_too_wide(share):
        return sentence("cannot_tell")
    if wish.is_without_numbers:
        return how_many(share.mean)
    lo, hi = outward(share)
    return f"{out_of_1000(share.mean)} ({fits}{10 * lo} to {10 * hi})"


def _reading(test: Test, wish: Wish) -> str:
    """What a result that was given says, and what it does not."""
    is_blood = test.test == "blood_nk"
    name = "A blood result" if is_blood else "A result"
    number = "" if wish.is_without_numbers else f" of {test.value:g} {UNITS[test.unit]}"
    return f"{name}{number} was given. {_healthy(wish) if is_blood else sentence('one_reading')}"


def _healthy(wish: Wish) -> str:
    """How far blood results of healthy women lie apart, and what they say of the womb."""
    lo, hi = (load_ledger().value(BLOOD.format(end)) for end in ("lo", "hi"))
    between = "differ widely in it" if wish.is_without_numbers else f"have about {lo:.0f} to {hi:.0f}"
    return f"Healthy women {between}. It says next to nothing of the womb, and hardly moves this answer."


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
    told = f"{side_by_side} {starting} {inside}"
    if not wish.is_clinician:
        return [told]
    return [told, Listed(tuple(_moved(name, before, after) for name in CLASSES))]


def _moved(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    weights = f"weight {out_of_100(before[name])} before, {out_of_100(after[name])} after this history alone"
    return f"{label('mechanism_class', name)}: {weights}"

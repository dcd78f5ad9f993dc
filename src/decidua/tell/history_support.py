"""What stands at the foot of every page: guideline bodies, help, support, and where it comes from."""

from __future__ import annotations

import re

from decidua.evidence import load_ledger
from decidua.evidence.schema import Guideline
from decidua.inference.answer import HistoryAnswer
from decidua.tell.history_parts import Listed, Section, Wish
from decidua.tell.words import sentence

LOOKING = "On looking for causes, they differ in how many losses come first:"
# Two bodies whose word on NK tests was read; all others are a command away.
ON_NK_TESTS = ("rcog_2023_fourth", "eshre_addons_2023")
# Current guidelines whose text on when to look for causes was read, from several countries.
ON_CAUSES = ("eshre_2022", "asrm_2012", "norway_2024", "rcog_2023_fourth")


def guideline_section(answer: HistoryAnswer, wish: Wish, *, is_first_word_of_nk: bool) -> Section:
    """What guideline bodies say about NK tests, in their own words, and after how many losses they look."""
    bodies = (load_ledger().guidelines[name] for name in ON_NK_TESTS)
    said = "; ".join(f"{body.body}, {_when(body)}: “{body.nk_test}”" for body in bodies)
    name = (sentence("natural_killer"),) if is_first_word_of_nk else ()
    stance = (
        "On tests for natural killer (NK) cells: neither of these two advises the test in everyday care. "
        f"{said}. {wish.ways.more_on_tests}"
    )
    causes = (LOOKING, Listed(_looking_for_causes())) if answer.past_losses else ()
    return Section("What guideline bodies say", (*causes, *name, stance))


def _looking_for_causes() -> tuple[str, ...]:
    """After how many losses each of them looks for causes, with its date."""
    after: dict[int, list[str]] = {}
    for name in ON_CAUSES:
        body = load_ledger().guidelines[name]
        if body.trigger_losses is not None:
            after.setdefault(body.trigger_losses, []).append(f"{body.body}, {_when(body)}")
    return tuple(f"after {count}: {'; '.join(after[count])}" for count in sorted(after))


def _when(body: Guideline) -> str:
    """The year, with that of an update."""
    update = re.search(r"update (\d{4})", body.date)
    return f"{body.date[:4]}, updated {update[1]}" if update else body.date[:4]


def closing_section() -> Section:
    """When to seek help, who offers support, and what this program is not; the same on every page."""
    support = tuple(
        f"{organisation.name} ({organisation.country}): {organisation.link}"
        for organisation in load_ledger().support.values()
    )
    parts = (sentence("urgent_help"), "Where to turn:", Listed(support), sentence("not_a_device"))
    return Section("Help and support", parts)


def provenance_section(answer: HistoryAnswer, wish: Wish) -> Section:
    """Which versions made the answer, and where its numbers are from."""
    made = answer.provenance
    versions = {
        "decidua": made["version"],
        "model": made["model_version"],
        "evidence": made["evidence_version"],
    }
    chosen = versions | {"seed": made["seed"]} | dict(made["arguments"])
    told = ", ".join(f"{name} {value}" for name, value in chosen.items() if value is not None)
    return Section("Where this comes from", (f"{told}. {wish.ways.sources}",), is_quiet=True)

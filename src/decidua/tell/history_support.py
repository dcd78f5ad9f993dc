"""What stands at the foot of every page: guideline bodies, help, support, and where it comes from."""

from __future__ import annotations

from decidua.evidence import load_ledger
from decidua.inference.answer import HistoryAnswer
from decidua.tell.history_parts import Listed, Section, Wish
from decidua.tell.words import sentence

# Two bodies whose word on NK tests was read; all others are a command away.
BODIES = ("rcog_2023_fourth", "eshre_addons_2023")


def guideline_section(wish: Wish, *, is_first_word_of_nk: bool) -> Section:
    """What guideline bodies say about NK tests, in their own words with their dates."""
    bodies = (load_ledger().guidelines[name] for name in BODIES)
    said = "; ".join(f"{body.body}, {body.date[:4]}: “{body.nk_test}”" for body in bodies)
    name = (sentence("natural_killer"),) if is_first_word_of_nk else ()
    stance = f"Neither of these two advises the test in everyday care. {said}. {wish.ways.more_on_tests}"
    return Section("What guideline bodies say about tests for natural killer (NK) cells", (*name, stance))


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

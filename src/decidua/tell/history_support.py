"""What stands at the foot of every page: guideline bodies, help, support, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from decidua.evidence import load_ledger
from decidua.evidence.schema import Guideline
from decidua.inference.answer import HistoryAnswer
from decidua.measure.history import History
from decidua.tell.history_parts import Listed, Part, Section, Wish
from decidua.tell.words import sentence

LOOKING = "On looking for causes, they differ in how many losses come first:"
# Two bodies whose word on NK tests was read; all others are a command away.
ON_NK_TESTS = ("rcog_2023_fourth", "eshre_addons_2023")
# Current guidelines whose text on when to look for causes was read, from several countries.
ON_CAUSES = ("eshre_2022", "asrm_2012", "norway_2024", "rcog_2023_fourth")
UK, ON_BLEEDING = "rcog_2023_fourth", "nice_ng126"
SECOND_TRIMESTER_WEEK = 14  # from here on by every count of weeks
LAST_WEEK_OF_PROGESTERONE = 16  # in the text of NICE
# Published tables that births rest on most, and what each of them tells.
RESTS_ON = {
    "age, and losses before": "MAGNUS_REC",
    "chromosomes of a loss": "PENDINA",
    "the week of a loss": "ZAUCHE_WEEK",
    "a partner's age": "PATERNAL_AGE",
}


def guideline_section(
    answer: HistoryAnswer, history: History, wish: Wish, *, is_first_word_of_nk: bool
) -> Section:
    """What guideline bodies say, in our words: when to look for causes, which tests, bleeding, NK tests."""
    parts: list[Part] = []
    if answer.past_losses:
        parts += [LOOKING, Listed(_looking_for_causes()), *_tests_of_the_uk(history), *_on_bleeding(history)]
    if is_first_word_of_nk:
        parts.append(sentence("natural_killer"))
    bodies = " and ".join(map(_named, ON_NK_TESTS))
    stance = f"On tests for natural killer (NK) cells: {bodies} do not advise them in everyday care."
    parts.append(f"{stance} {wish.ways.more_on_tests}")
    return Section("What guideline bodies say", tuple(parts))


def _named(name: str) -> str:
    """A body and the date of its word, in the middle of a sentence."""
    body = load_ledger().guidelines[name]
    return f"{body.body}, {_when(body)},"


def _tests_of_the_uk(history: History) -> Iterator[str]:
    """Which tests one body names, so that nobody has to ask for the wrong one."""
    yield (
        f"Tests that {_named(UK)} names: antiphospholipid antibodies, thyroid, a 3D scan of the womb, and "
        "from the third loss on its chromosomes. Some people take this list to their doctor."
    )
    weeks = [one.week for one in history.pregnancies if one.outcome == "miscarriage" and one.week is not None]
    if any(week >= SECOND_TRIMESTER_WEEK for week in weeks):
        yield "One loss in the middle third of pregnancy is enough for it to be looked into."


def _on_bleeding(history: History) -> Iterator[str]:
    """What one body says of bleeding after a loss, while it can still matter."""
    now = history.ongoing
    is_late = now is not None and now.week is not None and now.week >= LAST_WEEK_OF_PROGESTERONE
    if is_late or (now is not None and now.is_without_heartbeat):
        return
    yield (
        f"On bleeding early in a pregnancy after a loss: {_named(ON_BLEEDING)} says to offer progesterone "
        "once a scan shows the pregnancy in the womb. So it is worth asking the same day."
    )


def _looking_for_causes() -> tuple[str, ...]:
    """After how many losses each of them looks for causes, with its date."""
    after: dict[int, list[str]] = {}
    for name in ON_CAUSES:
        body = load_ledger().guidelines[name]
        if body.trigger_losses is not None:
            earlier = ", or after 2 if a cause is suspected" if name == UK else ""
            after.setdefault(body.trigger_losses, []).append(f"{body.body}, {_when(body)}{earlier}")
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
    sources = f"Births rest most on: {'; '.join(_resting_on())}. {wish.ways.sources}"
    return Section("Where this comes from", (sources, f"{told}."), is_quiet=True)


def _resting_on() -> Iterator[str]:
    """What the main published tables tell, and where each was published."""
    for what, table in RESTS_ON.items():
        names = dict.fromkeys(name for row in load_ledger().table(table).rows for name in row.sources)
        yield f"{what}: {', '.join(_named_source(name) for name in names)}"


def _named_source(name: str) -> str:
    """Who, when, and the sign by which anybody finds it."""
    source = load_ledger().sources[name]
    return f"{source.short_label()}, doi:{source.DOI}" if source.DOI else source.label()

"""How well an answer is known: two sorts of not knowing, what would change it, and other formulas."""

from __future__ import annotations

from collections.abc import Iterator

from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.inference.answer import Change, Comparator, HistoryAnswer
from decidua.tell.history_grades import how_sure
from decidua.tell.history_now import antibodies_line, speaks_of_next
from decidua.tell.history_parts import Listed, Section, Wish
from decidua.tell.history_sentences import prospect, share_of_100
from decidua.tell.history_uterine_nk import births_too
from decidua.tell.whole_numbers import how_many, is_small, out_of_100, outward
from decidua.tell.words import sentence

LONGEST_LIST = 5
# Losses from which on the register's ratios over all ages lie above the model's (docs/calibration.md).
REGISTER_DIFFERS_FROM = 2
# What-ifs are worked out on a part of the draws, so smaller moves may be that and nothing else.
NOTICEABLE = 0.015

WHAT = {
    "antiphospholipid": "antiphospholipid antibodies",
    "uterine_anomaly": "an unusual shape of the womb",
    "thyroid_antibodies": "antibodies against the thyroid",
    "translocation": "a rearrangement of chromosomes in a parent",
    "uterine NK count": "the count of NK cells in the womb lining",
}
RESULT = {
    "yes": "looked for and found",
    "no": "looked for and not found",
    "aneuploid": "one too many or too few",
    "euploid": "the usual ones",
    "miscarriage": "ending in a loss",
    "live_birth": "ending in a birth",
}
FORMULAS = {
    "Brigham1999": "The formula of Brigham and others (1999)",
    "Koki2025": "The formula of Koki and others (2025)",
}
# The same faults in the words of the answer are for clinicians.
FAULTS = {
    "Brigham1999": (
        "Gave too many births in another clinic. It was made in one clinic with much support, for two losses "
        "or more, and looks at age and the number of losses alone."
    ),
    "Koki2025": (
        "The part that sets its level was not published, so it tells who has more, but not how many."
    ),
}


def how_well_section(answer: HistoryAnswer, birth: Estimate, wish: Wish) -> Section:
    """Chance, knowledge, grade and the ceiling of every tool of this kind, beside the answer itself."""
    lo, hi = outward(birth)
    is_told = not wish.is_without_numbers and (wish.is_clinician or not is_small(birth.mean))
    fits = f"anything from {lo} to {hi} fits" if is_told else "the range is wide"
    two_sorts = Listed(
        (
            "chance: even a perfect count of the group cannot say how one pregnancy will end;",
            f"knowledge: studies, clinics and explanations differ, so {fits}. {how_sure('births')}",
        )
    )
    groups = sentence("groups_not_you")
    parts: list[str | Listed] = ["Two things are not sure:", two_sorts]
    if len(answer.past_losses) >= REGISTER_DIFFERS_FROM and speaks_of_next(answer, wish):
        parts.append(sentence("register_saw_more"))
    parts.append(f"{_ceiling(wish)} {groups}")
    if wish.is_clinician:
        parts.append(f"The answer rests on {answer.effective_draws:.0f} draws of equal weight.")
    return Section("How well this is known", tuple(parts))


def _ceiling(wish: Wish) -> str:
    said = sentence("little_discrimination")
    if wish.is_without_numbers:
        return said
    rows = (*load_ledger().table("DUFOSSE_PERF").rows, *load_ledger().table("KOKI_PERF").rows)
    areas = [row.estimate for row in rows if row.basis == "recognised" and row.estimate is not None]
    # 0.5 and 1 are the ends of the scale, not findings.
    scale = "0.5 is a coin toss, 1 is perfect"
    return f"{said.rstrip('.')} (AUC about {min(areas):.1f} to {max(areas):.2f}; {scale})."


def what_would_change_section(answer: HistoryAnswer, wish: Wish) -> Iterator[Section]:
    """What further knowledge would move the answer most, worked out for this history."""
    now = prospect(answer).mean
    moving = [c for c in answer.what_would_change_it if abs(c.live_birth.mean - now) > NOTICEABLE]
    if not wish.is_clinician:  # another pregnancy is no test result
        moving = [change for change in moving if change.what != "one more pregnancy"]
    moving.sort(key=lambda change: -abs(change.live_birth.mean - now))
    title = "What would change this most"
    if not moving:
        none = "Nothing that could be found out would move it enough to notice."
        yield Section(title, (none,))
        return
    is_counted = wish.is_clinician or (wish.numbers == "public" and not is_small(now))
    share = share_of_100(prospect(answer), numbers=wish.numbers)
    said = f"Births out of 100, now {share}." if is_counted else f"Now {share} have a baby born alive."
    opening = f"{said} If it turned out:"
    shown = moving[:LONGEST_LIST]
    lines = tuple(_change(change, now, wish) for change in shown)
    about_nk = any("nk" in change.what.lower().replace("_", " ").split() for change in shown)
    after = (births_too(answer, wish),) if about_nk else ()
    treated = (antibodies_line(wish),) if any(map(_finds_antibodies, shown)) else ()
    yield Section(title, (opening, Listed(lines), *after, *treated))


def _finds_antibodies(change: Change) -> bool:
    return (change.what, change.result) == ("antiphospholipid", "yes")


def _change(change: Change, now: float, wish: Wish) -> str:
    if wish.is_without_numbers or (wish.numbers == "public" and is_small(change.live_birth.mean)):
        effect = "more births" if change.live_birth.mean > now else "fewer births"
    else:
        effect = share_of_100(change.live_birth, numbers=wish.numbers)
    if change.p_result is None:
        return f"{change_in_words(change)}: {effect}"
    such = _such_people(change.p_result, wish)
    # With all numbers both have a range in brackets.
    return f"{change_in_words(change)}: {effect}{f'; {such}' if wish.is_clinician else f' ({such})'}"


def change_in_words(change: Change) -> str:
    """One more piece of knowledge in plain words."""
    name = WHAT.get(change.what, change.what.replace("_", " "))
    result = RESULT.get(change.result, change.result.replace("_", " "))
    return f"{name}, {result}"


def _such_people(share: Estimate, wish: Wish) -> str:
    said = share_of_100(share, numbers=wish.numbers)
    return (
        f"{said} of 100 such people" if said[-1].isdigit() or said.endswith(")") else f"{said} of such people"
    )


def comparator_section(answer: HistoryAnswer, wish: Wish) -> Iterator[Section]:
    """Published formulas for the same history, with their known faults."""
    shown = [each for each in answer.comparators if wish.is_clinician or each.live_birth is not None]
    if shown:
        opening = "For comparison; each has known faults, and another way of counting."
        lines = tuple(_comparator(comparator, wish) for comparator in shown)
        yield Section("Other published formulas", (opening, Listed(lines)), is_quiet=True)


def _comparator(comparator: Comparator, wish: Wish) -> str:
    p = comparator.live_birth
    if p is None:
        said = "gives no number here"
    elif is_small(p) and not wish.is_clinician:
        said = how_many(p)
    else:
        said = f"about {out_of_100(p)} of 100"
    plain = comparator.fault if wish.is_clinician else FAULTS.get(comparator.name, comparator.fault)
    name = FORMULAS.get(comparator.name, comparator.name)
    return f"{name}: {said}. Counts {comparator.endpoint}. {_sentence(plain)}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")

"""The pregnancy that goes on now: how others like it went, and what its treatment did and did not do."""

from __future__ import annotations

from decidua.base.estimates import Estimate
from decidua.evidence import load_ledger
from decidua.inference.answer import Current, HistoryAnswer
from decidua.inference.benefit import Sides
from decidua.life.harms import Harm
from decidua.measure.history import History, Pregnancy
from decidua.tell.harm_lines import harm_numbers, harm_sentences
from decidua.tell.history_parts import Bar, Listed, Part, Section, Wish
from decidua.tell.history_sentences import fits, with_numbers
from decidua.tell.whole_numbers import (
    about,
    complement,
    how_many,
    is_small,
    is_too_wide,
    out_of_100,
    words_of,
)
from decidua.tell.words import label, sentence

# From this completed week on nobody is told that it may be too early to see a heartbeat.
NEVER_TOO_EARLY = 12
NEARLY_SURE = 0.95
HEPARIN = "treatment.heparin_and_aspirin.live_birth_risk_ratio.antiphospholipid"
BAR_SHOWS = "Births out of 100. The mark is the middle; the shade is what studies fit, paler where less sure."


def now_section(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    """What is said of the pregnancy that goes on.

    Arguments:  answer   with a current pregnancy
                history  as read, with the same pregnancy last
                wish     what the reader asked to see
    Returns:    the section
    Raises:     ValueError when there is no such pregnancy
    Checked by: tests/unit/tell/test_history_sections.py
    """
    current, ongoing = answer.current, history.ongoing
    if current is None or ongoing is None:
        raise ValueError("this answer has no ongoing pregnancy")
    parts = [*_how_it_may_go(current, ongoing, wish), *_treated(current, ongoing, wish)]
    parts += steroid_lines(history)
    if current.live_birth is not None:
        parts += treated_antibodies(history, wish)
    if not speaks_of_next(answer, wish):
        parts += filter(None, [*left_out(answer), wish.ways.later])
    return Section("This pregnancy", tuple(parts))


def steroid_lines(history: History) -> tuple[str, ...]:
    """What stands on every page of a history in which a drug was taken."""
    return (sentence("steroid"),) if any(one.is_treated for one in history.pregnancies) else ()


def speaks_of_next(answer: HistoryAnswer, wish: Wish) -> bool:
    """Whoever is pregnant now is told of a later pregnancy only when they ask."""
    return answer.next_live_birth is not None and (answer.current is None or wish.has_later)


def treated_antibodies(history: History, wish: Wish) -> tuple[str, ...]:
    """What stands beside births of women whose history tells of antiphospholipid antibodies."""
    return (antibodies_line(wish),) if history.conditions.get("antiphospholipid") == "yes" else ()


def antibodies_line(wish: Wish) -> str:
    """There is a treatment, and the numbers are without it."""
    women = "" if wish.is_without_numbers else f" with {load_ledger()[HEPARIN].chosen.n:,} women"
    more = "more had a baby with heparin and aspirin than with aspirin alone"
    return f"{sentence('treated_antibodies')} There is one. In trials{women}, {more}."


def left_out(answer: HistoryAnswer) -> list[str]:
    """What the numbers leave out for a history like this, beside them and not at the foot of the page."""
    return [label("left_out", name).strip() for name in answer.left_out]


def may_be_drawn(birth: Estimate, wish: Wish) -> bool:
    """A bar is a number too: below 30 in 100 it comes on request."""
    small = is_small(birth.mean) and wish.numbers == "public"
    return not wish.is_without_numbers and not small


def no_heartbeat(ongoing: Pregnancy) -> str:
    """What is said instead of a number where a scan showed no heartbeat."""
    is_late = ongoing.week is not None and ongoing.week >= NEVER_TOO_EARLY
    return sentence("no_heartbeat_seen_later" if is_late else "no_heartbeat_seen")


def _how_it_may_go(current: Current, ongoing: Pregnancy, wish: Wish) -> list[Part]:
    """Births of people in the same week, or why there is no number."""
    if current.live_birth is None:
        return [no_heartbeat(ongoing)]
    here = f"at {ongoing.week} weeks" if ongoing.week is not None and not wish.is_without_numbers else "now"
    seen = " with a heartbeat seen" if ongoing.heartbeat == "seen" else ""
    group = f"people with a history like this who are pregnant {here}{seen}"
    said = _reached(current.live_birth, group, wish)
    if not may_be_drawn(current.live_birth, wish):
        return [said]
    rows = ((f"pregnant {here}", current.live_birth),)
    return [said, Bar(rows, BAR_SHOWS, pregnancy="now", group=group, other="no baby born alive")]


def _treated(current: Current, ongoing: Pregnancy, wish: Wish) -> list[Part]:
    """What can be said of its treatment, and what it may bring besides."""
    # No word of harms to whoever was told that there is no heartbeat.
    if not ongoing.is_treated or current.live_birth is None:
        return []
    parts: list[Part] = []
    if current.untreated_also_here is not None:
        parts.append(_without_treatment(current.untreated_also_here, wish))
    if current.treatment is not None:
        parts.append(_other_sides(current.treatment, wish))
    return [*parts, *_harms(current.harms, wish)]


def _harms(harms: tuple[Harm, ...], wish: Wish) -> list[str | Listed]:
    """What a steroid course may bring besides, never a benefit without it."""
    if wish.is_clinician and harms:
        return ["Seen with a steroid course like this, as ratios:", Listed(harm_numbers(harms))]
    return list(harm_sentences(harms))


def _reached(live_birth: Estimate, group: str, wish: Wish) -> str:
    words = words_of(live_birth.mean)
    if wish.is_without_numbers or (words and wish.numbers == "public"):
        said = with_numbers(live_birth, numbers="none")
        if not words:
            return f"Of {group}, {said} have a baby born alive."
        way = "" if wish.is_without_numbers else f" {wish.ways.numbers}"
        return f"For {group}, the birth of a living baby is {said}.{way}"
    born, others = about(live_birth.mean), complement(live_birth.mean)
    return f"Out of 100 {group}, {born} have a baby born alive, {others} do not. {fits(live_birth)}"


def _without_treatment(share: Estimate, wish: Wish) -> str:
    """What the treatment did cannot be read off one pregnancy that goes on."""
    return f"{_came_without(share, wish)} So reaching this point does not show that the treatment worked."


def _came_without(share: Estimate, wish: Wish) -> str:
    """How many of those who are here would be here without it."""
    if is_too_wide(share):
        return f"How many of them would have come this far without the treatment: {sentence('cannot_tell')}."
    if wish.is_without_numbers or (is_small(share.mean) and wish.numbers == "public"):
        words = words_of(share.mean)
        if words:
            return f"To come this far without the treatment would have been {words}."
        many = with_numbers(share, numbers="none")
        return f"Of people like this, {many} would have come this far without the treatment too."
    return (
        f"Out of 100 people like this who come this far with the treatment, {about(share.mean)} would have "
        f"come this far without it too. {fits(share)}"
    )


def _other_sides(treatment: Sides, wish: Wish) -> str:
    """What stands beside whatever a treatment may have done: none, harm, and what is assumed.

    It is of this point alone: where hardly anybody is lost yet, no treatment can have shown a benefit.
    """
    if treatment.p_no_benefit >= NEARLY_SURE and treatment.p_net_harm <= 1.0 - NEARLY_SURE:
        return "Up to this point no treatment makes much of a difference. What it does later is not in this."
    none, harm = (_chance(p, wish) for p in (treatment.p_no_benefit, treatment.p_net_harm))
    said = (
        f"Up to this point, the {sentence('no_benefit')} (less than one more in 100 here): {none}. "
        f"The {sentence('net_harm')}, so that fewer come this far: {harm}."
    )
    if not wish.is_without_numbers:
        return f"{said} The {sentence('prior_alone')}: {out_of_100(treatment.prior_share)} of 100 parts."
    assumed = {0.0: "", 1.0: " All of this rests on assumptions."}
    return f"{said}{assumed.get(treatment.prior_share, ' A part of this rests on assumptions.')}"


def _chance(p: float, wish: Wish) -> str:
    """A chance as words where it is small or numbers are off."""
    words = words_of(p)
    if words or not wish.is_without_numbers:
        return words or f"{out_of_100(p)} in 100"
    return "about as likely as not" if how_many(p) in ("fewer than half", "about half") else "likely"

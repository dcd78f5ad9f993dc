"""The answer to a history as sections of plain words and bars, in reading order; faces only lay them out."""

from __future__ import annotations

from collections.abc import Iterator

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.life.harms import Harm
from decidua.measure.history import History
from decidua.tell.harm_lines import harm_numbers, harm_sentences
from decidua.tell.history_known import comparator_section, how_well_section, what_would_change_section
from decidua.tell.history_parts import Bar, Listed, Part, Section, Wish
from decidua.tell.history_past import causes_section, past_only_section
from decidua.tell.history_sentences import (
    comparison,
    contested,
    fits,
    headline,
    loss_word,
    prospect,
    share_of_100,
    with_numbers,
)
from decidua.tell.history_support import closing_section, guideline_section, provenance_section
from decidua.tell.history_uterine_nk import uterine_nk_section
from decidua.tell.whole_numbers import about, complement, is_small, is_too_wide, words_of
from decidua.tell.words import sentence

BAR_SHOWS = "Births out of 100. The mark is the middle; the shade is what studies fit, paler where less sure."


def history_sections(answer: HistoryAnswer, *, history: History, wish: Wish) -> tuple[Section, ...]:
    """Everything a reader sees of the answer to a history.

    Arguments:  answer   as worked out
                history  as read, for what was tested, treated and is ongoing; nothing of it is kept
                wish     what the reader asked to see
    Returns:    sections in reading order
    Checked by: tests/unit/tell/test_history_sections.py, tests/safety
    """
    return tuple(_sections(answer, history, wish))


def _sections(answer: HistoryAnswer, history: History, wish: Wish) -> Iterator[Section]:
    yield _content_note(answer, wish)
    if answer.next_live_birth is None:
        yield past_only_section(answer, wish)
    if answer.current is not None:
        yield _current(answer, history, wish)
    if answer.next_live_birth is not None:
        yield _next(answer, wish)
        yield how_well_section(answer, wish)
        yield from what_would_change_section(answer, wish)
    has_nk = wish.nk or bool(history.tests)
    if has_nk:
        yield uterine_nk_section(answer, history, wish)
    if not wish.is_without_numbers:
        yield from comparator_section(answer, wish)
    yield from causes_section(answer, wish)
    yield guideline_section(answer, wish, is_first_word_of_nk=not has_nk)
    if not wish.is_page:
        yield closing_section()
    yield provenance_section(answer, wish)


def _content_note(answer: HistoryAnswer, wish: Wish) -> Section:
    note = "This page speaks of pregnancy loss"
    without = f"{note}. Where to find support stands at the end. {sentence('never_stored')}"
    with_numbers = (
        f"{note}, and gives numbers. You can stop reading at any point. {wish.ways.without_numbers} "
        f"Where to find support stands at the end. {sentence('never_stored')}"
    )
    said = without if wish.is_without_numbers else with_numbers
    return Section("Before you read on", (said, *filter(None, [contested(answer)])))


def _current(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    current, ongoing = answer.current, history.ongoing
    if current is None or ongoing is None:
        raise ValueError("this answer has no ongoing pregnancy")
    here = f"at {ongoing.week} weeks" if ongoing.week is not None and not wish.is_without_numbers else "now"
    seen = " with a heartbeat seen" if ongoing.heartbeat == "seen" else ""
    parts: list[Part] = []
    if current.live_birth is None:
        parts.append(sentence("no_heartbeat_seen"))
    else:
        group = f"people with a history like this who are pregnant {here}{seen}"
        parts.append(_reached(current.live_birth, group, wish))
        if _may_be_drawn(current.live_birth, wish):
            rows = ((f"pregnant {here}", current.live_birth),)
            parts.append(Bar(rows, BAR_SHOWS, pregnancy="now", group=group, other="no baby born alive"))
    if any(name != "none" for name in ongoing.treatments):
        if current.untreated_also_here is not None:
            parts += _without_treatment(current.untreated_also_here, wish)
        parts += _harms(current.harms, wish)
    if any(pregnancy.treatments for pregnancy in history.pregnancies):
        parts.append(sentence("steroid"))
    return Section("This pregnancy", tuple(parts))


def _harms(harms: tuple[Harm, ...], wish: Wish) -> list[str | Listed]:
    """What a steroid course may bring besides, never a benefit without it."""
    if wish.is_clinician and harms:
        return ["Seen with a steroid course like this, as ratios:", Listed(harm_numbers(harms))]
    return list(harm_sentences(harms))


def _reached(live_birth: Estimate, group: str, wish: Wish) -> str:
    words = words_of(live_birth.mean)
    if wish.is_without_numbers or (words and wish.numbers == "public"):
        said = with_numbers(live_birth, numbers="none")
        share = f"Of {group}, {said} have a baby born alive."
        return f"For {group}, the birth of a living baby is {said}." if words else share
    born, others = about(live_birth.mean), complement(live_birth.mean)
    return f"Out of 100 {group}, {born} have a baby born alive, {others} do not. {fits(live_birth)}"


def _without_treatment(share: Estimate, wish: Wish) -> list[str]:
    """What the treatment did cannot be read off one pregnancy that goes on."""
    lesson = "So reaching this point does not show that the treatment worked."
    if is_too_wide(share):
        said = f"How many of them would have come this far without the treatment: {sentence('cannot_tell')}."
        return [f"{said} {lesson}"]
    if wish.is_without_numbers or (is_small(share.mean) and wish.numbers == "public"):
        words = words_of(share.mean)
        said = (
            f"To come this far without the treatment would have been {words}. {lesson}"
            if words
            else f"Of people like this, {with_numbers(share, numbers='none')} would have come this far "
            f"without the treatment too. {lesson}"
        )
        return [said]
    said = (
        f"Out of 100 people like this who come this far with the treatment, {about(share.mean)} would have "
        "come this far without it too."
    )
    return [f"{said} {fits(share)} {lesson}"]


def _next(answer: HistoryAnswer, wish: Wish) -> Section:
    title = "The pregnancy after this one" if answer.current is not None else "The next pregnancy"
    parts: list[Part] = [headline(answer, numbers=wish.numbers, way=wish.ways.numbers)]
    if _may_be_drawn(prospect(answer), wish):
        parts.append(_bar(answer))
    parts += [comparison(answer, numbers=wish.numbers), *_within(answer, wish)]
    parts.append(f"{sentence('where_it_starts')} A loss at any week counts, and so does a stillbirth.")
    if wish.numbers == "clinician" and answer.next_loss is not None:
        loss = with_numbers(answer.next_loss, numbers="clinician")
        parts.append(f"Loss before 24 weeks alone, out of 100, {sentence('if_pregnant_again')}: {loss}.")
    return Section(f"{title}, {sentence('if_pregnant_again')}", tuple(parts))


def _may_be_drawn(birth: Estimate, wish: Wish) -> bool:
    """A bar is a number too: below 30 in 100 it comes on request."""
    small = is_small(birth.mean) and wish.numbers == "public"
    return not wish.is_without_numbers and not small


def _bar(answer: HistoryAnswer) -> Bar:
    rows = [("a history like this", prospect(answer))]
    if answer.same_age_no_losses is not None:
        rows.append(("same age, no losses", answer.same_age_no_losses))
    return Bar(rows=tuple(rows), legend=BAR_SHOWS, other=loss_word(answer))


def _within(answer: HistoryAnswer, wish: Wish) -> list[Part]:
    """One or more births over the next pregnancies, with its assumption questioned on the spot."""
    names = {"1": "one pregnancy", "2": "two pregnancies", "3": "three pregnancies"}
    lines = tuple(
        f"within {names.get(count, count)}: {share_of_100(estimate, numbers=wish.numbers)}"
        for count, estimate in answer.within_pregnancies.items()
    )
    group = "people" if wish.is_without_numbers else "of 100 people"
    again = sentence("if_pregnant_again")
    doubt = (
        "This allows for one person's pregnancies being alike. But it takes it that each loss is followed by "
        "another pregnancy, and for many people it is not."
    )
    opening = f"How many {group} have one or more babies born alive, {again} each time:"
    return [opening, Listed(lines), doubt]

"""The answer to a history as sections of plain words and bars, in reading order; faces only lay them out."""

from __future__ import annotations

from collections.abc import Iterator

from decidua.inference.answer import HistoryAnswer
from decidua.measure.history import History
from decidua.tell.history_known import (
    comparator_section,
    how_well_section,
    what_would_change_section,
)
from decidua.tell.history_now import (
    BAR_SHOWS,
    left_out,
    may_be_drawn,
    now_section,
    speaks_of_next,
    steroid_lines,
    treated_antibodies,
)
from decidua.tell.history_parts import Bar, Listed, Part, Section, Wish
from decidua.tell.history_past import causes_section, past_only_section
from decidua.tell.history_sentences import (
    comparison,
    contested,
    headline,
    loss_word,
    prospect,
    share_of_100,
    with_numbers,
)
from decidua.tell.history_support import closing_section, guideline_section, provenance_section
from decidua.tell.history_uterine_nk import uterine_nk_section
from decidua.tell.words import sentence


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
    yield _content_note(answer, history, wish)
    if answer.next_live_birth is None:
        yield past_only_section(answer, history, wish)
    yield from _prospects(answer, history, wish)
    has_nk = wish.nk or bool(history.tests)
    if has_nk:
        yield uterine_nk_section(answer, history, wish)
    if speaks_of_next(answer, wish) and not wish.is_without_numbers:
        yield from comparator_section(answer, wish)
    yield from causes_section(answer, wish)
    yield guideline_section(answer, history, wish, is_first_word_of_nk=not has_nk)
    if not wish.is_page:
        yield closing_section()
    yield provenance_section(answer, wish)


def _prospects(answer: HistoryAnswer, history: History, wish: Wish) -> Iterator[Section]:
    """What may come: of the pregnancy that goes on, and of the next where it is spoken of."""
    first = answer.current.live_birth if answer.current is not None else None
    if answer.current is not None:
        yield now_section(answer, history, wish)
    if speaks_of_next(answer, wish):
        first = first or answer.next_live_birth
        yield _next(answer, history, wish)
    if first is not None:
        yield how_well_section(answer, first, wish)
    if speaks_of_next(answer, wish):
        yield from what_would_change_section(answer, wish)


def gives_numbers(answer: HistoryAnswer, wish: Wish) -> bool:
    """Whether a chance is told at all: without an age there is none, nor after a scan without a heartbeat."""
    has_now = answer.current is not None and answer.current.live_birth is not None
    return not wish.is_without_numbers and (has_now or speaks_of_next(answer, wish))


def _content_note(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    support = f"Where to find support stands at the end. {sentence('never_stored')}"
    said = f"This page speaks of pregnancy loss. {support}"
    if gives_numbers(answer, wish):
        said = (
            "This page speaks of pregnancy loss, and gives numbers. You can stop reading at any point. "
            f"{wish.ways.without_numbers} {support}"
        )
    steroid = steroid_lines(history) if answer.current is None else ()
    return Section("Before you read on", (said, *filter(None, [contested(answer)]), *steroid))


def _next(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    title = "The pregnancy after this one" if answer.current is not None else "The next pregnancy"
    parts: list[Part] = [headline(answer, numbers=wish.numbers, way=wish.ways.numbers)]
    if may_be_drawn(prospect(answer), wish):
        parts.append(_bar(answer))
    parts += [comparison(answer, numbers=wish.numbers), *left_out(answer)]
    parts += [*treated_antibodies(history, wish), *_within(answer, wish)]
    parts.append(f"{sentence('where_it_starts')} A loss at any week counts, and so does a stillbirth.")
    if wish.numbers == "clinician" and answer.next_loss is not None:
        loss = with_numbers(answer.next_loss, numbers="clinician")
        parts.append(f"Loss before 24 weeks alone, out of 100, {sentence('if_pregnant_again')}: {loss}.")
    return Section(f"{title}, {sentence('if_pregnant_again')}", tuple(parts))


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
        "This allows for one person's pregnancies being alike. But it assumes that each loss is followed by "
        "another pregnancy, and for many people it is not."
    )
    opening = f"How many {group} have one or more babies born alive, {again} each time:"
    return [opening, Listed(lines), doubt]

"""What is said of the past: nothing of causes unless asked, and then without blame."""

from __future__ import annotations

from collections.abc import Iterator

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer, PastLoss
from decidua.measure.history import History
from decidua.tell.history_grades import how_sure
from decidua.tell.history_now import no_heartbeat
from decidua.tell.history_parts import Grid, Part, Section, Wish
from decidua.tell.history_sentences import share_of_100
from decidua.tell.history_uterine_nk import births_too
from decidua.tell.whole_numbers import is_too_wide
from decidua.tell.words import sentence

# More columns than this do not fit on a phone, or on half a sheet of paper.
SIDE_BY_SIDE = 3
CAUSES_TITLE = "What may have been behind the losses"
CAUSES = {
    "aneuploid": "one chromosome too many or too few, which comes about by chance",
    "translocation": "a rearrangement of chromosomes that a parent carries",
    "antiphospholipid": "antiphospholipid antibodies, which make blood clot more easily",
    "uterine_anomaly": "the shape of the womb",
    "thyroid_antibodies": "antibodies against the thyroid",
    "euploid_other": "the usual chromosomes, and no cause found so far",
    "uterine_nk": "would not have come about at the usual count of NK cells in the womb lining",
}


def past_only_section(answer: HistoryAnswer, history: History, wish: Wish) -> Section:
    """Without an age nothing is said of the future, and the page says so plainly."""
    looked_back = "The page looks back only." if answer.past_losses else "So there is little to say yet."
    said = (
        "Without an age now, nothing can be said here of a pregnancy to come, because so much hangs on age. "
        f"{looked_back} {wish.ways.age}"
    )
    now = history.ongoing
    if now is None:
        return Section("The past only", (said,))
    if now.is_without_heartbeat:
        return Section("The past only", (no_heartbeat(now), looked_back))
    return Section("The past only", (said, "The same holds for the pregnancy that goes on."))


def causes_section(answer: HistoryAnswer, wish: Wish) -> Iterator[Section]:
    """Possible causes of past losses, on request."""
    if not answer.past_losses:
        return
    if not wish.causes:
        yield Section(CAUSES_TITLE, (wish.ways.causes,))
        return
    opening = (
        "Shares among people with a history like this. None of the named causes is something that a person "
        "did or left undone."
    )
    losses = tuple(enumerate(answer.past_losses, start=1))
    parts: list[Part] = [opening]
    parts += [_causes(losses[at : at + SIDE_BY_SIDE], wish) for at in range(0, len(losses), SIDE_BY_SIDE)]
    parts.append(how_sure("causes"))
    if any("uterine_nk" in loss.causes for loss in answer.past_losses):
        parts.append(
            "The line on NK cells is apart from the others and overlaps them: it compares with a world in "
            f"which the count is the usual one. What they do there, {sentence('data_cannot_tell')}. "
            f"{births_too(answer, wish)} {how_sure('uterine_nk')}"
        )
    yield Section(CAUSES_TITLE, tuple(parts))


def _causes(losses: tuple[tuple[int, PastLoss], ...], wish: Wish) -> Grid:
    """The losses side by side, cause by cause."""
    named = {name for _, loss in losses for name in loss.causes}
    names = [*(name for name in CAUSES if name in named), *sorted(named - set(CAUSES))]
    return Grid(
        title="Shares of 100 people with a history like this",
        what="what may have been behind it",
        heads=tuple(f"Loss {count} (pregnancy {loss.order})" for count, loss in losses),
        rows=tuple(
            (
                CAUSES.get(name, name.replace("_", " ")),
                *(_share(loss.causes[name], wish) if name in loss.causes else "" for _, loss in losses),
            )
            for name in names
        ),
    )


def _share(estimate: Estimate, wish: Wish) -> str:
    if is_too_wide(estimate) and not wish.is_clinician:
        return sentence("cannot_tell")
    said = share_of_100(estimate, numbers=wish.numbers)
    return f"{said} of 100" if said.startswith(("about", "more than 99")) and said != "about half" else said

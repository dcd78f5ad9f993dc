"""The sentences in which the answer to a history is told, the same on every page and figure."""

from __future__ import annotations

from typing import Literal

from decidua.base.estimates import Estimate
from decidua.inference.answer import HistoryAnswer
from decidua.tell.history_ways import TERMINAL
from decidua.tell.whole_numbers import (
    about,
    complement,
    how_many,
    is_certain,
    is_small,
    out_of_100,
    outward,
    words_of,
)
from decidua.tell.words import label, sentence

Numbers = Literal["public", "clinician", "none"]

# A difference of so many out of 100 is said to be small, or none that anybody would notice.
HARDLY_ANY = 1
A_LITTLE = 7
MUCH = 20
OTHER_LOSSES = ("stillbirth_again", "another_ectopic")


def headline(answer: HistoryAnswer, *, numbers: Numbers = "public", way: str = TERMINAL.numbers) -> str:
    """The main sentence: both sides of the next pregnancy, what studies fit, and "if pregnant again".

    Arguments:  answer   to a history with an age now
                numbers  public gives words alone for a chance below 30 in 100; clinician adds the number;
                         none gives words alone throughout
                way      how this reader asks for the numbers
    Returns:    one or two sentences
    Raises:     ValueError when the answer is about the past only
    Checked by: tests/unit/tell/test_history_sentences.py
    """
    birth = prospect(answer)
    if numbers == "none":
        return _in_words(birth, loss_word(answer))
    words = words_of(birth.mean)
    first = f"{lead_in_words(words)} " if words else ""
    if words and numbers == "public":
        return f"{first}{way}"
    return f"{first}{both_sides(birth, loss_word(answer))} {fits(birth)}"


def both_sides(birth: Estimate, loss: str) -> str:
    """Births and losses out of the same 100 in one sentence; the two add up to 100."""
    born, lost = about(birth.mean), complement(birth.mean)
    return (
        f"Out of 100 people with a history like this, {born} have a baby born alive, {lost} have {loss}, "
        f"{sentence('if_pregnant_again')}."
    )


def fits(estimate: Estimate) -> str:
    """The interval as a sentence, rounded outward."""
    lo, hi = outward(estimate)
    return f"Studies fit anything from {lo} to {hi}."


def lead_in_words(words: str) -> str:
    """A chance of a birth below 30 in 100, as words."""
    return f"In the next pregnancy, {sentence('if_pregnant_again')}, the birth of a living baby is {words}."


def prospect(answer: HistoryAnswer) -> Estimate:
    """The chance of a live birth next time; an answer about the past only has none."""
    if answer.next_live_birth is None:
        raise ValueError("this answer is about the past only: no age now was given")
    return answer.next_live_birth


def loss_word(answer: HistoryAnswer) -> str:
    """What the others have: a loss is "another" one only after a loss.

    After a stillbirth or an ectopic pregnancy alone neither word is right: "another loss" would turn into
    "another miscarriage" for whoever chose that word and never had one.
    """
    if answer.past_losses:
        return "another loss"
    return "no baby born alive" if any(name in answer.left_out for name in OTHER_LOSSES) else "a loss"


def comparison(answer: HistoryAnswer, *, numbers: Numbers = "public") -> str:
    """The same age without losses, as a difference out of 100, never as a ratio."""
    birth, other = prospect(answer), answer.same_age_no_losses
    if other is None:
        raise ValueError("this answer is about the past only: no age now was given")
    fewer = out_of_100(other.mean) - out_of_100(birth.mean)
    if abs(fewer) <= HARDLY_ANY:
        return "That is about the same as for people of the same age without a loss."
    more = "fewer" if fewer > 0 else "more"
    than = "people of the same age without a loss"
    # A difference from a number that is shown would give away one that is not.
    if numbers == "none" or (numbers == "public" and (is_small(other.mean) or is_small(birth.mean))):
        return f"That is {_how_much(abs(fewer))} {more} than among {than}."
    return f"Among {than} it is {about(other.mean)}: here, {abs(fewer)} {more} out of every 100."


def _how_much(difference: int) -> str:
    if difference <= A_LITTLE:
        return "a little"
    return "many" if difference >= MUCH else "somewhat"


def _in_words(birth: Estimate, loss: str) -> str:
    words = words_of(birth.mean)
    lo, hi = how_many(birth.lo), how_many(birth.hi)
    again = sentence("if_pregnant_again")
    if words:
        said = lead_in_words(words)
    else:
        said = (
            f"Of people with a history like this, {how_many(birth.mean)} have a baby born alive, {again}; "
            f"the others have {loss}."
        )
    return said if lo == hi else f"{said} Studies fit anything from {lo} to {hi} of such people."


def with_numbers(estimate: Estimate, *, numbers: Numbers) -> str:
    """One chance in the form its reader asked for: words, a count, or both with the interval."""
    words = words_of(estimate.mean)
    if numbers == "none":
        return words or how_many(estimate.mean)
    if numbers == "public":
        return words or about(estimate.mean)
    lo, hi = outward(estimate)
    counted = f"{about(estimate.mean)} ({lo} to {hi})"
    return f"{words}: {counted}" if words else counted


def share_of_100(estimate: Estimate, *, numbers: Numbers) -> str:
    """A share of people in the form its reader asked for; unlike a chance it may be "less than a third"."""
    is_hidden = numbers == "none" or (numbers == "public" and is_small(estimate.mean))
    if is_hidden or is_certain(estimate):
        return how_many(estimate.mean)
    lo, hi = outward(estimate)
    return f"{about(estimate.mean)} ({lo} to {hi})" if numbers == "clinician" else about(estimate.mean)


def ranged(estimate: Estimate, *, numbers: Numbers) -> str:
    """The same with its range wherever a number is given, for a table in which numbers are compared."""
    is_told = numbers == "public" and not is_small(estimate.mean)
    return share_of_100(estimate, numbers="clinician" if is_told else numbers)


def contested(answer: HistoryAnswer) -> str:
    """What stands at the head of everything that assumes one mechanism; nothing otherwise."""
    if answer.mechanism is None:
        return ""
    words = label("mechanism", answer.mechanism)
    return f"This answer {sentence('contested_mechanism')}: {words}. Without it, the numbers would differ."

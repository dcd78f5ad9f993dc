"""Harms of a steroid course in plain words; numbers with their sources for those who ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from decidua.life.harms import Harm
from decidua.tell.words import label, load_words, sentence

A_LITTLE = 1.25  # a ratio below it is told as a little more: a choice of words, not a finding
MEASURES = {
    "risk_ratio": "a ratio of chances",
    "rate_ratio": "a ratio of rates",
    "hazard_ratio": "a ratio of hazards",
    "odds_ratio": "close to a ratio of chances, since it is rare",
}


def harm_sentences(harms: Sequence[Harm]) -> tuple[str, ...]:
    """What may come with a course, without numbers: seen more often, not sure, upper bound, unknown.

    Arguments:  harms  of one course; empty where it holds no steroid
    Returns:    sentences; none for an empty course
    Checked by: tests/unit/tell/test_harm_lines.py
    """
    if not harms:
        return ()
    groups = {
        "Seen more often with a steroid course like this": [h for h in harms if _is_clear(h)],
        "Seen a little more often, in some studies": [h for h in harms if _is_small(h)],
        "Perhaps more often; studies also fit no difference": [h for h in harms if _is_unclear(h)],
        "Seen more often at every dose, in patients with arthritis; in others perhaps less": [
            h for h in harms if h.status == "upper_bound"
        ],
    }
    said = [f"{start}: {_names(group)}." for start, group in groups.items() if group]
    unknown = [harm for harm in harms if harm.status == "unknown"]
    elsewhere = load_words().labels["harm_elsewhere"]
    said += [elsewhere[harm.name] for harm in unknown if harm.name in elsewhere]
    unmeasured = [harm for harm in unknown if harm.name not in elsewhere]
    if unmeasured:
        said.append(
            f"Not known: {_names(unmeasured)}. {sentence('unknown_harm')} That is not the same as none."
        )
    return tuple(said)


def harm_numbers(harms: Sequence[Harm]) -> tuple[str, ...]:
    """One line for each harm with its ratio, interval and what it rests on; for those who ask for numbers."""
    return tuple(_line(harm) for harm in harms)


def _is_raised(harm: Harm) -> bool:
    return harm.status == "estimate" and harm.ratio is not None and harm.ratio.lo > 1.0


def _is_small(harm: Harm) -> bool:
    return _is_raised(harm) and harm.ratio is not None and harm.ratio.mean < A_LITTLE


def _is_clear(harm: Harm) -> bool:
    return _is_raised(harm) and not _is_small(harm)


def _is_unclear(harm: Harm) -> bool:
    return harm.status == "estimate" and not _is_raised(harm)


def _names(harms: Iterable[Harm]) -> str:
    return "; ".join(label("harm", harm.name) for harm in harms)


def _line(harm: Harm) -> str:
    name = label("harm", harm.name)
    if harm.ratio is None:
        state = "not known" if harm.status == "unknown" else "does not apply"
        return f"{name}: {state}; {harm.reason}"
    bound = "up to " if harm.status == "upper_bound" else ""
    measure = MEASURES[harm.measure]
    fits = "" if harm.status == "upper_bound" else f" ({harm.ratio.lo:.2f} to {harm.ratio.hi:.2f} fits)"
    chances = ""
    if harm.chances is not None:
        without, with_course = harm.chances
        chances = f"; out of 100, {100 * with_course.mean:.1f} against {100 * without:.1f}"
    return f"{name}: {bound}{harm.ratio.mean:.2f} times{fits}, {measure}{chances}; {harm.reason}"

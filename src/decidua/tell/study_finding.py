"""A study of pathways in one sentence: which of them moves births further than what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from decidua.base.estimates import Estimate
from decidua.study.comparison import Arm, StudyResult
from decidua.tell.study_words import compared, difference, short, signed
from decidua.tell.words import sentence

BIRTHS = "live_births"
FEWER, MORE, SAME, OPEN = "fewer", "more", "same", "open"


def finding(result: StudyResult) -> str:
    """The whole study in one sentence.

    Arguments:  result  as `run_study` gives it
    Returns:    text; a pathway whose range holds no change is one of which we cannot tell
    Checked by: tests/unit/tell/test_study_told.py
    """
    way: dict[str, list[Arm]] = {}
    for arm in compared(result):
        way.setdefault(way_of(arm.difference[BIRTHS].value), []).append(arm)
    parts = [said(way[one]) for one, said in SAID.items() if one in way]
    of = f"Of 1,000 women with a recorded loss, compared with {short(result.study.against)}"
    return f"{of}: {'; '.join(parts)}."


def way_of(value: Estimate) -> str:
    """Which way births go, if that can be told."""
    if value.lo == value.hi == 0.0:
        return SAME
    if value.hi < 0.0:
        return FEWER
    return MORE if value.lo > 0.0 else OPEN


def _fewer(arms: Sequence[Arm]) -> str:
    return f"fewer live births with {_with_numbers(arms)}"


def _more(arms: Sequence[Arm]) -> str:
    return f"more live births with {_with_numbers(arms)}"


def _same(arms: Sequence[Arm]) -> str:
    return f"no live birth more or fewer seen with {_names(arms)}"


def _open(arms: Sequence[Arm]) -> str:
    return f"for {_names(arms)} no change lies within the range, so {sentence('cannot_tell')} which way"


SAID = {FEWER: _fewer, MORE: _more, SAME: _same, OPEN: _open}


def _names(arms: Sequence[Arm]) -> str:
    names = [short(arm.care.name) for arm in arms]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _with_numbers(arms: Sequence[Arm]) -> str:
    """One pathway with its range, or several with the least and the most of their middle values."""
    if len(arms) == 1:
        return f"{_names(arms)}, {difference(arms[0].difference[BIRTHS])}"
    moved = sorted((arm.difference[BIRTHS].value.mean for arm in arms), key=abs)
    return f"{_names(arms)}, {signed(moved[0])} to {signed(moved[-1])}"

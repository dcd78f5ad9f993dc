"""The model's chance of loss for the histories of the survey, each distinct history worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from decidua.evidence.draws import load_draws
from decidua.inference.history import chances_of_loss
from decidua.life.parameters import FloatArray
from decidua.measure.history import History, Pregnancy
from decidua.study.survey_file import Past

Progress = Callable[[int, int], None]
MIDDLE = 0.5  # the survey gives completed years; a woman of a given one is half a year older on average


def history_of(past: Past) -> History:
    """The history before a pregnancy: outcomes in order and ages in whole years, nothing else."""
    age, earlier = past
    ages = [None if years is None else years + MIDDLE for _, years in earlier]
    outcomes = [outcome for outcome, _ in earlier]
    pregnancies = tuple(Pregnancy(outcome=o, age_years=a) for o, a in zip(outcomes, ages, strict=True))
    return History(age_years=age + MIDDLE, pregnancies=pregnancies)


def model_chances(
    pasts: Sequence[Past], *, structure: str, draws: int, progress: Progress | None = None
) -> FloatArray:
    """Chance of loss of the next recognised pregnancy after each history, averaged over draws and mechanisms.

    Arguments:  pasts      one for each row
                structure  whose draws are used
                draws      how many of them, spread evenly over mechanisms
                progress   called with (done, all) now and then
    Returns:    chances, shape (rows,)
    """
    thin = max(len(load_draws(structure)) // draws, 1)
    known: dict[Past, float] = {}
    distinct = list(dict.fromkeys(pasts))
    for i, past in enumerate(distinct):
        p, weight = chances_of_loss(history_of(past), structure=structure, thin=thin)
        known[past] = float(np.average(p, weights=weight))
        if progress is not None and i % 500 == 0:
            progress(i, len(distinct))
    return np.array([known[past] for past in pasts])

"""How well age and history can tell losses from births when the law itself made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.life.parameters import FloatArray
from decidua.study.survey_scores import IntArray, area_under_curve, fit_logistic
from decidua.study.validation_women import BIRTH, LOSS, Women

BoolArray = NDArray[np.bool_]


def simulated_c_statistic(
    women: Women, settings: Mapping[str, Any], *, p_go_on: Sequence[float], interval_years: float, seed: int
) -> float:
    """C statistic of a logistic regression on age and history, fitted to pregnancies that the law made.

    Assumes women of the assumed ages; features are cubic age, earlier losses, losses in a row, births.

    Arguments:  women           one draw
                settings        `ceiling` of the rule
                p_go_on         chance of a further pregnancy after a loss, then after birth 1, 2, 3 and later
                interval_years  from one pregnancy to the next
                seed            of the simulation
    Returns:    C statistic
    Checked by: tests/unit/study/test_validation.py
    """
    features, losses = simulated_pregnancies(
        women, settings, p_go_on=p_go_on, interval_years=interval_years, seed=seed
    )
    coefficients = fit_logistic(features, losses)
    return area_under_curve(losses, features @ coefficients)


def simulated_pregnancies(
    women: Women, settings: Mapping[str, Any], *, p_go_on: Sequence[float], interval_years: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Features and losses of every pregnancy of simulated women, in rows."""
    rng = np.random.default_rng(seed)
    count = int(settings["women"])
    lasting = rng.choice(women.weight.size, size=count, p=women.weight / women.weight.sum())
    fading = _fresh(women, rng, count)
    age = rng.normal(settings["first_age_mean_years"], settings["first_age_sd_years"], count)
    age = np.clip(age, settings["youngest_age_years"], settings["oldest_age_years"])
    past = np.zeros((count, 3))  # losses, losses in a row, births
    going, rows, lost_rows = np.ones(count, dtype=bool), [], []
    while going.any():
        lost = rng.random(count) < _p_loss(women, lasting, fading, age)
        rows.append(_features(age, past)[going])
        lost_rows.append(lost[going].astype(np.float64))
        fading = np.where(rng.random(count) < _kept(women, lost), fading, _fresh(women, rng, count))
        past = _next_past(past, lost)
        age = age + interval_years
        p = np.where(lost, p_go_on[0], np.take(p_go_on, np.minimum(past[:, 2].astype(int), len(p_go_on) - 1)))
        going = going & (rng.random(count) < p) & (age <= settings["oldest_age_years"])
    return np.concatenate(rows), np.concatenate(lost_rows)


def _fresh(women: Women, rng: np.random.Generator, count: int) -> IntArray:
    return np.asarray(rng.choice(women.fading.size, size=count, p=women.fading_weight), dtype=np.int64)


def _kept(women: Women, lost: BoolArray) -> FloatArray:
    return np.where(lost, women.kept(LOSS), women.kept(BIRTH))


def _p_loss(women: Women, lasting: IntArray, fading: IntArray, age: FloatArray) -> FloatArray:
    """Chance of loss of every woman: ages are taken at the nearest whole year."""
    out, years = np.empty(age.size), np.rint(age)
    for year in np.unique(years):
        here = years == year
        out[here] = women.chances(float(year)).loss[lasting[here], fading[here]]
    return out


def _next_past(past: FloatArray, lost: BoolArray) -> FloatArray:
    run = np.where(lost, past[:, 1] + 1.0, 0.0)
    return np.column_stack([past[:, 0] + lost, run, past[:, 2] + ~lost])


def _features(age_years: FloatArray, past: FloatArray) -> FloatArray:
    """Constant, cubic age, and the past."""
    x = (age_years - 28.0) / 10.0
    return np.column_stack([np.ones(x.size), x, x**2, x**3, past])

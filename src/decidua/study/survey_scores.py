"""Scores of chances against what happened, a small logistic regression, and a bootstrap by woman."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decidua.base import conversions
from decidua.life.parameters import FloatArray

IntArray = NDArray[np.int64]
STEPS = 50
CLOSE = 1e-10


def log_losses(happened: FloatArray, p: FloatArray) -> FloatArray:
    """Minus the log of the chance given to what happened, row by row."""
    return -(happened * np.log(p) + (1.0 - happened) * np.log1p(-p))


def area_under_curve(happened: FloatArray, score: FloatArray) -> float:
    """Chance that a loss has a higher score than a birth, ties counted half.

    Arguments:  happened  1 or 0, shape (rows,), both present
                score     any order-preserving score, shape (rows,)
    Returns:    area under the receiver operating characteristic, 0 to 1
    Checked by: tests/unit/study/test_survey_scores.py (all pairs)
    """
    _, group, size = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    rank = (last - (size - 1) / 2.0)[group]
    ones = happened.sum()
    return float((rank[happened == 1.0].sum() - ones * (ones + 1) / 2) / (ones * (happened.size - ones)))


def fit_logistic(
    features: FloatArray, happened: FloatArray, *, offset: FloatArray | None = None
) -> FloatArray:
    """Coefficients of a logistic regression by Newton's steps.

    Arguments:  features  shape (rows, coefficients), full rank
                happened  1 or 0, shape (rows,)
                offset    fixed part of the log-odds, shape (rows,)
    Returns:    coefficients, shape (coefficients,)
    Raises:     ArithmeticError when the steps do not settle
    Checked by: tests/unit/study/test_survey_scores.py (score equations)
    """
    beta = np.zeros(features.shape[1])
    fixed = np.zeros(happened.size) if offset is None else offset
    for _ in range(STEPS):
        p = np.asarray(conversions.expit(fixed + features @ beta))
        curvature = features.T @ (features * (p * (1.0 - p))[:, None])
        step = np.linalg.solve(curvature, features.T @ (happened - p))
        beta = beta + step
        if np.abs(step).max() < CLOSE:
            return beta
    raise ArithmeticError("the regression did not settle")


def level_shift(happened: FloatArray, p: FloatArray) -> float:
    """The one shift of the log-odds that makes chances right on average."""
    ones = np.ones((happened.size, 1))
    return float(fit_logistic(ones, happened, offset=np.asarray(conversions.logit(p)))[0])


def shifted(p: FloatArray, shift: float) -> FloatArray:
    """Chances moved by a shift of the log-odds."""
    return np.asarray(conversions.expit(np.asarray(conversions.logit(p)) + shift))


def calibration_slope(happened: FloatArray, p: FloatArray) -> float:
    """Slope of a logistic regression of what happened on the log-odds given; 1 is right."""
    features = np.column_stack([np.ones(p.size), np.asarray(conversions.logit(p))])
    return float(fit_logistic(features, happened)[1])


def resampled_mean(values: FloatArray, woman: IntArray, *, resamples: int, seed: int) -> FloatArray:
    """Means of rows over women drawn with replacement, shape (resamples,).

    Arguments:  values     one for each row, shape (rows,)
                woman      whose row it is, 0 to women - 1, shape (rows,)
                resamples  how many
                seed       of the draws
    Checked by: tests/unit/study/test_survey_scores.py (standard error of clustered rows)
    """
    rng = np.random.default_rng(seed)
    women = int(woman.max()) + 1
    total, rows = np.bincount(woman, weights=values, minlength=women), np.bincount(woman, minlength=women)
    out = np.empty(resamples)
    for i in range(resamples):
        times = np.bincount(rng.integers(women, size=women), minlength=women)
        out[i] = (times @ total) / (times @ rows)
    return out

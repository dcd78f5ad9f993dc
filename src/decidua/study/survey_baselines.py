"""What the model is compared with on the survey: published numbers alone, fitted regressions, one rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from decidua.base import conversions
from decidua.evidence import Ledger
from decidua.life.parameters import FloatArray
from decidua.study.survey_file import Scored
from decidua.study.survey_scores import IntArray, fit_logistic

MOST_LOSSES, MOST_BIRTHS = 5, 3  # a straight line in the count ends here


def published_chances(scored: Scored, ledger: Ledger, *, open_ages_years: Sequence[float]) -> FloatArray:
    """Chance of loss from Norway's adjusted age table and its odds ratios by losses in a row, nothing else.

    Assumes the odds ratios act alike at every age, and straight lines between the middles of the age
    bands; the level is freed by the caller.

    Arguments:  scored           ages and losses in a row
                ledger           holds the published tables
                open_ages_years  where the first and the last band stand, which have one end only
    Returns:    chances, shape (rows,)
    Checked by: tests/unit/study/test_survey.py (the figures of the data's own page)
    """
    middles, chance = _age_table(ledger, open_ages_years)
    ratios = _ratios(ledger)
    run = np.minimum(scored.run, len(ratios) - 1).astype(int)
    by_age = np.interp(scored.age_years, middles, chance)
    log_odds = np.asarray(conversions.logit(by_age)) + np.log(ratios)[run]
    return np.asarray(conversions.expit(log_odds))


def _age_table(ledger: Ledger, open_ages_years: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Middle and chance of each band, without the rows that restate the bands."""
    rows = [row for row in ledger.calibration_rows("MAGNUS_AGE_ADJ") if row.age_lo != row.age_hi]
    rows.sort(key=lambda row: row.age_lo or 0.0)
    middles = [((row.age_lo or 0.0) + (row.age_hi or 0.0) + 1.0) / 2.0 for row in rows]
    middles[0], middles[-1] = open_ages_years
    return np.array(middles), np.array([float(row.estimate or 0.0) for row in rows]) / 100.0


def _ratios(ledger: Ledger) -> FloatArray:
    rows = {row.previous_losses: row.estimate for row in ledger.calibration_rows("MAGNUS_REC")}
    return np.array([rows[key] for key in ("0", "1", "2", ">=3")], dtype=np.float64)


def regression_features(scored: Scored) -> FloatArray:
    """Constant, cubic age, earlier losses and earlier births up to a few."""
    x = (scored.age_years - 26.0) / 10.0
    losses, births = np.minimum(scored.losses, MOST_LOSSES), np.minimum(scored.births, MOST_BIRTHS)
    return np.column_stack([np.ones(x.size), x, x**2, x**3, losses, births])


def regression_chances(train: Scored, scored: Scored) -> FloatArray:
    """Chances from a logistic regression fitted to one part of the survey and read off another."""
    beta = fit_logistic(regression_features(train), train.happened)
    return np.asarray(conversions.expit(regression_features(scored) @ beta))


def cross_fitted_chances(scored: Scored, *, folds: int, seed: int) -> FloatArray:
    """The same regression, every woman scored by a fit that has not seen her."""
    fold = folds_by_woman(scored.woman, folds=folds, seed=seed)
    out = np.empty(len(scored))
    for k in range(folds):
        here = (fold == k).astype(np.float64)
        out[fold == k] = regression_chances(scored.only(1.0 - here), scored.only(here))
    return out


def folds_by_woman(woman: IntArray, *, folds: int, seed: int) -> IntArray:
    """A fold for each row, the same for all rows of a woman."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.integers(folds, size=int(woman.max()) + 1)[woman])

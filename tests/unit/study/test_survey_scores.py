"""Scores against brute force and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.study.survey_scores import (
    area_under_curve,
    calibration_slope,
    fit_logistic,
    level_shift,
    log_losses,
    resampled_mean,
    shifted,
)

RNG = np.random.default_rng(11)
SCORE = RNG.integers(0, 6, 120) / 6.0 + 0.05
HAPPENED = (RNG.random(120) < SCORE).astype(float)


def test_area_under_the_curve_counts_all_pairs():
    losses, births = SCORE[HAPPENED == 1.0], SCORE[HAPPENED == 0.0]
    pairs = [(a > b) + 0.5 * (a == b) for a in losses for b in births]
    assert area_under_curve(HAPPENED, SCORE) == pytest.approx(np.mean(pairs), rel=1e-12)


def test_a_regression_solves_its_score_equations():
    features = np.column_stack([np.ones(120), SCORE, SCORE**2])
    offset = 0.3 * RNG.standard_normal(120)
    beta = fit_logistic(features, HAPPENED, offset=offset)
    p = 1.0 / (1.0 + np.exp(-(offset + features @ beta)))
    assert features.T @ (HAPPENED - p) == pytest.approx(np.zeros(3), abs=1e-8)


def test_a_regression_that_cannot_settle_says_so():
    x = np.array([0.0, 0.1, 0.9, 1.0])
    with pytest.raises((ArithmeticError, np.linalg.LinAlgError)):
        fit_logistic(np.column_stack([np.ones(4), x]), (x > 0.5).astype(float))


def test_a_level_shift_makes_the_expected_number_right():
    p = np.full(HAPPENED.size, 0.1) + 0.3 * SCORE
    moved = shifted(p, level_shift(HAPPENED, p))
    assert moved.sum() == pytest.approx(HAPPENED.sum(), rel=1e-9)


def test_log_loss_and_slope_of_right_chances():
    assert log_losses(np.array([1.0, 0.0]), np.array([0.25, 0.25])) == pytest.approx(
        [np.log(4.0), -np.log(0.75)]
    )
    rng = np.random.default_rng(3)
    p = rng.uniform(0.05, 0.6, 60_000)
    happened = (rng.random(p.size) < p).astype(float)
    # The standard error of the slope is about 0.013 here.
    assert calibration_slope(happened, p) == pytest.approx(1.0, abs=0.05)
    too_extreme = shifted(p, 0.0) ** 2 / (p**2 + (1.0 - p) ** 2)
    assert calibration_slope(happened, too_extreme) == pytest.approx(0.5, abs=0.03)


def test_resampling_by_woman_sees_that_rows_of_a_woman_go_together():
    rng = np.random.default_rng(5)
    own = rng.standard_normal(400)
    values, woman = np.repeat(own, 5), np.repeat(np.arange(400), 5)
    means = resampled_mean(values, woman, resamples=2_000, seed=1)
    assert means.mean() == pytest.approx(values.mean(), abs=0.005)
    # Five equal rows a woman: the error is that of 400 women, not of 2,000 rows.
    assert means.std() == pytest.approx(own.std() / 20.0, rel=0.06)

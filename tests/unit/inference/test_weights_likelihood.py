"""The likelihood of stage two against simulated samples, and chances that must sum to one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from decidua.evidence import load_ledger
from decidua.inference import weights_likelihood as likelihood
from decidua.inference import weights_samples as samples
from decidua.inference.weights_selection import grid_of
from decidua.inference.weights_studies import published_studies

GRID = grid_of()
STUDIES = published_studies(load_ledger())
SAMPLE = samples.Sample(np.array([0.2, 0.5, 0.3]), np.array([-0.8, 0.3, 1.6]), 0.7)
LAB = samples.Laboratory(math.log(140.0), 0.5, 0.2, 0.15)


def drawn(count: int, seed: int = 1):
    rng = np.random.default_rng(seed)
    nodes = rng.choice(3, size=count, p=SAMPLE.weight)
    return SAMPLE.mean[nodes] + SAMPLE.sd * rng.standard_normal(count)


def test_shares_and_moments_are_those_of_a_large_sample():
    score = drawn(400_000)
    reading = np.exp(LAB.log_median + LAB.log_sd * score)
    assert samples.below(SAMPLE, 0.5) == pytest.approx((score < 0.5).mean(), abs=0.003)
    inside = (score > -0.4) & (score < 1.2)
    for power in (0.0, 1.0, 2.0):
        found = samples.partial_moment(SAMPLE, power, -0.4, 1.2, LAB.log_median, LAB.log_sd)
        assert found == pytest.approx((reading**power * inside).mean(), rel=0.01)


def test_the_density_of_both_ends_integrates_to_the_chance_of_both_in_a_box():
    """The part without the mean: n (n - 1) f(a) f(b) (F(b) - F(a))^(n - 2), by a grid and by simulation."""
    count, lows, highs = 12.0, np.linspace(-2.5, -1.5, 41), np.linspace(1.5, 2.5, 41)
    total = 0.0
    for low in lows:
        for high in highs:
            table = samples.Ranged(count, math.exp(low), 1.0, math.exp(high))
            found = samples.range_and_mean(table, SAMPLE, 0.0, 1.0)
            inside = samples.below(SAMPLE, high) - samples.below(SAMPLE, low)
            ends = math.log(samples.density_at(SAMPLE, low) * samples.density_at(SAMPLE, high))
            expected = ends + (count - 2.0) * math.log(inside)
            assert found < expected + 6.0
            total += math.exp(expected) * count * (count - 1.0)
    step = (lows[1] - lows[0]) * (highs[1] - highs[0])
    many = drawn(12 * 60_000).reshape(-1, 12)
    low, high = many.min(axis=1), many.max(axis=1)
    seen = ((low > -2.5) & (low < -1.5) & (high > 1.5) & (high < 2.5)).mean()
    assert total * step == pytest.approx(seen, rel=0.06)


def test_the_mean_of_a_sample_is_likeliest_where_it_is():
    many = np.exp(LAB.log_median + LAB.log_sd * drawn(40 * 4_000)).reshape(-1, 40)
    typical = many[np.argsort(many.mean(axis=1))[2_000]]

    def at(factor):
        table = samples.Ranged(40.0, typical.min(), typical.mean() * factor, typical.max())
        return samples.range_and_mean(table, SAMPLE, LAB.log_median, LAB.log_sd)

    assert at(1.0) > max(at(0.6), at(1.6))


def of_many(likelihood_of, count: int, sets: int = 400):
    """Mean log likelihood of simulated samples under the truth and under samples moved up and down."""
    readings = np.exp(LAB.log_median + LAB.log_sd * drawn(count * sets)).reshape(sets, count)
    moved = [samples.Sample(SAMPLE.weight, SAMPLE.mean + by, SAMPLE.sd) for by in (0.0, -0.3, 0.3)]
    moved.append(samples.Sample(SAMPLE.weight, SAMPLE.mean, 1.5 * SAMPLE.sd))
    return [float(np.mean([likelihood_of(y, sample) for y in readings])) for sample in moved]


def counted(y, sample):
    below, above = float((y < 90.0).sum()), float((y > 300.0).sum())
    table = samples.Counted(90.0, 300.0, below, y.size - below - above, above, y.mean(), y.std(ddof=1))
    return samples.counted_at(table, sample, LAB.log_median, LAB.log_sd)


def ranged_with_mean(y, sample):
    table = samples.Ranged(float(y.size), y.min(), y.mean(), y.max())
    return samples.range_and_mean(table, sample, LAB.log_median, LAB.log_sd)


def ranged_with_median(y, sample):
    table = samples.Ranged(float(y.size), y.min(), np.median(y), y.max())
    return samples.range_and_median(table, sample, LAB.log_median, LAB.log_sd)


@pytest.mark.parametrize("likelihood_of", [counted, ranged_with_mean, ranged_with_median])
def test_samples_are_likeliest_under_the_truth(likelihood_of):
    truth, *others = of_many(likelihood_of, 41)
    assert truth > max(others) + 0.3


def test_chances_of_all_results_of_a_trial_sum_to_one():
    weight = np.array(GRID.score_weight)
    births = np.zeros((GRID.level.size, GRID.log_hazard_ratio.size, GRID.score.size))
    births += 0.8 - 0.6 * GRID.level[:, None, None] - 0.5 * GRID.log_hazard_ratio[None, :, None]
    births += 0.2 * GRID.score
    total = 0.0
    for treated in range(7):
        for control in range(6):
            trial = likelihood.Trial(6.0, float(treated), 5.0, float(control))
            log = likelihood.log_trial(trial, births, weight, np.full(weight.size, -0.3), 0.2, GRID, STUDIES)
            total += math.exp(log) * special.comb(6, treated) * special.comb(5, control)
    assert total == pytest.approx(1.0, abs=0.01)


def test_return_to_the_mean_needs_no_drug():
    """Women picked for a high first reading fall by themselves; the more, the worse the test repeats."""

    def best(repeatability):
        factors = np.linspace(-1.0, 0.4, 71)
        z = np.array(GRID.score)
        sample = samples.Sample(GRID.score_weight, np.sqrt(repeatability) * z, math.sqrt(1.0 - repeatability))
        found = [likelihood.log_repeat(STUDIES.repeat, sample, c, 0.0, STUDIES) for c in factors]
        return factors[int(np.argmax(found))]

    whole = math.log(STUDIES.repeat.after / STUDIES.repeat.before)
    assert whole < best(0.7) < best(0.3)


def test_interpolation_hits_the_grid_points():
    values = np.arange(GRID.effect.size * 3 * 4, dtype=float).reshape(GRID.effect.size, 3, 4)
    for e, effect in enumerate(GRID.effect):
        for r, repeat in enumerate(GRID.repeatability):
            place = likelihood.place_of(float(effect), float(repeat), GRID)
            np.testing.assert_allclose(likelihood.at_place(values, place), values[e, r], rtol=1e-12)


def test_failed_transfers_pick_women_who_implant_badly():
    weight = likelihood.weights_after_failed_transfers(
        GRID.score_weight, -0.5 * np.array(GRID.score), 0.5, STUDIES.constants
    )
    assert weight @ GRID.score > 0.02
    same = likelihood.weights_after_failed_transfers(
        GRID.score_weight, -0.5 * np.array(GRID.score), 0.0, STUDIES.constants
    )
    np.testing.assert_allclose(same, GRID.score_weight, rtol=1e-12)

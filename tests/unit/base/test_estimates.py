"""Weighted means and intervals agree with independent ways of working them out."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.base.estimates import Estimate, weighted_estimate, weighted_quantiles

draws = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


@given(draws)
def test_equal_weights_are_hazens_rule(values):
    expected = np.quantile(values, [0.025, 0.5, 0.975], method="hazen")
    found = weighted_quantiles(values, np.ones(len(values)), at=(0.025, 0.5, 0.975))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_mean_and_interval_of_a_normal_sample_by_importance_weights():
    rng = np.random.default_rng(7)
    wide = rng.normal(0.0, 2.0, 400_000)
    weights = np.exp(-0.5 * (wide - 1.0) ** 2 + 0.5 * (wide / 2.0) ** 2)
    found = weighted_estimate(wide, weights)
    # Truth: a normal with mean 1 and sd 1; 0.02 is above four standard errors of each.
    assert found.mean == pytest.approx(1.0, abs=0.02)
    assert found.lo == pytest.approx(1.0 - 1.959964, abs=0.02)
    assert found.hi == pytest.approx(1.0 + 1.959964, abs=0.02)


@given(draws, st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
def test_scaling_the_weights_and_shuffling_the_draws_change_nothing(values, factor, random):
    weights = np.arange(1.0, len(values) + 1.0)
    order = random.sample(range(len(values)), len(values))
    plain = weighted_estimate(values, weights)
    changed = weighted_estimate(np.array(values)[order], factor * weights[order])
    assert dataclasses.astuple(changed) == pytest.approx(dataclasses.astuple(plain), rel=1e-9, abs=1e-6)


def test_draws_without_weight_do_not_count_even_when_they_are_not_numbers():
    found = weighted_estimate([1.0, 2.0, 3.0, np.nan], [1, 1, 1, 0])
    assert found == weighted_estimate([1.0, 2.0, 3.0], [1, 1, 1])


def test_a_single_draw_is_its_own_interval():
    assert weighted_estimate([0.4], [2.0]) == Estimate(0.4, 0.4, 0.4)


@pytest.mark.parametrize(
    ("values", "weights"),
    [([], []), ([1, 2], [1]), ([1, 2], [0, 0]), ([1, 2], [-1, 2]), ([1, np.inf], [1, 1]), ([1], [np.nan])],
)
def test_what_cannot_be_weighted_is_refused(values, weights):
    with pytest.raises(ValueError, match=r"weights|values"):
        weighted_estimate(values, weights)


def test_an_estimate_is_frozen_and_serialises_by_the_contract():
    estimate = Estimate(mean=0.5, lo=0.25, hi=0.75)
    assert json.loads(json.dumps(estimate.to_dict())) == {"mean": 0.5, "lo": 0.25, "hi": 0.75}
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.mean = 1.0


@pytest.mark.parametrize("wrong", [(0.5, 0.9, 0.1), (np.nan, 0, 1), (0.5, 0.0, np.inf)])
def test_an_interval_upside_down_or_not_finite_is_refused(wrong):
    with pytest.raises(ValueError, match=r"upside down|finite"):
        Estimate(*wrong)

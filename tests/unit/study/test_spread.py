"""Intervals over draws: the chance of the simulation drops out of the spread, and stays in the width."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.study.spread import chance_over_draws, spread_over_draws


def test_the_spread_over_draws_is_found_again_under_the_chance_of_the_simulation():
    rng = np.random.default_rng(1)
    draws, women = 4000, 400
    truth = rng.normal(0.30, 0.03, draws)
    happened = rng.binomial(women, truth)
    found = spread_over_draws(happened, happened, np.full(draws, women), np.full(draws, 1.0 / draws))
    assert found.by_draw.std() == pytest.approx(0.03, rel=0.05)
    assert found.resolved == pytest.approx(0.03**2 / (0.03**2 + 0.21 / women), abs=0.04)
    assert found.error == pytest.approx((0.21 / (draws * women)) ** 0.5, rel=0.02)


@pytest.mark.parametrize(("women", "draws", "p"), [(300, 1, 0.3), (1_000, 50, 0.02), (200_000, 200, 0.1)])
def test_the_interval_of_a_chance_holds_the_truth_as_often_as_it_says(women, draws, p):
    rng = np.random.default_rng(women)
    among, weight = np.full(draws, women // draws), np.full(draws, 1.0 / draws)
    held = 0
    for _ in range(1_000):
        found = chance_over_draws(rng.binomial(among, p), among, weight)
        held += found.lo <= p <= found.hi
    assert 0.93 <= held / 1_000 <= 1.0


def test_draws_that_differ_make_the_interval_wider_than_the_number_of_women_does():
    rng = np.random.default_rng(5)
    among, weight = np.full(200, 10_000), np.full(200, 1.0 / 200)
    found = chance_over_draws(rng.binomial(among, rng.normal(0.2, 0.03, 200)), among, weight)
    assert (found.lo, found.hi) == pytest.approx((0.2 - 1.96 * 0.03, 0.2 + 1.96 * 0.03), abs=0.01)


@pytest.mark.parametrize(("happened", "lo", "hi"), [(0, 0.0, 0.003), (1_000, 0.997, 1.0)])
def test_none_of_a_thousand_is_not_never_and_all_of_them_not_always(happened, lo, hi):
    found = chance_over_draws(np.array([happened]), np.array([1_000]), np.ones(1))
    assert (found.lo, found.hi) == pytest.approx((lo, hi), abs=5e-4)


def test_nothing_is_known_of_what_was_never_tried():
    none = np.zeros(3, dtype=np.int64)
    assert chance_over_draws(none, none, np.ones(3)).to_dict() == {"mean": 0.0, "lo": 0.0, "hi": 1.0}

"""Simulated studies keep the sizes of the published ones and show the truth they were printed from."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference import weights_selection as selection
from decidua.inference import weights_simulate as simulate
from decidua.inference.weights_likelihood import Trial
from decidua.inference.weights_studies import published_studies

LEDGER, DRAWS = load_ledger(), load_draws("fading-log_normal")
GRID, LIKE = selection.grid_of(), published_studies(load_ledger())
TRUTH = np.array([0.4, 0.2, 0.8, 0.2, np.log(0.8), -0.3, 0.5, 0.0])


@pytest.fixture(scope="module")
def table():
    row = int(selection.chosen_rows(DRAWS, 5)[1])
    return selection.selection_of(DRAWS, row, "attack", LEDGER, GRID)


def printed(table, truth, sets=60, like=LIKE):
    rng = np.random.default_rng(1)
    return [simulate.simulated_studies(table, GRID, truth, like, rng) for _ in range(sets)]


def test_sizes_are_those_that_were_published(table):
    one = printed(table, TRUTH, sets=1)[0]
    assert one.kuon.below + one.kuon.between + one.kuon.above == 58.0
    assert (one.losses.women, one.failed.women, one.repeat.women) == (87.0, 40.0, 29.0)
    assert (one.outcomes.lost, one.outcomes.born) == (19.0, 32.0)
    assert (one.tang.treated, one.sun.control) == (20.0, 358.0)
    assert one.losses.smallest <= one.losses.middle <= one.losses.largest
    assert one.kuon_lab.median_error == pytest.approx(LIKE.kuon_lab.median_error)


def test_the_shift_of_samples_shows(table):
    low = printed(table, TRUTH * np.array([1, 1, 0, 1, 1, 1, 1, 1]))
    high = printed(table, TRUTH)
    moved = np.mean([np.log(s.losses.middle) for s in high]) - np.mean([np.log(s.losses.middle) for s in low])
    assert moved == pytest.approx(0.8 * LIKE.losses_lab.log_sd, abs=0.12)


def test_women_picked_for_a_high_reading_fall_more_than_the_drug_lets_them(table):
    falls = [np.log(one.repeat.after / one.repeat.before) for one in printed(table, TRUTH)]
    assert np.mean(falls) < np.log(0.8) - 0.03


def test_a_drug_that_helps_shows_in_a_large_trial(table):
    like = LIKE._replace(tang=Trial(4000.0, 0.0, 4000.0, 0.0))
    more = [one.tang.treated_births - one.tang.control_births for one in printed(table, TRUTH, 10, like)]
    assert min(more) > 0
    none = TRUTH.copy()
    none[[4, 5]] = 0.0
    same = [one.tang.treated_births - one.tang.control_births for one in printed(table, none, 10, like)]
    assert abs(np.mean(same)) < 40.0

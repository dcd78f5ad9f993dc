"""Parameter recovery: tables that the law prints itself, and how often intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference.assembly import stage_values
from decidua.inference.posterior import Fit, likelihood_of
from decidua.inference.priors import DEFAULT_STRUCTURE
from decidua.inference.recovery import recovered, simulated_tasks, simulated_values

LIKELIHOOD = likelihood_of(load_ledger(), DEFAULT_STRUCTURE)


def a_fit(draws: np.ndarray, names: tuple[str, ...]) -> Fit:
    return Fit(DEFAULT_STRUCTURE, names, draws, np.zeros(len(draws)), 0.0, 0.1, 1, 1, 100)


@pytest.fixture(scope="module")
def fitted() -> Fit:
    draws = load_draws(DEFAULT_STRUCTURE.name)
    values = np.array([stage_values(draws, row) for row in range(0, len(draws), 50)])
    return a_fit(values, LIKELIHOOD.stage.names)


def test_simulated_numbers_scatter_around_what_the_law_expects(fitted):
    truth = fitted.draws[0]
    predicted = LIKELIHOOD.predicted(truth)
    many = np.array([simulated_values(LIKELIHOOD, truth, np.random.default_rng(seed)) for seed in range(300)])
    for cell, expected, drawn in zip(LIKELIHOOD.targets.cells, predicted, many.T, strict=True):
        if cell.scale == "floor":
            assert np.all(drawn == cell.value)
        elif cell.scale == "counts":
            sd = np.sqrt(expected * (1.0 - expected) / cell.trials)
            assert drawn.mean() == pytest.approx(expected, abs=5.0 * sd / np.sqrt(300))
        else:
            on_scale = np.array([cell.on_scale(x) for x in drawn])
            assert on_scale.mean() == pytest.approx(cell.on_scale(expected), abs=5.0 * cell.sd / np.sqrt(300))


def test_asking_for_more_sets_keeps_the_first_ones(fitted):
    few = simulated_tasks(LIKELIHOOD, fitted, count=2, seed=7)
    more = simulated_tasks(LIKELIHOOD, fitted, count=3, seed=7)
    assert [each.task for each in few] == [each.task for each in more][:2]
    assert len({each.task.name for each in more}) == 3
    assert more[0].task.values != more[1].task.values


def test_a_simulated_task_is_fitted_to_its_own_numbers(fitted):
    (made,) = simulated_tasks(LIKELIHOOD, fitted, count=1, seed=7)
    cells = made.task.likelihood.targets.cells
    assert tuple(cell.value for cell in cells) == made.task.values
    assert [cell.label for cell in cells] == [cell.label for cell in LIKELIHOOD.targets.cells]


def test_intervals_hold_the_truth_as_often_as_they_say_when_truth_and_draws_come_from_one_source():
    rng = np.random.default_rng(11)
    names = tuple("abcdefghij")
    fits = [a_fit(rng.normal(size=(400, 10)), names) for _ in range(200)]
    found = recovered([rng.normal(size=10) for _ in fits], fits)
    assert found["share_held"]["50"] == pytest.approx(0.50, abs=0.05)
    assert found["share_held"]["95"] == pytest.approx(0.95, abs=0.02)
    assert found["simulated_sets"] == 200


def test_a_fit_that_misses_is_seen():
    names = ("law.near", "law.far")
    draws = np.random.default_rng(12).normal(size=(100, 2))
    found = recovered([np.array([0.0, 9.0])], [a_fit(draws, names)])
    assert found["by_parameter"] == {"law.near": {"50": 1, "95": 1}, "law.far": {"50": 0, "95": 0}}
    assert found["share_held"] == {"50": 0.5, "95": 0.5}

"""Bands of virtual women: exact, the same for any number of women and jobs, in flat memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from decidua.study import pregnancy_women
from decidua.study.pregnancy_draws import draw_women
from decidua.study.pregnancy_women import Scratch, WomenPlan, _quantiles, banded, run_chunk, simulate_women
from decidua.womb import SolverError, load_regimen, simulate_pregnancy
from decidua.womb.solver import parameters_with, solve

WEEKS = 10.0
PLAN = WomenPlan("attack", load_regimen("none"), 5, seed=3, end_week=WEEKS)


def test_one_woman_runs_as_the_model_does_with_her_numbers(monkeypatch):
    courses, traits = run_chunk(PLAN, 0)
    drawn = draw_women(3, first=0, count=5)
    values = parameters_with({name: float(column[4]) for name, column in drawn.priors.items()})
    monkeypatch.setattr("decidua.womb.solver.model_parameters", lambda: values)
    alone = simulate_pregnancy(
        "attack",
        density_per_mm2=float(drawn.density_per_mm2[4]),
        recognition=float(drawn.recognition[4]),
        end_week=WEEKS,
    )
    for v, name in enumerate(banded()):
        largest = max(float(alone.variables[name].max()), 1e-6)
        # Single precision and the looser tolerance of virtual women.
        assert np.abs(courses[v, 4] - alone.variables[name]).max() < 1e-5 * largest
    assert traits[4, 0] == drawn.density_per_mm2[4]


def test_bands_are_the_quantiles_of_the_courses():
    found = simulate_women(PLAN, jobs=1)
    courses, _ = run_chunk(PLAN, 0)
    v = banded().index("uterine_nk")
    # Five women: the middle one is the third in order, on every day.
    np.testing.assert_array_equal(found.bands["uterine_nk"][1], np.sort(courses[v], axis=0)[2])
    assert found.bands["uterine_nk"].shape == (3, 71)
    assert np.all(np.diff(found.bands["uterine_nk"], axis=0) >= 0.0)


def test_jobs_and_chunks_change_no_result(monkeypatch):
    monkeypatch.setattr(pregnancy_women, "WOMEN_PER_CHUNK", 2)
    alone = simulate_women(PLAN, jobs=1)
    monkeypatch.setattr(pregnancy_women, "WOMEN_PER_CHUNK", 3)
    told: list[int] = []
    again = simulate_women(PLAN, jobs=1, progress=told.append)
    assert told == [3, 5]
    assert all(np.array_equal(alone.bands[name], again.bands[name]) for name in alone.bands)


def test_worker_processes_give_the_same_bands():
    plan = WomenPlan("marker", load_regimen("none"), pregnancy_women.WOMEN_PER_CHUNK + 2, 3, end_week=4.0)
    alone, together = simulate_women(plan, jobs=1), simulate_women(plan, jobs=2)
    assert all(np.array_equal(alone.bands[name], together.bands[name]) for name in alone.bands)


def test_an_added_woman_changes_no_other():
    few, _ = run_chunk(PLAN, 0)
    more, _ = run_chunk(WomenPlan("attack", load_regimen("none"), 7, seed=3, end_week=WEEKS), 0)
    np.testing.assert_array_equal(more[:, :5], few)


def test_what_is_given_is_the_same_for_all_women():
    plan = WomenPlan(
        "marker", load_regimen("none"), 3, seed=3, density_per_mm2=400.0, recognition=0.9, end_week=4.0
    )
    _, traits = run_chunk(plan, 0)
    assert set(traits[:, 0]) == {400.0}
    assert set(traits[:, 1]) == {0.9}


def test_a_corpus_luteum_removed_in_week_6_ends_pregnancies_and_is_counted():
    plan = WomenPlan("marker", load_regimen("none"), 4, seed=3, corpus_luteum_removed_week=5.0, end_week=12.0)
    assert simulate_women(plan, jobs=1).ended > 0.5


def test_a_woman_whose_model_asks_for_more_care_gets_it_and_else_she_is_named(monkeypatch):
    asked: list[float] = []

    def solve_only_with_care(run, *, parameters):
        asked.append(run.rtol)
        if run.rtol > 1e-8:
            raise SolverError("the womb model could not be solved; inputs: density_per_mm2=1")
        return solve(run, parameters=parameters)

    monkeypatch.setattr(pregnancy_women, "solve", solve_only_with_care)
    plan = WomenPlan("marker", load_regimen("none"), 1, seed=3, end_week=4.0)
    assert simulate_women(plan, jobs=1).women == 1
    assert asked == [1e-7, 1e-9]
    monkeypatch.setattr(pregnancy_women, "CAREFUL_RTOL", 1e-7)
    with pytest.raises(SolverError, match="density_per_mm2"):
        simulate_women(plan, jobs=1)


@pytest.mark.parametrize("women", [500, 5000])
def test_memory_does_not_grow_with_the_number_of_women(tmp_path, monkeypatch, women):
    """Quantiles of as many made-up courses need no more room than the limit, a few times over."""
    monkeypatch.setattr(pregnancy_women, "MOST_BYTES_AT_ONCE", 200_000)
    plan = WomenPlan("marker", load_regimen("none"), women, seed=1)
    scratch = Scratch(tmp_path, plan)
    scratch.create()
    tracemalloc.start()
    _quantiles(scratch, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000

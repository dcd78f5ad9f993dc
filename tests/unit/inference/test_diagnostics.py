"""Diagnostics: agreement of runs, leave-one-out against a closed form, what the law would have printed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from decidua.evidence import load_ledger
from decidua.evidence.prior import Prior
from decidua.inference import diagnostics
from decidua.inference.posterior import Fit
from decidua.inference.priors import DEFAULT_STRUCTURE, Quantile, StageOne
from decidua.inference.targets import Cell, Targets, calibration_targets
from decidua.life.parameters import CONDITIONS

RNG = np.random.default_rng(20)


def fit_of(draws: np.ndarray, seed: int = 1) -> Fit:
    names = tuple(f"law.p{k}" for k in range(draws.shape[1]))
    return Fit(DEFAULT_STRUCTURE, names, draws, np.zeros(len(draws)), 0.0, 0.1, 1, seed, 100)


def stage_of(*priors: Prior, names: tuple[str, ...] = ()) -> StageOne:
    names = names or tuple(f"law.p{k}" for k in range(len(priors)))
    return StageOne(DEFAULT_STRUCTURE, names, tuple(Quantile(prior) for prior in priors), {})


NORMAL = Prior(distribution="normal", mean=0.0, sd=1.0)


def test_runs_that_agree_and_runs_that_do_not():
    same = [RNG.normal(size=(800, 2)), RNG.normal(size=(900, 2))]
    r_hat, ess = diagnostics.run_agreement(same)
    assert np.all(np.abs(r_hat - 1.0) < 0.01)
    assert np.all((ess > 1000) & (ess < 2400))
    apart = [same[0], RNG.normal(size=(800, 2)) + np.array([0.0, 3.0])]
    r_hat, ess = diagnostics.run_agreement(apart)
    assert r_hat[0] < 1.02
    assert r_hat[1] > 1.5
    assert ess[1] < 20


def test_one_run_alone_cannot_disagree():
    r_hat, ess = diagnostics.run_agreement([RNG.normal(size=(500, 1))])
    assert r_hat is None
    assert 350 < ess[0] < 700


def test_who_speaks_is_the_spread_that_is_left():
    draws = np.column_stack(
        [RNG.normal(0.0, 1.0, 4000), RNG.normal(2.0, 0.1, 4000), RNG.normal(0, 0.7, 4000)]
    )
    checks = diagnostics.check_parameters(stage_of(NORMAL, NORMAL, NORMAL), [fit_of(draws)])
    alone, tables, both = checks.values()
    assert alone.sd_ratio == pytest.approx(1.0, abs=0.05)
    assert tables.sd_ratio == pytest.approx(0.1, abs=0.01)
    assert [each.informed_by for each in (alone, tables, both)] == ["prior", "tables", "both"]
    assert tables.mean == pytest.approx(2.0, abs=0.01)
    assert (tables.lo, tables.hi) == pytest.approx((2 - 0.196, 2 + 0.196), abs=0.02)


def test_the_moments_of_a_prior_are_those_of_its_distribution():
    points = diagnostics.prior_points(Quantile(Prior(distribution="half_normal", sd=0.8)))
    assert points.mean() == pytest.approx(0.8 * math.sqrt(2 / math.pi), rel=1e-3)
    assert points.std() == pytest.approx(0.8 * math.sqrt(1 - 2 / math.pi), rel=0.01)


def test_a_split_that_nothing_fixes_shows_as_correlation_under_a_sharp_total():
    """Three spreads whose squares add up to one figure, split at random."""
    total = RNG.normal(0.5, 0.01, 3000)
    split = RNG.dirichlet(np.ones(3), 3000)
    half = Prior(distribution="half_normal", sd=0.8)
    found = diagnostics.check_spreads(
        stage_of(half, half, half, names=diagnostics.SPREADS), np.sqrt(split * total[:, None]), seed=1
    )
    assert found["total_log_variance"]["mean"] == pytest.approx(0.5, abs=0.002)
    assert found["sd_ratio_of_total"] < 0.02
    assert all(value < -0.3 for value in found["correlations"].values())
    assert len(found["correlations"]) == 3


def test_leave_one_out_is_that_of_the_closed_form():
    """Readings with unit error and a flat prior: without reading i the next is normal around the rest."""
    y = RNG.normal(0.3, 1.0, 40)
    draws = RNG.normal(y.mean(), 1.0 / math.sqrt(y.size), 4000)
    by_cell = stats.norm(draws[:, None], 1.0).logpdf(y[None, :])
    wrong = by_cell - 0.5 * np.abs(y)
    found = diagnostics.leave_one_out({"wrong": wrong, "right": by_cell})
    rest = (y.sum() - y) / (y.size - 1)
    exact = stats.norm(rest, math.sqrt(1.0 + 1.0 / (y.size - 1))).logpdf(y).sum()
    assert list(found) == ["right", "wrong"]
    assert found["right"]["elpd"] == pytest.approx(exact, abs=0.1)
    assert found["right"]["effective_parameters"] == pytest.approx(1.0, abs=0.35)
    assert found["wrong"]["difference"] == pytest.approx(0.5 * np.abs(y).sum(), abs=0.1)
    assert found["right"]["cells_above_0.7"] == 0


def test_named_causes_take_shares_of_the_variance():
    names = [f"law.{word}_{name}" for name in CONDITIONS for word in ("prevalence", "excess")]
    names.append("law.sd_euploid_lasting")
    values = [0.02, 3.0, 0.06, 1.5, 0.08, 0.5, 0.004, 6.0, math.sqrt(math.log(2.0))]
    stage = stage_of(*[NORMAL] * len(names), names=tuple(names))
    found = diagnostics.check_budget(stage, np.tile(values, (10, 1)))
    # The whole variance is 1 here: a share of 0.02 with three times the mean hazard added takes 9 * 0.0196.
    assert found["antiphospholipid"]["share_of_variance"]["mean"] == pytest.approx(0.1764)
    assert found["uterine_anomaly"]["share_of_euploid_hazard"]["mean"] == pytest.approx(0.09)
    with_it, without = 1.0 + 6.0 * (1.0 - 0.004), 1.0 - 6.0 * 0.004  # the mean of all women stays 1
    assert found["translocation"]["hazard_ratio"]["mean"] == pytest.approx(with_it / without)


def test_a_floor_is_not_left_out_and_predicted():
    targets = Targets(CELLS, calibration_targets(load_ledger()).design)
    assert diagnostics.is_scored(targets).tolist() == [True, True, True, False, False]
    by_cell = {"one": RNG.normal(-1.0, 0.1, size=(500, 3))}
    assert set(diagnostics.by_table(targets, by_cell)["FIRST"]) == {"one"}
    assert diagnostics.by_table(targets, by_cell)["THIRD"]["one"] == 0.0


def test_one_structure_alone_has_a_score_and_no_rival():
    found = diagnostics.leave_one_out({"only": RNG.normal(-1.0, 0.1, size=(500, 20))})
    assert found["only"]["difference"] == 0.0
    assert found["only"]["stacking_weight"] == 1.0


CELLS = (
    Cell("FIRST", "near", "logit", 0.31, sd=0.2),
    Cell("FIRST", "far", "log", 5.0, sd=0.1),
    Cell("SECOND", "counted", "counts", 0.05, trials=400.0),
    Cell("THIRD", "low floor", "floor", 0.05, sd=0.3),
    Cell("THIRD", "high floor", "floor", 0.90, sd=0.3),
)


def test_a_published_number_that_the_law_would_not_print_is_a_miss():
    targets = Targets(CELLS, calibration_targets(load_ledger()).design)
    predicted = np.tile([0.30, 2.0, 0.06, 0.5, 0.5], (2000, 1))
    cells, tables = diagnostics.predictive_check(targets, predicted, seed=3)
    assert [cell.label for cell in cells if cell.is_miss] == ["far", "high floor"]
    first, second, third = tables
    assert (first.misses, second.misses, third.misses) == (("far",), (), ("high floor",))
    assert first.p_as_far == 0.0
    # Twenty of four hundred where 24 are expected: the chance of lying as far off, both sides.
    near = stats.binom(400, 0.06).cdf(27) - stats.binom(400, 0.06).cdf(20)
    assert second.p_as_far == pytest.approx(1.0 - near, abs=0.04)
    printed = cells[0].could_print
    log_odds = math.log(0.3 / 0.7)
    assert printed["lo"] == pytest.approx(1 / (1 + math.exp(-(log_odds - 1.96 * 0.2))), abs=0.01)
    assert cells[0].expected == pytest.approx({"mean": 0.3, "lo": 0.3, "hi": 0.3})


def test_a_floor_far_below_is_never_a_miss():
    targets = Targets(CELLS[3:4], calibration_targets(load_ledger()).design)
    cells, tables = diagnostics.predictive_check(targets, np.full((500, 1), 0.99), seed=3)
    assert not cells[0].is_miss
    assert tables[0].p_as_far == 1.0


def test_some_draws_are_spread_evenly_over_all():
    draws = np.arange(100.0)[:, None]
    assert diagnostics.some_of(draws, 3).ravel().tolist() == [0.0, 49.0, 99.0]
    assert len(diagnostics.some_of(draws, 1000)) == 100

"""Draws that ship: posterior and priors joined, equal numbers for each mechanism, inside the budget."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference import assembly, class_weights
from decidua.inference.posterior import Fit
from decidua.inference.prepared import law_parameters_at
from decidua.inference.priors import DEFAULT_STRUCTURE, stage_one
from decidua.life import differences
from decidua.womb import MECHANISM_CLASS, MECHANISMS

LEDGER = load_ledger()
EACH = 6


@pytest.fixture(scope="module")
def fit() -> Fit:
    shipped = load_draws(DEFAULT_STRUCTURE.name)
    rows = range(0, len(shipped), 40)
    values = np.array([assembly.stage_values(shipped, row) for row in rows])
    names = stage_one(LEDGER, DEFAULT_STRUCTURE).names
    return Fit(DEFAULT_STRUCTURE, names, values, shipped.log_likelihood[list(rows)], -1034.0, 0.3, 1, 1, 100)


@pytest.fixture(scope="module")
def draws(fit):
    return assembly.assemble_draws(fit, LEDGER, draws_per_mechanism=EACH, seed=5)


def test_before_any_study_classes_weigh_the_same_and_mechanisms_within_a_class():
    weights = class_weights.prior_weights()
    by_class = {
        c: [w for m, w in weights.items() if MECHANISM_CLASS[m] == c] for c in MECHANISM_CLASS.values()
    }
    assert all(sum(w) == pytest.approx(1 / 3) for w in by_class.values())
    assert all(len(set(w)) == 1 for w in by_class.values())


def test_numbers_are_equal_and_weights_are_those_of_the_mechanisms(draws):
    names = np.array(draws.mechanism)
    assert {m: int((names == m).sum()) for m in MECHANISMS} == dict.fromkeys(MECHANISMS, EACH)
    for mechanism, weight in assembly.mechanism_weights().items():
        assert draws.weight[names == mechanism].sum() == pytest.approx(weight)


def test_stage_one_comes_over_whole_with_its_likelihood(draws, fit):
    for row in range(len(draws)):
        values = assembly.stage_values(draws, row)
        (at,) = np.flatnonzero((fit.draws == values).all(axis=1))
        assert draws.log_likelihood[row] == fit.log_likelihood[at]


def test_every_draw_is_inside_the_budget_of_variance(draws):
    for row, mechanism in enumerate(draws.mechanism):
        p = law_parameters_at(draws, row)
        table = assembly.uterine_nk_table(mechanism)
        w0, residual = differences.remaining_budget(p, *assembly.excess_over_women(p, table))
        assert w0 > 0.0
        assert residual >= 0.0


def test_a_marker_has_no_effect_and_every_other_mechanism_has_one(draws):
    excess = draws.columns["law.uterine_nk_excess"]
    bears = np.array([MECHANISM_CLASS[m] != "no_effect" for m in draws.mechanism])
    assert np.all(excess[~bears] == 0.0)
    assert np.all(excess[bears] > 0.0)
    np.testing.assert_allclose(excess[bears], np.expm1(draws.columns[assembly.EFFECT][bears]))


def test_lasting_spread_of_the_count_is_the_repeatable_share_of_its_variance(draws):
    spread = LEDGER.value("measure.uterine_nk.control_log_sd")
    share = (draws.columns["law.uterine_nk_lasting_log_sd"] / spread) ** 2
    np.testing.assert_allclose(share, draws.columns[assembly.REPEATABILITY])
    assert np.all((share > 0.0) & (share < 1.0))


def test_stillbirths_from_28_weeks_are_as_published():
    hazard = assembly.stillbirth_hazard(LEDGER)
    alive, still = 1.0, 0.0
    shares = assembly.birth_shares()
    for week in range(28, 46):
        dies = 1.0 - math.exp(-hazard)
        still += alive * dies
        alive *= (1.0 - dies) * (1.0 - shares[week - 24])
    entry = LEDGER["life.stillbirth.rate_28_weeks"]
    scale = 100.0 if entry.unit == "percent" else 1.0
    assert still == pytest.approx(entry.chosen.value / scale, rel=1e-6)


def test_the_seed_is_the_whole_of_chance(fit, draws):
    again = assembly.assemble_draws(fit, LEDGER, draws_per_mechanism=EACH, seed=5)
    assert all(np.array_equal(again.columns[name], draws.columns[name]) for name in draws.columns)
    other = assembly.assemble_draws(fit, LEDGER, draws_per_mechanism=EACH, seed=6)
    assert not np.array_equal(other.columns[assembly.EFFECT], draws.columns[assembly.EFFECT])

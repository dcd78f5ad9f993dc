"""The nodes of women against direct enumeration, closed forms and the compiled recursion."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference import generations
from decidua.inference.priors import DEFAULT_STRUCTURE, stage_one
from decidua.life import differences, law
from decidua.life.parameters import CONDITIONS, LOG_NORMAL, TWO_CLASS
from decidua.study.validation_women import (
    BIRTH,
    LOSS,
    OTHER,
    expected_mix,
    losses_in_a_row,
    mean_of,
    women_of,
)

GO_ON = (0.9, 0.8, 0.45, 0.25)


def law_parameters(**changed):
    ledger = load_ledger()
    stage = stage_one(ledger, DEFAULT_STRUCTURE)
    p, _ = stage.law([ledger.value(name) for name in stage.names])
    return p._replace(**changed)


@pytest.fixture(scope="module")
def women():
    return women_of(law_parameters(), shape=LOG_NORMAL)


def test_weights_sum_to_one_and_factors_have_mean_one(women):
    assert women.start.sum() == pytest.approx(1.0, abs=1e-12)
    assert women.weight @ women.shared == pytest.approx(1.0, abs=1e-6)
    assert women.weight @ women.multiplier == pytest.approx(1.0, abs=1e-5)
    assert women.fading_weight @ women.fading == pytest.approx(1.0, abs=1e-6)


def test_chances_at_a_node_are_those_of_the_law(women):
    chances = women.chances(36.0)
    p = women.law
    n, f = 3, 2
    factor = women.shared[n] * women.fading[f]
    odds = law.aneuploid_odds(36.0, math.nan, p) * factor
    hazard = law.euploid_hazard(36.0, p) * factor * women.multiplier[n]
    assert chances.loss[n, f] == pytest.approx(law.p_clinical_loss(odds, hazard, p), rel=1e-12)
    assert chances.aneuploid_loss + chances.euploid_loss == pytest.approx(chances.loss)


@pytest.mark.parametrize("shape", [LOG_NORMAL, TWO_CLASS])
def test_chances_of_all_orders_of_outcomes_sum_to_one(shape):
    group = women_of(law_parameters(), shape=shape)
    total = sum(
        group.after(list(zip(outcomes, (28.0, 30.0, 31.0), strict=True))).sum()
        for outcomes in itertools.product((LOSS, BIRTH), repeat=3)
    )
    assert total == pytest.approx(1.0, abs=1e-12)


def test_without_differences_between_women_a_history_tells_nothing():
    # Named causes are differences too, so they go with the rest.
    alike = law_parameters(
        sd_shared_lasting=0.0,
        sd_euploid_lasting=0.0,
        sd_shared_fading=0.0,
        **{f"excess_{name}": 0.0 for name in CONDITIONS},
    )
    group = women_of(alike, shape=LOG_NORMAL)
    none = group.p_loss(33.0, group.start)
    after = group.p_loss(33.0, group.after(losses_in_a_row(4, age_years=33.0, interval_years=1.0)))
    assert after == pytest.approx(none, rel=1e-10)


def test_a_birth_renews_the_fading_factor():
    fading_only = law_parameters(
        sd_shared_lasting=0.0,
        sd_euploid_lasting=0.0,
        fading_renewal_at_birth=1.0,
        **{f"excess_{name}": 0.0 for name in CONDITIONS},
    )
    group = women_of(fading_only, shape=LOG_NORMAL)
    before = group.after([(LOSS, 28.0), (LOSS, 29.0), (BIRTH, 30.0)])
    assert group.p_loss(31.0, before) == pytest.approx(group.p_loss(31.0, group.start), rel=1e-9)
    after = group.after([(BIRTH, 28.0), (LOSS, 29.0), (LOSS, 30.0)])
    assert group.p_loss(31.0, after) > 1.02 * group.p_loss(31.0, group.start)


def test_a_pregnancy_that_tells_nothing_leaves_the_lasting_weights(women):
    assert women.after([(OTHER, 30.0)]).sum(axis=1) == pytest.approx(women.weight)


def test_the_mix_of_histories_is_that_of_the_compiled_recursion():
    p = law_parameters()
    w0, sd_residual = differences.remaining_budget(p, 0.0, 0.0)
    z, weights = differences.normal_nodes(7)
    nodes = generations.build_nodes(p, LOG_NORMAL, z, weights, w0, sd_residual)
    odds, hazard = law.aneuploid_odds(30.0, math.nan, p), law.euploid_hazard(30.0, p)
    p_loss = generations.loss_at_nodes(nodes, odds, hazard, p)
    compiled = generations.expected_generations(nodes, p_loss, p, np.array(GO_ON))
    mix = expected_mix(women_of(p, shape=LOG_NORMAL), ages_years=[30.0] * generations.ORDERS, p_go_on=GO_ON)
    lost = mix.losses.sum(axis=(0, 2))
    by_run = np.array([*lost[:3], lost[3:].sum()])
    # The two stop counting births at different numbers, beyond which the chance to go on is the same.
    assert by_run == pytest.approx(compiled.losses, rel=1e-3)


def test_after_one_loss_the_mix_agrees_with_enumeration(women):
    mix = expected_mix(women, ages_years=[30.0, 31.0], p_go_on=GO_ON)
    p = women.chances(30.0).loss
    reached = GO_ON[0] * mean_of(p, women.start)
    assert mix.pregnancies[:, 1, 1].sum() == pytest.approx(reached, rel=1e-12)
    again = GO_ON[0] * (women.after([(LOSS, 30.0)]) * women.chances(31.0).loss).sum()
    assert mix.losses[:, 1, 1].sum() == pytest.approx(again, rel=1e-12)

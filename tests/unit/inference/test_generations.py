"""The recursion over generations where every count can be worked out by hand."""

import math

import factories
import numpy as np
import pytest

from decidua.inference import generations
from decidua.inference.generations import BRANCHES, ORDERS, PARITIES, RUNS, STATES, TOTALS
from decidua.life import differences, law
from decidua.life.parameters import LOG_NORMAL, TWO_CLASS


def lay_out(p, shape=LOG_NORMAL, count=5):
    budget = differences.remaining_budget(p, 0.0, 0.0)
    return generations.build_nodes(p, shape, *differences.normal_nodes(count), *budget)


def follow(p, p_loss, go_on, shape=LOG_NORMAL):
    nodes = lay_out(p, shape)
    chances = np.full((nodes.shared.size, nodes.fading.size), p_loss)
    return generations.expected_generations(nodes, chances, p, np.array(go_on))


def test_every_state_has_its_own_number_and_counts_beyond_the_last_stay_in_it():
    numbers = {
        generations.state_of(parity, run, total)
        for parity in range(PARITIES)
        for run in range(RUNS)
        for total in range(TOTALS)
    }
    assert numbers == set(range(STATES))
    assert generations.state_of(9, 9, 9) == generations.state_of(PARITIES - 1, RUNS - 1, TOTALS - 1)


def test_a_loss_lengthens_the_run_and_a_birth_ends_it():
    states = generations.next_states()
    here = states[generations.state_of(1, 2, 2)]
    assert here[:3].tolist() == [2, 2, 1]
    assert here[3] == generations.state_of(1, 3, 3)
    assert here[4] == generations.state_of(2, 0, 2)


def test_each_branch_is_a_distribution():
    nodes = lay_out(factories.law_parameters(uterine_nk_excess=0.0))
    for which in range(BRANCHES):
        first, last = generations.branch(nodes, which)
        assert nodes.weight[first:last].sum() == pytest.approx(1.0, rel=1e-13)
        assert nodes.weight[first:last] @ nodes.shared[first:last] == pytest.approx(1.0, rel=1e-6)
    assert generations.branch(nodes, BRANCHES - 1)[1] == nodes.shared.size
    assert nodes.fading_weight.sum() == pytest.approx(1.0, rel=1e-14)


def test_loss_at_nodes_multiplies_lasting_and_fading_factors():
    p = factories.law_parameters(uterine_nk_excess=0.0)
    nodes = lay_out(p)
    found = generations.loss_at_nodes(nodes, 0.1, 0.05, p)
    factor = float(nodes.shared[7] * nodes.fading[3])
    expected = law.p_clinical_loss(0.1 * factor, 0.05 * factor * float(nodes.multiplier[7]), p)
    assert found[7, 3] == pytest.approx(expected, rel=1e-14)


def test_pregnancies_by_run_of_women_who_are_all_alike():
    q, g = 0.2, 0.7
    counts = follow(factories.without_differences(), q, [g] * 4)
    by_order = [g**order for order in range(ORDERS)]
    assert counts.pregnancies.sum() == pytest.approx(sum(by_order), rel=1e-13)
    # a run of r before pregnancy n: r losses after a birth, or losses from the start
    for run in range(RUNS - 1):
        expected = sum(by_order[n] * q**run * ((1.0 - q) if n > run else 1.0) for n in range(run, ORDERS))
        assert counts.pregnancies[run] == pytest.approx(expected, rel=1e-13)
    assert counts.losses == pytest.approx(q * counts.pregnancies, rel=1e-13)


def test_women_at_their_second_and_third_loss():
    q, g = 0.3, 0.6
    nodes = lay_out(factories.without_differences())
    counts = follow(factories.without_differences(), q, [g] * 4)
    _, everyone = generations.branch(nodes, 0)
    for losses, masses in zip((2, 3), counts.after_losses, strict=True):
        expected = sum(
            g ** (n - 1) * math.comb(n - 1, losses - 1) * q**losses * (1.0 - q) ** (n - losses)
            for n in range(losses, ORDERS + 1)
        )
        assert masses[:everyone].sum() == pytest.approx(expected, rel=1e-13)


def test_women_go_on_by_the_number_of_births():
    without_loss = follow(factories.without_differences(), 0.0, [0.0, 0.9, 0.5, 0.2])
    expected = 1.0 + 0.9 * (1.0 + 0.5 * sum(0.2**k for k in range(ORDERS - 2)))
    assert without_loss.pregnancies[0] == pytest.approx(expected, rel=1e-13)
    only_losses = follow(factories.without_differences(), 1.0, [0.5, 0.0, 0.0, 0.0])
    assert only_losses.pregnancies == pytest.approx([1.0, 0.5, 0.25, sum(0.5**k for k in range(3, 7))])


def test_share_of_pregnancies_at_the_nodes_is_a_distribution():
    p = factories.law_parameters(uterine_nk_excess=0.0)
    nodes = lay_out(p)
    p_loss = generations.loss_at_nodes(nodes, 0.1, 0.05, p)
    counts = generations.expected_generations(nodes, p_loss, p, np.array([0.9, 0.8, 0.5, 0.3]))
    assert counts.pregnant.sum() == pytest.approx(1.0, rel=1e-14)
    assert counts.pregnant.shape == (generations.branch(nodes, 0)[1], nodes.fading.size)


def run_ratio(**changes: float) -> float:
    """Chance of loss after two losses in a row over that after none, only the fading factor varying."""
    p = factories.without_differences()._replace(sd_shared_fading=0.8, **changes)
    nodes = lay_out(p)
    p_loss = generations.loss_at_nodes(nodes, 0.1, 0.05, p)
    counts = generations.expected_generations(nodes, p_loss, p, np.array([0.9, 0.8, 0.5, 0.3]))
    by_run = counts.losses / counts.pregnancies
    return float(by_run[2] / by_run[0])


def test_a_factor_drawn_afresh_every_time_leaves_no_trace_and_a_kept_one_does():
    assert run_ratio(fading_correlation=0.0) == pytest.approx(1.0, rel=1e-12)
    assert run_ratio(fading_correlation=0.5) > 1.1
    assert run_ratio(fading_correlation=0.9) > run_ratio(fading_correlation=0.5)


def test_no_woman_is_lost_from_the_count_when_one_class_never_loses():
    """A low class with factor 0 has no women at its nodes after a loss; the high class still counts."""
    p = factories.without_differences()._replace(
        sd_shared_fading=1.2, high_class_share=0.5, fading_correlation=1.0, fading_renewal_at_birth=0.0
    )
    nodes = lay_out(p, TWO_CLASS)
    assert nodes.fading[0] == 0.0
    p_loss = generations.loss_at_nodes(nodes, 0.1, 0.05, p)
    counts = generations.expected_generations(nodes, p_loss, p, np.array([1.0] * 4))
    assert counts.pregnancies.sum() == pytest.approx(ORDERS, rel=1e-13)

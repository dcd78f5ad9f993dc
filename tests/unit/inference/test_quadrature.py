"""Gauss rules against rules known in closed form, and the atoms of the euploid multiplier by hand."""

import math

import factories
import numpy as np
import pytest

from decidua.inference import quadrature
from decidua.life import differences
from decidua.life.parameters import LOG_NORMAL, TWO_CLASS


def test_three_nodes_of_a_fine_uniform_distribution_are_legendres():
    atoms = np.linspace(-1.0, 1.0, 20_001)
    nodes, weights = quadrature.gauss_rule(atoms, np.ones(atoms.size), 3)
    assert nodes == pytest.approx([-math.sqrt(0.6), 0.0, math.sqrt(0.6)], abs=1e-4)
    assert weights == pytest.approx([5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0], abs=1e-4)


def test_nodes_of_a_gauss_rule_of_normal_nodes_are_normal_nodes():
    many, few = differences.normal_nodes(16), differences.normal_nodes(5)
    nodes, weights = quadrature.gauss_rule(*many, 5)
    assert nodes == pytest.approx(few[0], abs=1e-12)
    assert weights == pytest.approx(few[1], abs=1e-12)


def test_a_distribution_of_few_atoms_is_found_again():
    nodes, weights = quadrature.gauss_rule(np.array([3.0, 0.5]), np.array([1.0, 3.0]), 4)
    assert nodes[:2] == pytest.approx([0.5, 3.0], rel=1e-13)
    assert weights == pytest.approx([0.75, 0.25, 0.0, 0.0], abs=1e-14)


def test_one_atom_many_times_is_one_node():
    nodes, weights = quadrature.gauss_rule(np.full(6, 1.7), np.full(6, 0.2), 3)
    assert nodes == pytest.approx([1.7] * 3, rel=1e-14)
    assert weights == pytest.approx([1.0, 0.0, 0.0], abs=1e-15)


def test_one_node_is_the_mean():
    nodes, weights = quadrature.gauss_rule(np.array([1.0, 2.0, 6.0]), np.array([2.0, 1.0, 1.0]), 1)
    assert (float(nodes[0]), float(weights[0])) == pytest.approx((2.5, 1.0), rel=1e-14)


@pytest.fixture(params=[LOG_NORMAL, TWO_CLASS])
def laid_out(request):
    p = factories.law_parameters(sd_euploid_lasting=0.8, uterine_nk_excess=0.0)
    w0, sd = differences.remaining_budget(p, 0.0, 0.0)
    z, z_weights = differences.normal_nodes(20)
    return p, quadrature.multiplier_atoms(p, request.param, w0, sd, z, z_weights)


def test_the_multiplier_has_mean_one_and_the_whole_budget_of_variance(laid_out):
    _, (atoms, weights) = laid_out
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)
    assert (weights * atoms).sum() == pytest.approx(1.0, rel=1e-12)
    assert (weights * (atoms - 1.0) ** 2).sum() == pytest.approx(math.expm1(0.64), rel=1e-10)


def test_row_number_says_which_conditions_are_present(laid_out):
    p, (atoms, weights) = laid_out
    both = 0b1001  # antiphospholipid and translocation
    assert atoms[both] - atoms[0] == pytest.approx(p.excess_antiphospholipid + p.excess_translocation)
    without = (1.0 - p.prevalence_uterine_anomaly) * (1.0 - p.prevalence_thyroid_antibodies)
    chance = p.prevalence_antiphospholipid * p.prevalence_translocation * without
    assert weights[both].sum() == pytest.approx(chance, rel=1e-13)


@pytest.mark.parametrize("condition", range(4))
def test_the_branch_of_a_condition_holds_the_women_with_it(laid_out, condition):
    p, (atoms, weights) = laid_out
    nodes, node_weights, total = quadrature.branch_rule(atoms, weights, condition, 3)
    prevalence, excess = differences.prevalences(p), differences.excesses(p)
    assert total == pytest.approx(prevalence[condition], rel=1e-13)
    mean = 1.0 + excess[condition] * (1.0 - prevalence[condition])
    assert node_weights @ nodes == pytest.approx(
        mean, rel=1e-3
    )  # the rule is made for chances, not for means


def test_all_women_are_the_first_branch(laid_out):
    _, (atoms, weights) = laid_out
    nodes, node_weights, total = quadrature.branch_rule(atoms, weights, -1, 5)
    assert total == pytest.approx(1.0, rel=1e-14)
    assert node_weights @ nodes == pytest.approx(1.0, rel=1e-3)


def with_bit(weights, condition):
    present = (np.arange(weights.shape[0]) >> condition) & 1 == 1
    return weights * present[:, None] if condition >= 0 else weights


@pytest.mark.parametrize("hazard", [0.05, 0.2, 1.0])
@pytest.mark.parametrize(("condition", "count"), [(-1, 5), (0, 3), (1, 3), (2, 3), (3, 3)])
def test_few_nodes_give_the_chance_of_loss_of_hundreds_of_atoms(laid_out, condition, count, hazard):
    """To two in 100,000 also at twenty times the usual hazard, far below the error of any published table."""
    _, (atoms, weights) = laid_out
    nodes, node_weights, _ = quadrature.branch_rule(atoms, weights, condition, count)
    kept = with_bit(weights, condition)
    expected = (kept * -np.expm1(-hazard * atoms)).sum() / kept.sum()
    assert node_weights @ -np.expm1(-hazard * nodes) == pytest.approx(expected, abs=2e-5)


def test_the_rule_for_chances_is_exact_in_the_saturating_variable(laid_out):
    _, (atoms, weights) = laid_out
    nodes, node_weights = quadrature.saturating_rule(atoms.ravel(), weights.ravel(), 4)

    def saturated(m):
        return m / (m + quadrature.HALF_WAY)

    for degree in range(8):
        expected = (weights * saturated(atoms) ** degree).sum()
        assert node_weights @ saturated(nodes) ** degree == pytest.approx(expected, rel=1e-10)


def test_a_condition_nobody_has_gets_no_weight():
    p = factories.law_parameters(prevalence_translocation=0.0)
    atoms, weights = quadrature.multiplier_atoms(p, LOG_NORMAL, 0.8, 0.3, *differences.normal_nodes(3))
    nodes, node_weights, total = quadrature.branch_rule(atoms, weights, 3, 3)
    assert total == 0.0
    assert node_weights.sum() == 0.0
    assert np.all(np.isfinite(nodes))


@pytest.mark.parametrize("count", [4, 10])
def test_halved_normal_nodes_meet_a_kink_at_zero_and_the_moments_of_a_normal(count):
    z, weights = quadrature.halved_normal_nodes(count)
    assert z.size == count
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    assert weights @ np.maximum(z, 0.0) == pytest.approx(1.0 / np.sqrt(2.0 * np.pi), rel=1e-12)
    assert weights @ z**2 == pytest.approx(1.0, rel=1e-12)
    assert weights @ np.maximum(z, 0.0) ** 3 == pytest.approx(np.sqrt(2.0 / np.pi), rel=1e-10)


@pytest.mark.parametrize("size", [1, 2, 8, 16])
def test_eigenvalues_and_first_components_are_lapacks(size):
    spread = np.random.default_rng(size).normal(size=(size, size))
    symmetric = spread + spread.T
    values, vectors = np.linalg.eigh(symmetric)
    found, first = quadrature.eigen_of(symmetric.copy())
    np.testing.assert_allclose(found, values, rtol=0.0, atol=1e-13 * np.abs(values).max())
    np.testing.assert_allclose(first**2, vectors[0] ** 2, rtol=0.0, atol=1e-12)

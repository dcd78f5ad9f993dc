r"""Few nodes for the euploid multiplier of women: Gauss rules of its own distribution.

The multiplier $m = w_0 L + \sum_k a_k X_k$ has hundreds of atoms (residual nodes times sets of
conditions). Chances of loss are smooth in m, so an n-node Gauss rule of that discrete distribution,
exact for polynomials of degree 2n - 1, replaces them. One rule stands for all women, one for the women
with each condition.
"""

from __future__ import annotations

import math

import numpy as np

from decidua.base.arrays import put
from decidua.base.compiled import compiled, compiled_step
from decidua.life import differences
from decidua.life.parameters import CONDITIONS, FloatArray, LawParameters

SETS = 1 << len(CONDITIONS)
NEGLIGIBLE = 1e-14
MOST_ROUNDS, SMALLEST_TURN = 30, 1e-18  # of rotations; a handful of rounds is enough
HALF_WAY = 10.0  # multiplier at which saturation is half-way; any number of this order serves
FINE_HALF, FAR_END = 200, 9.0  # half a normal distribution as a fine one: points, standard deviations
SMALLEST_SHARE = 1e-16  # a chance cannot exceed 1, so atoms of less weight cannot matter


@compiled
def gauss_rule(atoms: FloatArray, weights: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the Gauss rule of a discrete distribution (Stieltjes, Golub and Welsch).

    Arguments:  atoms, weights  the distribution, shape (atoms,); weights need not sum to 1
                count           nodes wanted
    Returns:    nodes and weights, shape (count,), weights summing to 1; a distribution of fewer atoms
                gets fewer true nodes, the rest with weight 0
    """
    kept = weights > SMALLEST_SHARE * weights.sum()
    atoms, w = atoms[kept], weights[kept] / weights[kept].sum()
    alpha, beta = np.zeros(count), np.zeros(count)
    before, now = np.zeros(atoms.size), np.ones(atoms.size)
    norm_before, used = 1.0, 0
    for j in range(count):
        norm = (w * now * now).sum()
        if j > 0 and norm <= NEGLIGIBLE * norm_before:
            break
        alpha[j] = (w * atoms * now * now).sum() / norm
        beta[j] = norm / norm_before if j > 0 else 0.0
        following = (atoms - alpha[j]) * now - beta[j] * before
        before, now, norm_before = now, following, norm
        used = j + 1
    jacobi = np.zeros((used, used))
    for j in range(used):
        jacobi[j, j] = alpha[j]
        if j > 0:
            jacobi[j, j - 1] = jacobi[j - 1, j] = np.sqrt(beta[j])
    values, first = eigen_of(jacobi)
    nodes, out = np.full(count, values[0]), np.zeros(count)
    put(values, nodes[:used])
    put(first**2, out[:used])
    return nodes, out


@compiled_step
def eigen_of(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues of a small symmetric matrix by Jacobi's rotations, which leave it diagonal.

    Tried: LAPACK's own routine needs SciPy in compiled code, half a second at every start.

    Returns:    eigenvalues, smallest first, and the first component of each eigenvector, shape (rows,)
    Checked by: tests/unit/inference/test_quadrature.py (LAPACK's eigenvalues)
    """
    size = matrix.shape[0]
    first = np.zeros(size)
    first[0] = 1.0
    for _ in range(MOST_ROUNDS):
        turns = 0
        for p in range(size - 1):
            for q in range(p + 1, size):
                if abs(matrix[p, q]) > SMALLEST_TURN * (abs(matrix[p, p]) + abs(matrix[q, q])):
                    rotate(matrix, first, p, q)
                    turns += 1
        if turns == 0:
            break
    values = np.diag(matrix).copy()
    order = np.argsort(values)
    return values[order], first[order]


@compiled_step
def rotate(matrix: FloatArray, first: FloatArray, p: int, q: int) -> None:
    """Turn two axes so that nothing is left between them."""
    angle = (matrix[q, q] - matrix[p, p]) / (2.0 * matrix[p, q])
    tangent = math.copysign(1.0, angle) / (abs(angle) + math.hypot(angle, 1.0))
    cosine = 1.0 / math.hypot(tangent, 1.0)
    sine = tangent * cosine
    for k in range(matrix.shape[0]):
        a, b = matrix[k, p], matrix[k, q]
        matrix[k, p], matrix[k, q] = cosine * a - sine * b, sine * a + cosine * b
    for k in range(matrix.shape[0]):
        a, b = matrix[p, k], matrix[q, k]
        matrix[p, k], matrix[q, k] = cosine * a - sine * b, sine * a + cosine * b
    matrix[p, q], matrix[q, p] = 0.0, 0.0
    a, b = first[p], first[q]
    first[p], first[q] = cosine * a - sine * b, sine * a + cosine * b


def halved_normal_nodes(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes against a standard normal, half of them on each side of 0.

    A loss counts as caused by uterine NK cells only above the median of controls: a kink at 0 that a rule
    for the whole line meets slowly.

    Arguments:  count  number of nodes, even
    Returns:    nodes and weights, each shape (count,), weights summing to 1
    """
    x, w = np.polynomial.legendre.leggauss(FINE_HALF)
    half = 0.5 * FAR_END * (x + 1.0)
    nodes, weights = gauss_rule(half, w * np.exp(-0.5 * half * half), count // 2)
    return np.concatenate((-nodes[::-1], nodes)), 0.5 * np.concatenate((weights[::-1], weights))


@compiled_step
def saturating_rule(atoms: FloatArray, weights: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    r"""Gauss rule in $m / (m + m_0)$ instead of m.

    A log-normal multiplier has a long tail, and a rule for its moments would spend its nodes there. But a
    chance of loss cannot pass 1: it is smooth in this variable, which stays between 0 and 1.
    """
    nodes, out = gauss_rule(atoms / (atoms + HALF_WAY), weights, count)
    return HALF_WAY * nodes / (1.0 - nodes), out


@compiled_step
def multiplier_atoms(
    p: LawParameters, shape: int, w0: float, sd_residual: float, z: FloatArray, z_weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Every value of the euploid multiplier and its weight by set of conditions, shape (SETS, residuals).

    Bit k of the row number says whether condition k is present.
    """
    residual, residual_w = differences.factor_nodes(sd_residual, shape, p.high_class_share, z, z_weights)
    prevalence, excess = differences.prevalences(p), differences.excesses(p)
    atoms = np.empty((SETS, residual.size))
    weights = np.empty((SETS, residual.size))
    for s in range(SETS):
        chance, total = 1.0, 0.0
        for k in range(prevalence.size):
            present = (s >> k) & 1
            chance *= prevalence[k] if present else 1.0 - prevalence[k]
            total += present * excess[k]
        put(w0 * residual + total, atoms[s])
        put(chance * residual_w, weights[s])
    return atoms, weights


@compiled_step
def branch_rule(
    atoms: FloatArray, weights: FloatArray, condition: int, count: int
) -> tuple[FloatArray, FloatArray, float]:
    """Gauss rule for all women (condition -1) or for those with one condition, and their total weight."""
    keep = weights.copy()
    if condition >= 0:
        for s in range(SETS):
            if not (s >> condition) & 1:
                keep[s] = 0.0
    total = keep.sum()
    if total <= 0.0:
        return np.ones(count), np.zeros(count), 0.0
    nodes, out = saturating_rule(atoms.ravel(), keep.ravel(), count)
    return nodes, out, total

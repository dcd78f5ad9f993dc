r"""Expected counts of pregnancies by parity, run and number of losses, with selective fertility.

Women go on after a loss more often than after a birth, so counts of earlier losses are not drawn at
random. This recursion follows the mass of women over (parity, run of losses, losses so far) on nodes
of their lasting and fading differences; no life is simulated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled, compiled_step
from decidua.inference import quadrature
from decidua.life import differences, law
from decidua.life.parameters import CONDITIONS, FloatArray, LawParameters

PARITIES, RUNS, TOTALS = 3, 4, 4
STATES = PARITIES * RUNS * TOTALS
ORDERS = 7
BRANCHES = 1 + len(CONDITIONS)  # all women, then the women with each condition
ALL_NODES, CONDITION_NODES = 5, 3


IntArray = NDArray[np.int64]


class Nodes(NamedTuple):
    """Lasting and fading differences between women on one grid, branch by branch.

    Lasting nodes are every (shared factor, euploid multiplier); the fading factor is apart.
    """

    shared: FloatArray  # (lasting,)
    multiplier: FloatArray  # (lasting,) euploid multiplier m
    weight: FloatArray  # (lasting,) sums to 1 in each branch
    first: FloatArray  # (BRANCHES + 1,) where each branch begins
    fading: FloatArray  # (fading,)
    fading_weight: FloatArray  # (fading,)


class Generations(NamedTuple):
    """What the recursion yields."""

    pregnancies: FloatArray  # (RUNS,) expected pregnancies by run of losses before, all women
    losses: FloatArray  # (RUNS,)
    pregnant: FloatArray  # (lasting, fading) share of all pregnancies at each node of the first branch
    after_losses: FloatArray  # (2, lasting, fading) women at their second, third loss, every branch


@compiled
def build_nodes(
    p: LawParameters, shape: int, z: FloatArray, z_weights: FloatArray, w0: float, sd_residual: float
) -> Nodes:
    """Lay out the nodes of lasting and fading differences for one set of parameters."""
    share = p.high_class_share
    shared, shared_w = differences.factor_nodes(p.sd_shared_lasting, shape, share, z, z_weights)
    fading, fading_w = differences.factor_nodes(p.sd_shared_fading, shape, share, z, z_weights)
    atoms, atom_w = quadrature.multiplier_atoms(p, shape, w0, sd_residual, z, z_weights)
    count = shared.size * (ALL_NODES + (BRANCHES - 1) * CONDITION_NODES)
    out_shared, out_m, out_w = np.empty(count), np.empty(count), np.empty(count)
    first = np.zeros(BRANCHES + 1)
    n = 0
    for branch in range(BRANCHES):
        nodes = ALL_NODES if branch == 0 else CONDITION_NODES
        values, value_w, _ = quadrature.branch_rule(atoms, atom_w, branch - 1, nodes)
        for i in range(shared.size):
            for j in range(nodes):
                out_shared[n], out_m[n] = shared[i], values[j]
                out_w[n] = shared_w[i] * value_w[j]
                n += 1
        first[branch + 1] = n
    return Nodes(out_shared, out_m, out_w, first, fading, fading_w)


@compiled
def branch(nodes: Nodes, which: int) -> tuple[int, int]:
    """First and last-plus-one lasting node of a branch."""
    return int(nodes.first[which]), int(nodes.first[which + 1])


@compiled_step
def loss_at_nodes(nodes: Nodes, odds: float, hazard: float, p: LawParameters) -> FloatArray:
    """Chance of a clinical loss at every node, shape (lasting, fading)."""
    out = np.empty((nodes.shared.size, nodes.fading.size))
    for n in range(nodes.shared.size):
        for f in range(nodes.fading.size):
            factor = nodes.shared[n] * nodes.fading[f]
            out[n, f] = law.p_clinical_loss(odds * factor, hazard * factor * nodes.multiplier[n], p)
    return out


@compiled_step
def state_of(parity: int, run: int, total: int) -> int:
    """Number of a state; counts beyond the last one stay in the last one."""
    return (min(parity, PARITIES - 1) * RUNS + min(run, RUNS - 1)) * TOTALS + min(total, TOTALS - 1)


@compiled_step
def next_states() -> IntArray:
    """For every state: run, losses so far, births so far, state after a loss, state after a birth."""
    out = np.zeros((STATES, 5), dtype=np.int64)
    for parity in range(PARITIES):
        for run in range(RUNS):
            for total in range(TOTALS):
                here = out[state_of(parity, run, total)]
                here[0], here[1], here[2] = run, total, parity
                here[3] = state_of(parity, run + 1, total + 1)
                here[4] = state_of(parity + 1, 0, total)
    return out


@compiled_step
def expected_generations(
    nodes: Nodes, p_loss: FloatArray, p: LawParameters, p_go_on: FloatArray
) -> Generations:
    r"""Follow women through up to ORDERS pregnancies and count them by their history.

    Arguments:  nodes    lasting and fading differences
                p_loss   chance of loss at each node, shape (lasting, fading)
                p        parameters of the law
                p_go_on  chance of a further pregnancy: after a loss, then after birth 1, 2, 3+; shape (4,)
    Returns:    expected counts
    Checked by: verify/test_generations.py (simulation of women one by one)
    """
    lasting, fading = p_loss.shape
    _, all_women = branch(nodes, 0)
    states = next_states()
    # lasting nodes stand last, here and below: the inner loops run over them
    p_lost = np.ascontiguousarray(p_loss.T)
    by_run = np.zeros((2, RUNS))
    pregnant, after_losses = np.zeros(p_lost.shape), np.zeros((2, fading, lasting))
    mass, following = np.zeros((STATES, fading, lasting)), np.zeros((STATES, fading, lasting))
    is_held, room = np.zeros((2, STATES)), np.empty((2, lasting))
    is_held[0, 0] = 1.0
    for f in range(fading):
        mass[0, f] = nodes.fading_weight[f] * nodes.weight
    for _ in range(ORDERS):
        is_held[1] = 0.0
        for s in range(STATES):
            if is_held[0, s] == 0.0:
                continue
            _, total, parity, after_loss, after_birth = states[s]
            # women with a condition are counted at their second and third loss, and no later
            count = lasting if total < TOTALS - 1 else all_women
            count_pregnancy(
                mass[s], p_lost, states[s], count, all_women, by_run, pregnant, after_losses, room
            )
            p_after_birth = p_go_on[min(parity + 1, p_go_on.size - 1)]
            move_on(mass[s], p_lost, count, nodes, p, p_go_on[0], following[after_loss], room, True)
            move_on(mass[s], p_lost, count, nodes, p, p_after_birth, following[after_birth], room, False)
            is_held[1, after_loss] = is_held[1, after_birth] = 1.0
            mass[s] = 0.0
        mass, following = following, mass
        is_held[0] = is_held[1]
    share = np.ascontiguousarray(pregnant[:, :all_women].T)
    return Generations(
        by_run[0], by_run[1], share / share.sum(), np.ascontiguousarray(after_losses.transpose(0, 2, 1))
    )


@compiled
def count_pregnancy(
    mass: FloatArray,
    p_lost: FloatArray,
    state: IntArray,
    count: int,
    all_women: int,
    by_run: FloatArray,
    pregnant: FloatArray,
    after_losses: FloatArray,
    room: FloatArray,
) -> None:
    """Count the pregnancies and losses of the women in one state; leave sums by lasting node in `room`."""
    run, total = state[0], state[1]
    room[:] = 0.0
    for f in range(p_lost.shape[0]):
        for n in range(count):
            lost = mass[f, n] * p_lost[f, n]
            room[0, n] += lost
            room[1, n] += mass[f, n] - lost
            pregnant[f, n] += mass[f, n]
        if total == 1 or total == 2:
            for n in range(count):
                after_losses[total - 1, f, n] += mass[f, n] * p_lost[f, n]
    losses = room[0, :all_women].sum()
    by_run[0, run] += losses + room[1, :all_women].sum()
    by_run[1, run] += losses


@compiled_step
def move_on(
    mass: FloatArray,
    p_lost: FloatArray,
    count: int,
    nodes: Nodes,
    p: LawParameters,
    p_go_on: float,
    following: FloatArray,
    room: FloatArray,
    is_loss: bool,
) -> None:
    """Move the women whose pregnancy ended in a loss, or else in a birth, to the state of their next one."""
    kept = p.fading_correlation if is_loss else p.fading_correlation * (1.0 - p.fading_renewal_at_birth)
    everywhere = room[0] if is_loss else room[1]
    for f in range(p_lost.shape[0]):
        fresh = nodes.fading_weight[f]
        for n in range(count):
            here = mass[f, n] * (p_lost[f, n] if is_loss else 1.0 - p_lost[f, n])
            following[f, n] += p_go_on * differences.faded(here, everywhere[n], fresh, kept)

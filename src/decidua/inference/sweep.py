"""The sweep over draws and nodes: adds up what the kernel says of the past, and looks ahead."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled
from decidua.inference import ahead, kernel
from decidua.inference.ahead import Ahead, Future
from decidua.inference.encoding import LOSS, Course
from decidua.inference.kernel import Draw, Room, Terms
from decidua.inference.prepared import Rules, Stack
from decidua.life import differences
from decidua.life.parameters import CAUSES, CONDITIONS, FloatArray, LawParameters, LawTables, parameters_of

TRANSLOCATION = CONDITIONS.index("translocation")


class Posterior(NamedTuple):
    """Sums over nodes by draw; everything but `likelihood` is divided by it in the end."""

    likelihood: FloatArray  # (draws,)
    ahead: FloatArray  # (draws, ahead.ANSWERS)
    density: FloatArray  # (draws, densities)
    shared: FloatArray  # (draws, shared nodes)
    conditions: FloatArray  # (draws, CONDITIONS)
    causes: FloatArray  # (draws, pregnancies, CAUSES) of each past loss


class Node(NamedTuple):
    """One lasting node: where it is, and what it weighs."""

    branch: int  # 0 all women, 1 + k those with condition k
    shared: int
    density: int
    multiplier: float
    excess_translocation: float  # of a translocation that is certain here, else 0
    weight: float


@compiled
def sweep(
    course: Course, asked: Ahead, density_weights: FloatArray, stack: Stack, rules: Rules, first: int, last: int
) -> Posterior:
    """Posterior sums of draws first to last for one history.

    Arguments:  course           the history as arrays
                asked            what is asked of the future
                density_weights  weight of each density node: prior times the likelihood of tests and waiting,
                                 shape (draws, densities)
                stack, rules     the draws, ready
                first, last      which draws
    Returns:    Posterior with one row for each of these draws
    Checked by: verify/test_history_twin.py (plain sums over the law itself)
    """
    draws, pregnancies = last - first, course.kind.size
    out = Posterior(
        np.zeros(draws),
        np.zeros((draws, ahead.ANSWERS)),
        np.zeros((draws, stack.density_score.size)),
        np.zeros((draws, stack.shared.shape[1])),
        np.zeros((draws, len(CONDITIONS))),
        np.zeros((draws, pregnancies, len(CAUSES))),
    )
    room = kernel.make_room(pregnancies, stack.shared.shape[1], stack.fading.shape[1])
    for i in range(first, last):
        draw = draw_at(course, stack, i)
        terms = kernel.terms_of(course, draw)
        future = ahead.future_of(asked, draw)
        for world in range(rules.worlds.size):
            for branch in range(rules.nodes.shape[2]):
                excess = excess_in_world(draw.p, rules.worlds[world], branch)
                for n in range(rules.nodes.shape[3]):
                    weight = rules.weights[i, world, branch, n]
                    if weight > 0.0:
                        m = rules.nodes[i, world, branch, n]
                        node = Node(branch, 0, 0, m, excess, weight)
                        one_multiplier(course, asked, draw, terms, future, room, node, density_weights[i], out, i - first)
        normalise(out, i - first)
    return out


@compiled
def draw_at(course: Course, stack: Stack, i: int) -> Draw:
    """Draw i, taken out of the stack."""
    p = parameters_of(stack.rows[i])
    tables = LawTables(
        stack.aneuploid_survival[i], stack.preclinical_survival[i], stack.euploid_cumulative[i], stack.birth_share
    )
    shared, fading = stack.shared[i], stack.fading[i]
    factors = np.empty(shared.size * fading.size)
    for j in range(shared.size):
        for f in range(fading.size):
            factors[j * fading.size + f] = shared[j] * fading[f]
    return Draw(
        p, tables, factors, stack.shared_weight[i], stack.fading_weight[i], stack.nk_total[i], stack.nk_at_median[i]
    )


@compiled
def excess_in_world(p: LawParameters, world: float, branch: int) -> float:
    """Excess hazard of a translocation that is certain in this world or branch, else 0."""
    certain = world == 1.0 or branch == 1 + TRANSLOCATION
    return p.excess_translocation if certain else 0.0


@compiled
def one_multiplier(
    course: Course,
    asked: Ahead,
    draw: Draw,
    terms: Terms,
    future: Future,
    room: Room,
    multiplier: Node,
    density_weights: FloatArray,
    out: Posterior,
    at: int,
) -> None:
    """Add up every shared and density node of one euploid multiplier."""
    kernel.fill_multiplier_parts(course, draw, terms, multiplier.multiplier, room)
    for j in range(draw.shared_weight.size):
        for d in range(density_weights.size):
            weight = multiplier.weight * draw.shared_weight[j] * density_weights[d]
            if weight > 0.0:
                node = Node(
                    multiplier.branch, j, d, multiplier.multiplier, multiplier.excess_translocation, weight
                )
                one_node(course, asked, draw, terms, future, room, node, out, at)


@compiled
def one_node(
    course: Course,
    asked: Ahead,
    draw: Draw,
    terms: Terms,
    future: Future,
    room: Room,
    node: Node,
    out: Posterior,
    at: int,
) -> None:
    """Run the messages at one lasting node and add what they say."""
    j, d, m = node.shared, node.density, node.multiplier
    kernel.fill_chances(course, draw, terms, room, j, d, m, node.excess_translocation)
    here = node.weight * kernel.forwards(course, draw, room)
    kernel.backwards(course, draw, room)
    if node.branch > 0:
        out.conditions[at, node.branch - 1] += here
        add_condition(course, draw, terms, room, node, out.causes[at])
        return
    out.likelihood[at] += here
    out.density[at, d] += here
    out.shared[at, j] += here
    add_causes(course, draw, terms, room, node, out.causes[at])
    if not math.isnan(asked.age_years):
        ahead.look_ahead(asked, course, draw, terms, future, room, j, d, m, node.weight, out.ahead[at])


@compiled
def add_causes(course: Course, draw: Draw, t: Terms, room: Room, node: Node, causes: FloatArray) -> None:
    """Add the aneuploid and the uterine NK share of each past loss at one node.

    The uterine NK share is counterfactual: the hazard above that of the control median, times the chance
    that the pregnancy would have gone on to VIABLE_WEEK without it.
    """
    d = node.density
    offset = node.shared * draw.fading_weight.size
    for k in range(course.kind.size):
        if course.kind[k] != LOSS:
            continue
        nk_share = t.nk_extra[k, d] / (node.multiplier + t.nk_step[k, d])
        for f in range(draw.fading_weight.size):
            scale = node.weight * room.before[k, f] * room.after[k, f]
            spared = room.parts[k, 2, offset + f] * t.spared[k, offset + f]
            causes[k, 0] += scale * room.aneuploid[k, f]
            causes[k, 1] += scale * (room.whole[k, f] - room.aneuploid[k, f]) * nk_share * spared


@compiled
def add_condition(course: Course, draw: Draw, t: Terms, room: Room, node: Node, causes: FloatArray) -> None:
    """Add the share of each past loss that one condition took, at one node of the women who have it."""
    excess = differences.excesses(draw.p)[node.branch - 1]
    for k in range(course.kind.size):
        if course.kind[k] == LOSS:
            share = min(excess / (node.multiplier + t.nk_step[k, node.density]), 1.0)
            for f in range(draw.fading_weight.size):
                scale = node.weight * room.before[k, f] * room.after[k, f]
                causes[k, 1 + node.branch] += scale * share * (room.whole[k, f] - room.aneuploid[k, f])


@compiled
def normalise(out: Posterior, at: int) -> None:
    """Divide the sums of one draw by its likelihood, and give the rest of each loss to no known cause."""
    total = out.likelihood[at]
    if total <= 0.0:
        return
    out.ahead[at] /= total
    out.density[at] /= total
    out.shared[at] /= total
    out.conditions[at] /= total
    out.causes[at] /= total
    last = len(CAUSES) - 1
    for k in range(out.causes.shape[1]):
        out.causes[at, k, last] = max(1.0 - out.causes[at, k, :last].sum(), 0.0)

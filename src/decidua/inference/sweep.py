"""The sweep over draws and nodes: adds up what the kernel says of the past, and looks ahead."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_in_place, compiled_step
from decidua.inference import ahead, kernel
from decidua.inference.ahead import Ahead, Future
from decidua.inference.encoding import LOSS, Course
from decidua.inference.kernel import Draw, Nodes, Room, Terms
from decidua.inference.rules import Rules
from decidua.inference.stack import Stack
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
    births_with: FloatArray  # (draws, CONDITIONS) chance of the condition and of a live birth next
    causes: FloatArray  # (draws, pregnancies, CAUSES) of each past loss


@compiled
def sweep(
    course: Course,
    asked: Ahead,
    density_weights: FloatArray,
    stack: Stack,
    rules: Rules,
    first: int,
    last: int,
) -> Posterior:
    """Posterior sums of draws first to last for one history.

    Arguments:  course           the history as arrays
                asked            what is asked of the future
                density_weights  weight of each density node: prior times the likelihood of tests and waiting,
                                 shape (draws, densities)
                stack, rules     the draws, ready; rules without the branches of conditions ask for no causes
                first, last      which draws
    Returns:    Posterior with one row for each of these draws
    Checked by: verify/test_history_twin.py (plain sums over the law itself)
    """
    draws, pregnancies, with_causes = last - first, course.kind.size, rules.nodes.shape[2] > 1
    out = Posterior(
        np.zeros(draws),
        np.zeros((draws, ahead.ANSWERS)),
        np.zeros((draws, stack.density_score.size)),
        np.zeros((draws, stack.shared.shape[1])),
        np.zeros((draws, len(CONDITIONS))),
        np.zeros((draws, len(CONDITIONS))),
        np.zeros((draws, pregnancies, len(CAUSES))),
    )
    shape = (stack.shared.shape[1], stack.density_score.size, stack.fading.shape[1])
    everyone = kernel.make_room(pregnancies, rules.sizes[0], *shape)
    some = kernel.make_room(pregnancies, rules.sizes[-1], *shape)
    terms = kernel.make_terms(pregnancies, stack.factors.shape[1], stack.density_score.size)
    aside = np.zeros(ahead.ANSWERS)
    future = ahead.make_future(stack.factors.shape[1], stack.density_score.size)
    for i in range(first, last):
        draw = draw_at(stack, i)
        kernel.fill_terms(course, draw, terms)
        ahead.fill_future(asked, draw, future)
        for world in range(rules.worlds.size):
            for branch in range(rules.nodes.shape[2]):
                size = rules.sizes[branch]
                multipliers = rules.nodes[i, world, branch, :size]
                weights = rules.weights[i, world, branch, :size]
                if not weights.any():
                    continue
                room = everyone if branch == 0 else some
                nodes = kernel.nodes_of(multipliers, weights, draw.shared_weight, density_weights[i])
                excess = excess_in_world(draw.p, rules.worlds[world], branch)
                kernel.pass_messages(course, draw, terms, nodes, room, excess, with_causes)
                if branch > 0:
                    own = differences.excesses(draw.p)[branch - 1]
                    add_women_with(course, terms, nodes, room, branch - 1, own, out, i - first)
                    if asked.with_conditions == 1:
                        aside[:] = 0.0
                        ahead.look_ahead(asked, course, draw, terms, future, nodes, room, aside)
                        out.births_with[i - first, branch - 1] += aside[ahead.NEXT_BIRTH]
                    continue
                add_women(asked, course, draw, terms, future, nodes, room, out, i - first)
                if with_causes:
                    add_causes(course, terms, nodes, room, out.causes[i - first])
        normalise(course, out, i - first, with_causes)
    return out


@compiled_step
def draw_at(stack: Stack, i: int) -> Draw:
    """Draw i, taken out of the stack."""
    p = parameters_of(stack.rows[i])
    tables = LawTables(
        stack.aneuploid_survival[i],
        stack.preclinical_survival[i],
        stack.euploid_cumulative[i],
        stack.birth_share,
    )
    return Draw(
        p,
        tables,
        stack.factors[i],
        stack.live[i],
        stack.shared_weight[i],
        stack.fading_weight[i],
        stack.nk_total[i],
        stack.nk_at_median[i],
    )


@compiled_in_place
def excess_in_world(p: LawParameters, world: float, branch: int) -> float:
    """Excess hazard of a translocation that is certain in this world or branch, else 0."""
    certain = world == 1.0 or branch == 1 + TRANSLOCATION
    return p.excess_translocation if certain else 0.0


@compiled_in_place
def add_women(
    asked: Ahead,
    course: Course,
    draw: Draw,
    terms: Terms,
    future: Future,
    nodes: Nodes,
    room: Room,
    out: Posterior,
    at: int,
) -> None:
    """Add what all women say: likelihood, differences between them, and the pregnancies ahead."""
    kernel.sum_of(room.before[course.kind.size], room.total)
    node = 0
    for j in range(nodes.shared):
        for d in range(nodes.densities):
            here = 0.0
            for _ in range(nodes.multiplier.size):
                here += nodes.weight[node] * room.total[node]
                node += 1
            out.likelihood[at] += here
            out.shared[at, j] += here
            out.density[at, d] += here
    ahead.look_ahead(asked, course, draw, terms, future, nodes, room, out.ahead[at])


@compiled_in_place
def add_women_with(
    course: Course,
    terms: Terms,
    nodes: Nodes,
    room: Room,
    condition: int,
    excess: float,
    out: Posterior,
    at: int,
) -> None:
    """Add what the women with one condition say: how many they are, and its share of their losses."""
    kernel.sum_of(room.before[course.kind.size], room.total)
    for node in range(nodes.weight.size):
        out.conditions[at, condition] += nodes.weight[node] * room.total[node]
    add_condition(course, terms, nodes, room, condition, excess, out.causes[at, :, 2 + condition])


@compiled_in_place
def add_causes(course: Course, t: Terms, nodes: Nodes, room: Room, causes: FloatArray) -> None:
    """Add the aneuploid and the uterine NK share of each past loss.

    The uterine NK share is counterfactual: the hazard above that of the control median, times the chance
    that the pregnancy would have gone on to VIABLE_WEEK without it.
    """
    fading = room.message.shape[0]
    for k in range(course.kind.size):
        if course.kind[k] != LOSS:
            continue
        shows = kernel.shows_named(course.karyotype[k], False)
        node = 0
        for j in range(nodes.shared):
            for d in range(nodes.densities):
                for n in range(nodes.multiplier.size):
                    nk_share = t.nk_extra[k, d] / (nodes.multiplier[n] + t.nk_step[k, d])
                    for f in range(fading):
                        at = j * fading + f
                        scale = nodes.weight[node] * room.before[k, f, node] * room.after[k, f, node]
                        lost = room.clinical[k, f, node] * shows
                        spared = room.parts[k, 2, at, n] * t.spared[k, at]
                        causes[k, 0] += scale * t.aneuploid[k, at]
                        causes[k, 1] += scale * lost * nk_share * spared
                    node += 1


@compiled_in_place
def add_condition(
    course: Course, t: Terms, nodes: Nodes, room: Room, condition: int, excess: float, causes: FloatArray
) -> None:
    """Add the share of each past loss that one condition took, over the women who have it."""
    for k in range(course.kind.size):
        if course.kind[k] != LOSS:
            continue
        shows = kernel.shows_named(course.karyotype[k], condition == TRANSLOCATION)
        node = 0
        for _ in range(nodes.shared):
            for d in range(nodes.densities):
                for n in range(nodes.multiplier.size):
                    share = min(excess / (nodes.multiplier[n] + t.nk_step[k, d]), 1.0)
                    for f in range(room.message.shape[0]):
                        scale = nodes.weight[node] * room.before[k, f, node] * room.after[k, f, node]
                        causes[k] += scale * share * room.clinical[k, f, node] * shows
                    node += 1


@compiled_step
def normalise(course: Course, out: Posterior, at: int, with_causes: bool) -> None:
    """Divide the sums of one draw by its likelihood, and give the rest of each loss to no known cause."""
    total = out.likelihood[at]
    if total <= 0.0:
        return
    out.ahead[at] /= total
    out.density[at] /= total
    out.shared[at] /= total
    # A branch has its own few nodes, so a certain condition comes out a hair beside 1.
    out.conditions[at] = np.minimum(out.conditions[at] / total, 1.0)
    out.births_with[at] = np.minimum(out.births_with[at] / total, 1.0)
    out.causes[at] = np.minimum(out.causes[at] / total, 1.0)
    last = len(CAUSES) - 1
    for k in range(out.causes.shape[1]):
        if with_causes and course.kind[k] == LOSS:
            out.causes[at, k, last] = max(1.0 - out.causes[at, k, :last].sum(), 0.0)

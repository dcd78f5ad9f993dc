"""Uterine NK density before and after a history, with the share of high readings among women with births."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.polynomial.polynomial import polyvander

from decidua.base.estimates import Estimate, Ranked, weighted_estimate
from decidua.evidence import Ledger
from decidua.inference.answer import UterineNk
from decidua.inference.evaluation import Evaluation, evaluate
from decidua.inference.prepared import Prepared, noise_log_sd
from decidua.life import differences
from decidua.life.parameters import FloatArray
from decidua.measure.history import History, Pregnancy
from decidua.measure.nk_tests import p_reads_above

FINE_NODES = 41  # at which densities are reported; the history's own say is smooth between its nodes
CUT = "measure.uterine_nk.cut_cells_per_mm2"
MOST_KEPT = 256

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class FineNodes:
    """Standard scores of the lasting density, its logarithm by draw, and a reading's chance to be high."""

    score: FloatArray  # (nodes,)
    weight: FloatArray  # (nodes,)
    density: Ranked  # of every draw at every node, cells per mm2; they stand in one order for all histories
    p_above: FloatArray  # (draws, nodes)
    carried: FloatArray  # (densities, nodes) carries values at the nodes of a history to these


@dataclass(frozen=True, slots=True)
class Before:
    """What is said before anything is known of a woman."""

    nodes: FineNodes
    density: Estimate
    p_above_cut: Estimate


def uterine_nk(history: History, found: Evaluation, ledger: Ledger) -> UterineNk:
    """Lasting density and the chance of a reading above the cut: before anything is known, and after."""
    prepared, cut = found.prepared, ledger.value(CUT)
    before = _kept(prepared, "before", lambda: _before(prepared, cut, ledger))
    after = weights_on(before.nodes, found)
    return UterineNk(
        density_before=before.density,
        density_after=_density(before.nodes, after, found.weights),
        p_above_cut_before=before.p_above_cut,
        p_above_cut_after=_above(before.nodes, after, found.weights),
        cut=cut,
        cut_unit="cells_per_mm2",
        share_high_among_women_with_births=_kept(
            prepared, history.age_years, lambda: _share_high(history, prepared, before.nodes)
        ),
    )


def _before(prepared: Prepared, cut: float, ledger: Ledger) -> Before:
    nodes, prior = fine_nodes(prepared, cut, ledger), prepared.draws.weight
    weights = np.broadcast_to(nodes.weight, nodes.p_above.shape)
    return Before(nodes, _density(nodes, weights, prior), _above(nodes, weights, prior))


def _share_high(history: History, prepared: Prepared, nodes: FineNodes) -> Estimate:
    """The share of high readings among women of that age with a birth."""
    births = evaluate(_woman_with_a_birth(history), prepared, with_future=False, with_causes=False)
    return _above(nodes, weights_on(nodes, births), births.weights)


def _kept(prepared: Prepared, key: object, work_out: Callable[[], Kept]) -> Kept:
    """What is the same for everybody, or for everybody of one age, worked out once for these draws."""
    kept = prepared.kept_reports
    found: Kept | None = kept.get(key)
    if found is None:
        found = work_out()
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = found
    return found


def _woman_with_a_birth(history: History) -> History:
    """A woman of the same age, or of a usual one, with one live birth and nothing else known."""
    return History(age_years=history.age_years, pregnancies=(Pregnancy(outcome="live_birth"),))


def fine_nodes(prepared: Prepared, cut: float, ledger: Ledger) -> FineNodes:
    """Lay out the densities at which everything is reported."""
    score, weight = differences.normal_nodes(FINE_NODES)
    columns = prepared.draws.columns
    median, sd = columns["law.uterine_nk_log_median"], columns["law.uterine_nk_lasting_log_sd"]
    log_density = median[:, None] + sd[:, None] * score
    noise = noise_log_sd(prepared.draws, ledger.value("measure.uterine_nk.control_log_sd"))
    p_above = p_reads_above(cut, log_density=log_density, cycle_log_sd=noise)
    carried = _parabola_through(prepared.stack.density_score, score)
    return FineNodes(score, weight, Ranked(np.exp(log_density).ravel()), p_above, carried)


def weights_on(nodes: FineNodes, found: Evaluation) -> FloatArray:
    """Posterior weights of the fine nodes by draw, shape (draws, nodes), rows sum to 1.

    The logarithm of what a history says is smooth in the score, so it is carried to the fine nodes by the
    parabola that fits its own nodes best, and is held beyond them.
    """
    say = np.maximum(found.posterior.density, 1e-300) / found.prepared.stack.density_weight
    # Summed without a linear algebra library, whose threads would spin for longer than the sum takes.
    logs = np.einsum("id,dn->in", np.log(say), nodes.carried)
    scaled = nodes.weight * np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def _parabola_through(score: FloatArray, fine: FloatArray) -> FloatArray:
    """The matrix that carries values at `score` by their best parabola to `fine`, held beyond the last.

    Returns:    shape (score, fine)
    """
    inside = np.clip(fine, score[0], score[-1])
    degree = min(2, score.size - 1)
    fitted = np.linalg.pinv(polyvander(score, degree))
    return np.asarray((polyvander(inside, degree) @ fitted).T)


def _density(nodes: FineNodes, by_node: FloatArray, weights: FloatArray) -> Estimate:
    """The lasting density of one woman, her own uncertainty included."""
    return nodes.density.estimate((weights[:, None] * by_node).ravel())


def _above(nodes: FineNodes, by_node: FloatArray, weights: FloatArray) -> Estimate:
    """Chance that one reading lies above the cut."""
    return weighted_estimate((by_node * nodes.p_above).sum(axis=1), weights)

"""Uterine NK density before and after a history, with the share of high readings among women with births."""

from __future__ import annotations

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import Ledger
from decidua.inference.answer import UterineNk
from decidua.inference.evaluation import Evaluation, density_weights, evaluate
from decidua.inference.prepared import Prepared, log_density_nodes, noise_log_sd
from decidua.life import differences
from decidua.life.parameters import FloatArray
from decidua.measure.history import History, Pregnancy
from decidua.measure.nk_tests import p_reads_above

FINE_NODES = 41  # at which densities are reported; the history's own say is smooth between its nodes
CUT = "measure.uterine_nk.cut_cells_per_mm2"


def uterine_nk(history: History, found: Evaluation, ledger: Ledger) -> UterineNk:
    """Lasting density and the chance of a reading above the cut: before anything is known, and after."""
    prepared = found.prepared
    before = np.ones_like(found.posterior.density)
    prior = prepared.draws.weight
    births = evaluate(_woman_with_a_birth(history), prepared, with_future=False)
    cut = ledger.value(CUT)
    return UterineNk(
        density_before=_density(prepared, before, prior),
        density_after=_density(prepared, _say(found, history, ledger), found.weights),
        p_above_cut_before=_above(prepared, before, prior, cut, ledger),
        p_above_cut_after=_above(prepared, _say(found, history, ledger), found.weights, cut, ledger),
        cut=cut,
        cut_unit="cells_per_mm2",
        share_high_among_women_with_births=_above(
            prepared, _say(births, _woman_with_a_birth(history), ledger), births.weights, cut, ledger
        ),
    )


def _woman_with_a_birth(history: History) -> History:
    """A woman of the same age, or of a usual one, with one live birth and nothing else known."""
    return History(age_years=history.age_years, pregnancies=(Pregnancy(outcome="live_birth"),))


def _say(found: Evaluation, history: History, ledger: Ledger) -> FloatArray:
    """What history, tests and waiting say of each density node, beside the prior, shape (draws, densities)."""
    posterior = np.maximum(found.posterior.density, 1e-300)
    return np.asarray(posterior / found.prepared.stack.density_weight[None, :])


def _on_fine_nodes(prepared: Prepared, say: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log densities on fine nodes and their weights by draw: the say is a parabola between three nodes.

    The logarithm of what a history says is smooth in the score, so it is carried to the fine nodes by the
    polynomial through its own nodes, of degree two at most in each direction.
    """
    z, weights = differences.normal_nodes(FINE_NODES)
    score = prepared.stack.density_score
    inside = np.clip(z, score[0], score[-1])
    basis = np.polynomial.polynomial.polyvander(score, min(2, score.size - 1))
    fitted = np.linalg.lstsq(basis, np.log(say).T, rcond=None)[0]
    logs = (np.polynomial.polynomial.polyvander(inside, basis.shape[1] - 1) @ fitted).T
    scaled = weights[None, :] * np.exp(logs - logs.max(axis=1, keepdims=True))
    columns = prepared.draws.columns
    log_density = (
        columns["law.uterine_nk_log_median"][:, None] + columns["law.uterine_nk_lasting_log_sd"][:, None] * z
    )
    return log_density, scaled / scaled.sum(axis=1, keepdims=True)


def _density(prepared: Prepared, say: FloatArray, weights: FloatArray) -> Estimate:
    """The lasting density of one woman, her own uncertainty included."""
    log_density, by_node = _on_fine_nodes(prepared, say)
    return weighted_estimate(np.exp(log_density).ravel(), (weights[:, None] * by_node).ravel())


def _above(prepared: Prepared, say: FloatArray, weights: FloatArray, cut: float, ledger: Ledger) -> Estimate:
    """Chance that one reading lies above the cut."""
    log_density, by_node = _on_fine_nodes(prepared, say)
    noise = noise_log_sd(prepared.draws, ledger.value("measure.uterine_nk.control_log_sd"))
    chance = (by_node * p_reads_above(cut, log_density=log_density, cycle_log_sd=noise)).sum(axis=1)
    return weighted_estimate(chance, weights)


__all__ = ["density_weights", "log_density_nodes", "uterine_nk"]

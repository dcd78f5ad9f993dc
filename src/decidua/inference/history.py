"""A history of pregnancies answered: prospects, causes, uterine NK, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.base.provenance import provenance
from decidua.evidence import load_ledger
from decidua.inference import evaluation, nk_report
from decidua.inference.answer import ENDPOINT, Current, HistoryAnswer, PastLoss
from decidua.inference.benefit import Sides, carried_by, share_assumed, sides_of
from decidua.inference.changes import what_would_change
from decidua.inference.class_weights import CLASSES, order_is_stable, weights_are
from decidua.inference.comparators import comparators_of
from decidua.inference.evaluation import Evaluation, evaluate
from decidua.inference.harms import harms_of_treatments
from decidua.inference.left_out import left_out_of
from decidua.inference.prepared import Prepared, grid_for, prepared_draws
from decidua.inference.structures import DEFAULT_STRUCTURE
from decidua.life.parameters import CAUSES, FloatArray
from decidua.measure.history import History
from decidua.womb import MECHANISMS

AGES_KEPT = 256


def answer_history(
    history: History,
    *,
    structure: str = DEFAULT_STRUCTURE.name,
    mechanism: str | None = None,
    quadrature: int = 1,
    thin: int = 1,
    changes: bool = True,
    causes: bool = True,
) -> HistoryAnswer:
    """Prospects, causes and uncertainty for women with a history like this one.

    Exact sums over the differences between women, averaged over posterior draws, mechanisms and settings.
    Nothing of the history is kept.

    Arguments:  history     as read
                structure   of the law, for instance "fading-log_normal"
                mechanism   only this one (its world is contested), or None for the average over classes
                quadrature  factor on all numbers of nodes; 1 is enough (a benchmark holds 2 against it)
                thin        keep every so many draws
                changes     whether to work out what would change the answer
                causes      whether to work out what may have been behind past losses, the longest part;
                            without it each has no causes, and no other number changes
    Returns:    HistoryAnswer
    Raises:     LookupError for an unknown structure or mechanism
    Source:     posterior draws of stage one; docs/model.md
    Checked by: verify/test_history_twin.py, verify/test_history_calibration.py
    """
    prepared = prepared_for(
        history, structure=structure, mechanism=mechanism, quadrature=quadrature, thin=thin
    )
    found = evaluate(history, prepared, with_causes=causes)
    same_age = _same_age(history, structure, mechanism, quadrature, thin)
    likely = weighted(found)
    is_asked = history.age_years is not None
    live_birth = likely(found.ahead(evaluation.NEXT_BIRTH)) if is_asked else None
    return HistoryAnswer(
        endpoint=ENDPOINT,
        next_live_birth=live_birth,
        next_loss=likely(found.ahead(evaluation.NEXT_LOSS)) if is_asked else None,
        same_age_no_losses=same_age,
        within_pregnancies=_within(found) if is_asked else {},
        past_losses=past_losses(history, found) if causes else _past_losses_alone(history),
        uterine_nk=nk_report.uterine_nk(history, found, load_ledger()),
        current=_current(history, found),
        mechanisms=class_weights(prepared, prepared.draws.weight),
        mechanisms_after=class_weights(prepared, found.weights),
        what_would_change_it=what_would_change(
            history, p_live_birth=live_birth.mean, structure=structure, mechanism=mechanism
        )
        if changes and live_birth is not None
        else (),
        comparators=comparators_of(history, load_ledger()),
        effective_draws=found.effective_draws,
        mechanism=mechanism,
        provenance=_provenance(prepared, structure, mechanism),
        left_out=left_out_of(history, load_ledger()),
    )


def prepared_for(
    history: History,
    *,
    structure: str = DEFAULT_STRUCTURE.name,
    mechanism: str | None = None,
    quadrature: int = 1,
    thin: int = 1,
) -> Prepared:
    """The draws on the grid that this history asks for."""
    if mechanism is not None and mechanism not in MECHANISMS:
        raise LookupError(f"no mechanism {mechanism!r}; there are {', '.join(MECHANISMS)}")
    grid = grid_for(history)
    finer = grid if quadrature == 1 else grid.finer(quadrature)
    return prepared_draws(structure, mechanism=mechanism, grid=finer, thin=thin)


def chances_of_loss(
    history: History, *, structure: str = DEFAULT_STRUCTURE.name, thin: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Chance that the next recognised pregnancy is lost, by draw, and the weights of the draws.

    Arguments:  history    with an age now
                structure  of the law
                thin       keep every so many draws
    Returns:    chances and weights, each shape (draws,); weights sum to 1
    """
    found = evaluate(history, prepared_for(history, structure=structure, thin=thin))
    return found.ahead(evaluation.NEXT_LOSS), found.weights


def weighted(found: Evaluation):  # type: ignore[no-untyped-def]
    """A function from values by draw to their estimate under this history."""
    return lambda values: weighted_estimate(values, found.weights)


def _within(found: Evaluation) -> dict[str, Estimate]:
    return {
        str(k + 1): weighted_estimate(found.ahead(evaluation.ANY_BIRTH + k), found.weights) for k in range(3)
    }


def _same_age(
    history: History, structure: str, mechanism: str | None, quadrature: int, thin: int
) -> Estimate | None:
    """Live birth for women of the same age with no losses before, nothing else known."""
    if history.age_years is None:
        return None
    return _no_losses(history.age_years, structure, mechanism, quadrature, thin)


@lru_cache(maxsize=AGES_KEPT)
def _no_losses(
    age_years: float, structure: str, mechanism: str | None, quadrature: int, thin: int
) -> Estimate:
    """The same answer for everybody of one age; kept, since a server is asked for the same ages often."""
    other = History(age_years=age_years)
    prepared = prepared_for(other, structure=structure, mechanism=mechanism, quadrature=quadrature, thin=thin)
    found = evaluate(other, prepared, with_causes=False, pregnancies=1)
    return weighted_estimate(found.ahead(evaluation.NEXT_BIRTH), found.weights)


def past_losses(history: History, found: Evaluation) -> tuple[PastLoss, ...]:
    """Possible causes of each past miscarriage, in the order of the history."""
    out = []
    for row, order in enumerate(found.orders):
        if history.pregnancies[order - 1].outcome != "miscarriage":
            continue
        causes = found.posterior.causes[:, row]
        named = {name: weighted_estimate(causes[:, c], found.weights) for c, name in enumerate(CAUSES)}
        out.append(PastLoss(order, named))
    return tuple(out)


def _past_losses_alone(history: History) -> tuple[PastLoss, ...]:
    """The past miscarriages, with nothing said of their causes."""
    lost = (p.outcome == "miscarriage" for p in history.pregnancies)
    return tuple(PastLoss(order, {}) for order, is_lost in enumerate(lost, start=1) if is_lost)


def _current(history: History, found: Evaluation) -> Current | None:
    if not history.is_ongoing or history.age_years is None:
        return None
    ongoing = history.pregnancies[-1]
    harms = harms_of_treatments(ongoing.treatments)
    if ongoing.is_without_heartbeat:
        return Current(None, None, harms)
    here = found.ahead(evaluation.UNTREATED_HERE)
    return Current(
        live_birth=weighted_estimate(found.ahead(evaluation.CURRENT_BIRTH), found.weights),
        untreated_also_here=_as_share(weighted_estimate(here, found.weights)),
        harms=harms,
        treatment=_sides(ongoing.treatments, 1.0 - here, found.weights),
    )


def _sides(treatments: tuple[str, ...], gain: FloatArray, weights: FloatArray) -> Sides | None:
    """The other sides of what the drugs of these courses did; None without a drug."""
    names = carried_by(treatments)
    return sides_of(gain, weights, prior_share=share_assumed(names, load_ledger())) if names else None


def _as_share(estimate: Estimate) -> Estimate:
    """A share of women is one at most, though a draw in which the treatment does harm says more."""
    return Estimate(*(min(value, 1.0) for value in (estimate.mean, estimate.lo, estimate.hi)))


def class_weights(prepared: Prepared, weights: FloatArray) -> dict[str, Any]:
    """Weight of each class of mechanisms, whether tables have moved it, and whether their order holds."""
    sums = np.bincount(prepared.of_class, weights, minlength=len(CLASSES))
    told = {"weights_are": weights_are(), "order_is_stable": order_is_stable()}
    return dict(zip(CLASSES, sums.tolist(), strict=True)) | told


def _provenance(prepared: Prepared, structure: str, mechanism: str | None) -> Mapping[str, Any]:
    classes = class_weights(prepared, prepared.draws.weight)
    arguments = {"structure": structure, "mechanism": mechanism, "draws": len(prepared)}
    numbers = {name: classes[name] for name in CLASSES}
    return provenance(seed=None, arguments=arguments, mechanism_weights=numbers, weights_are=weights_are())

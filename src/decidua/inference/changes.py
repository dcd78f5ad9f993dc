"""What would change the answer most: every result that could still come in, its chance and its effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import load_ledger
from decidua.inference import evaluation
from decidua.inference.answer import Change
from decidua.inference.evaluation import Evaluation, ImpossibleHistoryError, evaluate
from decidua.inference.prepared import WITH_TESTS, Grid, prepared_draws
from decidua.life.parameters import CONDITIONS, FloatArray
from decidua.measure.history import History, Pregnancy, Test

THIN = 10  # what-ifs need fewer draws than the answer itself, which corrects them
SHOWN = 8
LOW_SHARE_OF_CUT = 0.25  # a reading well below the cut, as the counterpart of one above it
HIGH_SHARE_OF_CUT = 1.25


@dataclass(frozen=True)
class WhatIf:
    """One more piece of knowledge: the history with it, and how to read its chance off the draws."""

    what: str
    result: str
    history: History
    p_result: Callable[[Evaluation], FloatArray] | None


def what_would_change(
    history: History, *, p_live_birth: float, structure: str, mechanism: str | None
) -> tuple[Change, ...]:
    """The results that would move the chance of a live birth most, computed one by one.

    What-ifs run on every THIN-th draw; what those draws say of the history itself, against `p_live_birth` of
    all draws, corrects them.

    Arguments:  history       as read, with an age now (else nothing is listed)
                p_live_birth  chance of a live birth next under all draws, as the history stands
                structure     of the law
                mechanism     or None
    Returns:    up to SHOWN changes, largest move first
    """
    if history.age_years is None:
        return ()
    base = _evaluate(history, structure, mechanism, with_causes=True)
    level = float(base.weights @ base.ahead(evaluation.NEXT_BIRTH))
    moves = []
    for what_if in candidates(history):
        changed = _if_possible(what_if.history, structure, mechanism)
        if changed is None:
            continue
        birth = weighted_estimate(
            np.clip(changed.ahead(evaluation.NEXT_BIRTH) + p_live_birth - level, 0.0, 1.0), changed.weights
        )
        chance = None if what_if.p_result is None else _chance(what_if.p_result(base), base)
        moves.append((abs(birth.mean - p_live_birth), Change(what_if.what, what_if.result, chance, birth)))
    moves.sort(key=lambda pair: -pair[0])
    return tuple(change for _, change in moves[:SHOWN])


def _chance(by_draw: FloatArray, base: Evaluation) -> Estimate:
    return weighted_estimate(np.clip(by_draw, 0.0, 1.0), base.weights)


def _evaluate(history: History, structure: str, mechanism: str | None, *, with_causes: bool) -> Evaluation:
    grid = WITH_TESTS if history.tests or history.trying_months else Grid()
    prepared = prepared_draws(structure, mechanism=mechanism, grid=grid, thin=THIN)
    return evaluate(history, prepared, with_causes=with_causes, pregnancies=1)


def _if_possible(history: History, structure: str, mechanism: str | None) -> Evaluation | None:
    """A changed history, or None where it cannot be: no translocation after an unbalanced karyotype."""
    try:
        return _evaluate(history, structure, mechanism, with_causes=False)
    except ImpossibleHistoryError:
        return None


def candidates(history: History) -> list[WhatIf]:
    """Everything that could still be learnt, as far as the law has a say in it."""
    return [
        *_karyotypes(history),
        *_conditions(history),
        *_tests(history),
        *_next(history),
        *_partner(history),
    ]


def _karyotypes(history: History) -> list[WhatIf]:
    """The chromosomes of the last loss whose chromosomes nobody looked at."""
    losses = [i for i, p in enumerate(history.pregnancies) if p.outcome == "miscarriage"]
    unknown = [i for i in losses if history.pregnancies[i].karyotype == "unknown"]
    if not unknown:
        return []
    at = unknown[-1]
    out = []
    for result in ("aneuploid", "euploid"):
        pregnancies = list(history.pregnancies)
        pregnancies[at] = replace(pregnancies[at], karyotype=result)
        out.append(
            WhatIf(
                f"chromosomes of loss {losses.index(at) + 1}",
                result,
                replace(history, pregnancies=tuple(pregnancies)),
                _aneuploid_at(at + 1, is_euploid=result == "euploid"),
            )
        )
    return out


def _aneuploid_at(order: int, *, is_euploid: bool) -> Callable[[Evaluation], FloatArray]:
    def chance(base: Evaluation) -> FloatArray:
        aneuploid = base.posterior.causes[:, base.orders.index(order), 0]
        return np.asarray(1.0 - aneuploid if is_euploid else aneuploid)

    return chance


def _conditions(history: History) -> list[WhatIf]:
    """A condition that was not looked for, found or ruled out."""
    out = []
    for k, name in enumerate(CONDITIONS):
        if history.conditions.get(name, "unknown") != "unknown":
            continue
        for result in ("yes", "no"):
            conditions = dict(history.conditions) | {name: result}
            out.append(
                WhatIf(
                    name, result, replace(history, conditions=conditions), _condition_at(k, result == "yes")
                )
            )
    return out


def _condition_at(k: int, present: bool) -> Callable[[Evaluation], FloatArray]:
    def chance(base: Evaluation) -> FloatArray:
        p = base.posterior.conditions[:, k]
        return np.asarray(p if present else 1.0 - p)

    return chance


def _tests(history: History) -> list[WhatIf]:
    """A uterine NK reading a little above the cut, and one far below it."""
    if any(test.test == "uterine_nk" for test in history.tests) or history.is_ongoing:
        return []
    cut = load_ledger().value("measure.uterine_nk.cut_cells_per_mm2")
    out = []
    for result, value in (("high", cut * HIGH_SHARE_OF_CUT), ("low", cut * LOW_SHARE_OF_CUT)):
        test = Test(test="uterine_nk", value=value, unit="cells_per_mm2")
        out.append(WhatIf("uterine NK count", result, replace(history, tests=(*history.tests, test)), None))
    return out


def _next(history: History) -> list[WhatIf]:
    """One more pregnancy, ending either way."""
    if history.is_ongoing or history.age_years is None:
        return []
    out = []
    for outcome in ("live_birth", "miscarriage"):
        more = Pregnancy(outcome=outcome, age_years=history.age_years)
        longer = replace(history, pregnancies=(*history.pregnancies, more), trying_months=0)
        which = evaluation.NEXT_BIRTH if outcome == "live_birth" else evaluation.NEXT_LOSS
        out.append(WhatIf("one more pregnancy", outcome, longer, _ahead(which)))
    return out


def _ahead(which: int) -> Callable[[Evaluation], FloatArray]:
    return lambda base: base.ahead(which)


def _partner(history: History) -> list[WhatIf]:
    """The partner's age, where nobody gave it: ten years older than she is, or as old."""
    if history.partner_age_years is not None or history.age_years is None:
        return []
    return [
        WhatIf(
            "partner's age", f"{years} years more than hers", replace(history, partner_age_years=age), None
        )
        for years, age in ((0, history.age_years), (10, history.age_years + 10))
    ]

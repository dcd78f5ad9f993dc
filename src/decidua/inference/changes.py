"""What would change the answer most: every result that could still come in, its chance and its effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import load_ledger
from decidua.inference import evaluation
from decidua.inference.answer import Change
from decidua.inference.evaluation import Evaluation, ImpossibleHistoryError, evaluate
from decidua.inference.prepared import Grid, grid_for, prepared_draws
from decidua.life.parameters import CONDITIONS, FloatArray
from decidua.measure.history import History, Pregnancy, Test

# What-ifs need fewer draws than the answer itself, which corrects them, and fewer nodes: tried, these nodes
# move the effect of a result by 0.07 points (root mean square), a tenth of the draws by 0.5.
THIN = 10
COARSE = Grid(shared=4, fading=3, density=2, everyone=6, with_condition=6)
SHOWN = 8
LOW_SHARE_OF_CUT = 0.25  # a reading well below the cut, as the counterpart of one above it
HIGH_SHARE_OF_CUT = 1.25


NOBODY = 1e-9  # a smaller share of women than this is rounding


class Fared(NamedTuple):
    """How the women with one more piece of knowledge fare."""

    p_birth: FloatArray  # (draws,)
    weights: FloatArray  # (draws,) sum to 1


@dataclass(frozen=True)
class Among:
    """The women with a history who have one of CONDITIONS, or who have it not."""

    condition: int
    present: bool

    def share(self, base: Evaluation) -> FloatArray:
        """How many of the women with the history they are, by draw."""
        having = base.posterior.conditions[:, self.condition]
        return having if self.present else np.asarray(1.0 - having)

    def fared(self, base: Evaluation) -> Fared | None:
        """How they fare; None where there are none."""
        births, before = base.posterior.births_with[:, self.condition], base.prevalence(self.condition)
        if not self.present:
            births, before = base.ahead(evaluation.NEXT_BIRTH) - births, 1.0 - before
        share = self.share(base)
        some = (share > NOBODY) & (before > NOBODY)
        # As where a history tells of the condition: that she has it is no evidence of how common it is.
        weights = base.weights * np.divide(share, before, out=np.zeros_like(share), where=some)
        if not weights.any():
            return None
        return Fared(np.divide(births, share, out=np.zeros_like(share), where=some), weights / weights.sum())


@dataclass(frozen=True)
class WhatIf:
    """One more piece of knowledge.

    Arguments:  what, result  in words
                known         the history with it, or whom among the women with the history it tells
                p_result      reads its chance off what the draws say of the history as it stands, or None
    """

    what: str
    result: str
    known: History | Among
    p_result: Callable[[Evaluation], FloatArray] | None


def what_would_change(
    history: History, *, p_live_birth: float, structure: str, mechanism: str | None
) -> tuple[Change, ...]:
    """The results that would move the chance of a live birth most.

    What-ifs run on every THIN-th draw; what those draws say of the history itself, against `p_live_birth` of
    all draws, corrects them.

    Arguments:  history       as read, with an age now (else nothing is listed)
                p_live_birth  chance of a live birth next under all draws, as the history stands
                structure     of the law
                mechanism     or None
    Returns:    up to SHOWN changes, largest move first
    Checked by: tests/unit/inference/test_changes.py (each is the answer to the history with that fact added)
    """
    if history.age_years is None:
        return ()

    def found(asked: History, *, with_conditions: bool = False) -> Evaluation:
        prepared = prepared_draws(structure, mechanism=mechanism, grid=grid_for(asked, COARSE), thin=THIN)
        return evaluate(
            asked, prepared, with_causes=with_conditions, with_conditions=with_conditions, pregnancies=1
        )

    base = found(history, with_conditions=True)
    correction = p_live_birth - float((base.weights * base.ahead(evaluation.NEXT_BIRTH)).sum())
    moves = []
    for what_if in candidates(history):
        fared = _fared(what_if.known, base, found)
        if fared is not None:
            birth = weighted_estimate(np.clip(fared.p_birth + correction, 0.0, 1.0), fared.weights)
            moves.append((abs(birth.mean - p_live_birth), what_if, birth))
    moves.sort(key=lambda move: -move[0])
    return tuple(
        Change(what_if.what, what_if.result, _chance(what_if, base), birth)
        for _, what_if, birth in moves[:SHOWN]
    )


def _fared(known: History | Among, base: Evaluation, found: Callable[[History], Evaluation]) -> Fared | None:
    """How the women with this knowledge fare; None where their history cannot be."""
    if isinstance(known, Among):
        return known.fared(base)
    try:
        changed = found(known)
    except ImpossibleHistoryError:
        return None
    return Fared(changed.ahead(evaluation.NEXT_BIRTH), changed.weights)


def _chance(what_if: WhatIf, base: Evaluation) -> Estimate | None:
    if what_if.p_result is None:
        return None
    return weighted_estimate(np.clip(what_if.p_result(base), 0.0, 1.0), base.weights)


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
    unknown = [k for k, name in enumerate(CONDITIONS) if history.conditions.get(name, "unknown") == "unknown"]
    women = [Among(k, present) for k in unknown for present in (True, False)]
    return [
        WhatIf(CONDITIONS[one.condition], "yes" if one.present else "no", one, one.share) for one in women
    ]


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

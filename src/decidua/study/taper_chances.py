"""From added hazard by week to the chance of loss, through the law and its posterior draws, by mechanism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled
from decidua.base.estimates import Estimate, weighted_estimate
from decidua.inference.class_weights import CLASSES
from decidua.inference.history import class_weights
from decidua.inference.prepared import Prepared, prepared_draws, rules_for
from decidua.inference.structures import DEFAULT_STRUCTURE
from decidua.life import law
from decidua.life.parameters import CONDITIONS, FIRST_WEEK, LOSS_WEEKS, parameters_of
from decidua.study.pregnancy import PregnancyQuestion, run_course
from decidua.womb import MECHANISMS

FloatArray = NDArray[np.float64]

EXAMPLE_AGE_YEARS = 34.0  # declared example, as on the story page
THIN = 4  # every so many draws of each mechanism: the answer is a difference within draws
LAST_LOSS_WEEK = FIRST_WEEK + LOSS_WEEKS


@dataclass(frozen=True)
class Chances:
    """Chance of loss by draw, for each course and mechanism.

    by_draw        course to mechanism to chances, each shape (draws of that mechanism,)
    weights        mechanism to weights of its draws
    """

    by_draw: Mapping[str, Mapping[str, FloatArray]]
    weights: Mapping[str, FloatArray]
    class_weights: Mapping[str, float]
    weights_are: str
    age_years: float

    def estimates(self, course: str) -> dict[str, Estimate]:
        """Chance of loss under each mechanism."""
        return {
            name: weighted_estimate(values, self.weights[name])
            for name, values in self.by_draw[course].items()
        }

    def differences(self, course: str, other: str) -> dict[str, Estimate]:
        """Chance of loss under one course less that under another, draw by draw."""
        return {
            name: weighted_estimate(values - self.by_draw[other][name], self.weights[name])
            for name, values in self.by_draw[course].items()
        }


def excess_by_mechanism(question: PregnancyQuestion) -> dict[str, FloatArray]:
    """Added hazard in weeks 4 to 23 under each mechanism, in the bridge's unit, each shape (LOSS_WEEKS,)."""
    found = {}
    for name in MECHANISMS:
        course = run_course(replace(question, mechanism=name))
        found[name] = np.maximum(course.weekly_hazard_excess()[FIRST_WEEK:LAST_LOSS_WEEK], 0.0)
    return found


def chances_by_mechanism(
    excess: Mapping[str, Mapping[str, FloatArray]], *, mechanisms: Sequence[str]
) -> Chances:
    """Chance of loss from 6 completed weeks, for women of one age with no history told.

    Only what the cells do differs between courses. The direct effect of a drug is left out: it is the same
    for all who took it, and nobody has studied it by the week of the taper.

    Arguments:  excess      course to mechanism to added hazard by week, each shape (LOSS_WEEKS,)
                mechanisms  which ones
    Returns:    Chances
    Source:     posterior draws of stage one; the law in life/law.py
    Checked by: tests/unit/study/test_taper_chances.py (no added hazard equals the history command's answer)
    """
    ready = {name: _prepared(name) for name in mechanisms}
    everyone = prepared_draws(DEFAULT_STRUCTURE.name, thin=THIN)
    weights = class_weights(everyone, everyone.draws.weight)
    return Chances(
        by_draw={
            course: {name: _loss_by_draw(ready[name], by_mechanism[name]) for name in mechanisms}
            for course, by_mechanism in excess.items()
        },
        weights={name: ready[name].draws.weight for name in mechanisms},
        class_weights={name: weights[name] for name in CLASSES},
        weights_are=str(weights["weights_are"]),
        age_years=EXAMPLE_AGE_YEARS,
    )


@cache
def _prepared(mechanism: str) -> Prepared:
    return prepared_draws(DEFAULT_STRUCTURE.name, mechanism=mechanism, thin=THIN)


def _loss_by_draw(prepared: Prepared, excess: FloatArray) -> FloatArray:
    unknown = (-1.0,) * len(CONDITIONS)
    rules = rules_for(prepared, unknown, (-1.0,), with_causes=False)
    draws = len(prepared)
    nodes, weights = (each.reshape(draws, -1) for each in (rules.nodes, rules.weights))
    stack = prepared.stack
    return _losses(
        stack.rows,
        stack.euploid_cumulative,
        stack.shared,
        stack.shared_weight,
        stack.fading,
        stack.fading_weight,
        np.ascontiguousarray(nodes),
        np.ascontiguousarray(weights),
        np.ascontiguousarray(excess),
        EXAMPLE_AGE_YEARS,
    )


@compiled
def _losses(
    rows: FloatArray,
    cumulative: FloatArray,
    shared: FloatArray,
    shared_weight: FloatArray,
    fading: FloatArray,
    fading_weight: FloatArray,
    nodes: FloatArray,
    weights: FloatArray,
    excess: FloatArray,
    age_years: float,
) -> FloatArray:
    """Chance of loss of every draw, summed over the differences between women."""
    out = np.zeros(rows.shape[0])
    for i in range(rows.shape[0]):
        p = parameters_of(rows[i])
        odds, hazard = law.aneuploid_odds(age_years, np.nan, p), law.euploid_hazard(age_years, p)
        added = 0.0
        for w in range(excess.size):
            added += p.uterine_nk_excess * excess[w] * (cumulative[i, w + 1] - cumulative[i, w])
        for j in range(shared.shape[1]):
            for f in range(fading.shape[1]):
                factor = shared[i, j] * fading[i, f]
                share = shared_weight[i, j] * fading_weight[i, f]
                for n in range(nodes.shape[1]):
                    loss = law.p_clinical_loss(odds * factor, hazard * factor * (nodes[i, n] + added), p)
                    out[i] += share * weights[i, n] * loss
    return out

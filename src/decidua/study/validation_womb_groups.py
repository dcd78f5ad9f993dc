"""What a reading shows after a drug and in groups of women: return to the mean, one laboratory's scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from decidua.evidence import Ledger
from decidua.inference.prepared import log_density_nodes
from decidua.life.parameters import FloatArray
from decidua.measure.history import History
from decidua.measure.records import Pregnancy
from decidua.study.story_groups import evaluated, losses_history
from decidua.study.story_tests import second_reading
from decidua.study.validation_published import Z95
from decidua.study.validation_womb_runs import Found, Predicted, draws, point

EFFECT = "treatment.prednisolone.uterine_nk_multiplier_20mg_21d"
BEFORE = "treatment.prednisolone.uterine_nk_before_percent_of_stroma"
RECURRENT = "measure.uterine_nk.recurrent_loss"
CONTROL = "measure.uterine_nk.control"
RECURRENT_MEAN = "womb.unk.rm_mean_per_mm2"
LEVELS = (np.arange(9) + 0.5) / 9.0  # middles of nine equal parts of a prior
NODES = 400
YEARS_FROM_BIRTH_TO_LOSS = 1.0
LOSS_WEEK = 8


def group_predictions(rule: Mapping[str, Any], *, ledger: Ledger, multipliers: Predicted) -> dict[str, Found]:
    """Every prediction about readings of groups of women.

    Arguments:  rule         the frozen rule for the womb, as read
                ledger       for spreads, medians and the prior of the drug's effect
                multipliers  `drug.multiplier_10mg` and `_20mg` from runs of the womb
    Returns:    name in the rule to prediction
    """
    assumed = rule["assumed"]
    at_20, at_10 = effects(ledger, multipliers)
    found = {"drug.true_multiplier": multipliers["drug.multiplier_20mg"]}
    for r in assumed["repeatabilities"]:
        found |= {f"drug.{name}.{r}": value for name, value in _readings(r, at_20, assumed, ledger).items()}
        found[f"drug.normal.{r}"] = _normal(r, at_10, assumed, ledger)
        found[f"drug.normal_no_drug.{r}"] = _normal(r, np.ones(1), assumed, ledger)
    return found | groups(assumed, ledger)


def effects(ledger: Ledger, multipliers: Predicted) -> tuple[FloatArray, FloatArray]:
    """The prior of the true multiplier on 20 mg, and what the womb then makes of 10 mg.

    The fall is in proportion to the largest effect of the drug, so the womb's own two runs give the ratio.
    """
    prior = ledger[EFFECT].prior
    if prior is None or prior.median is None or prior.log_sd is None:
        raise ValueError(f"{EFFECT} has no log-normal prior")
    at_20 = np.minimum(prior.median * np.exp(prior.log_sd * special.ndtri(LEVELS)), 1.0)
    ten, twenty = multipliers["drug.multiplier_10mg"].mean, multipliers["drug.multiplier_20mg"].mean
    return at_20, 1.0 - (1.0 - at_20) * (1.0 - ten) / (1.0 - twenty)


def _readings(r: float, at_20: FloatArray, assumed: Mapping[str, Any], ledger: Ledger) -> dict[str, Found]:
    """Second reading over first with the drug, and without it."""
    first, median = ledger.value(BEFORE), float(assumed["group_median_percent_of_stroma"])
    alone = second_reading(first, group_median=median, repeatability=r) / first
    return {"reading": draws(alone * at_20), "no_drug": point(alone)}


def _normal(r: float, multiplier: FloatArray, assumed: Mapping[str, Any], ledger: Ledger) -> Found:
    """Share of women with a high first reading whose second is below the cut, by draw."""
    high = assumed["share_high_first_reading"]
    share = high["events"] / high["n"]
    error = 1.0 / math.sqrt(high["n"] * share * (1.0 - share))
    shares = special.expit(special.logit(share) + error * special.ndtri(LEVELS))
    sds = _log_spread(f"{RECURRENT}_log_sd", ledger)
    found = [
        p_back_to_normal(r, share_high=float(p), log_sd=float(sd), multiplier=float(m))
        for p in shares
        for sd in sds
        for m in multiplier
    ]
    return draws(np.array(found))


def p_back_to_normal(r: float, *, share_high: float, log_sd: float, multiplier: float) -> float:
    r"""Chance that a second reading lies below a cut when the first lay above it.

    $$ P(Y_2 < c \mid Y_1 > c), \quad Y_2 = r Y_1 + \sqrt{1 - r^2}\,\sigma e + \ln m $$
    Assumes log readings that are jointly normal with one spread, and a drug that multiplies the count.

    Arguments:  r           correlation of log readings of one woman, 0 to 1
                share_high  share of first readings above the cut
                log_sd      spread of log readings between women
                multiplier  true effect of the drug on the count, 1 is none
    Returns:    chance
    Checked by: tests/unit/study/test_validation_womb.py (simulation)
    """
    # Equal parts of the first readings above the cut, each at its middle.
    tail = share_high * (np.arange(NODES) + 0.5) / NODES
    first = -special.ndtri(tail)
    gap = -special.ndtri(share_high) - r * first - math.log(multiplier) / log_sd
    return float(special.ndtr(gap / math.sqrt(1.0 - r**2)).mean())


def groups(assumed: Mapping[str, Any], ledger: Ledger) -> dict[str, Found]:
    """Recurrent loss beside controls in the model's own laboratory, and after a birth beside before one."""
    medians = [_log_median(name, ledger) for name in (RECURRENT, CONTROL)]
    spreads = [_log_spread(f"{name}_log_sd", ledger) for name in (RECURRENT, CONTROL)]
    group, controls, group_sd, control_sd = np.meshgrid(*medians, *spreads)
    z = special.ndtri(assumed["controls_percentile"])
    above = special.ndtr((group - controls - z * control_sd) / group_sd)
    median, sd = ledger.value(f"{CONTROL}_median_cells_per_mm2"), ledger.value(f"{CONTROL}_log_sd")
    return {
        "groups.secondary_over_primary": secondary_over_primary(assumed),
        "groups.recurrent_loss_mean": draws(np.exp(_log_draws(RECURRENT_MEAN, ledger))),
        "groups.control_mean": point(median * math.exp(sd**2 / 2.0)),
        "groups.recurrent_loss_score": draws(((group - controls) / control_sd).ravel()),
        "groups.recurrent_loss_share_above": draws(above.ravel()),
    }


def _log_median(name: str, ledger: Ledger) -> FloatArray:
    return _log_draws(f"{name}_median_cells_per_mm2", ledger)


def _log_spread(name: str, ledger: Ledger) -> FloatArray:
    return np.exp(_log_draws(name, ledger))


def _log_draws(name: str, ledger: Ledger) -> FloatArray:
    """Log of an entry over its printed interval, at the middles of nine equal parts."""
    lo, hi = ledger.interval(name)
    sd = math.log(hi / lo) / (2.0 * Z95)
    return np.asarray(math.log(ledger.value(name)) + sd * special.ndtri(LEVELS))


def secondary_over_primary(assumed: Mapping[str, Any]) -> Found:
    """Mean lasting density after a birth and losses over that after the same losses alone, by draw."""
    age, count = float(assumed["group_age_years"]), int(assumed["group_losses"])
    primary = losses_history(count, age_years=age, loss_week=LOSS_WEEK)
    before = age - count - YEARS_FROM_BIRTH_TO_LOSS
    birth = Pregnancy("live_birth", age_years=before)
    secondary = replace(primary, pregnancies=(birth, *primary.pregnancies))
    (below, weights), (above, _) = (_mean_density(history) for history in (primary, secondary))
    return Found(above / below, weights)


def _mean_density(history: History) -> tuple[FloatArray, FloatArray]:
    """Mean lasting density by draw, and the weights of the draws."""
    found = evaluated(history)
    density = np.exp(log_density_nodes(found.prepared))
    return np.asarray((found.posterior.density * density).sum(axis=1)), found.weights

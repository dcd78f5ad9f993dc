r"""What the law expects in every cell of the calibration tables, in one compiled pass.

The order of the cells is that of `targets.calibration_targets`; a test holds the two together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.inference import generations
from decidua.inference.generations import Nodes
from decidua.life import law
from decidua.life.parameters import (
    CLINICAL_WEEK,
    FIRST_WEEK,
    LOSS_WEEKS,
    FloatArray,
    LawParameters,
)


class Nuisance(NamedTuple):
    """What a table needs beside the law; each field is a ledger entry `calibration.<field>`."""

    zauche_log_shift: float
    karyotype_laboratory_log_odds: float
    embryo_log_odds: float
    p_go_on_after_loss: float
    uterine_share_raising_loss: float


class Design(NamedTuple):
    """Ages and groups at which the published tables are evaluated."""

    band_ages_years: FloatArray  # (bands, points)
    band_weights: FloatArray  # (bands, points), rows sum to 1
    karyotype_ages_years: FloatArray  # (4,)
    embryo_ages_years: FloatArray
    paternal_ages_years: FloatArray  # reference first
    hazard_weeks: FloatArray  # weeks of the life table
    p_go_on_after_birth: FloatArray  # (3,)
    recurrence_age_years: float
    early_age_years: float
    referral_age_years: float


class Predicted(NamedTuple):
    """Expected values by table."""

    age: FloatArray  # chance of loss by band
    recurrence: FloatArray  # odds ratio after 1, 2, >= 3 losses
    abnormal: FloatArray  # share of losses with an abnormal karyotype
    embryo: FloatArray  # share of embryos with an abnormal karyotype
    paternal: FloatArray  # odds ratio against the reference
    weekly: FloatArray  # chance of loss in a week among those still pregnant
    early: FloatArray  # lost before recognition; lost among the recognised
    conditions: FloatArray  # prevalence after losses: uterine (2), aPL (3), TPO (3), translocation (2)
    uterine_risk_ratio: float  # among anomalies that raise early loss
    untreated_antiphospholipid_live_birth: float
    progesterone_risk_ratio: float


@compiled
def logit(x: float) -> float:
    """Log-odds of a chance."""
    return math.log(x / (1.0 - x))


@compiled
def expit(x: float) -> float:
    """The chance with these log-odds."""
    return 1.0 / (1.0 + math.exp(-x))


@compiled_step
def mean_loss(nodes: Nodes, weight: FloatArray, age: float, p: LawParameters) -> tuple[float, float]:
    """Chance of loss, and of aneuploid loss, over the nodes weighted by `weight`."""
    odds, hazard = law.aneuploid_odds(age, math.nan, p), law.euploid_hazard(age, p)
    loss, aneuploid = 0.0, 0.0
    for n in range(weight.shape[0]):
        for f in range(nodes.fading.size):
            factor = nodes.shared[n] * nodes.fading[f]
            p_loss = law.p_clinical_loss(odds * factor, hazard * factor * nodes.multiplier[n], p)
            loss += weight[n, f] * p_loss
            share = odds * factor / (1.0 + odds * factor)
            aneuploid += weight[n, f] * share * (1.0 - p.viable_aneuploid_share)
    return loss, aneuploid


@compiled_step
def loss_by_band(nodes: Nodes, weight: FloatArray, design: Design, p: LawParameters) -> FloatArray:
    """Chance of loss by age band, averaged over the ages within it."""
    out = np.zeros(design.band_ages_years.shape[0])
    for b in range(out.size):
        for a in range(design.band_ages_years.shape[1]):
            loss, _ = mean_loss(nodes, weight, design.band_ages_years[b, a], p)
            out[b] += design.band_weights[b, a] * loss
    return out


@compiled_step
def abnormal_by_age(
    nodes: Nodes, weight: FloatArray, design: Design, p: LawParameters, shift: float
) -> FloatArray:
    """Share of losses with an abnormal karyotype at single years of age, as one laboratory sees it."""
    out = np.zeros(design.karyotype_ages_years.size)
    for a in range(out.size):
        loss, aneuploid = mean_loss(nodes, weight, design.karyotype_ages_years[a], p)
        out[a] = expit(logit(aneuploid / loss) + shift)
    return out


@compiled_step
def paternal_ratios(design: Design, p: LawParameters) -> FloatArray:
    """Odds ratio of loss by partner's age against the first, for a woman at the reference age."""
    out = np.zeros(design.paternal_ages_years.size - 1)
    hazard = law.euploid_hazard(design.recurrence_age_years, p)
    reference = 0.0
    for i in range(design.paternal_ages_years.size):
        odds = law.aneuploid_odds(design.recurrence_age_years, design.paternal_ages_years[i], p)
        log_odds = logit(law.p_clinical_loss(odds, hazard, p))
        if i == 0:
            reference = log_odds
        else:
            out[i - 1] = math.exp(log_odds - reference)
    return out


@compiled_step
def mean_euploid_loss(nodes: Nodes, weight: FloatArray, hazard: float) -> float:
    """Chance of euploid loss for a cumulative hazard, over nodes."""
    total = 0.0
    for n in range(weight.shape[0]):
        for f in range(nodes.fading.size):
            factor = nodes.shared[n] * nodes.fading[f] * nodes.multiplier[n]
            total -= weight[n, f] * math.expm1(-hazard * factor)
    return total


@compiled_step
def weekly_chances(
    nodes: Nodes, weight: FloatArray, design: Design, p: LawParameters, shift: float
) -> FloatArray:
    """Chance of loss in each week of the life table among pregnancies still going on."""
    age = design.recurrence_age_years
    tables = law.law_tables(p, np.ones(1))
    odds = law.aneuploid_odds(age, math.nan, p) * math.exp(shift)
    hazard = law.euploid_hazard(age, p) * math.exp(shift)
    share, first = odds / (1.0 + odds), CLINICAL_WEEK - FIRST_WEEK
    alive = np.zeros(LOSS_WEEKS + 1)
    for i in range(first, LOSS_WEEKS + 1):
        euploid = 1.0 - mean_euploid_loss(nodes, weight, hazard * tables.euploid_cumulative[i])
        aneuploid = tables.aneuploid_survival[i] / tables.aneuploid_survival[first]
        alive[i] = share * aneuploid + (1.0 - share) * euploid
    out = np.zeros(design.hazard_weeks.size)
    for w in range(out.size):
        i = int(design.hazard_weeks[w]) - FIRST_WEEK
        out[w] = 1.0 - alive[i + 1] / alive[i]
    return out


@compiled
def early_chances(loss: float, odds: float, p: LawParameters) -> FloatArray:
    """Chance that an hCG pregnancy is lost unnoticed, and that a noticed one is lost."""
    tables = law.law_tables(p, np.ones(1))
    share = law.p_aneuploid_at_week_4(odds, tables)
    unseen = share * law.p_unrecognised(tables.aneuploid_survival, p) + (1.0 - share) * (
        law.p_unrecognised(tables.preclinical_survival, p)
    )
    first = CLINICAL_WEEK - FIRST_WEEK
    at_six = share * tables.aneuploid_survival[first] + (1.0 - share) * tables.preclinical_survival[first]
    lost_noticed = 1.0 - unseen - at_six * (1.0 - loss)
    return np.array([unseen, lost_noticed / (1.0 - unseen)])


@compiled_step
def condition_share(nodes: Nodes, women: FloatArray, k: int, prevalence: float) -> float:
    """Prevalence of condition k among selected women, from its prevalence among all."""
    first, last = generations.branch(nodes, 1 + k)
    _, everyone = generations.branch(nodes, 0)
    return float(prevalence * women[first:last].sum() / women[:everyone].sum())


@compiled_step
def loss_in_branch(
    nodes: Nodes, weight: FloatArray, which: int, age: float, p: LawParameters, hazard_ratio: float
) -> float:
    """Chance of loss among the women of one branch: 0 all, 1 + k those with condition k."""
    odds, hazard = law.aneuploid_odds(age, math.nan, p), law.euploid_hazard(age, p) * hazard_ratio
    loss, total = 0.0, 0.0
    first, last = generations.branch(nodes, which)
    for n in range(first, last):
        for f in range(nodes.fading.size):
            factor = nodes.shared[n] * nodes.fading[f]
            loss += weight[n, f] * law.p_clinical_loss(
                odds * factor, hazard * factor * nodes.multiplier[n], p
            )
            total += weight[n, f]
    return loss / total


@compiled_step
def uterine_ratio(nodes: Nodes, weight: FloatArray, age: float, p: LawParameters, raising: float) -> float:
    """Ratio of the chance of loss in anomalies that raise it: the whole excess falls on that share."""
    everyone = loss_in_branch(nodes, weight, 0, age, p, 1.0)
    with_anomaly = loss_in_branch(nodes, weight, 2, age, p, 1.0)
    share = p.prevalence_uterine_anomaly
    without = (everyone - share * with_anomaly) / (1.0 - share)
    return 1.0 + (with_anomaly / without - 1.0) / raising


@compiled
def predict(
    p: LawParameters,
    nuisance: Nuisance,
    design: Design,
    shape: int,
    z: FloatArray,
    z_weights: FloatArray,
    w0: float,
    sd_residual: float,
) -> Predicted:
    """Expected values of every calibration table for one set of parameters."""
    nodes = generations.build_nodes(p, shape, z, z_weights, w0, sd_residual)
    age = design.recurrence_age_years
    odds, hazard = law.aneuploid_odds(age, math.nan, p), law.euploid_hazard(age, p)
    p_loss = generations.loss_at_nodes(nodes, odds, hazard, p)
    go_on = np.empty(1 + design.p_go_on_after_birth.size)
    go_on[0] = nuisance.p_go_on_after_loss
    go_on[1:] = design.p_go_on_after_birth
    counts = generations.expected_generations(nodes, p_loss, p, go_on)
    by_run = counts.losses / counts.pregnancies
    ratios = (by_run / (1.0 - by_run))[1:] / (by_run[0] / (1.0 - by_run[0]))
    prior = nodes.weight.reshape(-1, 1) * nodes.fading_weight
    second, third = counts.after_losses[0], counts.after_losses[1]
    referral = design.referral_age_years
    embryo = np.empty(design.embryo_ages_years.size)
    for i in range(embryo.size):
        log_odds = math.log(law.aneuploid_odds(design.embryo_ages_years[i], math.nan, p))
        embryo[i] = expit(log_odds + nuisance.embryo_log_odds)
    early_odds = law.aneuploid_odds(design.early_age_years, math.nan, p)
    early_loss, _ = mean_loss(nodes, counts.pregnant, design.early_age_years, p)
    treated = loss_in_branch(nodes, third, 0, referral, p, math.exp(p.progesterone_log_hazard_ratio))
    untreated = loss_in_branch(nodes, third, 0, referral, p, 1.0)
    shares = np.array(
        [
            condition_share(nodes, second, 1, p.prevalence_uterine_anomaly),
            condition_share(nodes, third, 0, p.prevalence_antiphospholipid),
            condition_share(nodes, third, 2, p.prevalence_thyroid_antibodies),
            condition_share(nodes, second, 3, p.prevalence_translocation),
        ]
    )
    return Predicted(
        loss_by_band(nodes, counts.pregnant, design, p),
        ratios,
        abnormal_by_age(nodes, counts.pregnant, design, p, nuisance.karyotype_laboratory_log_odds),
        embryo,
        paternal_ratios(design, p),
        weekly_chances(nodes, counts.pregnant, design, p, nuisance.zauche_log_shift),
        early_chances(early_loss, early_odds, p),
        shares,
        uterine_ratio(nodes, prior, age, p, nuisance.uterine_share_raising_loss),
        1.0 - loss_in_branch(nodes, third, 1, referral, p, 1.0),
        (1.0 - treated) / (1.0 - untreated),
    )

r"""The law of one pregnancy, written once: simulation, inference and calibration all call these.

A conceptus is aneuploid or euploid. An aneuploid one is nearly always lost, by a fixed course of
weeks. A euploid one is lost with the hazard

$$ h(w) = s \, \Lambda(\text{age}) \, \phi(w) \, [m + \beta \, u(d, w)] $$

with s the factor shared by all loss, m the euploid multiplier of this woman (chance differences and
named causes), u the excess of uterine NK cells at density d. From VIABLE_WEEK on, stillbirth competes
with birth. Everything here is scalar and compiled; arguments are positional because compiled
functions cannot take keywords from one another.
"""

from __future__ import annotations

import math

import numpy as np

from decidua.base.compiled import compiled, compiled_in_place, compiled_step
from decidua.life.parameters import (
    CLINICAL_WEEK,
    FIRST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
    FloatArray,
    LawParameters,
    LawTables,
)


@compiled_in_place
def bend(distance: float, width: float) -> float:
    """A smooth corner: 0 far below zero, the distance itself far above (softplus).

    What log1p would keep of values below 1e-16 is lost in every sum they enter; log takes half of its time.
    """
    x = distance / width
    if x > 30.0:
        return distance
    return width * math.log(1.0 + math.exp(x))


@compiled_in_place
def log_multiplier_of_youth(age_years: float, p: LawParameters) -> float:
    """Extra loss of both kinds in very young women, on the log scale."""
    return p.young_log_multiplier_per_year * bend(
        p.young_bend_age_years - age_years, p.young_bend_width_years
    )


@compiled_in_place
def paternal_log_odds(age_years: float, partner_age_years: float, p: LawParameters) -> float:
    """How the partner's age moves the odds of aneuploidy, against the usual partner of her age."""
    if math.isnan(partner_age_years):
        return 0.0
    usual = age_years + p.partner_age_gap_years
    own = max(partner_age_years - p.paternal_bend_age_years, 0.0)
    return p.paternal_log_odds_per_year * (own - max(usual - p.paternal_bend_age_years, 0.0))


@compiled
def aneuploid_odds(age_years: float, partner_age_years: float, p: LawParameters) -> float:
    """Odds that a pregnancy alive at six weeks is aneuploid, for a shared factor of 1."""
    return aneuploid_odds_with(age_years, partner_age_years, log_multiplier_of_youth(age_years, p), p)


@compiled_in_place
def aneuploid_odds_with(age_years: float, partner_age_years: float, youth: float, p: LawParameters) -> float:
    """The same with the log multiplier of youth at hand."""
    return math.exp(
        p.aneuploid_log_odds
        + p.aneuploid_log_odds_per_year
        * bend(age_years - p.aneuploid_bend_age_years, p.aneuploid_bend_width_years)
        + paternal_log_odds(age_years, partner_age_years, p)
        + youth
        + p.setting_log_shift
    )


@compiled
def euploid_hazard(age_years: float, p: LawParameters) -> float:
    """Cumulative hazard of euploid loss in weeks 6 to 23 at the population's mean."""
    return euploid_hazard_with(age_years, log_multiplier_of_youth(age_years, p), p)


@compiled_in_place
def euploid_hazard_with(age_years: float, youth: float, p: LawParameters) -> float:
    """The same with the log multiplier of youth at hand."""
    return math.exp(
        p.euploid_log_hazard
        + p.euploid_log_hazard_per_decade * (age_years - 30.0) / 10.0
        + youth
        + p.setting_log_shift
    )


@compiled_in_place
def p_aneuploid_at_week_4(odds_at_six_weeks: float, tables: LawTables) -> float:
    """Chance that a pregnancy with a first positive test is aneuploid, from the odds at six weeks."""
    six = CLINICAL_WEEK - FIRST_WEEK
    odds = odds_at_six_weeks * tables.preclinical_survival[six] / tables.aneuploid_survival[six]
    return float(odds / (1.0 + odds))


@compiled_step
def log_normal_share(week: float, median: float, log_sd: float) -> float:
    """Share of a log-normal course of weeks that has passed, from week 6 to VIABLE_WEEK."""
    scale = 1.0 / (log_sd * math.sqrt(2.0))
    low = math.erf(math.log(CLINICAL_WEEK / median) * scale)
    high = math.erf(math.log(VIABLE_WEEK / median) * scale)
    return (math.erf(math.log(week / median) * scale) - low) / (high - low)


@compiled
def law_tables(p: LawParameters, birth_share: FloatArray) -> LawTables:
    """Work out what one set of parameters implies by week.

    Arguments:  p            parameters of the law
                birth_share  chance of birth by week from VIABLE_WEEK, shape (BIRTH_WEEKS,), last one 1
    Returns:    survival and cumulative hazard at the start of each week
    """
    aneuploid = np.ones(LOSS_WEEKS + 1)
    preclinical = np.ones(LOSS_WEEKS + 1)
    euploid = np.zeros(LOSS_WEEKS + 1)
    lethal = 1.0 - p.viable_aneuploid_share
    early_weeks = CLINICAL_WEEK - FIRST_WEEK
    for i in range(LOSS_WEEKS + 1):
        week = FIRST_WEEK + i
        early = min(i / early_weeks, 1.0)
        preclinical[i] = math.exp(-p.preclinical_hazard_euploid * early)
        aneuploid[i] = 1.0 - p.preclinical_share_aneuploid * early
        if week > CLINICAL_WEEK:
            passed = log_normal_share(week, p.loss_week_median, p.loss_week_log_sd)
            aneuploid[i] *= 1.0 - lethal * passed
            median = p.loss_week_median * math.exp(p.euploid_log_delay)
            tail = (week - CLINICAL_WEEK) / (VIABLE_WEEK - CLINICAL_WEEK)
            euploid[i] = (1.0 - p.euploid_tail_share) * log_normal_share(
                week, median, p.loss_week_log_sd
            ) + p.euploid_tail_share * tail
    return LawTables(aneuploid, preclinical, euploid, birth_share)


@compiled_step
def euploid_survival(
    i: int, hazard: float, multiplier: float, nk_cumulative: FloatArray, tables: LawTables
) -> float:
    """Chance that a euploid pregnancy is still alive at week boundary i.

    `hazard` already holds age and the shared factor; `nk_cumulative` is in the same units.
    """
    total = euploid_total(i, multiplier, nk_cumulative[i], tables)
    return float(tables.preclinical_survival[i] * math.exp(-hazard * total))


@compiled_in_place
def euploid_total(i: int, multiplier: float, nk_until_now: float, tables: LawTables) -> float:
    """Cumulative euploid hazard until week boundary i, as multiples of the woman's hazard."""
    return float(multiplier * tables.euploid_cumulative[i] + nk_until_now)


@compiled_in_place
def early_change(i: int, survival: FloatArray, ratio: float) -> float:
    """What a ratio of the hazard before six weeks does to the chance of being alive at week boundary i.

    Arguments:  survival  of one class without treatment, at every boundary
                ratio     of its hazard before six weeks; 1 changes nothing
    """
    if ratio == 1.0:
        return 1.0
    return float(survival[min(i, CLINICAL_WEEK - FIRST_WEEK)] ** (ratio - 1.0))


@compiled_step
def p_clinical_loss(odds: float, hazard: float, p: LawParameters) -> float:
    """Chance of a miscarriage for a pregnancy alive at six weeks.

    `odds` of aneuploidy and cumulative euploid `hazard` already hold age and all factors. Equals the sum
    over weeks and causes of `outcomes.pregnancy_outcomes`, given that week 6 was reached.
    """
    return p_loss_of_classes(odds, -math.expm1(-hazard), p)


@compiled_step
def p_loss_of_classes(odds: float, p_euploid_loss: float, p: LawParameters) -> float:
    """Chance of a miscarriage from six weeks on, from the odds of aneuploidy and the chance if euploid."""
    p_aneuploid = odds / (1.0 + odds)
    return p_aneuploid * (1.0 - p.viable_aneuploid_share) + (1.0 - p_aneuploid) * p_euploid_loss


@compiled_in_place
def p_recognised(week: int, p: LawParameters) -> float:
    """Chance that a loss in this week is noticed at all."""
    if week >= CLINICAL_WEEK:
        return 1.0
    return p.p_recognised_week_5 if week == CLINICAL_WEEK - 1 else p.p_recognised_week_4


@compiled_step
def p_unrecognised(survival: FloatArray, p: LawParameters) -> float:
    """Chance that a conceptus of one class is lost before anyone notices."""
    total = 0.0
    for week in range(FIRST_WEEK, CLINICAL_WEEK):
        i = week - FIRST_WEEK
        total += (survival[i] - survival[i + 1]) * (1.0 - p_recognised(week, p))
    return total


@compiled_in_place
def p_stillbirth_within(weeks: int, shared: float, p: LawParameters) -> float:
    """Chance of a stillbirth in so many weeks from VIABLE_WEEK on, if birth does not come first."""
    return -math.expm1(-p.stillbirth_hazard_per_week * shared * weeks)


@compiled_step
def p_live_birth_if_alive_at(week: int, shared: float, p: LawParameters, tables: LawTables) -> float:
    """Chance of a live birth for a pregnancy that is alive at the start of a week from VIABLE_WEEK on."""
    alive, born = 1.0, 0.0
    keep = 1.0 - p_stillbirth_within(1, shared, p)
    for i in range(max(week - VIABLE_WEEK, 0), tables.birth_share.size):
        alive *= keep
        born += alive * tables.birth_share[i]
        alive *= 1.0 - tables.birth_share[i]
    return born

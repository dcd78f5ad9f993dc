r"""A slow readable twin of the law, written from docs/model.md and from nothing else.

It holds no array of weeks, compiles nothing and shares no formula with the package: survival of each class is
a function of the week, and every chance is spelled out from it. Used for verification only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from decidua.life.outcomes import Pregnancy, Woman
from decidua.life.parameters import FloatArray, LawParameters, UterineNkTable  # names of fields, no formula

POSITIVE_TEST, NOTICED, VIABLE, LAST = 4, 6, 24, 45
CONDITIONS = ("antiphospholipid", "uterine_anomaly", "thyroid_antibodies", "translocation")


def bend(x: float, c: float) -> float:
    """b(x, c) = c ln(1 + e^(x / c))."""
    return float(c * np.logaddexp(0.0, x / c))


def youth(age: float, p: LawParameters) -> float:
    """y(a)."""
    return p.young_log_multiplier_per_year * bend(p.young_bend_age_years - age, p.young_bend_width_years)


def partner(age: float, partner_age: float, p: LawParameters) -> float:
    """f, the partner's part of the log-odds."""
    if partner_age != partner_age:  # not a number: unknown
        return 0.0
    k, g = p.paternal_bend_age_years, p.partner_age_gap_years
    own = partner_age - k if partner_age > k else 0.0
    usual = age + g - k if age + g > k else 0.0
    return p.paternal_log_odds_per_year * (own - usual)


def odds_at_six_weeks(age: float, partner_age: float, shared: float, p: LawParameters) -> float:
    """o(a)."""
    past = bend(age - p.aneuploid_bend_age_years, p.aneuploid_bend_width_years)
    rise = p.aneuploid_log_odds_per_year * past
    terms = (p.aneuploid_log_odds, rise, partner(age, partner_age, p), youth(age, p), p.setting_log_shift)
    return shared * math.exp(math.fsum(terms))


def p_aneuploid_at_week_4(age: float, partner_age: float, shared: float, p: LawParameters) -> float:
    """o_4 / (1 + o_4)."""
    o_4 = odds_at_six_weeks(age, partner_age, shared, p)
    o_4 *= math.exp(-p.preclinical_hazard_euploid) / (1.0 - p.preclinical_share_aneuploid)
    return o_4 / (1.0 + o_4)


def passed(week: float, median: float, log_sd: float) -> float:
    """G(w; median): share of the log-normal between weeks 6 and w, out of that between weeks 6 and 24."""

    def below(w: float) -> float:
        return 0.5 * math.erfc(-(math.log(w) - math.log(median)) / (log_sd * math.sqrt(2.0)))

    return (below(week) - below(NOTICED)) / (below(VIABLE) - below(NOTICED))


def early(week: int) -> float:
    """Share of weeks 4 and 5 that has passed."""
    return min((week - POSITIVE_TEST) / 2.0, 1.0)


def aneuploid_survival(week: int, p: LawParameters) -> float:
    """Chance that an aneuploid conceptus is alive at the start of a week."""
    survival = 1.0 - p.preclinical_share_aneuploid * early(week)
    if week >= NOTICED:
        gone = passed(week, p.loss_week_median, p.loss_week_log_sd)
        survival *= 1.0 - (1.0 - p.viable_aneuploid_share) * gone
    return survival


def phi(week: int, p: LawParameters) -> float:
    """Share of the cumulative euploid hazard that lies before the start of a week."""
    if week < NOTICED:
        return 0.0
    t = p.euploid_tail_share
    median = p.loss_week_median * math.exp(p.euploid_log_delay)
    return (1.0 - t) * passed(week, median, p.loss_week_log_sd) + t * (week - NOTICED) / (VIABLE - NOTICED)


def nk_excess(table: UterineNkTable, regimen: int, log_density: float, week: int) -> float:
    """u(d, v): straight lines between grid points, flat beyond the ends."""
    column = table.hazard_excess[regimen, :, week - POSITIVE_TEST]
    return float(np.interp(log_density, table.log_density, column))


def nk_total(table: UterineNkTable, regimen: int, log_density: float, week: int, p: LawParameters) -> float:
    """U(w)."""
    steps = (
        nk_excess(table, regimen, log_density, v) * (phi(v + 1, p) - phi(v, p)) for v in range(NOTICED, week)
    )
    return p.uterine_nk_excess * math.fsum(steps)


def named_hazards(woman: Woman, p: LawParameters) -> dict[str, float]:
    """a_k X_k of each condition."""
    return {k: getattr(p, f"excess_{k}") * getattr(woman, f"has_{k}") for k in CONDITIONS}


def euploid_mean_hazard(age: float, p: LawParameters) -> float:
    """Lambda(a)."""
    decade = p.euploid_log_hazard_per_decade * (age - 30.0) / 10.0
    return math.exp(p.euploid_log_hazard + decade + youth(age, p) + p.setting_log_shift)


@dataclass(frozen=True)
class Course:
    """One woman in one pregnancy: everything that survival by week depends on."""

    woman: Woman
    pregnancy: Pregnancy
    residual_weight: float
    p: LawParameters
    table: UterineNkTable

    @property
    def multiplier(self) -> float:
        """m = w_0 L + sum of a_k X_k."""
        return self.residual_weight * self.woman.residual + sum(named_hazards(self.woman, self.p).values())

    def euploid_survival(self, week: int) -> float:
        """Chance that a euploid conceptus is alive at the start of a week."""
        p, woman, pregnancy = self.p, self.woman, self.pregnancy
        treated = math.exp(pregnancy.treatment_log_hazard_ratio)
        scale = euploid_mean_hazard(pregnancy.age_years, p) * woman.shared * treated
        nk = nk_total(self.table, pregnancy.regimen, woman.log_density, week, p)
        before_six = p.preclinical_hazard_euploid * early(week)
        return math.exp(-before_six) * math.exp(-scale * (self.multiplier * phi(week, p) + nk))

    def p_aneuploid(self) -> float:
        """Chance of aneuploidy at week 4."""
        age, partner_age = self.pregnancy.age_years, self.pregnancy.partner_age_years
        return p_aneuploid_at_week_4(age, partner_age, self.woman.shared, self.p)

    def hazards(self, week: int) -> dict[str, float]:
        """Hazards among which a euploid loss of this week is shared."""
        if week < NOTICED:
            return {"euploid_other": 1.0}
        u = nk_excess(self.table, self.pregnancy.regimen, self.woman.log_density, week)
        rest = {
            "uterine_nk": self.p.uterine_nk_excess * u,
            "euploid_other": self.residual_weight * self.woman.residual,
        }
        return named_hazards(self.woman, self.p) | rest


def miscarriages(course: Course) -> dict[tuple[str, int], float]:
    """Chance of a loss before week 24 by cause and week."""
    out = {}
    share = course.p_aneuploid()
    for week in range(POSITIVE_TEST, VIABLE):
        dead = aneuploid_survival(week, course.p) - aneuploid_survival(week + 1, course.p)
        out["aneuploid", week] = share * dead
        lost = (1.0 - share) * (course.euploid_survival(week) - course.euploid_survival(week + 1))
        hazards = course.hazards(week)
        whole = sum(hazards.values())
        for cause, hazard in hazards.items():
            out[cause, week] = lost * hazard / whole if whole > 0.0 else 0.0
    return out


def late_outcomes(
    alive: float, shared: float, birth_share: FloatArray, p: LawParameters, first: int = VIABLE
) -> dict[tuple[str, int], float]:
    """Chance of stillbirth and of live birth by week, from a chance of being alive at the first."""
    out = {}
    for week in range(first, LAST + 1):
        out["stillbirth", week] = alive * (1.0 - math.exp(-p.stillbirth_hazard_per_week * shared))
        alive -= out["stillbirth", week]
        out["live_birth", week] = alive * birth_share[week - VIABLE]
        alive -= out["live_birth", week]
    return out


def born_alive(week: int, shared: float, birth_share: FloatArray, p: LawParameters) -> float:
    """Chance of a live birth in any week for a pregnancy alive at the start of this one."""
    late = late_outcomes(1.0, shared, birth_share, p, week)
    return math.fsum(chance for (outcome, _), chance in late.items() if outcome == "live_birth")


def all_outcomes(course: Course, birth_share: FloatArray) -> dict[tuple[str, int], float]:
    """Chance of every outcome and week; what is not listed is impossible."""
    share = course.p_aneuploid()
    alive = share * aneuploid_survival(VIABLE, course.p) + (1.0 - share) * course.euploid_survival(VIABLE)
    return miscarriages(course) | late_outcomes(alive, course.woman.shared, birth_share, course.p)


def unnoticed(p: LawParameters, survival: Callable[[int], float]) -> float:
    """Chance of a loss that nobody notices, from survival as a function of the week."""
    unseen = {4: 1.0 - p.p_recognised_week_4, 5: 1.0 - p.p_recognised_week_5}
    return math.fsum((survival(w) - survival(w + 1)) * missed for w, missed in unseen.items())


def budget(p: LawParameters, nk_mean: float, nk_variance: float) -> tuple[float, float] | None:
    """w_0 and Var(L), or None for impossible parameters."""
    a = {k: getattr(p, f"excess_{k}") for k in CONDITIONS}
    q = {k: getattr(p, f"prevalence_{k}") for k in CONDITIONS}
    w0 = 1.0 - sum(a[k] * q[k] for k in CONDITIONS) - p.uterine_nk_excess * nk_mean
    named = sum(a[k] ** 2 * q[k] * (1.0 - q[k]) for k in CONDITIONS)
    left = math.exp(p.sd_euploid_lasting**2) - 1.0 - named - p.uterine_nk_excess**2 * nk_variance
    return None if w0 < 0.0 or left < 0.0 else (w0, left / w0**2)


def nk_mean(table: UterineNkTable, regimen: int, log_density: float, p: LawParameters) -> float:
    """u averaged over weeks by phi."""
    weeks = range(NOTICED, VIABLE)
    return math.fsum(nk_excess(table, regimen, log_density, v) * (phi(v + 1, p) - phi(v, p)) for v in weeks)

"""Harms of a steroid in pregnancy by dose: what studies saw, where it applies, and what nobody has measured.

Every figure is passed in; no number here is its own. A harm without a figure is unknown, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.base.conversions import logit
from decidua.base.estimates import Estimate
from decidua.life.parameters import VIABLE_WEEK, FloatArray

PRETERM_WEEK = 37  # births before this week are preterm: a definition
DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365.25
# A test turns positive in week 4; very early loss follows it, and ends where a pregnancy is recognised.
CONCEPTION_DAY, TEST_ENDS_DAY, RECOGNISED_DAY = 14, 35, 42
FIRST_TRIMESTER_ENDS_DAY = 91
HARMS = (
    "preterm_birth",
    "infection",
    "very_early_loss",
    "gestational_diabetes",
    "hypertension",
    "cleft",
    "adrenal_suppression",
    "sleep",
    "mood",
)
Status = Literal["estimate", "upper_bound", "not_exposed", "unknown"]


class Ratio(NamedTuple):
    """A published ratio with its 95% interval and the ledger entries it stands in."""

    value: float
    lo: float
    hi: float
    measure: str
    entries: tuple[str, ...]


class HarmFigures(NamedTuple):
    """Everything that is known by number; each field comes from the evidence ledger.

    preterm_dose_mg           0, then the cumulative dose of each published group, shape (groups,)
    preterm_log_ratio         log risk ratio, its lower and upper limit at those doses, shape (3, groups)
    preterm_counted_days      the cumulative dose counts up to this day of gestation
    infection_dose_mg         highest daily dose of each band, the first 0, the last without limit
    infection_per_year        chance of an infection that needs a hospital, by band
    late, late_low            ratios of preterm birth for a daily dose after the counted days
    late_dose_mg              daily dose from which `late` holds, below it `late_low`
    """

    preterm_dose_mg: FloatArray
    preterm_log_ratio: FloatArray
    preterm_counted_days: int
    preterm_entries: tuple[str, ...]
    infection_dose_mg: FloatArray
    infection_per_year: FloatArray
    infection_entries: tuple[str, ...]
    late: Ratio
    late_low: Ratio
    late_dose_mg: float
    very_early_loss: Ratio
    diabetes: Ratio
    diabetes_early: Ratio
    diabetes_early_days: tuple[int, int]
    diabetes_high_dose: Ratio
    hypertension_high_dose: Ratio
    high_dose_mg: float
    cleft: Ratio


class Doses(NamedTuple):
    """Daily doses of prednisolone from a first day of gestation on; days before day 0 are negative."""

    first_day: int
    mg_per_day: FloatArray

    def between(self, first: int, last: int) -> FloatArray:
        """Doses of the days from first up to, not including, last."""
        low = max(first - self.first_day, 0)
        return self.mg_per_day[low : max(last - self.first_day, low)]


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm of one course.

    name          one of HARMS
    status        estimate; upper_bound (seen in sicker people); not_exposed; unknown
    measure       risk_ratio, odds_ratio, hazard_ratio, or empty
    ratio         with against without, None where nothing is known
    chances       chance without and with the course, None where no chance without it is known
    entries       ledger entries it rests on
    reason        why it is unknown or does not apply, or what to keep in mind
    """

    name: str
    status: Status
    measure: str
    ratio: Estimate | None
    chances: tuple[float, Estimate] | None
    entries: tuple[str, ...]
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The harm as JSON; what nobody has measured is null, never zero."""
        without, with_course = (None, None) if self.chances is None else self.chances
        return {
            "harm": self.name,
            "status": self.status,
            "measure": self.measure or None,
            "ratio": None if self.ratio is None else self.ratio.to_dict(),
            "chance_without": without,
            "chance_with": None if with_course is None else with_course.to_dict(),
            "entries": list(self.entries),
            "reason": self.reason,
        }


@compiled
def log_ratio_by_dose(dose: float, doses: FloatArray, log_ratios: FloatArray) -> float:
    """Log ratio at a dose: straight lines between the published groups, level beyond the highest.

    Arguments:  dose        mg, >= 0
                doses       mg, rising, the first 0
                log_ratios  at those doses, the first 0
    """
    return float(np.interp(dose, doses, log_ratios))


@compiled
def band_of(dose: float, highest: FloatArray) -> int:
    """Index of the band a daily dose falls in; the last band has no upper end."""
    band = 0
    while band < highest.size - 1 and dose > highest[band]:
        band += 1
    return band


@compiled_step
def share_with(share: float, log_odds_ratio: float) -> float:
    """A share once its odds are multiplied."""
    raised = math.exp(log_odds_ratio) * share / (1.0 - share)
    return raised / (1.0 + raised)


@compiled_step
def p_moves(share: float, log_odds_ratio: float, is_early: bool) -> float:
    """Chance that a live birth moves to the other side of 37 weeks, so that the share before it becomes
    `share_with`; births only leave the side that shrinks.

    Arguments:  share     of live births before 37 weeks without the course, between 0 and 1
                is_early  whether this one would come before 37 weeks
    """
    after = share_with(share, log_odds_ratio)
    if is_early:
        return max(share - after, 0.0) / share
    return max(after - share, 0.0) / (1.0 - share)


@compiled
def retimed_births(live_birth: FloatArray, log_odds_ratio: float) -> FloatArray:
    r"""The same live births, more of them before 37 weeks.

    $$ \text{odds}(q') = \text{odds}(q)\, e^{\theta} $$
    Assumes the course moves when babies are born, within both groups of weeks alike, and not whether they
    are born alive: a birth that comes early must not count as a stillbirth avoided.

    Arguments:  live_birth      chance of a live birth by week from VIABLE_WEEK
                log_odds_ratio  of birth before 37 weeks, with the course against without
    Returns:    the same shape and the same sum
    Checked by: tests/unit/life/test_harms.py
    """
    early = PRETERM_WEEK - VIABLE_WEEK
    total, before = live_birth.sum(), live_birth[:early].sum()
    if total <= 0.0 or before <= 0.0 or before >= total or log_odds_ratio == 0.0:
        return live_birth.copy()
    share = share_with(before / total, log_odds_ratio)
    out: FloatArray = live_birth * (total * (1.0 - share) / (total - before))
    out[:early] = live_birth[:early] * (total * share / before)
    return out


def preterm_log_odds_ratio(risk_ratio: float, *, p_without: float) -> float:
    """What a ratio of chances is on the log-odds scale at one chance; a chance stays below one."""
    with_course = min(risk_ratio * p_without, (1.0 + p_without) / 2.0)
    return logit(with_course) - logit(p_without)


def preterm_ratio(cumulative_mg: float, figures: HarmFigures) -> Estimate:
    """Risk ratio of preterm birth at a cumulative dose, with the published intervals carried along.

    Assumes the errors of neighbouring groups go together, since they share one group without a steroid.
    """
    middle, lo, hi = (
        math.exp(log_ratio_by_dose(cumulative_mg, figures.preterm_dose_mg, row))
        for row in figures.preterm_log_ratio
    )
    return Estimate(middle, lo, hi)


def harms_of(doses: Doses, figures: HarmFigures, *, birth_share_by_week: FloatArray) -> tuple[Harm, ...]:
    """Every harm of one course of prednisolone, in the order of HARMS.

    Arguments:  doses                daily doses
                figures              from the ledger (`decidua.inference.harms`)
                birth_share_by_week  chance of a live birth by week from VIABLE_WEEK without the course
    Returns:    one Harm for each of HARMS
    Source:     ledger entries named in each Harm
    Checked by: tests/unit/life/test_harms.py
    """
    by_name = {
        "preterm_birth": _preterm(doses, figures, birth_share_by_week),
        "infection": _infection(doses, figures),
        "very_early_loss": _very_early_loss(doses, figures),
        "gestational_diabetes": _diabetes(doses, figures),
        "hypertension": _hypertension(doses, figures),
        "cleft": _cleft(doses, figures),
        **{name: unknown(name, why) for name, why in UNKNOWN.items()},
    }
    return tuple(by_name[name] for name in HARMS)


UNKNOWN: Mapping[str, str] = {
    "adrenal_suppression": "no study of a course like this in pregnancy gives a number",
    "sleep": "no study of a course like this in pregnancy gives a number",
    "mood": "no study of a course like this in pregnancy gives a number",
}


def unknown(name: str, why: str) -> Harm:
    """A harm that nobody has measured."""
    return Harm(name, "unknown", "", None, None, (), why)


def not_exposed(name: str, why: str) -> Harm:
    """A harm of weeks in which this course gives nothing."""
    return Harm(name, "not_exposed", "", None, None, (), why)


def _of_ratio(name: str, ratio: Ratio, reason: str) -> Harm:
    estimate = Estimate(ratio.value, ratio.lo, ratio.hi)
    return Harm(name, "estimate", ratio.measure, estimate, None, ratio.entries, reason)


def _preterm(doses: Doses, f: HarmFigures, births: FloatArray) -> Harm:
    """By the dose of the counted days; a later dose has its own published ratio, and the larger counts."""
    late = doses.between(f.preterm_counted_days, _end(doses))
    cumulative = float(doses.between(0, f.preterm_counted_days).sum())
    if cumulative <= 0.0 and not late.any():
        return not_exposed("preterm_birth", "the course gives nothing in pregnancy")
    ratio, entries, measure = preterm_ratio(cumulative, f), f.preterm_entries, "risk_ratio"
    if late.any():
        later = f.late if late.max() >= f.late_dose_mg else f.late_low
        if later.value > ratio.mean:
            ratio, entries, measure = Estimate(later.value, later.lo, later.hi), later.entries, later.measure
    reason = "seen in women with rheumatoid arthritis, who are ill in other ways too"
    if cumulative > f.preterm_dose_mg[-1]:
        reason += "; above the highest dose studied, so it may be larger"
    return Harm("preterm_birth", "estimate", measure, ratio, preterm_chances(ratio, births), entries, reason)


def preterm_chances(ratio: Estimate, births: FloatArray) -> tuple[float, Estimate]:
    """Share of live births before 37 weeks, without and with a course, through the law's own births."""
    early = PRETERM_WEEK - VIABLE_WEEK
    p = float(births[:early].sum() / births.sum())

    def share(risk_ratio: float) -> float:
        moved = retimed_births(births, preterm_log_odds_ratio(risk_ratio, p_without=p))
        return float(moved[:early].sum() / moved.sum())

    return p, Estimate(share(ratio.mean), share(ratio.lo), share(ratio.hi))


def _infection(doses: Doses, f: HarmFigures) -> Harm:
    """The published yearly chances by daily dose, over the days of the course; no interval was printed."""
    given = doses.mg_per_day[doses.mg_per_day > 0.0]
    if given.size == 0:
        return not_exposed("infection", "the course gives nothing")
    years = 1.0 / DAYS_PER_YEAR
    rates = -np.log1p(-f.infection_per_year)
    treated = sum(rates[band_of(float(dose), f.infection_dose_mg)] for dose in given)
    without = -math.expm1(-float(rates[0]) * given.size * years)
    with_course = -math.expm1(-float(treated) * years)
    ratio = float(treated / (rates[0] * given.size))
    reason = "seen in adults with rheumatoid arthritis over a year: an upper bound for young pregnant women"
    return Harm(
        "infection",
        "upper_bound",
        "rate_ratio",
        Estimate(ratio, 1.0, ratio),
        (without, Estimate(with_course, without, with_course)),
        f.infection_entries,
        reason,
    )


def _very_early_loss(doses: Doses, f: HarmFigures) -> Harm:
    if not doses.between(CONCEPTION_DAY, RECOGNISED_DAY).any():
        return not_exposed("very_early_loss", "the course gives nothing in the weeks of a very early loss")
    if not doses.between(CONCEPTION_DAY, TEST_ENDS_DAY).any():
        why = "the one trial gave the steroid from before the pregnancy; this course begins in week 5"
        return unknown("very_early_loss", why)
    reason = "one trial of 10 mg a day around embryo transfer; other doses were not studied"
    return _of_ratio("very_early_loss", f.very_early_loss, reason)


def _is_high_to_term(doses: Doses, f: HarmFigures) -> bool:
    last = doses.between(PRETERM_WEEK * DAYS_PER_WEEK - 1, PRETERM_WEEK * DAYS_PER_WEEK)
    return bool(last.any()) and float(last.max()) >= f.high_dose_mg


def _diabetes(doses: Doses, f: HarmFigures) -> Harm:
    name = "gestational_diabetes"
    if not doses.between(0, _end(doses)).any():
        return not_exposed(name, "the course gives nothing in pregnancy")
    if _is_high_to_term(doses, f):
        return _of_ratio(name, f.diabetes_high_dose, "a trial of a high dose to term, with aspirin")
    if doses.between(*f.diabetes_early_days).any():
        return _of_ratio(name, f.diabetes_early, "any systemic steroid in weeks 4 to 6, mostly short courses")
    return _of_ratio(name, f.diabetes, "any systemic steroid, mostly short courses")


def _hypertension(doses: Doses, f: HarmFigures) -> Harm:
    if _is_high_to_term(doses, f):
        reason = "a trial of a high dose to term, with aspirin"
        return _of_ratio("hypertension", f.hypertension_high_dose, reason)
    return unknown(
        "hypertension", "the only number is from a high dose taken to term, not from a course like this"
    )


def _cleft(doses: Doses, f: HarmFigures) -> Harm:
    if not doses.between(0, FIRST_TRIMESTER_ENDS_DAY).any():
        return not_exposed("cleft", "the course gives nothing in the first three months")
    reason = "all designs pooled; cohorts alone and the largest case-control study also fit no difference"
    return _of_ratio("cleft", f.cleft, reason)


def _end(doses: Doses) -> int:
    return doses.first_day + doses.mg_per_day.size


def log_odds_ratio_of(harm: Harm) -> float:
    """What a course's preterm births are for `outcomes.Pregnancy`: a log odds ratio, 0 where not exposed."""
    if harm.chances is None or harm.status == "not_exposed":
        return 0.0
    without, with_course = harm.chances
    return logit(with_course.mean) - logit(without)

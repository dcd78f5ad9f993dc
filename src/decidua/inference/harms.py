"""The harms of a shipped or written regimen: its doses day by day, and the ledger's figures for them."""

from __future__ import annotations

from functools import cache

import numpy as np

from decidua.evidence import Ledger, load_ledger
from decidua.inference.cells import birth_shares
from decidua.life.harms import Doses, Harm, HarmFigures, Ratio, harms_of
from decidua.life.parameters import FloatArray
from decidua.womb import Regimen, load_regimen, simulate_pregnancy
from decidua.womb.parameters import DAYS_PER_WEEK
from decidua.womb.story import story_counts_per_mm2

TREATMENT = "treatment.prednisolone"
# Doses and weeks that are part of what an entry means; each stands in its id.
PRETERM_GROUPS_MG = {265: "low_265_mg", 883: "medium_883_mg", 2209: "high_2209_mg"}
LATE_DOSE_MG = 10.0
INFECTION_BANDS_MG = {0: "none", 5: "up_to_5_mg", 10: "5_to_10_mg"}
OVER = "over_10_mg"
DIABETES_EARLY_WEEKS = (4, 6)
STEROID = "prednisolone"
LAST_WEEK = 45.0


def harm_figures(ledger: Ledger) -> HarmFigures:
    """What is known of the harms of prednisolone, from the ledger.

    Returns:    HarmFigures for `decidua.life.harms.harms_of`
    Source:     ledger entries treatment.prednisolone.*, harms.*
    """
    preterm = tuple(f"{TREATMENT}.preterm_birth_risk_ratio.{group}" for group in PRETERM_GROUPS_MG.values())
    bands = tuple(
        f"{TREATMENT}.hospital_infection_percent_per_year.{band}"
        for band in (*INFECTION_BANDS_MG.values(), OVER)
    )
    return HarmFigures(
        preterm_dose_mg=np.array([0.0, *PRETERM_GROUPS_MG]),
        preterm_log_ratio=_log_ratios(preterm, ledger),
        preterm_counted_days=int(ledger.value("harms.preterm_birth.counted_until_day")),
        preterm_entries=preterm,
        infection_dose_mg=np.array([*INFECTION_BANDS_MG, np.inf]),
        infection_per_year=np.array([ledger.value(name) for name in bands]) / 100.0,
        infection_entries=bands,
        late=_ratio("harms.preterm_birth.hazard_ratio_after_day_139.from_10_mg", ledger),
        late_low=_ratio("harms.preterm_birth.hazard_ratio_after_day_139.below_10_mg", ledger),
        late_dose_mg=LATE_DOSE_MG,
        very_early_loss=_ratio(f"{TREATMENT}.biochemical_loss_risk_ratio", ledger),
        diabetes=_ratio(f"{TREATMENT}.gestational_diabetes_risk_ratio.exposed", ledger),
        diabetes_early=_ratio(f"{TREATMENT}.gestational_diabetes_risk_ratio.exposed_weeks_4_to_6", ledger),
        diabetes_early_days=_days(*DIABETES_EARLY_WEEKS),
        diabetes_high_dose=_ratio("harms.gestational_diabetes.risk_ratio_high_dose_to_term", ledger),
        hypertension_high_dose=_ratio("harms.hypertension.risk_ratio_high_dose_to_term", ledger),
        high_dose_mg=ledger.value("harms.high_dose_mg_per_day"),
        cleft=_ratio(f"{TREATMENT}.oral_cleft_odds_ratio.pooled", ledger),
    )


def _ratio(name: str, ledger: Ledger) -> Ratio:
    return Ratio(ledger.value(name), *ledger.interval(name), measure=ledger[name].unit, entries=(name,))


def _log_ratios(names: tuple[str, ...], ledger: Ledger) -> FloatArray:
    """Log ratio and both limits by group, 0 at no dose."""
    rows = [(ledger.value(name), *ledger.interval(name)) for name in names]
    return np.vstack([np.zeros(3), np.log(rows)]).T.copy()


def _days(first_week: int, last_week: int) -> tuple[int, int]:
    return int(first_week * DAYS_PER_WEEK), int((last_week + 1) * DAYS_PER_WEEK)


def doses_of(regimen: Regimen) -> Doses:
    """Prednisolone by day under a regimen; empty where it gives none.

    A protocol that doses by the count is resolved for the story's high count, for whom it is meant.
    """
    if regimen.protocol is not None:
        course = simulate_pregnancy(
            "marker",
            density_per_mm2=story_counts_per_mm2()["high"],
            regimen=regimen,
            end_week=LAST_WEEK,
        )
        return Doses(round(course.time_days[0]), course.variables["prednisolone_mg_per_day"])
    steps = [step for step in regimen.steps if step.drug == STEROID]
    if not steps:
        return Doses(0, np.zeros(0))
    first = int(min(step.start_day for step in steps))
    by_day = np.zeros(round(max(step.end_day for step in steps)) - first)
    for step in steps:
        by_day[round(step.start_day) - first : round(step.end_day) - first] += step.mg_per_day
    return Doses(first, by_day)


def doses_by_week(mg_per_day: list[float], *, first_week: int = 0) -> Doses:
    """Doses given as one daily dose for each completed week of gestation.

    Arguments:  mg_per_day  mg per day, week by week
                first_week  gestation of the first of them, weeks
    """
    days = int(DAYS_PER_WEEK)
    return Doses(first_week * days, np.repeat(np.array(mg_per_day, dtype=np.float64), days))


def harms_of_doses(doses: Doses) -> tuple[Harm, ...]:
    """Every harm of a course by the shipped ledger and the law's weeks of birth; none without a steroid."""
    if not doses.mg_per_day.any():
        return ()
    return harms_of(doses, harm_figures(load_ledger()), birth_share_by_week=births_by_week())


@cache
def births_by_week() -> FloatArray:
    """Share of live births in each week from VIABLE_WEEK on, without a course."""
    share = birth_shares()
    left = np.concatenate(([1.0], np.cumprod(1.0 - share)[:-1]))
    return np.asarray(left * share)


def harms_of_regimen(regimen: str | Regimen) -> tuple[Harm, ...]:
    """Every harm of a regimen, in the order of `decidua.life.harms.HARMS`; empty without a steroid.

    Arguments:  regimen  name of a shipped regimen, or a Regimen
    Returns:    Harm for each; unknown where nobody has measured it, never zero
    Raises:     InputError for a name that is not shipped
    Checked by: tests/unit/inference/test_harms.py
    """
    if isinstance(regimen, Regimen):
        return harms_of_doses(doses_of(regimen))
    return _shipped(regimen)


def harms_of_treatments(names: tuple[str, ...]) -> tuple[Harm, ...]:
    """The harms of the first treatment with a steroid, which is also the one whose doses the law follows."""
    return next((found for name in names if (found := harms_of_regimen(name))), ())


@cache
def _shipped(name: str) -> tuple[Harm, ...]:
    return harms_of_doses(doses_of(load_regimen(name)))

"""What the model says of clinics and trials: live birth after losses, by cause, and after transfer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from decidua.base import conversions
from decidua.evidence import Ledger
from decidua.life import law
from decidua.life.parameters import CLINICAL_WEEK, FIRST_WEEK, FloatArray, LawParameters
from decidua.study.validation_rule import Rule
from decidua.study.validation_women import (
    BIRTH,
    LOSS,
    Event,
    Women,
    losses_in_a_row,
    mean_of,
    women_of,
)

TRANSFER_LOSSES = (0, 1, 2, 3)


@dataclass(frozen=True)
class Group:
    """Women of a clinic under one draw: everyone, or those with or without one condition."""

    everyone: Women
    affected: Women | None = None
    prevalence: float = 0.0
    has_condition: bool = False

    def p_loss(self, events: Sequence[Event], age_years: float) -> float:
        """Chance of loss of the next pregnancy after a history."""
        reached, lost = _joint(self.everyone, events, age_years)
        if self.affected is None:
            return lost / reached
        with_reached, with_lost = _joint(self.affected, events, age_years)
        if self.has_condition:
            return with_lost / with_reached
        return (lost - self.prevalence * with_lost) / (reached - self.prevalence * with_reached)


def _joint(women: Women, events: Sequence[Event], age_years: float) -> tuple[float, float]:
    """Share of women with this history, and of those whose next pregnancy is then lost."""
    weights = women.after(events)
    return float(weights.sum()), float((weights * women.chances(age_years).loss).sum())


def group_of(p: LawParameters, *, shape: int, condition: str, has_condition: bool) -> Group:
    """Women with or without one condition."""
    everyone, affected = women_of(p, shape=shape), women_of(p, shape=shape, condition=condition)
    return Group(everyone, affected, getattr(p, f"prevalence_{condition}"), has_condition)


@dataclass(frozen=True)
class Clinics:
    """Numbers that every draw is asked for in the same way."""

    rule: Rule
    ledger: Ledger

    @property
    def interval_years(self) -> float:
        """Time from one pregnancy to the next."""
        return self.ledger.value("life.interval_between_pregnancies_years")

    @property
    def p_born_if_viable(self) -> float:
        """Chance that a pregnancy past 24 weeks ends in a live birth."""
        return 1.0 - self.ledger.value("life.stillbirth.rate_28_weeks") / 100.0

    def predictions(self, p: LawParameters, *, shape: int) -> dict[str, float]:
        """Every statistic of this module by name; clinics carry the draw's own setting, the rest do not."""
        register = women_of(p._replace(setting_log_shift=0.0), shape=shape)
        clinic = women_of(p, shape=shape)
        return {
            **self.promise(clinic),
            **self.sugiura(p, shape),
            **self.thyroid(p, shape),
            **self.slopes(register),
            **self.transfers(register),
            **self.embryos(register),
            **{f"cohort.{c['id']}": self.cohort(register, c) for c in self.rule.raw["cohorts"]},
        }

    def run(self, count: int, age_years: float) -> list[Event]:
        """Losses in a row before this age."""
        return losses_in_a_row(count, age_years=age_years, interval_years=self.interval_years)

    def mixed(self, losses: str, ages: str) -> Iterator[tuple[float, list[Event], float]]:
        """Weight, history and age for assumed mixes of numbers of losses and of ages."""
        for count, share in self.rule.assumed(losses).items():
            for age, weight in self.rule.assumed(ages).items():
                yield share * weight, self.run(count, age), age

    def live_birth(self, group: Group, *, losses: str, ages: str) -> float:
        """Chance of live birth from six weeks on over assumed mixes."""
        parts = [(w, 1.0 - group.p_loss(events, age)) for w, events, age in self.mixed(losses, ages)]
        return self.p_born_if_viable * _weighted(parts)

    def without_losses(self, group: Group, *, ages: str) -> float:
        """Chance of live birth at the same ages without an earlier loss."""
        shares: Mapping[float, float] = self.rule.assumed(ages)
        parts = [(w, 1.0 - group.p_loss([], age)) for age, w in shares.items()]
        return self.p_born_if_viable * _weighted(parts)

    def cohort(self, women: Women, cohort: Mapping[str, str]) -> float:
        """Live birth of one published cohort before its level is fitted."""
        return self.live_birth(Group(women), losses=cohort["losses"], ages=cohort["ages"])

    def promise(self, women: Women) -> dict[str, float]:
        """Live birth from a positive test, and at the same ages without an earlier loss."""
        mixed = self.mixed("losses_three_or_more", "trial_ages_years")
        after = [(w, self.from_test(women, events, age)) for w, events, age in mixed]
        ages: Mapping[float, float] = self.rule.assumed("trial_ages_years")
        none = [(w, self.from_test(women, [], age)) for age, w in ages.items()]
        return {"promise": _weighted(after), "promise.no_losses": _weighted(none)}

    def from_test(self, women: Women, events: Sequence[Event], age_years: float) -> float:
        """Chance of live birth counted from the week of entry into a trial."""
        weights = women.after(events)
        reached = reaches_six_weeks(women, age_years, self.rule.assumed("trial_entry_week"))
        kept = reached * (1.0 - women.chances(age_years).loss)
        return self.p_born_if_viable * mean_of(kept, weights)

    def sugiura(self, p: LawParameters, shape: int) -> dict[str, float]:
        """Live birth with normal karyotypes of both parents, and the odds ratio of a translocation."""
        mix = {"losses": "losses_two_or_more", "ages": "nagoya_ages_years"}
        normal = group_of(p, shape=shape, condition="translocation", has_condition=False)
        carrier = group_of(p, shape=shape, condition="translocation", has_condition=True)
        born_normal, born_carrier = self.live_birth(normal, **mix), self.live_birth(carrier, **mix)
        return {
            "sugiura.normal": born_normal,
            "sugiura.no_losses": self.without_losses(normal, ages=mix["ages"]),
            "sugiura.ratio": conversions.odds(born_carrier) / conversions.odds(born_normal),
        }

    def thyroid(self, p: LawParameters, shape: int) -> dict[str, float]:
        """Odds of loss with thyroid antibodies against without, after three or more losses."""
        p = p._replace(setting_log_shift=0.0)
        odds = []
        for has_condition in (True, False):
            group = group_of(p, shape=shape, condition="thyroid_antibodies", has_condition=has_condition)
            mixed = self.mixed("losses_three_or_more", "clinic_ages_years")
            parts = [(w, group.p_loss(events, age)) for w, events, age in mixed]
            odds.append(conversions.odds(_weighted(parts)))
        return {"thyroid": odds[0] / odds[1]}

    def slopes(self, women: Women) -> dict[str, float]:
        """Slopes of live birth per loss and per year of age, and of loss per loss before the last birth."""
        age, counts = self.rule.assumed("slope_age_years"), self.rule.assumed("slope_loss_counts")
        ages, losses = self.rule.assumed("slope_ages_years"), self.rule.assumed("slope_losses")
        more = self.rule.assumed("rate_ratio_loss_counts")
        return {
            "slope.loss": _slope(counts, [conversions.logit(self.born(women, k, age)) for k in counts]),
            "slope.year": _slope(ages, [conversions.logit(self.born(women, losses, a)) for a in ages]),
            "kolte": math.exp(_slope(more, [math.log(self.born(women, k, age)) for k in more])),
            "egerup": self.before_last_birth(women),
        }

    def born(self, women: Women, losses: int, age_years: float) -> float:
        """Chance of live birth after losses in a row."""
        return 1.0 - women.p_loss(age_years, women.after(self.run(losses, age_years)))

    def before_last_birth(self, women: Women) -> float:
        """Ratio of the chance of loss per loss before the last birth, given the losses after it."""
        counts, log_loss = self.rule.assumed("egerup_losses_before"), []
        age, after = self.rule.assumed("egerup_age_years"), self.rule.assumed("egerup_losses_after")
        for count in counts:
            outcomes = [LOSS] * count + [BIRTH] + [LOSS] * after
            start = age - self.interval_years * len(outcomes)
            events = [(o, start + self.interval_years * i) for i, o in enumerate(outcomes)]
            log_loss.append(math.log(women.p_loss(age, women.after(events))))
        return math.exp(_slope(counts, log_loss))

    def transfers(self, women: Women) -> dict[str, float]:
        """Loss after transfer of a euploid embryo, by earlier losses and by the class of the first one."""
        age = self.rule.assumed("transfer_age_years")
        if_euploid = women.chances(age).if_euploid
        mix: Mapping[int, float] = self.rule.assumed("losses_two_or_more")
        after = [(w, mean_of(if_euploid, women.after(self.run(k, age)))) for k, w in mix.items()]
        lost = [mean_of(if_euploid, women.after(self.run(k, age))) for k in TRANSFER_LOSSES]
        slope = _slope(TRANSFER_LOSSES, [conversions.logit(x) for x in lost])
        return {
            "hodes": _weighted(after),
            "hodes.no_losses": lost[0],
            "nogales": lost[0],
            "nogales.no_channel": women.p_loss(age, women.start),
            "rbmo": math.exp(slope),
            "boynukalin": math.exp(-slope),
            "murugappan": self.by_first_loss(women),
        }

    def by_first_loss(self, women: Women) -> float:
        """Odds of live birth after a euploid first loss against after an aneuploid one."""
        age = self.rule.assumed("murugappan_age_years")
        first = women.chances(age - self.interval_years)
        odds = []
        for lost in (first.euploid_loss, first.aneuploid_loss):
            weights = women.faded(women.start * lost, LOSS)
            odds.append(conversions.odds(1.0 - women.p_loss(age, weights)))
        return odds[0] / odds[1]

    def embryos(self, women: Women) -> dict[str, float]:
        """Share of aneuploid pregnancies after losses against none, beside the ratio of loss."""
        age = self.rule.assumed("slope_age_years")
        after = women.after(self.run(self.rule.assumed("slope_losses"), age))
        odds = law.aneuploid_odds(age, math.nan, women.law) * women.shared[:, None] * women.fading
        share = odds / (1.0 + odds)
        loss = women.chances(age).loss
        return {
            "pgta": mean_of(share, after) / mean_of(share, women.start),
            "pgta.as_loss": mean_of(loss, after) / mean_of(loss, women.start),
        }


def reaches_six_weeks(women: Women, age_years: float, from_week: int) -> FloatArray:
    """Chance at every node that a pregnancy alive at the start of a week reaches six weeks."""
    p = women.law
    tables = law.law_tables(p, np.ones(1))
    odds = law.aneuploid_odds(age_years, math.nan, p) * women.shared[:, None] * women.fading
    early = law.p_aneuploid_at_week_4(1.0, tables)
    at_test = odds * (early / (1.0 - early))
    at_test = at_test / (1.0 + at_test)

    def alive(week: int) -> FloatArray:
        i = week - FIRST_WEEK
        return np.asarray(
            at_test * tables.aneuploid_survival[i] + (1.0 - at_test) * tables.preclinical_survival[i]
        )

    return np.asarray(alive(CLINICAL_WEEK) / alive(from_week))


def _weighted(parts: Sequence[tuple[float, float]]) -> float:
    return sum(w * x for w, x in parts) / sum(w for w, _ in parts)


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Slope of the straight line of least squares."""
    return float(np.polyfit(np.asarray(x, dtype=np.float64), np.asarray(y), 1)[0])

r"""A slow readable twin of history inference: plain sums over women, conditions and paths of fading.

For one draw it lays out every kind of woman (shared factor, residual, all sixteen sets of conditions,
density), asks the law for every outcome of each of her pregnancies, and adds up over every path that the
fading factor can take through them. No messages, no Gauss rule of the multiplier, nothing looked up.
Verification only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import law_twin
import numpy as np
from numpy.typing import NDArray

from decidua.life.outcomes import Outcomes, Woman, pregnancy_outcomes
from decidua.life.outcomes import Pregnancy as Conceived
from decidua.life.parameters import LawParameters, LawTables, UterineNkTable
from decidua.measure.history import History, Pregnancy

Array = NDArray[np.float64]
CAUSES = ("aneuploid", "uterine_nk", *law_twin.CONDITIONS, "euploid_other")
FIRST, NOTICED, VIABLE = 4, 6, 24
AHEAD = 3


@dataclass(frozen=True)
class Pairs:
    """Values with weights that sum to 1."""

    values: Array
    weights: Array

    def __iter__(self) -> Iterator[tuple[float, float]]:
        """Value and weight, one after the other."""
        return iter(zip(self.values.tolist(), self.weights.tolist(), strict=True))


def log_normal(sd: float, count: int) -> Pairs:
    """Gauss-Hermite values of a log-normal factor with mean 1."""
    x, w = np.polynomial.hermite.hermgauss(count)
    return Pairs(np.exp(sd * math.sqrt(2.0) * x - sd * sd / 2.0), w / math.sqrt(math.pi))


def two_class(sd: float, high_share: float) -> Pairs:
    """A low and a high class with mean 1 and the variance of that log-normal."""
    spread = math.sqrt(math.exp(sd * sd) - 1.0)
    low = 1.0 - spread * math.sqrt(high_share / (1.0 - high_share))
    high = 1.0 + spread * math.sqrt((1.0 - high_share) / high_share)
    if low < 0.0:
        low, high, high_share = 0.0, math.exp(sd * sd), math.exp(-sd * sd)
    return Pairs(np.array([low, high]), np.array([1.0 - high_share, high_share]))


def normal(mean: float, sd: float, count: int) -> Pairs:
    """Gauss-Hermite values of a normal."""
    x, w = np.polynomial.hermite.hermgauss(count)
    return Pairs(mean + sd * math.sqrt(2.0) * x, w / math.sqrt(math.pi))


@dataclass(frozen=True)
class Kind:
    """A kind of woman, but for the fading factor, and her share of all women."""

    woman: Woman
    density: int  # number of her density
    weight: float


@dataclass(frozen=True)
class World:
    """One draw: parameters, the womb's table, and how the differences between women are laid out."""

    p: LawParameters
    tables: LawTables
    nk: UterineNkTable
    residual_weight: float
    shared: Pairs
    fading: Pairs
    density: Pairs  # log density
    residual: Pairs
    sets: tuple[tuple[int, ...], ...]  # of conditions

    def kinds(self) -> Iterator[Kind]:
        """Every kind of woman."""
        prevalence = [getattr(self.p, f"prevalence_{name}") for name in law_twin.CONDITIONS]
        for has in self.sets:
            chance = math.prod(q if x else 1.0 - q for q, x in zip(prevalence, has, strict=True))
            for (shared, a), (residual, b) in itertools.product(self.shared, self.residual):
                for d, (log_density, c) in enumerate(self.density):
                    woman = Woman(shared, residual, log_density, *map(float, has))
                    yield Kind(woman, d, chance * a * b * c)


ALL_SETS = tuple(itertools.product((0, 1), repeat=len(law_twin.CONDITIONS)))
NO_CONDITION = ((0,) * len(law_twin.CONDITIONS),)


@dataclass(frozen=True)
class Asked:
    """A history with nothing left open: ages at all pregnancies, regimens as rows and log hazard ratios."""

    history: History
    conceived: tuple[Conceived, ...]
    untreated: tuple[Conceived, ...]
    next_ones: tuple[Conceived, ...]
    heartbeat_lag_weeks: int
    weight_of_density: Callable[[float], float] = field(default=lambda _: 1.0)


@dataclass
class Sums:
    """Sums over women; divided by `likelihood` they are the answers."""

    likelihood: float
    shared: Array
    density: Array
    conditions: Array
    causes: Array  # (pregnancies, causes)
    next_loss: float = 0.0
    next_birth: float = 0.0
    current: float = 0.0
    untreated: float = 0.0
    any_birth: Array = field(default_factory=lambda: np.zeros(AHEAD))

    def answers(self) -> dict[str, Array | float]:
        """Everything as chances."""
        named = ("shared", "density", "conditions", "causes", "next_loss", "next_birth", "current")
        found = {name: getattr(self, name) / self.likelihood for name in (*named, "untreated", "any_birth")}
        found["causes"][:, -1] = 1.0 - found["causes"][:, :-1].sum(axis=1)
        return {"likelihood": self.likelihood} | found


def alive(outcomes: Outcomes, week: int) -> float:
    """Chance of being alive at the start of a week up to 24: everything that happens from then on."""
    lost_before = outcomes.miscarriage[:, : min(week, VIABLE) - FIRST].sum()
    return float(1.0 - lost_before)


def noticed(week: int, p: LawParameters) -> float:
    """Chance that a loss of this week is noticed."""
    return {4: p.p_recognised_week_4, 5: p.p_recognised_week_5}.get(week, 1.0)


def p_recognised(outcomes: Outcomes, p: LawParameters) -> float:
    """Chance that the pregnancy is ever noticed."""
    missed = (outcomes.miscarriage[:, week - FIRST].sum() * (1.0 - noticed(week, p)) for week in (4, 5))
    return 1.0 - math.fsum(missed)


def weeks_of_loss(pregnancy: Pregnancy) -> Sequence[int]:
    """Weeks in which the loss may have been."""
    if pregnancy.week is not None:
        return [max(pregnancy.week, FIRST)]
    return range(FIRST if pregnancy.confirmed == "test" else NOTICED, VIABLE)


def causes_that_show(karyotype: str) -> tuple[str, ...]:
    """Causes of a loss with this karyotype."""
    euploid = tuple(cause for cause in CAUSES if cause not in ("aneuploid", "translocation"))
    shown = {"aneuploid": ("aneuploid",), "euploid": euploid, "unbalanced": ("translocation",)}
    return shown.get(karyotype, CAUSES)


def losses_by_cause_and_week(outcomes: Outcomes, pregnancy: Pregnancy, p: LawParameters) -> Array:
    """Chance of this loss, noticed and with this karyotype, by cause and week."""
    out = np.zeros_like(outcomes.miscarriage)
    for week in weeks_of_loss(pregnancy):
        for cause in causes_that_show(pregnancy.karyotype):
            at = CAUSES.index(cause), week - FIRST
            out[at] = outcomes.miscarriage[at] * noticed(week, p)
    return out


def chance_of(pregnancy: Pregnancy, outcomes: Outcomes, lag: int, p: LawParameters) -> float:
    """Chance of what happened in one pregnancy, given that it was noticed."""
    if pregnancy.outcome == "miscarriage":
        happened = losses_by_cause_and_week(outcomes, pregnancy, p).sum()
    elif pregnancy.outcome == "live_birth":
        happened = outcomes.live_birth.sum()
    elif pregnancy.outcome == "stillbirth":
        happened = outcomes.stillbirth.sum()
    else:
        happened = alive(outcomes, week_reached(pregnancy, lag))
    return float(happened / p_recognised(outcomes, p))


def week_reached(pregnancy: Pregnancy, lag: int) -> int:
    """Week at whose start the pregnancy was alive; a heartbeat seen says it will be for `lag` more weeks."""
    week = NOTICED if pregnancy.week is None else pregnancy.week
    return week + (lag if pregnancy.outcome == "ongoing" and pregnancy.heartbeat == "seen" else 0)


def spared_by_median(world: World, woman: Woman, conceived: Conceived) -> Array:
    """By week of loss: share of euploid losses that the median density of controls would have spared.

    The excess of the hazard over that at the median, times survival from the middle of that week to week 24
    at the median, without treatment.
    """
    p = world.p
    course = law_twin.Course(woman, conceived, world.residual_weight, p, world.nk)
    scale = law_twin.euploid_mean_hazard(conceived.age_years, p) * woman.shared
    scale *= math.exp(conceived.treatment_log_hazard_ratio)
    median = p.uterine_nk_log_median
    out = np.zeros(VIABLE - FIRST)
    for week in range(NOTICED, VIABLE):
        own = p.uterine_nk_excess * law_twin.nk_excess(world.nk, conceived.regimen, woman.log_density, week)
        usual = p.uterine_nk_excess * law_twin.nk_excess(world.nk, 0, median, week)
        phi = [law_twin.phi(w, p) for w in (week, week + 1, VIABLE)]
        u = [law_twin.nk_total(world.nk, 0, median, w, p) for w in (week, week + 1, VIABLE)]
        rest = course.multiplier * (phi[2] - (phi[0] + phi[1]) / 2.0) + u[2] - (u[0] + u[1]) / 2.0
        excess = max(own - usual, 0.0) / (course.multiplier + own)
        out[week - FIRST] = excess * math.exp(-scale * rest)
    return out


def transition(correlation: float, fading: Pairs) -> Array:
    """Chance of each value of the fading factor in the next pregnancy, by its value in this one."""
    return correlation * np.eye(fading.values.size) + (1.0 - correlation) * fading.weights[None, :]


def is_birth(pregnancy: Pregnancy) -> bool:
    """A pregnancy after which the fading factor is drawn afresh."""
    return pregnancy.outcome in ("live_birth", "stillbirth")


def counted(history: History) -> list[tuple[Pregnancy, bool]]:
    """Pregnancies that say something, and whether the fading factor is drawn afresh before each."""
    out, renewed = [], False
    for pregnancy in history.pregnancies:
        renewed = renewed or pregnancy.new_partner
        if pregnancy.outcome != "ectopic":
            out.append((pregnancy, renewed))
            renewed = is_birth(pregnancy)
    return out


def renewed_before_next(history: History) -> bool:
    """Whether the fading factor is drawn afresh before the next pregnancy."""
    since = [p for p in history.pregnancies if p.outcome != "ectopic"]
    later = itertools.takewhile(lambda p: p.outcome == "ectopic", reversed(history.pregnancies))
    return (bool(since) and is_birth(since[-1])) or any(p.new_partner for p in later)


def answers_of(world: World, asked: Asked) -> dict[str, Array | float]:
    """Everything that a history says under one draw."""
    return Twin(world, asked).add_up().answers()


@dataclass
class Twin:
    """One history under one draw."""

    world: World
    asked: Asked

    def __post_init__(self) -> None:
        self.past = counted(self.asked.history)
        p, size = self.world.p, self.world.fading.values.size
        self.kept = p.fading_correlation * (1.0 - p.fading_renewal_at_birth)
        self.paths = np.array(list(itertools.product(range(size), repeat=len(self.past))), dtype=int)
        self.paths = self.paths.reshape(size ** len(self.past), len(self.past))
        self.p_path = np.array([self._p_of(path) for path in self.paths])

    def _p_of(self, path: Array) -> float:
        """Chance that the fading factor takes these values, one for each pregnancy."""
        fading, chance = self.world.fading, 1.0
        for k, at in enumerate(path):
            if k == 0:
                chance *= fading.weights[at]
                continue
            renewed = self.past[k][1]
            correlation = self.kept if renewed else self.world.p.fading_correlation
            chance *= transition(correlation, fading)[path[k - 1], at]
        return float(chance)

    def add_up(self) -> Sums:
        """Sums over every kind of woman who agrees with what is known of her conditions."""
        sums = Sums(
            likelihood=0.0,
            shared=np.zeros(self.world.shared.values.size),
            density=np.zeros(self.world.density.values.size),
            conditions=np.zeros(len(law_twin.CONDITIONS)),
            causes=np.zeros((len(self.past), len(CAUSES))),
        )
        women = [kind for kind in self.world.kinds() if self._agrees(kind.woman)]
        everyone = math.fsum(kind.weight for kind in women)
        for kind in women:
            self._add_kind(sums, replace(kind, weight=kind.weight / everyone))
        return sums

    def _agrees(self, woman: Woman) -> bool:
        """Whether her conditions are those that the history tells of."""
        told = [self.asked.history.conditions[name] for name in law_twin.CONDITIONS]
        allowed = {"yes": (1.0,), "no": (0.0,), "unknown": (0.0, 1.0)}
        return all(has in allowed[word] for has, word in zip(woman[3:], told, strict=True))

    def _law(self, woman: Woman, conceived: Conceived) -> list[Outcomes]:
        """The law's outcomes at each value of the fading factor."""
        w = self.world
        women = [woman._replace(shared=woman.shared * value) for value in w.fading.values.tolist()]
        return [pregnancy_outcomes(each, conceived, w.residual_weight, w.p, w.tables, w.nk) for each in women]

    def _add_kind(self, sums: Sums, kind: Kind) -> None:
        p, lag, woman = self.world.p, self.asked.heartbeat_lag_weeks, kind.woman
        laws = [self._law(woman, conceived) for conceived in self.asked.conceived]
        chance = np.ones(len(self.paths))
        for k, (pregnancy, _) in enumerate(self.past):
            by_value = np.array([chance_of(pregnancy, outcomes, lag, p) for outcomes in laws[k]])
            chance = chance * by_value[self.paths[:, k]]
        weight = kind.weight * self.asked.weight_of_density(woman.log_density)
        joint = weight * self.p_path * chance
        here = joint.sum()
        sums.likelihood += here
        sums.shared[np.flatnonzero(self.world.shared.values == woman.shared)] += here
        sums.density[kind.density] += here
        sums.conditions += here * np.array(woman[3:])
        self._add_causes(sums, woman, laws, joint)
        self._add_future(sums, woman, laws, joint)

    def _add_causes(self, sums: Sums, woman: Woman, laws: list[list[Outcomes]], joint: Array) -> None:
        for k, (pregnancy, _) in enumerate(self.past):
            if pregnancy.outcome != "miscarriage":
                continue
            share = np.array(
                [self._causes(woman, k, pregnancy, f, outcomes) for f, outcomes in enumerate(laws[k])]
            )
            sums.causes[k] += joint @ share[self.paths[:, k]]

    def _causes(self, woman: Woman, k: int, pregnancy: Pregnancy, f: int, outcomes: Outcomes) -> Array:
        """Share of this loss that each cause took; for uterine NK the counterfactual share."""
        lost = losses_by_cause_and_week(outcomes, pregnancy, self.world.p)
        out = lost.sum(axis=1)
        if woman.log_density != self.world.p.uterine_nk_log_median and self.world.p.uterine_nk_excess > 0.0:
            here = woman._replace(shared=woman.shared * float(self.world.fading.values[f]))
            spared = spared_by_median(self.world, here, self.asked.conceived[k])
            # NK losses show a balanced karyotype; the translocation's own losses do not
            euploid = self._all_euploid(outcomes, pregnancy)
            out[1] = (euploid * spared).sum()
        else:
            out[1] = 0.0
        total = lost.sum()
        return out / total if total > 0.0 else out

    def _all_euploid(self, outcomes: Outcomes, pregnancy: Pregnancy) -> Array:
        """Chance by week of any euploid loss that the karyotype does not rule out for NK cells."""
        if pregnancy.karyotype in ("aneuploid", "unbalanced"):
            return np.zeros(VIABLE - FIRST)
        out = np.zeros(VIABLE - FIRST)
        for week in weeks_of_loss(pregnancy):
            out[week - FIRST] = outcomes.miscarriage[1:, week - FIRST].sum() * noticed(week, self.world.p)
        return out

    def _add_future(self, sums: Sums, woman: Woman, laws: list[list[Outcomes]], joint: Array) -> None:
        """The next pregnancies, from six weeks on, one after the other until a birth."""
        ahead = self._before_next(sums, woman, laws, joint)
        stays = transition(self.world.p.fading_correlation, self.world.fading)
        total = joint.sum()
        for n, conceived in enumerate(self.asked.next_ones):
            law = self._law(woman, conceived)
            at_six = np.array([alive(outcomes, NOTICED) for outcomes in law])
            lost = np.array([outcomes.miscarriage[:, NOTICED - FIRST :].sum() for outcomes in law]) / at_six
            born = np.array([outcomes.live_birth.sum() for outcomes in law]) / at_six
            if n == 0:
                sums.next_loss += float(ahead @ lost)
                sums.next_birth += float(ahead @ born)
            unborn = ahead * (1.0 - born)
            sums.any_birth[n] += total - unborn.sum()
            ahead = unborn @ stays

    def _before_next(self, sums: Sums, woman: Woman, laws: list[list[Outcomes]], joint: Array) -> Array:
        """Weight of each value of the fading factor in the next pregnancy."""
        p, fading = self.world.p, self.world.fading
        if not self.past:
            return float(joint.sum()) * fading.weights
        last = np.array([joint[self.paths[:, -1] == f].sum() for f in range(fading.values.size)])
        if self.asked.history.is_ongoing:
            born = self._end_current(sums, woman, laws[-1], last)
            after_birth = (last * born) @ transition(self.kept, fading)
            return np.asarray(after_birth + (last * (1.0 - born)) @ transition(p.fading_correlation, fading))
        renewed = renewed_before_next(self.asked.history)
        return np.asarray(last @ transition(self.kept if renewed else p.fading_correlation, fading))

    def _end_current(self, sums: Sums, woman: Woman, law: list[Outcomes], last: Array) -> Array:
        """Chance of a live birth of the ongoing pregnancy by value of the fading factor."""
        w, now = self.world, self.asked.history.pregnancies[-1]
        week = week_reached(now, self.asked.heartbeat_lag_weeks)
        reached = np.array([alive(outcomes, week) for outcomes in law])
        factors = (woman.shared * w.fading.values).tolist()
        if (now.week or 0) > VIABLE:
            share = w.tables.birth_share
            born = np.array([law_twin.born_alive(now.week or 0, s, share, w.p) for s in factors])
        else:
            born = np.array([outcomes.live_birth.sum() for outcomes in law]) / reached
        without = np.array([alive(o, week) for o in self._law(woman, self.asked.untreated[-1])])
        sums.current += float(last @ born)
        sums.untreated += float(last @ np.minimum(without / reached, 1.0))
        return born

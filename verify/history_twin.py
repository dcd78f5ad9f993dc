r"""A slow readable twin of history inference: plain sums over women, conditions and paths of fading.

For one draw it lays out every kind of woman (shared factor, residual, all sixteen sets of conditions,
density), asks the law for every outcome of each of her pregnancies, and adds up over every path that the
fading factor can take through them. No messages, no Gauss rule of the multiplier, nothing looked up.
Arrays run over (women, fading values); for verification only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import law_twin
import numpy as np
from numpy.typing import NDArray

from decidua.life.outcomes import Pregnancy as Conceived
from decidua.life.outcomes import Woman, pregnancy_outcomes
from decidua.life.parameters import LawParameters, LawTables, UterineNkTable
from decidua.measure.history import History, Pregnancy

Array = NDArray[np.float64]
Answers = dict[str, Array]
CAUSES = ("aneuploid", "uterine_nk", *law_twin.CONDITIONS, "euploid_other")
FIRST, NOTICED, VIABLE = 4, 6, 24
AHEAD = 3
ALL_SETS = tuple(itertools.product((0, 1), repeat=len(law_twin.CONDITIONS)))
NO_CONDITION = ((0,) * len(law_twin.CONDITIONS),)


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


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class Asked:
    """A history with nothing left open: ages at all pregnancies, regimens as rows and log hazard ratios."""

    history: History
    conceived: tuple[Conceived, ...]
    untreated: tuple[Conceived, ...]
    next_ones: tuple[Conceived, ...]
    heartbeat_lag_weeks: int
    weight_of_density: Callable[[float], float]


@dataclass(frozen=True, eq=False)
class Law:
    """Chances of all outcomes of one pregnancy, from the first positive test, for all women."""

    miscarriage: Array  # (women, fading, causes, weeks from 4 to 23)
    stillbirth: Array  # (women, fading)
    live_birth: Array

    def alive(self, week: int) -> Array:
        """Chance of being alive at the start of a week, up to 24."""
        return np.asarray(1.0 - self.miscarriage[..., : min(week, VIABLE) - FIRST].sum(axis=(2, 3)))


def noticed(p: LawParameters) -> Array:
    """Chance that a loss of each week is noticed."""
    return np.array([p.p_recognised_week_4, p.p_recognised_week_5, *[1.0] * (VIABLE - NOTICED)])


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


def as_told(pregnancy: Pregnancy, p: LawParameters) -> Array:
    """Share of the losses by cause and week that are noticed and look as told, shape (causes, weeks)."""
    out = np.zeros((len(CAUSES), VIABLE - FIRST))
    rows = [CAUSES.index(cause) for cause in causes_that_show(pregnancy.karyotype)]
    for week in weeks_of_loss(pregnancy):
        out[rows, week - FIRST] = noticed(p)[week - FIRST]
    return out


def chance_of(pregnancy: Pregnancy, law: Law, lag: int, p: LawParameters) -> Array:
    """Chance of what happened in one pregnancy, given that it was noticed."""
    if pregnancy.outcome == "miscarriage":
        happened = (law.miscarriage * as_told(pregnancy, p)).sum(axis=(2, 3))
    elif pregnancy.outcome == "live_birth":
        happened = law.live_birth
    elif pregnancy.outcome == "stillbirth":
        happened = law.stillbirth
    else:
        happened = law.alive(week_reached(pregnancy, lag))
    unnoticed = (law.miscarriage * (1.0 - noticed(p))).sum(axis=(2, 3))
    return np.asarray(happened / (1.0 - unnoticed))


def week_reached(pregnancy: Pregnancy, lag: int) -> int:
    """Week at whose start the pregnancy was alive; a heartbeat seen says it will be for `lag` more weeks.

    A scan without one leaves open whether it still was.
    """
    week = NOTICED if pregnancy.week is None else pregnancy.week
    if pregnancy.outcome == "ongoing" and pregnancy.heartbeat == "not_seen":
        return min(week, NOTICED)
    return week + (lag if pregnancy.outcome == "ongoing" and pregnancy.heartbeat == "seen" else 0)


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


def transition(correlation: float, fading: Pairs) -> Array:
    """Chance of each value of the fading factor in the next pregnancy, by its value in this one."""
    return correlation * np.eye(fading.values.size) + (1.0 - correlation) * fading.weights[None, :]


def from_middle(total: Array) -> Array:
    """What is left of a running total from the middle of each week."""
    return np.asarray(total[-1] - (total[:-1] + total[1:]) / 2.0)


@dataclass(frozen=True, eq=False)
class Twin:
    """One history under one draw."""

    world: World
    asked: Asked

    @cached_property
    def past(self) -> list[tuple[Pregnancy, bool]]:
        """Pregnancies that say something, and whether the fading factor is drawn afresh before each."""
        return counted(self.asked.history)

    @cached_property
    def kept(self) -> float:
        """Chance that the fading factor outlasts a birth or a new partner."""
        return self.world.p.fading_correlation * (1.0 - self.world.p.fading_renewal_at_birth)

    @cached_property
    def women(self) -> tuple[list[Woman], Array]:
        """Every kind of woman who agrees with what is known of her conditions, and how many there are."""
        w, women, weights = self.world, [], []
        prevalence = [getattr(w.p, f"prevalence_{name}") for name in law_twin.CONDITIONS]
        for has in filter(self._agrees, w.sets):
            chance = math.prod(q if x else 1.0 - q for q, x in zip(prevalence, has, strict=True))
            for (s, a), (r, b), (d, c) in itertools.product(w.shared, w.residual, w.density):
                women.append(Woman(s, r, d, *map(float, has)))
                weights.append(chance * a * b * c)
        return women, np.array(weights) / math.fsum(weights)

    def _agrees(self, has: tuple[int, ...]) -> bool:
        told = [self.asked.history.conditions[name] for name in law_twin.CONDITIONS]
        allowed = {"yes": (1,), "no": (0,), "unknown": (0, 1)}
        return all(x in allowed[word] for x, word in zip(has, told, strict=True))

    def law(self, conceived: Conceived) -> Law:
        """The law's outcomes of one pregnancy for every woman and value of the fading factor."""
        w, women = self.world, self.women[0]
        size = len(women), w.fading.values.size
        out = Law(np.empty((*size, len(CAUSES), VIABLE - FIRST)), np.empty(size), np.empty(size))
        for n, woman in enumerate(women):
            for f, factor in enumerate(w.fading.values.tolist()):
                here = woman._replace(shared=woman.shared * factor)
                found = pregnancy_outcomes(here, conceived, w.residual_weight, w.p, w.tables, w.nk)
                out.miscarriage[n, f] = found.miscarriage
                out.stillbirth[n, f] = found.stillbirth.sum()
                out.live_birth[n, f] = found.live_birth.sum()
        return out

    @cached_property
    def laws(self) -> list[Law]:
        """The law of each pregnancy of the history."""
        return [self.law(conceived) for conceived in self.asked.conceived]

    @cached_property
    def paths(self) -> Array:
        """Every path of the fading factor through the pregnancies, shape (paths, pregnancies)."""
        size, count = self.world.fading.values.size, len(self.past)
        return np.array(list(itertools.product(range(size), repeat=count)), dtype=int).reshape(-1, count)

    def p_path(self, path: Array) -> float:
        """Chance that the fading factor takes these values, one for each pregnancy."""
        fading, chance = self.world.fading, 1.0
        for k, at in enumerate(path):
            correlation = self.kept if self.past[k][1] else self.world.p.fading_correlation
            before = transition(correlation, fading)[path[k - 1]] if k > 0 else fading.weights
            chance *= float(before[at])
        return chance

    @cached_property
    def joint(self) -> Array:
        """Chance of the whole history for every woman on every path, shape (women, paths)."""
        women, weights = self.women
        out = weights * np.array([self.asked.weight_of_density(woman.log_density) for woman in women])
        out = out[:, None] * np.array([self.p_path(path) for path in self.paths])
        for k, (pregnancy, _) in enumerate(self.past):
            chance = chance_of(pregnancy, self.laws[k], self.asked.heartbeat_lag_weeks, self.world.p)
            out = out * chance[:, self.paths[:, k]]
        return out

    def at(self, k: int) -> Array:
        """Weight of each woman and value of the fading factor in pregnancy k, the whole history known."""
        here = np.zeros((len(self.joint), self.world.fading.values.size))
        for f in range(here.shape[1]):
            here[:, f] = self.joint[:, self.paths[:, k] == f].sum(axis=1)
        return here

    def answers(self, *, with_causes: bool = True) -> Answers:
        """Everything that the history says under this draw."""
        women, _ = self.women
        by_woman = self.joint.sum(axis=1)
        total = by_woman.sum()

        def shares(of: Array, values: Array) -> Array:
            return np.array([by_woman[of == value].sum() for value in values]) / total

        traits = np.array(women)
        out = {
            "likelihood": total,
            "shared": shares(traits[:, 0], self.world.shared.values),
            "density": shares(traits[:, 2], self.world.density.values),
            "conditions": by_woman @ traits[:, 3:] / total,
        }
        if with_causes:
            lost = [k for k, (pregnancy, _) in enumerate(self.past) if pregnancy.outcome == "miscarriage"]
            out["causes"] = np.array([self.causes(k) for k in lost]).reshape(len(lost), len(CAUSES))
        return out | {name: value / total for name, value in self.future().items()}

    def causes(self, k: int) -> Array:
        """Share of loss k that each cause took; uterine NK as a counterfactual, the rest unknown."""
        pregnancy, law = self.past[k][0], self.laws[k]
        told = as_told(pregnancy, self.world.p)
        lost = (law.miscarriage * told).sum(axis=3)
        whole = np.maximum(lost.sum(axis=2), 1e-300)
        lost[..., 1] = self.spared(k)
        out = np.einsum("nf,nfc->c", self.at(k) / whole, lost) / self.joint.sum()
        out[-1] = 1.0 - out[:-1].sum()
        return np.asarray(out)

    def spared(self, k: int) -> Array:
        """Chance of a loss k that would not have been at the median density of controls, untreated.

        The excess of the hazard over that at the median, times survival from the middle of that week to
        week 24 at the median. A loss through uterine NK cells has a balanced karyotype.
        """
        pregnancy, world = self.past[k][0], self.world
        if "uterine_nk" not in causes_that_show(pregnancy.karyotype):
            return np.zeros((len(self.women[0]), world.fading.values.size))
        told = as_told(pregnancy, world.p)[1, NOTICED - FIRST :]
        euploid = self.laws[k].miscarriage[:, :, 1:, NOTICED - FIRST :].sum(axis=2) * told
        return np.asarray((euploid * self._share_spared(k)).sum(axis=2))

    def _share_spared(self, k: int) -> Array:
        """The same as a share of euploid losses, shape (women, fading, weeks from 6)."""
        w, conceived, p = self.world, self.asked.conceived[k], self.world.p
        median, weeks = p.uterine_nk_log_median, range(NOTICED, VIABLE + 1)
        phi = np.array([law_twin.phi(week, p) for week in weeks])
        usual_total = np.array([law_twin.nk_total(w.nk, 0, median, week, p) for week in weeks])
        usual = self._nk_hazard(0, median)
        own = {d: self._nk_hazard(conceived.regimen, d) for d in w.density.values.tolist()}
        mine = np.array([own[woman.log_density] for woman in self.women[0]])
        multiplier = np.array([self._multiplier(woman) for woman in self.women[0]])[:, None]
        scale = law_twin.euploid_mean_hazard(conceived.age_years, p)
        scale *= math.exp(conceived.treatment_log_hazard_ratio)
        factor = np.array([woman.shared for woman in self.women[0]])[:, None] * w.fading.values
        rest = multiplier * from_middle(phi) + from_middle(usual_total)
        excess = np.maximum(mine - usual, 0.0) / (multiplier + mine)
        return np.asarray(excess[:, None, :] * np.exp(-scale * factor[:, :, None] * rest[:, None, :]))

    def _nk_hazard(self, regimen: int, log_density: float) -> Array:
        weeks = range(NOTICED, VIABLE)
        excess = [law_twin.nk_excess(self.world.nk, regimen, log_density, week) for week in weeks]
        return self.world.p.uterine_nk_excess * np.array(excess)

    def _multiplier(self, woman: Woman) -> float:
        return self.world.residual_weight * woman.residual + sum(
            law_twin.named_hazards(woman, self.world.p).values()
        )

    def future(self) -> Answers:
        """The next pregnancies, from six weeks on, one after the other until a birth; and the current one."""
        ahead, out = self.before_next()
        stays = transition(self.world.p.fading_correlation, self.world.fading)
        total, any_birth = ahead.sum(), []
        for n, conceived in enumerate(self.asked.next_ones):
            law = self.law(conceived)
            lost = law.miscarriage[..., NOTICED - FIRST :].sum(axis=(2, 3)) / law.alive(NOTICED)
            born = law.live_birth / law.alive(NOTICED)
            if n == 0:
                out |= {"next_loss": (ahead * lost).sum(), "next_birth": (ahead * born).sum()}
            unborn = ahead * (1.0 - born)
            any_birth.append(total - unborn.sum())
            ahead = unborn @ stays
        return out | {"any_birth": np.array(any_birth)}

    def before_next(self) -> tuple[Array, Answers]:
        """Weight of each woman and fading value in the next pregnancy; what is said of the current one."""
        p, fading = self.world.p, self.world.fading
        none = {"current": np.zeros(()), "untreated": np.zeros(())}
        if not self.past:
            return self.joint @ np.ones((1, 1)) * fading.weights, none
        last = self.at(len(self.past) - 1)
        if self.asked.history.is_ongoing:
            born, out = self.end_current(last)
            stays, renewed = transition(p.fading_correlation, fading), transition(self.kept, fading)
            return (last * born) @ renewed + (last * (1.0 - born)) @ stays, out
        renews = renewed_before_next(self.asked.history)
        return last @ transition(self.kept if renews else p.fading_correlation, fading), none

    def end_current(self, last: Array) -> tuple[Array, Answers]:
        """Chance of a live birth of the ongoing pregnancy, and of being here without treatment."""
        w, now = self.world, self.asked.history.pregnancies[-1]
        week = week_reached(now, self.asked.heartbeat_lag_weeks)
        reached = self.laws[-1].alive(week)
        born = self.laws[-1].live_birth / reached
        if (now.week or 0) > VIABLE:
            factor = np.array([woman.shared for woman in self.women[0]])[:, None] * w.fading.values
            live = [law_twin.born_alive(now.week or 0, s, w.tables.birth_share, w.p) for s in factor.ravel()]
            born = np.array(live).reshape(factor.shape)
        without = np.minimum(self.law(self.asked.untreated[-1]).alive(week) / reached, 1.0)
        return born, {"current": (last * born).sum(), "untreated": (last * without).sum()}

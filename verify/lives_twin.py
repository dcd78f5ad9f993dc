"""A slow readable twin of a life, written from docs/population.md: one woman at a time, one cycle at a time.

Python's own loops and NumPy's own random numbers; the chances of one pregnancy come from the closed form of
the law, which has a twin of its own. Nothing is inverted, tabulated by draw or addressed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from decidua.life.outcomes import Pregnancy, Woman, pregnancy_outcomes
from decidua.life.parameters import CAUSES, FIRST_WEEK, VIABLE_WEEK, LawParameters, LawTables, UterineNkTable
from decidua.life.ways import Ways  # names of fields, no formula

YEAR = 365.25


@dataclass
class Life:
    """What became of one woman."""

    pregnancies: int = 0
    recognised: int = 0
    losses: int = 0
    births: int = 0
    stillbirths: int = 0
    induced: int = 0
    longest_run: int = 0
    partners: int = 1
    cycles_to_first: int = 0
    years: float = 0.0
    weeks_lost: list[int] = field(default_factory=list)
    lost_after_loss: list[bool] = field(default_factory=list)
    tested: int = 0
    flagged: int = 0
    courses: int = 0
    preterm: int = 0
    very_early: int = 0
    is_treated: bool = False


@dataclass(frozen=True)
class TwinCare:
    """One womb lining test after so many losses in a row, and a course for those who read high."""

    after_losses: int
    cut_per_mm2: float
    reading_log_sd: float
    result_days: int
    p_accepts: float
    wait_days: int
    under: tuple[int, float, float, float]  # what `Pregnancy` takes of a treatment


@dataclass(frozen=True)
class TwinWorld:
    """Everything one life needs."""

    p: LawParameters
    ways: Ways
    tables: LawTables
    nk: UterineNkTable
    residual_weight: float
    residual_log_sd: float
    p_go_on_after_loss: float
    couples: tuple[
        float, ...
    ]  # share sub-fertile, chance per cycle of both, power of age, ratio of the gravid
    ratio: np.ndarray  # published, by gravidity and year of age
    care: TwinCare | None = None


def log_normal(rng: np.random.Generator, sd: float) -> float:
    """A factor with mean 1."""
    return float(np.exp(rng.normal(-0.5 * sd * sd, sd)))


def sterile_age(rng: np.random.Generator, ways: Ways) -> float:
    """Age from which she cannot conceive, from the shares by age."""
    u = rng.random()
    if u <= ways.sterility_share[0]:
        return 0.0
    return float(np.interp(u, ways.sterility_share, ways.sterility_age_years))


def live_slowly(rng: np.random.Generator, world: TwinWorld) -> Life:
    """One life from first trying to the last pregnancy."""
    p, ways, life = world.p, world.ways, Life()
    start = math.floor(YEAR * float(rng.uniform(ways.start_age_years[0], ways.start_age_years[-1])))
    sterile = math.floor(YEAR * sterile_age(rng, ways))
    wants = 1 + int(np.searchsorted(ways.p_wants_at_most, rng.random()))
    log_density = rng.normal(p.uterine_nk_log_median, p.uterine_nk_lasting_log_sd)
    shared, residual = log_normal(rng, p.sd_shared_lasting), log_normal(rng, world.residual_log_sd)
    has = [float(rng.random() < getattr(p, f"prevalence_{name}")) for name in CAUSES[2:6]]
    share, fertile, sub_fertile, age_power, gravid_ratio = world.couples
    base = sub_fertile if rng.random() < share else fertile
    gap, fading = new_partner(rng, world)
    day, since, cycles, run, asked = start, start, 0, 0, start
    while True:
        end = min(start + ways.horizon_days, ways.last_day, since + ways.give_up_days)
        if day >= end:
            break
        cycles += 1
        year = int(day / YEAR)
        is_gravid = int(life.recognised > 0)
        level = base * implantation(log_density, treatment(life, world)[0], world)
        level *= gravid_ratio if is_gravid else 1.0
        chance = min(level * world.ratio[is_gravid, year] ** age_power, 1.0)
        if day >= sterile or rng.random() >= chance:
            day += ways.cycle_days
            continue
        if rng.random() < 1.0 - math.exp(-ways.rate_new_partner_per_year * (day - asked) / YEAR):
            gap, fading = new_partner(rng, world)
            life.partners += 1
        asked = day
        age = (day + 14) / YEAR
        woman = Woman(shared * fading, residual, log_density, *has)
        outcome, week = ending(rng, woman, Pregnancy(age, age + gap, *treatment(life, world)), world)
        life.pregnancies += 1
        life.courses += life.is_treated
        life.very_early += outcome == "miscarriage" and week < 6
        life.preterm += outcome == "live_birth" and week < 37
        if outcome == "miscarriage" and week < 6:
            day += 7 * (week + 1)
            continue
        count(life, outcome, week, run, cycles)
        is_delivery = outcome in ("live_birth", "stillbirth")
        run = run + 1 if outcome == "miscarriage" else (0 if is_delivery else run)
        life.longest_run = max(life.longest_run, run)
        kept = p.fading_correlation * ((1.0 - p.fading_renewal_at_birth) if is_delivery else 1.0)
        if rng.random() >= kept:
            fading = log_normal(rng, p.sd_shared_fading)
        day += 7 * (week + 1)
        gives_up = outcome == "miscarriage" and rng.random() >= world.p_go_on_after_loss
        if life.births >= wants or gives_up:
            break
        mean = ways.wait_after_birth_days if is_delivery else ways.wait_after_loss_days
        day += math.floor(rng.uniform(0.0, 2.0 * mean))
        day += days_of_care(rng, world.care, life, run, log_density)
        since, cycles = day, 0
    life.years = (day - start) / YEAR
    return life


def treatment(life: Life, world: TwinWorld) -> tuple[int, float, float, float]:
    """What she takes now, as `Pregnancy` is told of it."""
    return world.care.under if world.care and life.is_treated else (0, 0.0, 0.0, 0.0)


def implantation(log_density: float, regimen: int, world: TwinWorld) -> float:
    """What the womb does to the chance of conceiving in a cycle."""
    unit = np.interp(log_density, world.nk.log_density, world.nk.implantation_log_multiplier[regimen])
    return math.exp(world.p.uterine_nk_implantation_log_effect * unit)


def days_of_care(
    rng: np.random.Generator, care: TwinCare | None, life: Life, run: int, log_density: float
) -> int:
    """Test her once when her losses in a row are enough; days in which she does not try."""
    if care is None:
        return 0
    days = 0
    if not life.tested and run >= care.after_losses:
        life.tested, days = 1, care.result_days
        reading = math.exp(log_density + rng.normal(0.0, care.reading_log_sd))
        life.flagged = int(reading > care.cut_per_mm2)
        life.is_treated = bool(life.flagged and rng.random() < care.p_accepts)
    return days + (care.wait_days if life.is_treated else 0)


def new_partner(rng: np.random.Generator, world: TwinWorld) -> tuple[float, float]:
    """Partner's age gap, and a fresh fading factor."""
    gap = rng.normal(world.p.partner_age_gap_years, world.ways.partner_gap_sd_years)
    return float(gap), log_normal(rng, world.p.sd_shared_fading)


def count(life: Life, outcome: str, week: int, run: int, cycles: int) -> None:
    """Note one recognised pregnancy."""
    lost = outcome == "miscarriage"
    if life.recognised == 0:
        life.cycles_to_first = cycles
    life.recognised += 1
    life.losses += lost
    life.births += outcome == "live_birth"
    life.stillbirths += outcome == "stillbirth"
    life.induced += outcome == "induced"
    if lost:
        life.weeks_lost.append(week)
    if run > 0:
        life.lost_after_loss.append(lost)


def ending(rng: np.random.Generator, woman: Woman, pregnancy: Pregnancy, world: TwinWorld) -> tuple[str, int]:
    """One ending drawn from the list of all endings and their chances."""
    found = pregnancy_outcomes(woman, pregnancy, world.residual_weight, world.p, world.tables, world.nk)
    chances = np.concatenate([found.miscarriage.sum(axis=0), found.stillbirth, found.live_birth])
    at = int(np.searchsorted(np.cumsum(chances), rng.random()))
    losses, births = found.miscarriage.shape[1], found.live_birth.size
    outcome, week = "miscarriage", FIRST_WEEK + at
    if at >= losses:
        outcome = "stillbirth" if at < losses + births else "live_birth"
        week = VIABLE_WEEK + (at - losses) % births
    chosen = rng.random() < world.ways.p_induced[int(pregnancy.age_years)]
    at_week = int(rng.integers(world.ways.induced_first_week, world.ways.induced_last_week + 1))
    return ("induced", at_week) if chosen and at_week <= week else (outcome, week)

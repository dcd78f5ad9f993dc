"""Puts a simulated world together: the law under every draw, and how couples plan, conceive and are seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from decidua.base.arrays import put
from decidua.base.compiled import compiled, compiled_step
from decidua.base.conversions import odds, p_from_odds
from decidua.evidence import Ledger, load_ledger
from decidua.evidence import draws as shipped
from decidua.inference import cells
from decidua.inference.stack import at_dose
from decidua.life import differences, law
from decidua.life.parameters import (
    LOSS_WEEKS,
    SHAPES,
    FloatArray,
    LawParameters,
    UterineNkTable,
    parameters_of,
)
from decidua.life.ways import (
    ASCERTAINMENTS,
    BESIDE,
    DAYS_IN_YEAR,
    P_CONCEIVE_FERTILE,
    P_CONCEIVE_SUB_FERTILE,
    P_GO_ON,
    RESIDUAL_LOG_SD,
    RESIDUAL_WEIGHT,
    SHARE_SUB_FERTILE,
    YEARS,
    Draws,
    IntArray,
    Ways,
)
from decidua.measure import waiting
from decidua.womb import MECHANISMS

OF_EACH_DRAW = {
    "calibration.p_go_on_after_loss": P_GO_ON,
    "life.couples.share_sub_fertile": SHARE_SUB_FERTILE,
    "life.couples.per_cycle_fertile": P_CONCEIVE_FERTILE,
    "life.couples.per_cycle_sub_fertile": P_CONCEIVE_SUB_FERTILE,
}
INDUCED_AGES = {
    "under_20": 0, "20_24": 20, "25_29": 25, "30_34": 30, "35_39": 35, "40_44": 40, "from_45": 45,
}  # fmt: skip
INDUCED_RULES = ("intended", "register", "none")
DAYS_IN_MONTH = DAYS_IN_YEAR / 12.0
MOST_WANTED = 10  # children, where the wish has no end


@dataclass(frozen=True)
class World:
    """Everything that a kernel is given, and what the draws are."""

    draws: Draws
    ways: Ways
    mechanism: tuple[str, ...]  # of each draw
    weight: FloatArray  # of each draw


@dataclass(frozen=True)
class Plan:
    """Which world is simulated; everything here changes the result."""

    structure: str = "fading-log_normal"
    mechanism: str | None = None  # only its draws, or None for all
    draw: int | None = None  # one fixed draw for all women, or None: each woman has her own
    draws: int | None = None  # so many, equally many of each mechanism; None: all
    start_ages: tuple[float, float] | None = None  # from and to; None: the ledger's
    wanted: int | None = None  # children; None: as in the ledger
    horizon_years: float | None = None  # followed for so long; None: until nobody conceives
    ascertainment: str = "register"
    induced: str = "intended"

    @property
    def arguments(self) -> dict[str, object]:
        """As they stand in run.json and in provenance."""
        return {
            "structure": self.structure,
            "mechanism": self.mechanism,
            "draw": self.draw,
            "draws": self.draws,
            "start_ages": None if self.start_ages is None else list(self.start_ages),
            "wanted": self.wanted,
            "horizon_years": self.horizon_years,
            "ascertainment": self.ascertainment,
            "induced": self.induced,
        }


def world_of(plan: Plan, ledger: Ledger | None = None, *, regimens: tuple[int, ...] = (0,)) -> World:
    """The world of a plan from the ledger and the shipped draws.

    Arguments:  plan      what is wanted
                ledger    the shipped one if None
                regimens  rows of the womb's table that care may need; 0, none, comes first
    Returns:    World
    """
    ledger = ledger or load_ledger()
    chosen = draws_of(plan)
    laid_out = lay_out(chosen, structure=plan.structure, ledger=ledger, regimens=regimens)
    return World(laid_out, ways_of(plan, ledger), chosen.mechanism, chosen.weight)


def draws_of(plan: Plan) -> shipped.Draws:
    """The shipped draws that a plan asks for."""
    draws, kept = shipped.load_draws(plan.structure), numbers_of(plan)
    return draws if len(kept) == len(draws) else draws.only(kept)


def numbers_of(plan: Plan) -> IntArray:
    """Places of the draws that a plan asks for among those that ship."""
    names = np.array(shipped.load_draws(plan.structure).mechanism)
    wanted = tuple(dict.fromkeys(names)) if plan.mechanism is None else (plan.mechanism,)
    each = None if plan.draws is None else -(-plan.draws // len(wanted))
    kept = np.concatenate([np.flatnonzero(names == name)[:each] for name in wanted])
    return kept if plan.draw is None else kept[[plan.draw]]


def lay_out(
    draws: shipped.Draws, *, structure: str, ledger: Ledger, regimens: tuple[int, ...] = (0,)
) -> Draws:
    """Work out what every draw implies by week, density and cause, once."""
    rows = np.column_stack([draws.columns[f"law.{name}"] for name in LawParameters._fields])
    shape = SHAPES["two_class" if structure.endswith("two_class") else "log_normal"]
    mechanism = np.array([MECHANISMS.index(name) for name in draws.mechanism], dtype=np.int64)
    room = empty_draws(rows, draws.weight, shape=shape, regimens=len(regimens))
    for name, column in OF_EACH_DRAW.items():
        room.rows[:, column] = of_each(name, draws, ledger)
    power, gravid = (of_each(f"life.couples.{name}", draws, ledger) for name in ("age_power", "gravid_ratio"))
    room.fecundability_ratio[:] = fecundability_by_draw(published_ratios(ledger), power, gravid)
    z, z_weights = cells.density_nodes()
    fill(room, mechanism, _tables(regimens), cells.steroid_dose(draws)[:, list(regimens)], z, z_weights)
    return room


def of_each(name: str, draws: shipped.Draws, ledger: Ledger) -> FloatArray:
    """A value by draw; the ledger's in all of them where draws do not hold it."""
    return np.broadcast_to(draws.columns.get(name, ledger.value(name)), len(draws))


def _tables(regimens: tuple[int, ...]) -> UterineNkTable:
    """The womb's tables of all mechanisms, stacked in front."""
    one = [cells.uterine_nk_table(name) for name in MECHANISMS]
    rows = np.array(regimens)
    return UterineNkTable(
        one[0].log_density,
        np.ascontiguousarray(np.stack([table.hazard_excess[rows] for table in one])),
        np.ascontiguousarray(np.stack([table.implantation_log_multiplier[rows] for table in one])),
    )


def empty_draws(rows: FloatArray, weight: FloatArray, *, shape: int, regimens: int = 1) -> Draws:
    """Room for all draws with their parameters and the alias table of their weights."""
    n, weeks = len(rows), LOSS_WEEKS + 1
    birth_share = cells.birth_shares()
    log_density = cells.uterine_nk_table(MECHANISMS[0]).log_density
    alias_p, alias_to = alias_table(weight)
    return Draws(
        rows=np.column_stack([rows, np.zeros((n, len(BESIDE)))]),
        by_week=np.zeros((n, 3, weeks)),
        nk_cumulative=np.zeros((n, regimens, log_density.size, weeks)),
        implantation_log=np.zeros((n, regimens, log_density.size)),
        alias_p=alias_p,
        alias_to=alias_to,
        fecundability_ratio=np.ones((n, 2, YEARS)),
        log_density=log_density,
        birth_share=birth_share,
        unborn=np.concatenate(([1.0], np.cumprod(1.0 - birth_share))),
        shape=shape,
    )


def alias_table(weight: FloatArray) -> tuple[FloatArray, IntArray]:
    """Walker's alias table: one place and one comparison draw from any weights.

    Arguments:  weight  >= 0, any scale, shape (draws,)
    Returns:    chance to keep each place, and what stands in for it otherwise
    """
    share = np.asarray(weight, dtype=np.float64) / np.sum(weight) * len(weight)
    keep, other = np.ones(len(share)), np.arange(len(share), dtype=np.int64)
    small = [i for i, x in enumerate(share) if x < 1.0]
    large = [i for i, x in enumerate(share) if x >= 1.0]
    while small and large:
        s, b = small.pop(), large[-1]
        keep[s], other[s] = share[s], b
        share[b] -= 1.0 - share[s]
        if share[b] < 1.0:
            small.append(large.pop())
    return keep, other


@compiled
def fill(
    out: Draws, mechanism: IntArray, tables: UterineNkTable, dose: FloatArray, z: FloatArray,
    z_weights: FloatArray,
) -> None:  # fmt: skip
    """Lay out every draw.

    Arguments:  out        room, with the parameters of all draws
                mechanism  whose womb's table holds for each draw, shape (draws,)
                tables     of all mechanisms, stacked in front
                dose       what a regimen does through the cells, over what the womb's table says of it;
                           shape (draws, regimens)
                z          nodes for the spread of uterine NK density over women, with their weights
    Raises:     ArithmeticError for a draw outside the budget of variance
    """
    for i in range(out.rows.shape[0]):
        m = mechanism[i]
        one = UterineNkTable(
            tables.log_density, tables.hazard_excess[m], tables.implantation_log_multiplier[m]
        )
        fill_one(out, i, one, dose[i], z, z_weights)


@compiled_step
def fill_one(
    out: Draws, i: int, table: UterineNkTable, dose: FloatArray, z: FloatArray, z_weights: FloatArray
) -> None:
    """Write draw i: tables by week, the budget's remainder, and uterine NK cells at every density."""
    p = parameters_of(out.rows[i])
    by_week = law.law_tables(p, out.birth_share)
    put(by_week.aneuploid_survival, out.by_week[i, 0])
    put(by_week.preclinical_survival, out.by_week[i, 1])
    put(by_week.euploid_cumulative, out.by_week[i, 2])
    cumulative = by_week.euploid_cumulative
    mean, variance = cells.mean_and_variance_of_excess(p, cumulative, table, z, z_weights)
    weight, log_sd = differences.remaining_budget(p, mean, variance)
    if weight <= 0.0:
        raise ArithmeticError("a draw exceeds the budget of variance")
    out.rows[i, RESIDUAL_WEIGHT], out.rows[i, RESIDUAL_LOG_SD] = weight, log_sd
    for d in range(table.log_density.size):
        at = table.log_density[d]
        untreated = differences.nk_cumulative(table, 0, at, p, cumulative)
        usual = math.log(differences.implantation_multiplier(table, 0, at, p))
        for r in range(table.hazard_excess.shape[0]):
            under = differences.nk_cumulative(table, r, at, p, cumulative)
            log_under = math.log(differences.implantation_multiplier(table, r, at, p))
            if dose[r] != 1.0:
                under, log_under = at_dose(untreated, under, dose[r]), usual + dose[r] * (log_under - usual)
            put(under, out.nk_cumulative[i, r, d])
            out.implantation_log[i, r, d] = log_under


def ways_of(plan: Plan, ledger: Ledger) -> Ways:
    """How couples plan, conceive and are seen, from the ledger and the plan."""
    last_day = int(ledger.value("life.sterility.everyone_at_age_years") * DAYS_IN_YEAR)
    horizon = last_day if plan.horizon_years is None else int(plan.horizon_years * DAYS_IN_YEAR)
    ages, share = sterility(ledger)
    months = {
        name: ledger.value(f"life.{name}_months") * DAYS_IN_MONTH
        for name in ("wait.after_loss", "wait.after_birth")
    }
    give_up = ledger.value("life.trying.months_before_giving_up") * DAYS_IN_MONTH
    return Ways(
        start_age_years=np.array(plan.start_ages or _start_ages(ledger), dtype=np.float64),
        p_wants_at_most=wanted(plan, ledger),
        last_day=last_day,
        horizon_days=horizon,
        sterility_age_years=ages,
        sterility_share=share,
        cycle_days=int(ledger.value("life.cycle_days")),
        give_up_days=int(give_up),
        wait_after_loss_days=months["wait.after_loss"],
        wait_after_birth_days=months["wait.after_birth"],
        partner_gap_sd_years=ledger.value("life.partner.age_gap_sd_years"),
        rate_new_partner_per_year=-math.log1p(-ledger.value("life.partner.p_new_per_year")),
        p_induced=induced(plan.induced, ledger),
        **_seen(ledger),
        ascertainment=ASCERTAINMENTS[plan.ascertainment],
    )


def _seen(ledger: Ledger) -> dict[str, Any]:
    """Endings by choice, bleeding apart from a loss itself, and scans, under the names of Ways."""
    weeks = {
        f"{what}_{which}_week": int(ledger.value(f"life.{what}.{which}_week"))
        for what in ("induced", "scan")
        for which in ("first", "last")
    }
    otherwise = ledger.value("life.bleeding.p_otherwise")
    before_loss = odds(otherwise) * ledger.value("life.bleeding.odds_ratio_before_loss")
    return {
        **weeks,
        "p_bleeding_before_loss": p_from_odds(before_loss),
        "p_bleeding_otherwise": otherwise,
        "recognition_lag_weeks": ledger.value("life.recognition_lag_weeks"),
    }


def _start_ages(ledger: Ledger) -> tuple[float, float]:
    return ledger.value("life.start_age.youngest_years"), ledger.value("life.start_age.oldest_years")


def sterility(ledger: Ledger) -> tuple[FloatArray, FloatArray]:
    """Knots of the share of sterile women by age; all are sterile at the last one."""
    everyone = ledger.value("life.sterility.everyone_at_age_years")
    ages = np.array([*waiting.STERILITY_AGES, everyone], dtype=np.float64)
    share = [ledger.value(f"life.sterility.share_at_age_{age}") for age in waiting.STERILITY_AGES]
    return ages, np.array([*share, 1.0])


def published_ratios(ledger: Ledger) -> FloatArray:
    """Ratio to ages 21 to 24 in the middle of each year of age: never pregnant before, pregnant before."""
    return np.array(
        [
            [
                waiting.fecundability_ratio(year + 0.5, is_gravid=is_gravid, ledger=ledger)
                for year in range(YEARS)
            ]
            for is_gravid in (False, True)
        ]
    )


def fecundability_by_draw(published: FloatArray, power: FloatArray, gravid_ratio: FloatArray) -> FloatArray:
    """Ratios of every draw: the published ones raised to its power, times its ratio of women pregnant before.

    Arguments:  published     shape (2, YEARS)
                power         shape (draws,)
                gravid_ratio  shape (draws,)
    Returns:    shape (draws, 2, YEARS)
    """
    out = published[None] ** power[:, None, None]
    out[:, 1] *= gravid_ratio[:, None]
    return np.asarray(out)


def wanted(plan: Plan, ledger: Ledger) -> FloatArray:
    """Chance to want k + 1 children or fewer, from the chance to go on after each birth."""
    if plan.wanted is not None:
        return np.array([0.0] * (plan.wanted - 1) + [1.0])
    go_on = [ledger.value(f"calibration.p_go_on_after_birth_{k}") for k in (1, 2, 3)]
    more = np.cumprod(go_on + [go_on[-1]] * (MOST_WANTED - 1 - len(go_on)))
    return np.concatenate((1.0 - more, [1.0]))


def induced(rule: str, ledger: Ledger) -> FloatArray:
    """Chance by year of age that a pregnancy which lasts is ended by choice."""
    if rule == "none":
        return np.zeros(YEARS)
    if rule == "intended":
        return np.full(YEARS, ledger.value("life.induced.p_intended"))
    out = np.zeros(YEARS)
    for band, first in INDUCED_AGES.items():
        out[first:] = ledger.value(f"life.induced.register_share.age_{band}")
    return out


def class_weights(world: World) -> Mapping[str, float]:
    """Weight of each mechanism among the draws."""
    names = np.array(world.mechanism)
    return {name: float(world.weight[names == name].sum()) for name in MECHANISMS if name in world.mechanism}

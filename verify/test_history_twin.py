"""History inference against its slow twin, for single draws and every kind of fact a history can hold.

Two comparisons. On the engine's own nodes both add up the same numbers, so they agree to rounding: 1e-9
relative. On the twin's own finer nodes, with every set of conditions laid out, what is left is the error of
the engine's few nodes; a chance may be off by CHANCE, which is a tenth of a percentage point, and the
likelihood of a history, whose size moves with every pregnancy, by LIKELIHOOD relative. A loss without a
week is shared among uterine NK cells by their mean hazard over the weeks it may have been in, so that share
may be off by BY_WEEK.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import history_twin as twin
import law_twin
import numpy as np
import pytest
from verdicts import verdict

from decidua.evidence import load_ledger
from decidua.evidence.draws import Draws, load_draws
from decidua.inference import ahead, cells
from decidua.inference.cells import STEROID
from decidua.inference.encoding import drugs_of
from decidua.inference.evaluation import Evaluation, evaluate
from decidua.inference.prepared import (
    WITH_TESTS,
    Grid,
    Prepared,
    law_parameters_at,
    log_density_nodes,
    prepare,
)
from decidua.life.outcomes import Pregnancy as Conceived
from decidua.life.parameters import LawTables, UterineNkTable
from decidua.measure.history import History, Pregnancy, Test
from decidua.womb import load_bridge

EXACT, CHANCE, LIKELIHOOD, BY_WEEK = 1e-9, 1e-3, 5e-3, 5e-3
P = Pregnancy
UNKNOWN = dict.fromkeys(law_twin.CONDITIONS, "unknown")


def told(
    *pregnancies: Pregnancy, age: float = 35.0, conditions: dict[str, str] | None = None, **more
) -> History:
    return History(age_years=age, pregnancies=pregnancies, conditions=UNKNOWN | (conditions or {}), **more)


LOST = P("miscarriage", 31.0, 8)
HISTORIES = {
    "nothing yet": told(),
    "three losses with weeks": told(LOST, P("miscarriage", 32.0, 11), P("miscarriage", 34.0, 6)),
    "aneuploid, then unknown week": told(
        P("miscarriage", 30.0, 9, karyotype="aneuploid"), P("miscarriage", 33.0, confirmed="scan")
    ),
    "euploid twice": told(
        P("miscarriage", 30.0, 9, karyotype="euploid"), P("miscarriage", 33.0, karyotype="euploid")
    ),
    "unbalanced": told(P("miscarriage", 30.0, 9, karyotype="unbalanced"), LOST),
    "test only, week 4": told(P("miscarriage", 30.0, confirmed="test"), P("miscarriage", 31.0, 4)),
    "births between": told(P("live_birth", 27.0), LOST, P("live_birth", 33.0)),
    "stillbirth last": told(LOST, P("stillbirth", 33.0, 30)),
    "induced and ectopic": told(P("induced", 28.0, 9), P("ectopic", 30.0), LOST),
    "birth, then ectopic": told(LOST, P("live_birth", 32.0), P("ectopic", 34.0)),
    "ongoing, heartbeat, treated": told(
        LOST,
        P("ongoing", 35.0, 8, heartbeat="seen", treatments=("prednisolone_tang2013", "aspirin_low_dose")),
    ),
    "ongoing, no heartbeat seen": told(LOST, P("ongoing", 35.0, 9, heartbeat="not_seen")),
    "ongoing late": told(LOST, P("ongoing", 35.0, 30, treatments=("progesterone_prism2019",))),
    "conditions known": told(
        LOST, LOST, conditions={"antiphospholipid": "yes", "uterine_anomaly": "no", "translocation": "no"}
    ),
    "translocation known": told(
        P("miscarriage", 30.0, 9, karyotype="euploid"), conditions={"translocation": "yes"}
    ),
    "new partner": told(LOST, P("miscarriage", 33.0, 9, new_partner=True), partner_age_years=52.0),
    "partner's age": told(LOST, P("live_birth", 32.0), partner_age_years=48.0),
    "womb test": told(LOST, LOST, tests=(Test("uterine_nk", 330.0, "cells_per_mm2", 7.0),)),
    "trying": told(LOST, trying_months=18),
}
EXACT_TOO = [
    name
    for name, history in HISTORIES.items()
    if history.pregnancies
    and not any(p.karyotype in ("euploid", "unbalanced") for p in history.pregnancies)
    and set(history.conditions.values()) == {"unknown"}
]


@dataclass(frozen=True)
class Fineness:
    """How many nodes the twin lays out for each difference."""

    shared: int = 9
    fading: int = 7
    density: int = 7
    residual: int = 12


# A reading or months of waiting weigh the densities unevenly; these take more of them.
MORE_DENSITIES = Fineness(density=21, shared=7, fading=6)
HAND_PICKED = {"attack": 3, "decidual_quality": 5, "too_few": 1, "marker": 0}


@cache
def draws() -> Draws:
    """A few draws of different mechanisms, and one with the largest lasting spread there is."""
    shipped = load_draws("fading-log_normal")
    names = np.array(shipped.mechanism)
    picked = [int(np.flatnonzero(names == name)[at]) for name, at in HAND_PICKED.items()]
    spread = shipped.columns["law.sd_shared_lasting"] + shipped.columns["law.sd_shared_fading"]
    return shipped.only(np.array([*picked, int(np.argmax(spread))]))


@cache
def prepared(grid: Grid) -> Prepared:
    return prepare(draws(), grid=grid)


def grid_for(history: History) -> Grid:
    return WITH_TESTS if history.tests or history.trying_months else Grid()


@cache
def found(name: str) -> Evaluation:
    return evaluate(HISTORIES[name], prepared(grid_for(HISTORIES[name])))


def with_steroid(table: UterineNkTable, draws: Draws, i: int) -> UterineNkTable:
    """The womb's table with the effect of a steroid on the cells that this draw gives it."""
    dose = math.log(draws.columns[STEROID][i]) / math.log(load_ledger().value(STEROID))
    excess = table.hazard_excess.copy()
    for r, name in enumerate(load_bridge().regimens):
        if "prednisolone" in drugs_of((name,)):
            excess[r] = np.maximum(excess[0] + dose * (excess[r] - excess[0]), 0.0)
    return table._replace(hazard_excess=excess)


def law_of(i: int, source: Prepared):
    """Parameters, tables by week and the womb's table of one draw, with the budget worked out anew."""
    p, stack = law_parameters_at(source.draws, i), source.stack
    table = with_steroid(cells.uterine_nk_table(source.draws.mechanism[i]), source.draws, i)
    # the budget is defined over fifteen densities
    women = twin.normal(p.uterine_nk_log_median, p.uterine_nk_lasting_log_sd, 15)
    excess = np.array([law_twin.nk_mean(table, 0, x, p) for x, _ in women])
    mean = float(women.weights @ excess)
    budget = law_twin.budget(p, mean, float(women.weights @ (excess - mean) ** 2))
    assert budget is not None
    tables = LawTables(
        stack.aneuploid_survival[i],
        stack.preclinical_survival[i],
        stack.euploid_cumulative[i],
        stack.birth_share,
    )
    return p, tables, table, budget[0], math.sqrt(math.log1p(budget[1]))


def fine_world(i: int, source: Prepared, fine: Fineness) -> twin.World:
    """The twin's own nodes for every difference, and all sixteen sets of conditions."""
    p, tables, table, w0, sd = law_of(i, source)
    if source.draws.structure.endswith("two_class"):
        lay = [twin.two_class(s, p.high_class_share) for s in (p.sd_shared_lasting, p.sd_shared_fading, sd)]
    else:
        sizes = (p.sd_shared_lasting, fine.shared), (p.sd_shared_fading, fine.fading), (sd, fine.residual)
        lay = [twin.log_normal(*each) for each in sizes]
    density = twin.normal(p.uterine_nk_log_median, p.uterine_nk_lasting_log_sd, fine.density)
    return twin.World(p, tables, table, w0, lay[0], lay[1], density, lay[2], twin.ALL_SETS)


def same_world(i: int, source: Prepared) -> twin.World:
    """The engine's nodes: its multipliers stand for residual and conditions together."""
    p, tables, table, w0, _ = law_of(i, source)
    stack, rules = source.stack, source.kept_rules[(-1.0,) * 4, (-1.0,), True]
    return twin.World(
        p,
        tables,
        table,
        w0,
        shared=twin.Pairs(stack.shared[i], stack.shared_weight[i]),
        fading=twin.Pairs(stack.fading[i], stack.fading_weight[i]),
        density=twin.Pairs(log_density_nodes(source)[i], stack.density_weight),
        residual=twin.Pairs(rules.nodes[i, 0, 0] / w0, rules.weights[i, 0, 0]),
        sets=twin.NO_CONDITION,
    )


def log_hazard_ratio(pregnancy: Pregnancy, p) -> float:
    """Direct effects of the drugs in these regimens."""
    effects = {
        "prednisolone_tang2013": p.prednisolone_log_hazard_ratio,
        "aspirin_low_dose": p.aspirin_log_hazard_ratio,
        "progesterone_prism2019": p.progesterone_log_hazard_ratio,
    }
    return sum(effects[name] for name in pregnancy.treatments)


def partner_age(history: History, k: int) -> float:
    """Partner's age at a pregnancy, known since the last change of partner."""
    changed = [i for i, p in enumerate(history.pregnancies) if p.new_partner]
    if history.partner_age_years is None or (changed and k < changed[-1]):
        return math.nan
    return history.partner_age_years - history.age_years + history.pregnancies[k].age_years


def conceived(history: History, p, *, treated: bool) -> tuple[Conceived, ...]:
    """The pregnancies as the law takes them."""
    out = []
    for k, pregnancy in enumerate(history.pregnancies):
        if pregnancy.outcome == "ectopic":
            continue
        steroid = [name for name in pregnancy.treatments if "prednisolone" in name]
        regimen = cells.regimen_index((steroid or [*pregnancy.treatments, "none"])[0]) if treated else 0
        effect = log_hazard_ratio(pregnancy, p) if treated else 0.0
        out.append(Conceived(pregnancy.age_years, partner_age(history, k), regimen, effect))
    return tuple(out)


def next_ones(history: History) -> tuple[Conceived, ...]:
    step = load_ledger().value("life.interval_between_pregnancies_years")
    partner = math.nan if history.partner_age_years is None else history.partner_age_years
    return tuple(
        Conceived(history.age_years + n * step, partner + n * step, 0, 0.0) for n in range(twin.AHEAD)
    )


def weight_of_density(history: History, source: Prepared, i: int, world: twin.World):
    """Likelihood of a reading on the usual day and of months of waiting, by docs/model.md."""
    value, p = load_ledger().value, world.p
    repeat = source.draws.columns["measure.uterine_nk.repeatability"][i]
    logs = [math.log(value(f"measure.uterine_nk.cycle_multiplier_day_{day}")) for day in (3, 7, 12)]
    slope = ((logs[2] - logs[1]) / 5.0 + (logs[1] - logs[0]) / 4.0) / 2.0
    spread = math.hypot(
        value("measure.uterine_nk.control_log_sd") * math.sqrt(1.0 - repeat),
        value("measure.uterine_nk.between_laboratory_log_sd"),
        value("measure.uterine_nk.dating_error_days") * slope,
    )

    def weight(log_density: float) -> float:
        out = 1.0
        for test in history.tests:
            out *= math.exp(-0.5 * ((math.log(test.value) - log_density) / spread) ** 2) / spread
        if history.trying_months:
            unit = np.interp(log_density, world.nk.log_density, world.nk.implantation_log_multiplier[0])
            implantation = math.exp(p.uterine_nk_implantation_log_effect * float(unit))
            out *= p_waits(history, implantation, couples_of(source, i))
        return out

    return weight


def couples_of(source: Prepared, i: int) -> list[float]:
    """Share of sub-fertile couples, chances per cycle of both kinds, power of age, ratio of the gravid."""
    names = ("share_sub_fertile", "per_cycle_fertile", "per_cycle_sub_fertile", "age_power", "gravid_ratio")
    return [float(source.draws.columns[f"life.couples.{name}"][i]) for name in names]


def p_waits(history: History, implantation: float, couples: list[float]) -> float:
    """Chance of so many cycles without a pregnancy, by hand, for a woman pregnant before."""
    value, age = load_ledger().value, history.age_years
    sterile = np.interp(age, (35, 38), [value(f"life.sterility.share_at_age_{a}") for a in (35, 38)])
    kinds = [value(f"life.fecundability.wesselink_gravid.age_{band}") for band in ("31_33", "34_36")]
    sub, fertile, sub_fertile, power, gravid = couples
    ratio = gravid * float(np.interp(age, (32.5, 35.5), kinds)) ** power * implantation
    months = history.trying_months
    waits = [(1.0 - min(chance * ratio, 1.0)) ** months for chance in (fertile, sub_fertile)]
    return float(sterile + (1.0 - sterile) * ((1.0 - sub) * waits[0] + sub * waits[1]))


def twin_answers(history: History, source: Prepared, i: int, world: twin.World, *, with_causes: bool):
    lag = int(load_ledger().interval("life.recognition_lag_weeks")[0])
    asked = twin.Asked(
        history,
        conceived(history, world.p, treated=True),
        conceived(history, world.p, treated=False),
        next_ones(history),
        lag,
        weight_of_density(history, source, i, world),
    )
    return twin.Twin(world, asked).answers(with_causes=with_causes)


def engine_answers(evaluation: Evaluation, i: int) -> dict[str, np.ndarray]:
    posterior = evaluation.posterior
    future = posterior.ahead[i]
    return {
        "likelihood": posterior.likelihood[i],
        "next_loss": future[ahead.NEXT_LOSS],
        "next_birth": future[ahead.NEXT_BIRTH],
        "any_birth": future[ahead.ANY_BIRTH : ahead.ANY_BIRTH + ahead.PREGNANCIES],
        "current": future[ahead.CURRENT_BIRTH],
        "untreated": future[ahead.UNTREATED_HERE],
        "shared": posterior.shared[i],
        "density": posterior.density[i],
        "conditions": posterior.conditions[i],
        "causes": posterior.causes[i],
    }


def gap(found_value, expected, *, relative: bool) -> float:
    difference = np.abs(np.asarray(found_value) - np.asarray(expected))
    if relative:
        difference = difference / np.maximum(np.abs(np.asarray(expected)), 1e-12)
    return float(np.max(difference, initial=0.0))


SCALARS = ("next_loss", "next_birth", "any_birth", "current", "untreated")


@pytest.mark.parametrize("name", EXACT_TOO)
def test_on_the_same_nodes_engine_and_twin_agree_to_rounding(name):
    history, evaluation = HISTORIES[name], found(name)
    worst = 0.0
    for i in range(len(draws())):
        source = evaluation.prepared
        expected = twin_answers(history, source, i, same_world(i, source), with_causes=False)
        here = engine_answers(evaluation, i)
        worst = max(
            worst, *(gap(here[key], expected[key], relative=True) for key in ("likelihood", *SCALARS))
        )
        worst = max(worst, gap(here["shared"], expected["shared"], relative=True))
        worst = max(worst, gap(here["density"], expected["density"], relative=True))
    verdict(f"history on the same nodes, {name}", statistic=worst, threshold=EXACT, smallest_detectable=EXACT)


def losses_of(history: History) -> list[int]:
    since = [p for p in history.pregnancies if p.outcome != "ectopic"]
    return [k for k, p in enumerate(since) if p.outcome == "miscarriage"]


def judge_few_nodes(name):
    """The engine's few nodes against the twin's many: minutes a history, so not part of the test run."""
    history, evaluation = HISTORIES[name], found(name)
    fine = MORE_DENSITIES if grid_for(history) == WITH_TESTS else Fineness()
    gaps = dict.fromkeys(("likelihood", "chances", "conditions", "causes", "uterine NK share"), 0.0)
    for i in range(len(draws())):
        expected = twin_answers(
            history, evaluation.prepared, i, fine_world(i, evaluation.prepared, fine), with_causes=True
        )
        here = engine_answers(evaluation, i)
        rows = losses_of(history)
        differences = here["causes"][rows] - expected["causes"][rows]
        gaps["likelihood"] = max(
            gaps["likelihood"], gap(here["likelihood"], expected["likelihood"], relative=True)
        )
        gaps["chances"] = max(gaps["chances"], *(gap(here[k], expected[k], relative=False) for k in SCALARS))
        gaps["conditions"] = max(
            gaps["conditions"], gap(here["conditions"], expected["conditions"], relative=False)
        )
        named = np.delete(differences, [1, differences.shape[1] - 1], axis=1)
        gaps["causes"] = max(gaps["causes"], float(np.max(np.abs(named), initial=0.0)))
        gaps["uterine NK share"] = max(
            gaps["uterine NK share"], float(np.max(np.abs(differences[:, 1]), initial=0.0))
        )
    limits = {"likelihood": LIKELIHOOD, "uterine NK share": BY_WEEK}
    for what, worst in gaps.items():
        limit = limits.get(what, CHANCE)
        verdict(f"history, {name}: {what}", statistic=worst, threshold=limit, smallest_detectable=limit)


if __name__ == "__main__":
    for told in EXACT_TOO:
        judge_few_nodes(told)

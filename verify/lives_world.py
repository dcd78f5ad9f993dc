"""Small worlds in which answers are known: one set of parameters, and ways that a check may change."""

from __future__ import annotations

from typing import Any, NamedTuple

import factories
import numpy as np

from decidua.evidence import load_ledger
from decidua.inference import cells
from decidua.life.parameters import LOG_NORMAL, LawParameters, UterineNkTable
from decidua.life.ways import (
    P_CONCEIVE_FERTILE,
    P_CONCEIVE_SUB_FERTILE,
    P_GO_ON,
    SHARE_SUB_FERTILE,
)
from decidua.study.population_world import (
    Plan,
    World,
    empty_draws,
    fecundability_by_draw,
    fill,
    published_ratios,
    ways_of,
)

LONG = 200_000  # days: no horizon


class Couples(NamedTuple):
    """Two kinds of couples; the power of age is not 1, so that a check can see it."""

    share_sub_fertile: float = 0.2
    p_fertile: float = 0.4
    p_sub_fertile: float = 0.05
    age_power: float = 0.8
    gravid_ratio: float = 1.1


COUPLES = Couples()


def one_draw_world(
    p: LawParameters, *, shape: int = LOG_NORMAL, nk: UterineNkTable | None = None, go_on: float = 0.9,
    plan: Plan | None = None, couples: Couples = COUPLES, **ways: Any,
) -> World:  # fmt: skip
    """All women under one set of parameters; a womb's table of one regimen or more, none by default."""
    grid = cells.uterine_nk_table("attack").log_density
    nk = nk or factories.uterine_nk_table(densities=grid.size)
    regimens = nk.hazard_excess.shape[0]
    room = empty_draws(np.array([p]), np.ones(1), shape=shape, regimens=regimens)
    room = room._replace(log_density=nk.log_density)
    room.rows[:, P_GO_ON] = go_on
    room.rows[:, [SHARE_SUB_FERTILE, P_CONCEIVE_FERTILE, P_CONCEIVE_SUB_FERTILE]] = couples[:3]
    ledger = load_ledger()
    published = ways.pop("fecundability_ratio", published_ratios(ledger))
    power, gravid = np.array([couples.age_power]), np.array([couples.gravid_ratio])
    room.fecundability_ratio[:] = fecundability_by_draw(published, power, gravid)
    stacked = UterineNkTable(
        nk.log_density, nk.hazard_excess[None].copy(), nk.implantation_log_multiplier[None].copy()
    )
    fill(room, np.zeros(1, dtype=np.int64), stacked, np.ones((1, regimens)), *cells.density_nodes())
    usual = ways_of(plan or Plan(), ledger)
    return World(room, usual._replace(**ways), ("attack",), np.ones(1))


def flat_in_age(p: LawParameters) -> LawParameters:
    """The same law with nothing that depends on the woman's age or the partner's."""
    none = ("aneuploid_log_odds_per_year", "paternal_log_odds_per_year", "young_log_multiplier_per_year")
    return p._replace(euploid_log_hazard_per_decade=0.0, **dict.fromkeys(none, 0.0))


def nobody_sterile() -> dict[str, Any]:
    """Ways under which sterility, age and the couple do not limit conception."""
    return {
        "sterility_age_years": np.array([500.0, 600.0]),
        "sterility_share": np.array([0.0, 1.0]),
        "last_day": LONG,
        "horizon_days": LONG,
        "give_up_days": LONG,
        "fecundability_ratio": np.ones((2, 61)),
    }

"""The worlds of the lives' rule: who starts when, who stops, and what is ended by choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from decidua.evidence import Ledger
from decidua.evidence.draws import Draws as ShippedDraws
from decidua.life.parameters import FloatArray
from decidua.life.ways import P_GO_ON, Draws
from decidua.study.population_world import Plan, World, draws_of, lay_out, ways_of
from decidua.study.validation_lives_rule import LivesRule

QUANTILES = 201  # places of the table of start ages


@dataclass(frozen=True)
class Worlds:
    """All worlds of one structure; the law is laid out once."""

    rule: LivesRule
    ledger: Ledger
    structure: str
    shipped: ShippedDraws
    laid_out: Draws

    def named(self, name: str) -> World:
        """One world of the rule."""
        says = self.rule.raw["worlds"][name]
        plan = plan_of(says, self.structure)
        ways = ways_of(plan, self.ledger)
        if says["start_ages"] != "ledger":
            ways = ways._replace(start_age_years=start_ages(self.rule.assumed(says["start_ages"])))
        draws = self.laid_out
        if "go_on_after_loss" in says:
            draws = draws._replace(rows=draws.rows.copy())
            draws.rows[:, P_GO_ON] = says["go_on_after_loss"]
        return World(draws, ways, self.shipped.mechanism, self.shipped.weight)


def worlds_of(
    rule: LivesRule, ledger: Ledger, structure: str, *, changed: Mapping[str, float] | None = None
) -> Worlds:
    """Lay the law out for every shipped draw, at the common level.

    Arguments:  rule       the lives' rule
                ledger     the shipped one
                structure  whose draws
                changed    parameters of the law set to one value in every draw: a wrong world for tests
    """
    shipped = draws_of(Plan(structure=structure))
    fixed = {"setting_log_shift": 0.0, **(changed or {})}
    columns = {f"law.{name}": np.full(len(shipped), value) for name, value in fixed.items()}
    shipped = replace(shipped, columns={**shipped.columns, **columns})
    return Worlds(rule, ledger, structure, shipped, lay_out(shipped, structure=structure, ledger=ledger))


def plan_of(says: Mapping[str, Any], structure: str) -> Plan:
    """What the rule says of a world, as a plan of the simulator."""
    return Plan(
        structure=structure,
        wanted=says.get("wanted"),
        ascertainment=says["ascertainment"],
        induced=says["induced"],
    )


def start_ages(says: Mapping[str, float]) -> FloatArray:
    """Evenly spaced quantiles of a normal spread of ages, with its ends drawn in."""
    places = (np.arange(QUANTILES) + 0.5) / QUANTILES
    ages = stats.norm.ppf(places, says["mean_years"], says["sd_years"])
    return np.asarray(np.clip(ages, says["youngest_years"], says["oldest_years"]))

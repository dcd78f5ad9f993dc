"""From counts to what summary.json says: chances with intervals over draws, and the tables behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from decidua.base.provenance import SCHEMA_VERSION, provenance
from decidua.inference.class_weights import weights_are
from decidua.life.parameters import CAUSES, FIRST_WEEK, LOSS_WEEKS, VIABLE_WEEK
from decidua.life.tally import COUNTS, TABLES, Tally, tables_of
from decidua.life.ways import DAYS_IN_YEAR, OUTCOMES, REASONS, IntArray
from decidua.study.population_run import Wanted
from decidua.study.population_world import World, class_weights
from decidua.study.spread import INTERVALS_ARE, chance_over_draws
from decidua.womb import MECHANISM_CLASS
from decidua.womb.mechanisms import assumes_contested_mechanism

CHANCES = {
    "miscarriage_if_recognised": ("recognised_miscarriages", "recognised_pregnancies"),
    "live_birth_if_recognised": ("live_births", "recognised_pregnancies"),
    "stillbirth_if_recognised": ("stillbirths", "recognised_pregnancies"),
    "aneuploid_if_miscarriage": ("aneuploid_miscarriages", "recognised_miscarriages"),
    "hidden_loss_if_first_test": ("hidden_losses", "pregnancies_from_first_test"),
    "preterm_if_live_birth": ("preterm_live_births", "live_births"),
    "ever_pregnant": ("women_ever_pregnant", "women"),
    "any_live_birth": ("women_with_a_live_birth", "women"),
}
CONTESTED = "assumes a contested mechanism"


def summary_of(wanted: Wanted, world: World, tally: Tally) -> dict[str, Any]:
    """Everything that summary.json holds.

    Arguments:  wanted  the run
                world   its draws
                tally   counts over all women
    Returns:    dict ready for JSON; the same for the same run whatever threads or interruptions
    """
    counts = counts_by_draw(tally)
    out: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "women": wanted.women,
        "counts": {name: int(values.sum()) for name, values in counts.items() if name != "days_followed"},
        "years_followed": round(float(counts["days_followed"].sum()) / DAYS_IN_YEAR, 3),
        "intervals_are": INTERVALS_ARE,
        "chances": {
            name: chance_over_draws(counts[a], counts[b], world.weight).to_dict()
            for name, (a, b) in CHANCES.items()
        },
        "by_mechanism": by_mechanism(counts, world),
        **tables(tally),
        "provenance": provenance(
            seed=wanted.seed,
            arguments=wanted.arguments,
            mechanism_weights=weights_by_class(world),
            weights_are=weights_are(),
        ),
    }
    if wanted.plan.mechanism is not None and assumes_contested_mechanism(wanted.plan.mechanism):
        out |= {"mechanism": wanted.plan.mechanism, "assumes": CONTESTED}
    return out


def counts_by_draw(tally: Tally) -> dict[str, IntArray]:
    """Every count by name, shape (draws,), with the losses that nobody noticed among them."""
    counts = {name: tally.by_draw[:, k] for k, name in enumerate(COUNTS)}
    hidden = counts["pregnancies_from_first_test"] - counts["recognised_pregnancies"]
    return counts | {"hidden_losses": hidden}


def by_mechanism(counts: Mapping[str, IntArray], world: World) -> dict[str, Any]:
    """Simple shares for each mechanism alone."""
    names = np.array(world.mechanism)
    out: dict[str, Any] = {}
    for mechanism in dict.fromkeys(world.mechanism):
        mine = {name: int(values[names == mechanism].sum()) for name, values in counts.items()}
        shares = {name: mine[a] / mine[b] for name, (a, b) in CHANCES.items() if mine[b]}
        out[mechanism] = {"women": mine["women"], **shares}
    return out


def weights_by_class(world: World) -> dict[str, float]:
    """Weight of each class of mechanisms among the draws."""
    out: dict[str, float] = defaultdict(float)
    for mechanism, weight in class_weights(world).items():
        out[MECHANISM_CLASS[mechanism]] += weight
    return dict(out)


def tables(tally: Tally) -> dict[str, Any]:
    """The counted tables with their labels."""
    found = tables_of(tally)
    lost = found["loss_weeks"].reshape(2, len(CAUSES), LOSS_WEEKS)
    outcomes = (*OUTCOMES, "hidden_loss")
    by_age = [
        {"age_years": year, **dict(zip(outcomes, row.tolist(), strict=True))}
        for year, row in enumerate(found["by_age"])
        if row.any()
    ]
    return {
        "by_age_at_conception": by_age,
        "by_previous_losses_in_a_row": _rows("previous_losses_consecutive", found["by_losses_in_a_row"]),
        "by_previous_births": _rows("previous_births", found["by_births"]),
        "loss_weeks": {
            "first_week": FIRST_WEEK,
            "hidden": dict(zip(CAUSES, lost[0].tolist(), strict=True)),
            "recognised": dict(zip(CAUSES, lost[1].tolist(), strict=True)),
        },
        "birth_weeks": {
            "first_week": VIABLE_WEEK,
            **dict(zip(("live_birth", "stillbirth"), found["birth_weeks"].tolist(), strict=True)),
        },
        "women_by_recognised_losses": found["women_by_losses"][0].tolist(),
        "women_by_live_births": found["women_by_births"][0].tolist(),
        "women_by_reason_to_stop": dict(zip(REASONS, found["women_by_reason"][0].tolist(), strict=True)),
        "cycles_to_first_recognised_pregnancy": found["cycles_to_first"][0].tolist(),
        "last_place_of_a_list_means": f"{TABLES['women_by_losses'][1] - 1} or more",
    }


def _rows(label: str, table: IntArray) -> list[dict[str, int]]:
    return [
        {label: k, **dict(zip(OUTCOMES, row.tolist(), strict=True))}
        for k, row in enumerate(table)
        if row.any()
    ]

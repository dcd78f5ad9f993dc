"""What the story page shows of single wombs: cells by week, the steroid course, infection, recognition."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decidua.evidence.draws import Draws
from decidua.study.story_script import Inputs
from decidua.womb import MECHANISMS, WombCourse, load_bridge, simulate_pregnancy
from decidua.womb.story import story_counts_per_mm2

FloatArray = NDArray[np.float64]

LAST_WEEK = 22.0
COURSE_WEEKS = (6, 13)  # the weeks over which the bridge states its unit
PROTOCOL = "story_protocol"


@dataclass(frozen=True)
class Worlds:
    """The womb runs of the page, all under one mechanism."""

    counts: dict[str, float]
    usual: WombCourse
    high: WombCourse
    treated: WombCourse
    infected: WombCourse
    infected_treated: WombCourse


def run_worlds(mechanism: str, *, inputs: Inputs) -> Worlds:
    """Run the wombs of the page: two counts, with and without the story's course and an infection."""
    counts = story_counts_per_mm2()

    def run(count: str, regimen: str, infection_week: float | None = None) -> WombCourse:
        return simulate_pregnancy(
            mechanism,
            density_per_mm2=counts[count],
            regimen=regimen,
            infection_week=infection_week,
            end_week=LAST_WEEK,
        )

    week = float(inputs.infection_week)
    return Worlds(
        counts=counts,
        usual=run("typical", "none"),
        high=run("high", "none"),
        treated=run("high", PROTOCOL),
        infected=run("high", "none", week),
        infected_treated=run("high", PROTOCOL, week),
    )


def world_values(worlds: Worlds, *, inputs: Inputs) -> dict[str, float | str]:
    """The numbers that the page takes from the womb runs, by name."""
    week, late = inputs.infection_week, inputs.late_week
    untreated, treated = worlds.high.weekly("uterine_nk")[week], worlds.treated.weekly("uterine_nk")[week]
    fetal, dose = worlds.treated.weekly("fetal_cortisol"), worlds.treated.weekly("prednisolone_mg_per_day")
    return {
        "world.usual_density": worlds.counts["typical"],
        "world.high_density": worlds.counts["high"],
        "world.usual_week8": float(worlds.usual.weekly("uterine_nk")[week]),
        "world.treated_fall": float(1.0 - treated / untreated),
        "world.normalised": "gets there" if worlds.treated.normalised else "does not get there",
        "world.infection_ratio": burden(worlds.infected_treated) / burden(worlds.infected),
        "world.late_week": float(late),
        "world.fetal_late_share": float(fetal[late] / fetal.max()),
        "world.last_dose_week": float(np.flatnonzero(dose > 0.0)[-1]),
    }


def burden(course: WombCourse) -> float:
    """Load of the infection added up over time, in multiples of the first load times days."""
    return float(np.trapezoid(course.variables["infection"], course.time_days))


def recognition_ratio(mechanism: str, *, density_per_mm2: float) -> float:
    """Added loss where the cells recognise the embryo badly, over that where they recognise it well.

    Averaged over the weeks in which the bridge states its unit; 1 for `marker`, where nothing is added.
    """
    table = load_bridge()
    m, r = table.mechanisms.index(mechanism), table.regimens.index("none")
    weeks = (table.weeks >= COURSE_WEEKS[0]) & (table.weeks < COURSE_WEEKS[1])
    by_level = [
        float(np.interp(math.log(density_per_mm2), table.log_density_grid, excess[:, weeks].mean(axis=1)))
        for excess in table.hazard_excess[m, r]
    ]
    if min(by_level) <= 0.0:
        return 1.0
    return by_level[0] / by_level[-1]


def implantation_by_draw(draws: Draws, *, density_per_mm2: float) -> FloatArray:
    """Chance to conceive in a cycle at this density over that at the control median, for every draw."""
    bridge = load_bridge()
    _, log_multiplier = bridge.averaged()
    r = bridge.regimens.index("none")
    effect = draws.columns["law.uterine_nk_implantation_log_effect"]
    at = math.log(density_per_mm2)
    slope = {
        name: float(np.interp(at, bridge.log_density_grid, log_multiplier[bridge.mechanisms.index(name), r]))
        for name in MECHANISMS
    }
    return np.asarray(np.exp(effect * np.array([slope[name] for name in draws.mechanism])))

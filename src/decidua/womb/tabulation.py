"""Makes the bridge: runs the model over mechanisms, regimens, recognition and density, and sets the units."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from decidua.womb.bridge import Bridge, bridge_content
from decidua.womb.mechanisms import MECHANISM_CLASS, MECHANISMS, mechanism_code
from decidua.womb.parameters import DAYS_PER_WEEK
from decidua.womb.pregnancy import weekly_means
from decidua.womb.regimens import REGIMENS, load_regimen
from decidua.womb.schedule import schedule_of
from decidua.womb.solver import Array, Run, density_multiplier, model_parameters, solve

LOWEST_PER_MM2, HIGHEST_PER_MM2, NODES = 20.0, 900.0, 13
WEEKS = np.arange(4.0, 43.0)
UNIT_WEEKS = (WEEKS >= 6.0) & (WEEKS <= 12.0)
LEVELS = ("low", "middle", "high")
Progress = Callable[[int, int], None]


def tabulate_bridge(*, progress: Progress | None = None) -> Bridge:
    """Run the model over the whole table and state it in the units of `Bridge`.

    Arguments:  progress  called with (runs done, runs in all), or None
    Returns:    Bridge
    Raises:     SolverError when a run cannot be solved
    Checked by: tests/unit/womb/test_bridge.py (a regenerated sample equals the shipped table)
    """
    levels, weights = recognition_prior()
    grid = np.linspace(np.log(LOWEST_PER_MM2), np.log(HIGHEST_PER_MM2), NODES)
    hazard = np.zeros((len(MECHANISMS), len(REGIMENS), levels.size, NODES, WEEKS.size))
    implantation = np.zeros(hazard.shape[:-1])
    cells = [cell for cell in product(*(range(n) for n in implantation.shape)) if _acts(MECHANISMS[cell[0]])]
    for done, (m, r, c, d) in enumerate(cells, start=1):
        hazard[m, r, c, d], implantation[m, r, c, d] = signals(
            MECHANISMS[m], regimen=REGIMENS[r], recognition=levels[c], density_per_mm2=float(np.exp(grid[d]))
        )
        if progress:
            progress(done, len(cells))
    hazard_scale, scale, origin = unit_scales()
    return Bridge(
        mechanisms=MECHANISMS,
        regimens=REGIMENS,
        recognition_levels=levels,
        recognition_weights=weights,
        log_density_grid=grid,
        weeks=WEEKS,
        hazard_excess=hazard / hazard_scale[:, None, None, None, None],
        implantation_log_multiplier=(origin[:, None, None, None] - implantation) / scale[:, None, None, None],
        hazard_scale=hazard_scale,
        implantation_scale=scale,
        implantation_origin=origin,
        content=bridge_content(),
    )


def recognition_prior() -> tuple[Array, Array]:
    """The three levels of recognition and their prior weights, from the ledger, scaled to sum to 1."""
    values = model_parameters()
    levels = np.array([values[f"recognition_level_{name}"] for name in LEVELS])
    weights = np.array([values[f"recognition_weight_{name}"] for name in LEVELS])
    return levels, weights / weights.sum()


def signals(
    mechanism: str, *, regimen: str, recognition: float, density_per_mm2: float
) -> tuple[Array, float]:
    """The mechanism's loss signal in each of WEEKS, and its mean in the week after implantation.

    Arguments:  mechanism        one of MECHANISMS
                regimen          one of REGIMENS
                recognition      0 to 1
                density_per_mm2  cells per mm2
    Returns:    array of shape (39,) and a number, in the model's own units
    """
    schedule = schedule_of(
        load_regimen(regimen), density_per_mm2=density_per_mm2, multiplier=density_multiplier
    )
    run = Run(
        schedule=schedule,
        density_per_mm2=density_per_mm2,
        recognition=recognition,
        mechanism=mechanism_code(mechanism),
        end_day=float((WEEKS[-1] + 1.0) * DAYS_PER_WEEK),
    )
    found = solve(run)
    by_week = weekly_means(found["time"], found["loss_signal"])[WEEKS.astype(np.int64)]
    return by_week, _after_implantation(found["time"], found["loss_signal"])


def _after_implantation(days: Array, signal: Array) -> float:
    first = round(model_parameters()["trophoblast_implantation_day"])
    window = signal[(days >= first - 0.5) & (days <= first + DAYS_PER_WEEK + 0.5)]
    return float((window[1:] + window[:-1]).sum() / (2.0 * DAYS_PER_WEEK))


def unit_scales() -> tuple[Array, Array, Array]:
    """Scales that set each mechanism's unit: its signal at the harmful reference minus that at the median.

    Returns:    hazard scale, implantation scale, implantation origin, each of shape (mechanism,); 1, 1 and 0
                for `marker`, whose signal is zero
    """
    rows = [_unit_of(mechanism) if _acts(mechanism) else (1.0, 1.0, 0.0) for mechanism in MECHANISMS]
    hazard, implantation, origin = np.array(rows).T
    return hazard, implantation, origin


def _unit_of(mechanism: str) -> tuple[float, float, float]:
    values = model_parameters()
    few = MECHANISM_CLASS[mechanism] == "low_count_harms"
    reference = values["unk_low_reference_per_mm2" if few else "unk_high_cut_per_mm2"]
    harmed_hazard, harmed = _averaged(mechanism, reference)
    usual_hazard, usual = _averaged(mechanism, values["unk_control_median_per_mm2"])
    return harmed_hazard - usual_hazard, harmed - usual, usual


def _averaged(mechanism: str, density_per_mm2: float) -> tuple[float, float]:
    """Untreated signal, averaged over recognition: mean over weeks 6 to 12, and after implantation."""
    levels, weights = recognition_prior()
    rows = [
        signals(mechanism, regimen="none", recognition=level, density_per_mm2=density_per_mm2)
        for level in levels
    ]
    hazard = np.array([by_week[UNIT_WEEKS].mean() for by_week, _ in rows])
    return float(weights @ hazard), float(weights @ np.array([after for _, after in rows]))


def _acts(mechanism: str) -> bool:
    return MECHANISM_CLASS[mechanism] != "no_effect"

"""The fall of uterine NK cells on a steady dose in closed form, and all parameters of the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from decidua.womb import parameters as ledger_parameters
from decidua.womb.parameters import Values

Array = NDArray[np.float64]
# Nodes for the first day, in which the dose arrives, and for the days after it.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


@cache
def model_parameters() -> dict[str, float]:
    """Every parameter of the model at the ledger's central values."""
    return complete(ledger_parameters.ledger_values())


def parameters_with(changes: Values) -> dict[str, float]:
    """Every parameter of the model with some of the ledger's values changed, all that follows from them too.

    Arguments:  changes  name in the model (`unk_turnover_per_day` for `womb.unk.turnover_per_day`) to value
    Returns:    name to value, for `solve(run, parameters=...)`; setting them compiles nothing anew
    Raises:     KeyError for a name that is no entry of the ledger for the womb
    Checked by: tests/unit/womb/test_solver.py
    """
    shipped = ledger_parameters.ledger_values()
    unknown = sorted(set(changes) - set(shipped))
    if unknown:
        raise KeyError(f"no ledger entry of the womb: {', '.join(unknown)}")
    return complete({**shipped, **changes})


def complete(values: Values) -> dict[str, float]:
    """The ledger's values, what follows from them, and the two largest effects of the steroid.

    The density falls linearly in the largest drug effect, so the fall with that effect at 1 gives the effect
    that meets the declared multiplier on day 21 of 20 mg a day. No effect is larger than all cells.
    """
    found = ledger_parameters.with_derived(values)
    dose = ledger_parameters.DOSE_OF_DENSITY_MULTIPLIER_MG_PER_DAY
    wanted = 1.0 - found["prednisolone_unk_multiplier_20mg_21days"]
    effect = min(1.0, max(0.0, wanted / fall_at_full_effect(found, dose_mg_per_day=dose)))
    found = {**found, "prednisolone_unk_max_effect": effect}
    return {**found, "infection_steroid_max_effect": ledger_parameters.infection_steroid_effect(found)}


def density_multiplier(dose_mg_per_day: float, *, parameters: Mapping[str, float] | None = None) -> float:
    """Density on the mid-luteal day of the first cycle on a daily dose, over the untreated density.

    Arguments:  dose_mg_per_day  mg per day from cycle day 1, >= 0
                parameters       other parameters than the shipped ones
    Returns:    multiple, at most 1; the same for every density, since cells come and go in proportion
    Checked by: tests/unit/womb/test_kinetics.py (equal to a run of the model)
    """
    values = model_parameters() if parameters is None else parameters
    fall = fall_at_full_effect(values, dose_mg_per_day=dose_mg_per_day)
    return 1.0 - values["prednisolone_unk_max_effect"] * fall


def fall_at_full_effect(v: Values, *, dose_mg_per_day: float) -> float:
    r"""Fall of the density by the mid-luteal day if the largest drug effect were 1, as a share of untreated.

    With $r = N / N_0$ the model's equation is $r' = (k + \dot g / g)(1 - E - r)$, so that
    $$ 1 - r(T) = \int_0^T E(s)\, M'(s)\, ds / M(T), \quad M = e^{k t} g(t) $$
    The course in pregnancy has not begun by then and is left out.
    """
    day = v["unk_mid_luteal_day"]
    total = 0.0
    for start, end in ((0.0, 1.0), (1.0, day)):
        days = start + (end - start) * (NODES + 1.0) / 2.0
        effect = _effect(v, days, dose_mg_per_day) * _weight_per_day(v, days, day)
        total += float(WEIGHTS @ effect) * (end - start) / 2.0
    return total


def _weight_per_day(v: Values, days: Array, last: float) -> Array:
    """How much of the density on the last day came in on each day before it: M'(s) / M(T)."""
    k, growth = v["unk_turnover_per_day"], v["unk_luteal_growth_per_day"]
    late = 1.0 + np.exp(-growth * (days - v["unk_half_rise_day"]))
    at_last = 1.0 + np.exp(-growth * (last - v["unk_half_rise_day"]))
    weight: Array = np.exp(-k * (last - days)) * at_last / late * (k + growth * (1.0 - 1.0 / late))
    return weight


def _effect(v: Values, days: Array, dose_mg_per_day: float) -> Array:
    exposure = _mean_level(v, dose_mg_per_day) * _share_reached(v, days)
    effect: Array = exposure / (exposure + v["prednisolone_unk_half_effect_ng_per_ml"])
    return effect


def _mean_level(v: Values, dose_mg_per_day: float) -> float:
    inflow = v["prednisolone_availability"] * dose_mg_per_day * v["prednisolone_ng_per_ml_per_mg"]
    return inflow / v["prednisolone_elimination_per_day"]


def _share_reached(v: Values, days: Array) -> Array:
    """Share of its final level that exposure has reached: three first-order steps, one after the other."""
    steps = ("absorption", "elimination", "exposure_turnover")
    rates = [v[f"prednisolone_{step}_per_day"] for step in steps]
    missing = np.zeros_like(days)
    for i, rate in enumerate(rates):
        others = [other for j, other in enumerate(rates) if j != i]
        missing += np.prod([other / (other - rate) for other in others]) * np.exp(-rate * days)
    reached: Array = 1.0 - missing
    return reached

"""How cortisol and prednisolone are bound in plasma: constants that follow from printed levels."""

from __future__ import annotations

from collections.abc import Mapping

Values = Mapping[str, float]
# Levels that are part of what a ledger entry means; each stands in the entry's id.
LOW_NG_PER_ML, HIGH_NG_PER_ML = 200.0, 1000.0


def prednisolone_binding(v: Values) -> dict[str, float]:
    r"""Constants of saturable binding through three printed readings of the bound share.

    $$ T = A U + B U / (K + U) $$ for the total level T and the unbound level U. With the ratio T / U known at
    a trace, at 200 and at 1000 ng/mL the three equations have one solution.
    Assumes one kind of place that fills up (the globulin) and binding in proportion beside it (albumin). The
    rise of the globulin in pregnancy is left out here: it raises the total, not the unbound level, and the
    kinetics were measured outside pregnancy.

    Arguments:  v  ledger values with the three bound shares, percent, falling with the level
    Returns:    A as `prednisolone_linear_ratio`, K and B in ng/mL
    Source:     womb.prednisolone.bound_percent_*
    Checked by: tests/unit/womb/test_kinetics.py
    """
    trace = 1.0 / _unbound_share(v["prednisolone_bound_percent_trace"])
    low_ratio = 1.0 / _unbound_share(v["prednisolone_bound_percent_200ng_per_ml"])
    high_ratio = 1.0 / _unbound_share(v["prednisolone_bound_percent_1000ng_per_ml"])
    low, high = LOW_NG_PER_ML / low_ratio, HIGH_NG_PER_ML / high_ratio
    by_low, by_high = trace - low_ratio, trace - high_ratio
    # Each difference is B U / (K (K + U)); their ratio holds K alone.
    half = low * high * (by_high - by_low) / (by_low * high - by_high * low)
    capacity = by_low * half * (half + low) / low
    return {
        "prednisolone_linear_ratio": trace - capacity / half,
        "prednisolone_binding_half_ng_per_ml": half,
        "prednisolone_binding_capacity_ng_per_ml": capacity,
    }


def _unbound_share(bound_percent: float) -> float:
    return 1.0 - bound_percent / 100.0


def cortisol_binding(v: Values) -> dict[str, float]:
    r"""How full the globulin is before pregnancy, from the rises of total, free and globulin.

    With free level F, globulin G and total T as multiples of before pregnancy and b the share on the globulin
    $$ T = (1 - b) F + b G F (1 + s) / (1 + s F) $$ gives the filling s (free level over half-filling level).
    Draws of b for which no filling is enough, or none needed, take the nearest limit.

    Arguments:  v  ledger values with the three rises, fold, and b
    Returns:    `cortisol_cbg_filling`, at least 0
    Source:     womb.cortisol.*_fold_third_trimester, womb.cortisol.cbg_bound_share
    Checked by: tests/unit/womb/test_hormones.py
    """
    free, bound = v["cortisol_free_fold_third_trimester"], v["cortisol_cbg_bound_share"]
    on_globulin = bound * v["cortisol_cbg_fold_third_trimester"] * free
    ratio = (v["cortisol_maternal_fold_third_trimester"] - (1.0 - bound) * free) / on_globulin
    ratio = min(1.0, max(ratio, 1.01 / free))
    return {"cortisol_cbg_filling": (1.0 - ratio) / (free * ratio - 1.0)}

"""Inputs of the law for tests and checks: central values of the ledger, wide ranges for random ones."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from decidua.evidence import load_ledger
from decidua.life import differences, law
from decidua.life.outcomes import Pregnancy, Woman
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CONDITIONS,
    LOSS_WEEKS,
    FloatArray,
    LawParameters,
    LawTables,
    UterineNkTable,
)
from decidua.life.pathway import EFFECTS, NO_TEST, TREATMENTS, Pathway

# Fields that stage one holds still, so that the ledger has no entry `law.<field>` for them.
HELD = {
    "fading_renewal_at_birth": 1.0,
    "uterine_nk_log_median": math.log(133.0),
    "uterine_nk_lasting_log_sd": 0.33,
    "uterine_nk_excess": 0.5,
    "stillbirth_hazard_per_week": 0.00026,
    "setting_log_shift": 0.0,
}

# Far wider than any posterior: the law must stay a law of chances everywhere in here.
WIDE: dict[str, tuple[float, float]] = {
    "aneuploid_log_odds": (-6.0, 1.0),
    "aneuploid_log_odds_per_year": (0.0, 0.5),
    "aneuploid_bend_age_years": (28.0, 40.0),
    "aneuploid_bend_width_years": (0.3, 5.0),
    "paternal_log_odds_per_year": (0.0, 0.1),
    "paternal_bend_age_years": (20.0, 45.0),
    "partner_age_gap_years": (-2.0, 6.0),
    "viable_aneuploid_share": (0.0, 0.3),
    "euploid_log_hazard": (-6.0, 0.5),
    "euploid_log_hazard_per_decade": (-0.5, 0.8),
    "young_log_multiplier_per_year": (0.0, 0.5),
    "young_bend_age_years": (16.0, 26.0),
    "young_bend_width_years": (0.3, 4.0),
    "loss_week_median": (6.5, 16.0),
    "loss_week_log_sd": (0.08, 0.8),
    "euploid_log_delay": (-0.2, 0.3),
    "euploid_tail_share": (0.0, 1.0),
    "preclinical_share_aneuploid": (0.0, 0.95),
    "preclinical_hazard_euploid": (0.0, 1.5),
    "p_recognised_week_4": (0.0, 1.0),
    "p_recognised_week_5": (0.0, 1.0),
    "sd_shared_lasting": (0.0, 1.2),
    "sd_euploid_lasting": (0.05, 1.2),
    "sd_shared_fading": (0.0, 1.2),
    "fading_correlation": (0.0, 1.0),
    "fading_renewal_at_birth": (0.0, 1.0),
    "high_class_share": (0.01, 0.6),
    "prevalence_antiphospholipid": (0.001, 0.1),
    "prevalence_uterine_anomaly": (0.001, 0.15),
    "prevalence_thyroid_antibodies": (0.001, 0.2),
    "prevalence_translocation": (0.001, 0.02),
    "excess_antiphospholipid": (0.0, 8.0),
    "excess_uterine_anomaly": (0.0, 8.0),
    "excess_thyroid_antibodies": (0.0, 8.0),
    "excess_translocation": (0.0, 12.0),
    "uterine_nk_log_median": (3.5, 6.0),
    "uterine_nk_lasting_log_sd": (0.0, 0.8),
    "uterine_nk_excess": (0.0, 3.0),
    "uterine_nk_implantation_log_effect": (0.0, 0.5),
    "prednisolone_log_hazard_ratio": (-0.7, 0.7),
    "progesterone_log_hazard_ratio": (-0.7, 0.7),
    "aspirin_log_hazard_ratio": (-0.7, 0.7),
    "stillbirth_hazard_per_week": (0.0, 0.01),
    "setting_log_shift": (-0.5, 0.5),
}
assert tuple(WIDE) == LawParameters._fields


@cache
def central_values() -> dict[str, float]:
    """Every parameter of the law at the ledger's central value."""
    ledger = load_ledger()
    return {f: float(HELD[f] if f in HELD else ledger.value(f"law.{f}")) for f in LawParameters._fields}


def law_parameters(**changes: float) -> LawParameters:
    """The ledger's central values, with some of them changed."""
    return LawParameters(**(central_values() | {name: float(value) for name, value in changes.items()}))


def without_differences(**changes: float) -> LawParameters:
    """All women alike: no factor varies, no condition and no cell count raises the hazard."""
    none = {f"excess_{name}": 0.0 for name in CONDITIONS} | {"uterine_nk_excess": 0.0}
    spread = {"sd_shared_lasting": 0.0, "sd_euploid_lasting": 0.0, "sd_shared_fading": 0.0}
    return law_parameters(**none, **spread, **changes)


def within_budget(p: LawParameters, nk_mean: float = 0.0, nk_variance: float = 0.0) -> LawParameters:
    """Shrink all excesses by one factor until mean and variance of the euploid multiplier have room."""
    prevalence, excess = differences.prevalences(p), differences.excesses(p)
    mean = float(excess @ prevalence) + p.uterine_nk_excess * nk_mean
    variance = float(excess**2 @ (prevalence * (1.0 - prevalence))) + p.uterine_nk_excess**2 * nk_variance
    room = math.expm1(p.sd_euploid_lasting**2)
    by_mean = 0.95 / mean if mean > 0.0 else 1.0
    by_variance = math.sqrt(0.99 * room / variance) if variance > 0.0 else 1.0
    names = [*(f"excess_{name}" for name in CONDITIONS), "uterine_nk_excess"]
    factor = min(1.0, by_mean, by_variance)
    return p._replace(**{name: factor * getattr(p, name) for name in names})


def birth_share(at_40: float = 0.5) -> FloatArray:
    """A plausible course of birth by week from week 24; the last week ends every pregnancy."""
    weeks = 24.0 + np.arange(BIRTH_WEEKS)
    share: FloatArray = at_40 / (1.0 + np.exp(-(weeks - 40.0)))
    share[-1] = 1.0
    return share


def law_tables(p: LawParameters, share: FloatArray | None = None) -> LawTables:
    """Tables by week with the usual course of birth."""
    return law.law_tables(p, birth_share() if share is None else share)


def uterine_nk_table(excess: Any = 0.0, *, regimens: int = 1, densities: int = 5) -> UterineNkTable:
    """A womb's table from anything that fits (regimens, densities, LOSS_WEEKS)."""
    shape = (regimens, densities, LOSS_WEEKS)
    grid = np.linspace(math.log(20.0), math.log(900.0), densities)
    hazard = np.ascontiguousarray(np.broadcast_to(np.asarray(excess, dtype=float), shape))
    return UterineNkTable(grid, hazard.copy(), np.zeros(shape[:2]))


def woman(**traits: float) -> Woman:
    """A woman with every factor at its mean and no condition, with some traits changed."""
    usual = dict.fromkeys(Woman._fields, 0.0)
    usual |= {"shared": 1.0, "residual": 1.0, "log_density": math.log(133.0)}
    return Woman(**(usual | {name: float(value) for name, value in traits.items()}))


def pregnancy(
    age_years: float = 30.0,
    partner_age_years: float = math.nan,
    regimen: int = 0,
    log_hazard_ratio: float = 0.0,
) -> Pregnancy:
    """A pregnancy at one age, by default untreated and with the partner's age unknown."""
    return Pregnancy(float(age_years), float(partner_age_years), regimen, float(log_hazard_ratio))


def care_pathway(*, draws: int = 1, **changes: Any) -> Pathway:
    """A pathway of one treatment with these effects, offered to all unless a test is asked for.

    `regimen`, `log_hazard_ratio`, `preterm`, `very_early` and `infection` hold for every treatment.
    """
    does = [changes.pop(name, 0.0) for name in ("log_hazard_ratio", "preterm", "very_early", "infection")]
    regimen, reading = changes.pop("regimen", 0), changes.pop("reading", (0.5, 0.0))
    fixed = {
        "test": NO_TEST, "after_losses": 0, "in_a_row": 1, "cut": 0.0, "true_cut": 0.0, "result_days": 0,
        "p_accepts": 1.0, "wait_days": 0, "to_all_after_losses": 0,
    }  # fmt: skip
    effects = np.zeros((draws, TREATMENTS, EFFECTS))
    effects[:, 1:] = does
    return Pathway(
        **(fixed | changes),
        regimens=np.array([0, regimen, regimen, regimen], dtype=np.int64),
        effects=effects,
        reading=np.tile(np.array(reading, dtype=np.float64), (draws, 1)),
    )

"""From the posterior of stage one to the draws that ship: mechanisms, drugs, cells and settings join in.

What stage one does not inform keeps its declared prior here, matched across the mechanism classes, and
every draw respects the budget of variance with the uterine NK cells inside it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from decidua.evidence import Ledger, load_ledger
from decidua.evidence.draws import Draws
from decidua.inference.cells import BLOOD_CORRELATION as BLOOD_CORRELATION
from decidua.inference.cells import EFFECT as EFFECT
from decidua.inference.cells import REPEATABILITY as REPEATABILITY
from decidua.inference.cells import STEROID as STEROID
from decidua.inference.cells import birth_shares, excess_over_women, uterine_nk_table
from decidua.inference.class_weights import load_weights, weights_in_use
from decidua.inference.posterior import Fit
from decidua.inference.priors import (
    DEFAULT_STRUCTURE,
    Quantile,
    Structure,
    declared_prior,
    stage_one,
)
from decidua.life import differences
from decidua.life.parameters import VIABLE_WEEK, FloatArray, LawParameters
from decidua.womb import MECHANISM_CLASS, MECHANISMS

FROM_PRIOR = (
    "law.prednisolone_log_hazard_ratio",
    "law.aspirin_log_hazard_ratio",
    "law.partner_age_gap_years",
    "law.young_bend_width_years",
    "law.uterine_nk_implantation_log_effect",
    REPEATABILITY,
    BLOOD_CORRELATION,
    EFFECT,
    STEROID,
)
STRENGTHS = (EFFECT, "law.uterine_nk_implantation_log_effect")
FROM_STAGE_TWO = (*STRENGTHS, "law.prednisolone_log_hazard_ratio", REPEATABILITY, STEROID)
MAX_TRIES = 10_000


def mechanism_weights() -> dict[str, float]:
    """Weight of each mechanism in use: that of its class, shared equally inside the class."""
    return weights_in_use()


def assemble_draws(
    fit: Fit, ledger: Ledger, *, draws_per_mechanism: int, seed: int, mechanisms: tuple[str, ...] = MECHANISMS
) -> Draws:
    """Join the posterior of stage one with the priors of everything it does not inform.

    Arguments:  fit                  posterior of stage one
                ledger               for the declared priors
                draws_per_mechanism  equal for each mechanism
                seed                 of the random choices
    Returns:    draws ready to ship
    """
    rng = np.random.default_rng(seed)
    weights = mechanism_weights()
    rows, names, weight, likelihood = [], [], [], []
    for mechanism in mechanisms:
        for _ in range(draws_per_mechanism):
            row, at = _one_draw(fit, ledger, mechanism, rng)
            rows.append(row)
            names.append(mechanism)
            weight.append(weights[mechanism] / draws_per_mechanism)
            likelihood.append(fit.log_likelihood[at])
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Draws(fit.structure.name, columns, tuple(names), np.array(weight), np.array(likelihood))


def _one_draw(
    fit: Fit, ledger: Ledger, mechanism: str, rng: np.random.Generator
) -> tuple[dict[str, float], int]:
    """One draw that respects the budget; impossible ones are thrown away, which cuts the prior there."""
    table = uterine_nk_table(mechanism)
    for _ in range(MAX_TRIES):
        at = int(rng.integers(len(fit.draws)))
        row = _joined(fit, at, ledger, mechanism, rng)
        p = law_parameters(row)
        mean, variance = excess_over_women(p, table)
        if differences.remaining_budget(p, mean, variance)[0] > 0.0:
            row["law.stillbirth_hazard_per_week"] = stillbirth_hazard(ledger)
            return row, at
    raise ArithmeticError(f"no draw of {mechanism} fits the budget of variance in {MAX_TRIES} tries")


def _joined(fit: Fit, at: int, ledger: Ledger, mechanism: str, rng: np.random.Generator) -> dict[str, float]:
    """One row: stage one, then the priors, then what follows from them."""
    stage = stage_one(ledger, fit.structure)
    row = dict(stage.constants) | dict(zip(fit.names, map(float, fit.draws[at]), strict=True))
    for name in FROM_PRIOR:
        row[name] = Quantile(declared_prior(ledger, name))(float(rng.random()))
    row |= _from_stage_two(mechanism, rng)
    spread = ledger.value("measure.uterine_nk.control_log_sd")
    controls = ledger["measure.uterine_nk.control_median_cells_per_mm2"].chosen
    row["law.uterine_nk_log_median"] = math.log(controls.value) + spread / math.sqrt(controls.n or 1) * float(
        rng.standard_normal()
    )
    row["law.uterine_nk_lasting_log_sd"] = spread * math.sqrt(row[REPEATABILITY])
    bears = MECHANISM_CLASS[mechanism] != "no_effect"
    row["law.uterine_nk_excess"] = math.expm1(row[EFFECT]) if bears else 0.0
    row["law.setting_log_shift"] = ledger.value("life.setting.log_sd") * float(rng.standard_normal())
    return row


def _from_stage_two(mechanism: str, rng: np.random.Generator) -> dict[str, float]:
    """One posterior point of stage two, where it has been installed; where cells do nothing, no strength."""
    found = load_weights()
    if found is None:
        return {}
    kept = found["draws"][mechanism]
    at = int(rng.integers(len(kept[EFFECT])))
    idle = STRENGTHS if MECHANISM_CLASS[mechanism] == "no_effect" else ()
    return {name: kept[name][at] for name in FROM_STAGE_TWO if name not in idle}


def law_parameters(row: dict[str, float]) -> LawParameters:
    """The tuple of the law from one row of draws."""
    return LawParameters(*(row[f"law.{name}"] for name in LawParameters._fields))


def stillbirth_hazard(ledger: Ledger) -> float:
    """The weekly hazard that gives the published share of stillbirths from 28 weeks on."""
    published = ledger.value("life.stillbirth.rate_28_weeks")
    rate = published / 100.0 if ledger["life.stillbirth.rate_28_weeks"].unit == "percent" else published
    shares = birth_shares()

    def missed(hazard: float) -> float:
        return _still_after(hazard, shares, 28 - VIABLE_WEEK) - rate

    return float(optimize.brentq(missed, 1e-7, 1e-1))


def _still_after(hazard: float, shares: FloatArray, first: int) -> float:
    """Stillbirths from one week on, out of all births from then on."""
    alive, still = 1.0, 0.0
    for share in shares[first:]:
        still += alive * -math.expm1(-hazard)
        alive *= math.exp(-hazard) * (1.0 - share)
    return still


def stage_values(draws: Draws, row: int, structure: Structure = DEFAULT_STRUCTURE) -> FloatArray:
    """The stage-one parameters of one shipped draw, in the order of `stage_one`."""
    stage = stage_one(load_ledger(), structure)
    return np.array([draws.columns[name][row] for name in stage.names])

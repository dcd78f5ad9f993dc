"""Declared priors of the ledger as one transform from the unit cube, and the tuples the law takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from decidua.evidence import Ledger
from decidua.evidence.prior import Prior
from decidua.inference.predictions import Nuisance
from decidua.inference.structures import DEFAULT_STRUCTURE, STRUCTURES, Structure, structure_named
from decidua.life.parameters import FloatArray, LawParameters

__all__ = [
    "DEFAULT_STRUCTURE",
    "NOT_IN_STAGE_ONE",
    "NUISANCE",
    "STRUCTURES",
    "Quantile",
    "StageOne",
    "Structure",
    "declared_prior",
    "stage_one",
    "structure_named",
]

NUISANCE = tuple(f"calibration.{name}" for name in Nuisance._fields)
# Shared loss that only later stages or other rooms inform keeps its prior in stage one.
NOT_IN_STAGE_ONE = (
    "paternal_bend_age_years",
    "partner_age_gap_years",
    "young_bend_width_years",
    "fading_renewal_at_birth",
    "uterine_nk_log_median",
    "uterine_nk_lasting_log_sd",
    "uterine_nk_excess",
    "uterine_nk_implantation_log_effect",
    "prednisolone_log_hazard_ratio",
    "aspirin_log_hazard_ratio",
    "stillbirth_hazard_per_week",
    "setting_log_shift",
)


@dataclass(frozen=True)
class Quantile:
    """The quantile function of a declared prior; a normal one may be cut. Plain data, so it can be saved."""

    prior: Prior

    def __call__(self, q: float) -> float:
        """The value below which the prior has chance q."""
        a = self.parameters
        match self.prior.distribution:
            case "normal":
                low, high = self.limits
                return a["mean"] + a["sd"] * float(special.ndtri(low + (high - low) * q))
            case "lognormal":
                return a["median"] * float(np.exp(a["log_sd"] * special.ndtri(q)))
            case "half_normal":
                return a["sd"] * float(special.ndtri(0.5 + 0.5 * q))
            case "beta":
                return float(special.betaincinv(a["alpha"], a["beta"], q))
            case "gamma":
                return float(special.gammaincinv(a["shape"], q)) / a["rate"]
            case "uniform":
                return a["lo"] + (a["hi"] - a["lo"]) * q

    @cached_property
    def parameters(self) -> Mapping[str, float]:
        """The parameters of the prior, looked up once."""
        return self.prior.parameters

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Chances below the two ends of a cut normal prior."""
        a = self.parameters
        low = float(special.ndtr((a["lo"] - a["mean"]) / a["sd"])) if "lo" in a else 0.0
        high = float(special.ndtr((a["hi"] - a["mean"]) / a["sd"])) if "hi" in a else 1.0
        return low, high


@dataclass(frozen=True)
class StageOne:
    """The parameters of stage one under one structure: names, prior transform, and the way to the law."""

    structure: Structure
    names: tuple[str, ...]
    quantiles: tuple[Quantile, ...]
    constants: Mapping[str, float]

    def transform(self, cube: FloatArray) -> FloatArray:
        """From the unit cube to parameters, shape (parameters,)."""
        return np.array([quantile(q) for quantile, q in zip(self.quantiles, cube, strict=True)])

    def law(self, values: Sequence[float] | FloatArray) -> tuple[LawParameters, Nuisance]:
        """The tuples that the compiled functions take."""
        given = dict(self.constants) | {name: float(v) for name, v in zip(self.names, values, strict=True)}
        law = LawParameters(*(given[f"law.{name}"] for name in LawParameters._fields))
        return law, Nuisance(*(given[name] for name in NUISANCE))


def stage_one(ledger: Ledger, structure: Structure) -> StageOne:
    """Which parameters are sampled under this structure, and what the others are held at."""
    constants = {f"law.{name}": value for name, value in structure.fixed.items()}
    constants |= {f"law.{name}": _held(ledger, name) for name in NOT_IN_STAGE_ONE}
    names = [f"law.{name}" for name in LawParameters._fields if f"law.{name}" not in constants]
    names += NUISANCE
    quantiles = [Quantile(declared_prior(ledger, name)) for name in names]
    return StageOne(structure, tuple(names), tuple(quantiles), constants)


def declared_prior(ledger: Ledger, name: str) -> Prior:
    """The prior of an entry, which must declare one."""
    prior = ledger[name].prior
    if prior is None:
        raise LookupError(f"{name}: no declared prior")
    return prior


def _held(ledger: Ledger, name: str) -> float:
    """Value of a parameter that stage one does not move: no effect of cells, drugs or setting."""
    id_ = f"law.{name}"
    if name == "fading_renewal_at_birth":
        return 1.0
    no_effect = name.startswith(("uterine_nk", "prednisolone", "aspirin", "setting", "stillbirth"))
    return 0.0 if no_effect else ledger.value(id_)

"""Declared priors of stage two: strength, the one nuisance of samples, the steroid, the test, discrepancy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from decidua.evidence import Ledger
from decidua.evidence.prior import Prior
from decidua.inference.cells import REPEATABILITY, STEROID
from decidua.inference.priors import declared_prior
from decidua.life.parameters import FloatArray
from decidua.womb import MECHANISM_CLASS

EFFECT, IMPLANTATION = "law.uterine_nk_effect", "law.uterine_nk_implantation_log_effect"
DIRECT = "law.prednisolone_log_hazard_ratio"
LEVEL_SHIFT = "mechanisms.sample_level_shift"
NAMES = (
    EFFECT,
    IMPLANTATION,
    LEVEL_SHIFT,
    "mechanisms.sample_log_spread_shift",
    STEROID,  # on the log scale inside the likelihood
    DIRECT,
    REPEATABILITY,
    "mechanisms.discrepancy_sd",
)
STRENGTHS = (NAMES.index(EFFECT), NAMES.index(IMPLANTATION))


@dataclass(frozen=True)
class StageTwo:
    """Priors of one mechanism; where the cells have no effect the strengths are held at 0."""

    priors: tuple[Prior, ...]
    free: tuple[int, ...]

    @property
    def dimensions(self) -> int:
        """How many parameters are free."""
        return len(self.free)

    def points(self, scores: FloatArray) -> FloatArray:
        """From normal scores, shape (points, free), to parameters of the likelihood, shape (points, 8)."""
        out = np.zeros((len(scores), len(self.priors)))
        for column, i in enumerate(self.free):
            out[:, i] = _from_scores(self.priors[i], scores[:, column])
        return out

    def with_scale(self, factor: float, *, of: tuple[int, ...]) -> StageTwo:
        """The same with some priors this much wider."""
        priors = list(self.priors)
        for i in of:
            priors[i] = _widened(priors[i], factor)
        return replace(self, priors=tuple(priors))


def stage_two(ledger: Ledger, mechanism: str) -> StageTwo:
    """The priors of one mechanism."""
    acts = MECHANISM_CLASS[mechanism] != "no_effect"
    free = tuple(i for i in range(len(NAMES)) if acts or i not in STRENGTHS)
    return StageTwo(tuple(declared_prior(ledger, name) for name in NAMES), free)


def _from_scores(prior: Prior, z: FloatArray) -> FloatArray:
    a = prior.parameters
    match prior.distribution:
        case "normal":
            return np.asarray(a["mean"] + a["sd"] * z)
        case "lognormal":
            return np.asarray(np.log(a["median"]) + a["log_sd"] * z)
        case "half_normal":
            return np.asarray(-a["sd"] * special.ndtri(0.5 * special.ndtr(-z)))
        case "uniform":
            return np.asarray(a["lo"] + (a["hi"] - a["lo"]) * special.ndtr(z))
        case _:
            raise LookupError(f"no normal scores for {prior.distribution}")


def _widened(prior: Prior, factor: float) -> Prior:
    name = "log_sd" if prior.distribution == "lognormal" else "sd"
    return prior.model_copy(update={name: factor * prior.parameters[name]})

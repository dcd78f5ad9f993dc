"""The prior of an assumed or calibrated entry: one spelling for each distribution."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

Distribution = Literal["normal", "lognormal", "half_normal", "beta", "uniform", "gamma"]
PARAMETERS: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "log_sd"),
    "half_normal": ("sd",),
    "beta": ("alpha", "beta"),
    "uniform": ("lo", "hi"),
    "gamma": ("shape", "rate"),
}
POSITIVE = ("sd", "median", "log_sd", "alpha", "beta", "shape", "rate")


class Prior(BaseModel):
    """A named distribution with its parameters; normal and lognormal may be cut at `lo` and `hi`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    distribution: Distribution
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    log_sd: float | None = None
    alpha: float | None = None
    beta: float | None = None
    lo: float | None = None
    hi: float | None = None
    shape: float | None = None
    rate: float | None = None

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters that are filled in, by name."""
        given = self.model_dump(exclude={"distribution"}, exclude_none=True)
        return {name: float(value) for name, value in given.items()}

    @model_validator(mode="after")
    def complete(self) -> Prior:
        """Exactly the parameters of the distribution, and limits in order."""
        needed = set(PARAMETERS[self.distribution])
        optional = {"lo", "hi"} if self.distribution in ("normal", "lognormal") else set()
        given = set(self.parameters)
        if not needed <= given <= needed | optional:
            raise ValueError(f"prior {self.distribution} takes {sorted(needed)}, got {sorted(given)}")
        if any(self.parameters[name] <= 0.0 for name in POSITIVE if name in given):
            raise ValueError(f"prior {self.distribution}: spreads and shapes must be positive")
        if self.lo is not None and self.hi is not None and self.lo >= self.hi:
            raise ValueError(f"prior {self.distribution}: lo {self.lo} is not below hi {self.hi}")
        return self

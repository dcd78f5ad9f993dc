"""The competing shapes of the differences between women, by name; light, since every command needs a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Structure:
    """One of the competing shapes of the differences between women."""

    recurrence: str  # "fading" or "exchangeable"
    frailty: str  # "log_normal" or "two_class"

    @property
    def name(self) -> str:
        """The name used in files and on the command line."""
        return f"{self.recurrence}-{self.frailty}"

    @property
    def fixed(self) -> dict[str, float]:
        """Parameters that this structure does not have."""
        out: dict[str, float] = {}
        if self.recurrence == "exchangeable":
            out |= {"sd_shared_fading": 0.0, "fading_correlation": 1.0}
        if self.frailty == "log_normal":
            out["high_class_share"] = 0.5  # has no meaning in this shape
        return out


STRUCTURES = tuple(Structure(r, f) for r in ("fading", "exchangeable") for f in ("log_normal", "two_class"))
DEFAULT_STRUCTURE = STRUCTURES[0]


def structure_named(name: str) -> Structure:
    """The structure with this name."""
    for structure in STRUCTURES:
        if structure.name == name:
            return structure
    raise LookupError(f"no structure {name!r}; there are {', '.join(s.name for s in STRUCTURES)}")

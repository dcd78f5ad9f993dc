"""The answer to one history, as the contract lays it out: estimates with intervals, and their origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from decidua.base.estimates import Estimate
from decidua.base.provenance import SCHEMA_VERSION
from decidua.inference.benefit import Sides
from decidua.life.harms import Harm

ENDPOINT = "live birth, from a recognised pregnancy at 6 completed weeks, if pregnant again"
CONTESTED = "assumes a contested mechanism"
PAST_ONLY = "the past only: without an age now nothing is said of the future"


@dataclass(frozen=True, slots=True)
class PastLoss:
    """Possible causes of one past loss; the chances sum to about 1, since uterine NK is a counterfactual."""

    order: int
    causes: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class UterineNk:
    """Lasting uterine NK density and the chance of a reading above the cut, before and after the history."""

    density_before: Estimate
    density_after: Estimate
    p_above_cut_before: Estimate
    p_above_cut_after: Estimate
    cut: float
    cut_unit: str
    share_high_among_women_with_births: Estimate

    def to_dict(self) -> dict[str, Any]:
        """The contract's block."""
        return {
            "density_per_mm2": _before_after(self.density_before, self.density_after),
            "p_above_cut": _before_after(self.p_above_cut_before, self.p_above_cut_after),
            "cut": {"value": self.cut, "unit": self.cut_unit},
            "share_high_among_women_with_births": self.share_high_among_women_with_births.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Current:
    """The pregnancy that is going on now; without numbers where a scan showed no heartbeat.

    The law knows what a heartbeat means, not what it means that none was seen: too early, or a loss.
    """

    live_birth: Estimate | None
    untreated_also_here: Estimate | None
    harms: tuple[Harm, ...] = ()
    treatment: Sides | None = None  # the other sides of what it did to reaching this point; None without one

    def to_dict(self) -> dict[str, Any]:
        """The contract's block."""
        return {
            "live_birth": self.live_birth and self.live_birth.to_dict(),
            "untreated_also_here": self.untreated_also_here and self.untreated_also_here.to_dict(),
            "harms": [harm.to_dict() for harm in self.harms],
            "treatment": self.treatment and self.treatment.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What one more piece of knowledge would do to the chance of a live birth."""

    what: str
    result: str
    p_result: Estimate | None
    live_birth: Estimate

    def to_dict(self) -> dict[str, Any]:
        """One row of the contract's list."""
        chance = None if self.p_result is None else self.p_result.to_dict()
        return {
            "what": self.what,
            "result": self.result,
            "p_result": chance,
            "live_birth": self.live_birth.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Comparator:
    """A published model applied to the same history, with what is known to be wrong with it."""

    name: str
    live_birth: float | None
    endpoint: str
    fault: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """One row of the contract's list."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class HistoryAnswer:
    """Everything the program says of one history."""

    endpoint: str
    next_live_birth: Estimate | None
    next_loss: Estimate | None
    same_age_no_losses: Estimate | None
    within_pregnancies: Mapping[str, Estimate]
    past_losses: tuple[PastLoss, ...]
    uterine_nk: UterineNk
    current: Current | None
    mechanisms: Mapping[str, Any]
    mechanisms_after: Mapping[str, Any]
    what_would_change_it: tuple[Change, ...]
    comparators: tuple[Comparator, ...]
    effective_draws: float
    mechanism: str | None
    provenance: Mapping[str, Any]
    left_out: tuple[str, ...] = ()

    @property
    def assumes_contested_mechanism(self) -> bool:
        """Whether one mechanism was chosen instead of the average over classes."""
        return self.mechanism is not None

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of design section 6."""
        out: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "endpoint": self.endpoint}
        if self.mechanism is not None:
            out |= {"assumes": CONTESTED, "mechanism": self.mechanism}
        out |= self._future()
        if self.current is not None:
            out["current_pregnancy"] = self.current.to_dict()
        out["past_losses"] = [
            {"order": loss.order, "causes": {name: e.to_dict() for name, e in loss.causes.items()}}
            for loss in self.past_losses
        ]
        out["uterine_nk"] = self.uterine_nk.to_dict()
        out["mechanisms"] = dict(self.mechanisms)
        out["mechanisms_after_this_history"] = dict(self.mechanisms_after)
        out["what_would_change_it"] = [change.to_dict() for change in self.what_would_change_it]
        out["comparators"] = [comparator.to_dict() for comparator in self.comparators]
        out["left_out"] = list(self.left_out)
        out["effective_draws"] = self.effective_draws
        out["provenance"] = dict(self.provenance)
        return out

    def _future(self) -> dict[str, Any]:
        if self.next_live_birth is None or self.next_loss is None or self.same_age_no_losses is None:
            return {"about": PAST_ONLY}
        following = {
            "live_birth": self.next_live_birth.to_dict(),
            "loss": self.next_loss.to_dict(),
            "same_age_no_losses": self.same_age_no_losses.to_dict(),
        }
        within = {count: estimate.to_dict() for count, estimate in self.within_pregnancies.items()}
        return {"next_pregnancy": following, "within_pregnancies": within}


def _before_after(before: Estimate, after: Estimate) -> dict[str, Any]:
    return {"before": before.to_dict(), "after": after.to_dict()}

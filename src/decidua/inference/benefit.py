"""What stands beside an averaged benefit of a drug: chances of none and of harm, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass

from decidua.evidence import Ledger
from decidua.inference.cells import EFFECT, STEROID
from decidua.inference.encoding import drugs_of
from decidua.life.parameters import FloatArray

# The entries through which each drug acts on a birth; `kind` in the ledger says what each rests on.
CARRIED_BY = {
    "prednisolone": ("law.prednisolone_log_hazard_ratio", EFFECT, STEROID),
    "aspirin": ("law.aspirin_log_hazard_ratio",),
    "progesterone": ("law.progesterone_log_hazard_ratio",),
}
# A change of fewer than this in 100 is told as none.
NO_CHANGE = 0.01


@dataclass(frozen=True, slots=True)
class Sides:
    """The other sides of a gain.

    Arguments:  p_no_benefit  chance that it is less than one in 100, or a loss
                p_net_harm    chance that it is a loss of one in 100 or more
                prior_share   share of the entries that carry the effect that are assumed
    """

    p_no_benefit: float
    p_net_harm: float
    prior_share: float

    def to_dict(self) -> dict[str, float]:
        """In the names of the JSON contract."""
        return {
            "chance_of_no_benefit": self.p_no_benefit,
            "chance_of_net_harm": self.p_net_harm,
            "share_that_rests_on_prior_alone": self.prior_share,
        }


def sides_of(gain: FloatArray, weights: FloatArray, *, prior_share: float) -> Sides:
    """The other sides of a gain by draw.

    Arguments:  gain         by draw, as a share of pregnancies
                weights      of the draws, which need not sum to one
                prior_share  as `share_assumed` gives it
    """
    share = weights / weights.sum()
    return Sides(
        p_no_benefit=float((share * (gain < NO_CHANGE)).sum()),
        p_net_harm=float((share * (gain <= -NO_CHANGE)).sum()),
        prior_share=prior_share,
    )


def carried_by(regimens: tuple[str, ...]) -> tuple[str, ...]:
    """The entries through which these regimens act on births."""
    drugs = drugs_of(regimens)
    return tuple(name for drug, names in CARRIED_BY.items() if drug in drugs for name in names)


def share_assumed(names: tuple[str, ...], ledger: Ledger) -> float:
    """Share of the entries through which something acts on births that are assumed.

    Arguments:  names   of entries, one or more, as `carried_by` gives them
                ledger  for their kinds
    """
    kinds = [ledger[name].kind for name in names]
    return kinds.count("assumed") / len(kinds)

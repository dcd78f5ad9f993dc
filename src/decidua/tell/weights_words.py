"""What outputs say of the weights of the explanations: assumed, weighed and unsettled, or weighed."""

from __future__ import annotations

from decidua.inference.class_weights import load_weights, order_is_stable, order_is_the_same, weights_are
from decidua.tell.words import sentence

ASSUMED_LABEL = "weights of the explanations: a starting assumption"
WEIGHED_LABEL = "each explanation weighed by studies"


def weights_sentence(*, is_prior: bool | None = None) -> str:
    """One sentence on where the weights come from, and whether their order can be told.

    Arguments:  is_prior  of the answer at hand; None asks what is installed
    """
    if weights_are() == "prior" if is_prior is None else is_prior:
        return sentence("weights_are_prior")
    if order_is_stable():
        return sentence("weights_are_settled")
    return sentence("weights_are_close" if order_is_the_same(load_weights()) else "weights_are_unsettled")


def weights_label() -> str:
    """The same in a few words, beside what studies show."""
    return ASSUMED_LABEL if weights_are() == "prior" else WEIGHED_LABEL

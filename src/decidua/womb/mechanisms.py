"""The five mechanisms by which uterine NK cells could bear on loss, and their three classes."""

from __future__ import annotations

from decidua.base.errors import InputError

MECHANISMS: tuple[str, ...] = ("attack", "perfusion", "decidual_quality", "too_few", "marker")
MECHANISM_CLASS: dict[str, str] = {
    "attack": "high_count_harms",
    "perfusion": "high_count_harms",
    "decidual_quality": "high_count_harms",
    "too_few": "low_count_harms",
    "marker": "no_effect",
}


def mechanism_code(mechanism: str) -> int:
    """The integer by which the model knows a mechanism, 1 to 5 in the order of MECHANISMS.

    Arguments:  mechanism  one of MECHANISMS
    Returns:    int
    Raises:     InputError for any other word
    """
    if mechanism not in MECHANISMS:
        raise InputError(field="mechanism", value=mechanism, allowed=", ".join(MECHANISMS))
    return MECHANISMS.index(mechanism) + 1


def assumes_contested_mechanism(mechanism: str) -> bool:
    """Whether a result under this mechanism rests on a claim the evidence disputes: all but `marker` do."""
    return mechanism != "marker"

"""From a pathway as data to the numbers that a life reads."""

from __future__ import annotations

import math

from decidua.care.pathways import CarePathway
from decidua.care.readings import UTERINE_CUT, cut_of
from decidua.evidence import Ledger
from decidua.life import pathway as life
from decidua.life.parameters import FloatArray
from decidua.life.ways import IntArray
from decidua.womb import Regimen, load_regimen

TESTS = {"none": life.NO_TEST, "uterine_nk": life.UTERINE_NK, "blood_nk": life.BLOOD_NK}
DAYS_UNTIL_RESULT = "care.pathway.days_until_result"
P_ACCEPTS = "care.pathway.p_accepts"


def pathway_of(
    care: CarePathway, *, regimens: IntArray, effects: FloatArray, reading: FloatArray, ledger: Ledger
) -> life.Pathway:
    """A pathway in numbers.

    Arguments:  care      the pathway
                regimens  row of the womb's table by treatment, shape (TREATMENTS,)
                effects   of `treatments.effects_of`, shape (draws, TREATMENTS, EFFECTS)
                reading   spread of a reading and correlation of blood with the womb, shape (draws, 2)
                ledger    for what the pathway leaves out
    Returns:    Pathway of the kernel
    Checked by: tests/spec/test_care.py
    """
    is_tested, to_all = care.after_losses is not None, care.progesterone
    return life.Pathway(
        test=TESTS[care.test],
        after_losses=care.after_losses or 0,
        in_a_row=int(care.consecutive),
        cut=cut_of(care, ledger),
        true_cut=math.log(ledger.value(UTERINE_CUT)),
        result_days=days_until_result(care, ledger) if is_tested else 0,
        p_accepts=p_accepts(care, ledger),
        wait_days=wait_days(care),
        to_all_after_losses=to_all.after_losses if to_all else 0,
        regimens=regimens,
        effects=effects,
        reading=reading,
    )


def treatments_of(care: CarePathway) -> tuple[tuple[str, ...], ...]:
    """Regimens by treatment: nothing, after a high reading, offered to all, both."""
    if_high = (care.if_high,) if care.if_high else ()
    to_all = (care.progesterone.regimen,) if care.progesterone else ()
    return (), if_high, to_all, (*if_high, *to_all)


def days_until_result(care: CarePathway, ledger: Ledger) -> int:
    """As the pathway says, else as the ledger assumes."""
    given = care.days_until_result
    return given if given is not None else int(ledger.value(DAYS_UNTIL_RESULT))


def p_accepts(care: CarePathway, ledger: Ledger) -> float:
    """As the pathway says, else as the ledger assumes."""
    return care.p_accepts if care.p_accepts is not None else ledger.value(P_ACCEPTS)


def wait_days(care: CarePathway) -> int:
    """As the pathway says, else the days that the course takes before the cycle of conception."""
    if care.wait_to_conceive_days is not None:
        return care.wait_to_conceive_days
    return days_before_conception(load_regimen(care.if_high)) if care.if_high else 0


def days_before_conception(regimen: Regimen) -> int:
    """Days from the first dose to the first day of the cycle of conception."""
    return round(max(0.0, *(-step.start_day for step in regimen.steps)))

"""How sure the studies behind each part of an answer are, read from the ledger entries it rests on."""

from __future__ import annotations

from functools import cache

from decidua.evidence import load_ledger
from decidua.tell.words import label

# From the surest down.
GRADES = ("high", "moderate", "low", "very_low")
RESTS_ON = {
    "births": ("law.aneuploid_log_odds", "law.euploid_log_hazard", "law.sd_shared_lasting"),
    "causes": ("law.aneuploid_log_odds", "law.euploid_log_hazard", "law.prevalence_antiphospholipid"),
    "uterine_nk": ("law.uterine_nk_effect", "measure.uterine_nk.repeatability"),
}


@cache
def how_sure(part: str) -> str:
    """One sentence with the lowest grade among the entries that a part of the answer rests on.

    Arguments:  part  births, causes or uterine_nk
    Returns:    the grade with its plain meaning
    Raises:     KeyError for another part
    Checked by: tests/unit/tell/test_history_sections.py
    """
    ledger = load_ledger()
    grade = max((ledger[name].grade for name in RESTS_ON[part]), key=GRADES.index)
    return f"How sure the studies are: {grade.replace('_', ' ')} ({label('grade', grade)})."

"""How far a reading strays from the count that lasts, and from which reading on it is called high."""

from __future__ import annotations

import math

import numpy as np

from decidua.care.pathways import CarePathway
from decidua.evidence import Ledger
from decidua.life.parameters import FloatArray
from decidua.measure.nk_tests import USUAL_DAY, error_log_sd

UTERINE_CUT = "measure.uterine_nk.cut_cells_per_mm2"
BLOOD_CUT = "measure.blood_nk.cut_percent_of_lymphocytes.clinic_pages"
BLOOD_MEAN = "measure.blood_nk.women_mean_percent_of_lymphocytes"
BLOOD_SD = "measure.blood_nk.women_sd_percent_of_lymphocytes"
# What blurs a uterine reading beside the cycle itself; all three are assumed.
UTERINE_ERRORS = (
    "measure.uterine_nk.repeatability",
    "measure.uterine_nk.between_laboratory_log_sd",
    "measure.uterine_nk.dating_error_days",
)
BLOOD_ERRORS = ("measure.blood_nk.correlation_with_uterine_nk",)


def reading_log_sd(cycle_log_sd: FloatArray, ledger: Ledger) -> FloatArray:
    r"""Log spread of one uterine reading around the lasting density.

    $$ \sigma = \sqrt{\sigma_{cycle}^2 + \sigma_{laboratory}^2 + \sigma_{dating}^2} $$
    Assumes a sample on the usual day, read in any laboratory against the one printed cut.

    Arguments:  cycle_log_sd  from cycle to cycle, by draw
                ledger        for laboratory and dating
    Returns:    the same shape
    Checked by: verify/test_care.py (share above the cut against `nk_tests.p_reads_above`)
    """
    return np.hypot(cycle_log_sd, error_log_sd(USUAL_DAY, ledger))


def cut_of(pathway: CarePathway, ledger: Ledger) -> float:
    """The cut on the scale of the kernel: log cells per mm2, or the standard score in blood."""
    if pathway.test == "blood_nk":
        cut = pathway.cut if pathway.cut is not None else ledger.value(BLOOD_CUT)
        return (cut - ledger.value(BLOOD_MEAN)) / ledger.value(BLOOD_SD)
    return math.log(pathway.cut if pathway.cut is not None else ledger.value(UTERINE_CUT))

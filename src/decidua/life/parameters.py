"""What the law needs to know: one tuple of numbers, one tuple of tables by week, and the week axis.

The numbers come from the evidence ledger (id `law.<field>`) or from one posterior draw; nothing
biological is written in this room.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled_step

FloatArray = NDArray[np.float64]

FIRST_WEEK = 4  # completed weeks of gestation at which a test turns positive
CLINICAL_WEEK = 6  # from here every loss is recognised
VIABLE_WEEK = 24  # a loss before this is a miscarriage, after it a stillbirth
LAST_WEEK = 45  # every pregnancy has ended by the end of this week
LOSS_WEEKS = VIABLE_WEEK - FIRST_WEEK
BIRTH_WEEKS = LAST_WEEK - VIABLE_WEEK + 1

CONDITIONS = ("antiphospholipid", "uterine_anomaly", "thyroid_antibodies", "translocation")
CAUSES = ("aneuploid", "uterine_nk", *CONDITIONS, "euploid_other")

LOG_NORMAL, TWO_CLASS = 0, 1
SHAPES = {"log_normal": LOG_NORMAL, "two_class": TWO_CLASS}


class LawParameters(NamedTuple):
    """One point in the parameter space of the law; every field is a ledger entry `law.<field>`."""

    # aneuploid conceptus: log-odds at six weeks for a young woman, then a bend upwards with age
    aneuploid_log_odds: float
    aneuploid_log_odds_per_year: float
    aneuploid_bend_age_years: float
    aneuploid_bend_width_years: float
    paternal_log_odds_per_year: float
    paternal_bend_age_years: float
    partner_age_gap_years: float
    viable_aneuploid_share: float
    # euploid loss: cumulative hazard of weeks 6 to 23 at the population's mean, nearly flat in age
    euploid_log_hazard: float
    euploid_log_hazard_per_decade: float
    # both channels are higher in the very young
    young_log_multiplier_per_year: float
    young_bend_age_years: float
    young_bend_width_years: float
    # when losses are recognised
    loss_week_median: float
    loss_week_log_sd: float
    euploid_log_delay: float
    euploid_tail_share: float
    preclinical_share_aneuploid: float
    preclinical_hazard_euploid: float
    p_recognised_week_4: float
    p_recognised_week_5: float
    # lasting and fading differences between women
    sd_shared_lasting: float
    sd_euploid_lasting: float
    sd_shared_fading: float
    fading_correlation: float  # from one pregnancy to the next
    fading_renewal_at_birth: float  # 1: a birth (or a new partner) draws it afresh; 0: it lasts
    high_class_share: float
    # named causes: prevalence, and excess hazard in units of the population's mean euploid hazard
    prevalence_antiphospholipid: float
    prevalence_uterine_anomaly: float
    prevalence_thyroid_antibodies: float
    prevalence_translocation: float
    excess_antiphospholipid: float
    excess_uterine_anomaly: float
    excess_thyroid_antibodies: float
    excess_translocation: float
    # uterine NK cells: spread of the lasting density, strength of the mechanism
    uterine_nk_log_median: float
    uterine_nk_lasting_log_sd: float
    uterine_nk_excess: float
    uterine_nk_implantation_log_effect: float
    # treatments act on euploid loss only
    prednisolone_log_hazard_ratio: float
    progesterone_log_hazard_ratio: float
    aspirin_log_hazard_ratio: float
    # late pregnancy and the level of a setting
    stillbirth_hazard_per_week: float
    setting_log_shift: float


class LawTables(NamedTuple):
    """What one set of parameters implies by week, worked out once and then looked up.

    Arrays run over the boundaries of weeks: entry i belongs to the start of week FIRST_WEEK + i.
    """

    aneuploid_survival: FloatArray  # (LOSS_WEEKS + 1,)
    preclinical_survival: FloatArray  # (LOSS_WEEKS + 1,) euploid, before CLINICAL_WEEK
    euploid_cumulative: FloatArray  # (LOSS_WEEKS + 1,) share of the cumulative hazard, 0 to 1
    birth_share: FloatArray  # (BIRTH_WEEKS,) chance of birth in that week among those still pregnant


class UterineNkTable(NamedTuple):
    """The womb's bridge for one mechanism: excess hazard and implantation by density and regimen."""

    log_density: FloatArray  # (densities,) natural log of cells per mm2, equally spaced
    hazard_excess: FloatArray  # (regimens, densities, LOSS_WEEKS), >= 0, dimensionless
    implantation_log_multiplier: FloatArray  # (regimens, densities)


@compiled_step
def parameters_of(row: FloatArray) -> LawParameters:
    """The tuple from a row of numbers in the order of its fields, for loops inside compiled code.

    Compiled code cannot spread an array over a tuple; a test holds this in step with the fields.
    """
    return LawParameters(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        row[16],
        row[17],
        row[18],
        row[19],
        row[20],
        row[21],
        row[22],
        row[23],
        row[24],
        row[25],
        row[26],
        row[27],
        row[28],
        row[29],
        row[30],
        row[31],
        row[32],
        row[33],
        row[34],
        row[35],
        row[36],
        row[37],
        row[38],
        row[39],
        row[40],
        row[41],
        row[42],
        row[43],
    )

"""What a reader of the article may change: cells, recognition, a dose and its taper, a test of the lining."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from decidua.base.errors import InputError
from decidua.base.estimates import Estimate, weighted_estimate
from decidua.evidence import load_ledger
from decidua.measure.nk_tests import cycle_log_sd, p_reads_above
from decidua.study.story_groups import births_by_count, lens_weights, lenses, losses_history
from decidua.study.story_script import load_script
from decidua.womb import Regimen, WombCourse, load_regimen, simulate_pregnancy
from decidua.womb.lining import Lining, lining_in_week
from decidua.womb.regimens import Step

# Limits of what may be tried, and the steps between: choices of the page, not biology.
CELLS_PER_MM2 = (20, 600)
RECOGNITION_OF_100 = (0, 100)
DOSE_MG_PER_DAY = (0, 40)
TAPER_WEEK = (6, 20)
HIGH_OF_1000, HIGH_STEP = (10, 400), 10
AGREEMENT_OF_100, AGREEMENT_STEP = (30, 70), 5  # the range of the ledger's declared prior
TEST_NODES = 400
COUNT_STEP_PER_MM2 = 20
COUNTS_PER_MM2 = tuple(range(40, 401, COUNT_STEP_PER_MM2))

STORY = "attack"
NO_EFFECT = "marker"
PICTURE_WEEK, PICTURE_SEED = 10, 1
LAST_WEEK = 24.0
TAPER_SHARES = (0.5, 0.25)  # as in the trial of 2013: half of the dose for a week, then a quarter


@dataclass(frozen=True)
class Meeting:
    """NK cells and embryo at one number and one recognition.

    own_world  the story's own world, in which the cells can kill
    otherwise  the same where the number has no effect
    lining     the strip of week PICTURE_WEEK in the story's own world
    """

    own_world: WombCourse
    otherwise: WombCourse
    lining: Lining


@dataclass(frozen=True)
class Courses:
    """One high count with and without a course of prednisolone; each also with an infection."""

    treated: WombCourse
    untreated: WombCourse
    infected_treated: WombCourse
    infected: WombCourse
    infection_week: int


@dataclass(frozen=True)
class Tested:
    """Women by what lasts and by what one test of the lining reads, as shares that add up to 1.

    high_reads_high, high_reads_usual      of women whose count is above the cut for good
    usual_reads_high, usual_reads_usual    of all others
    """

    high_reads_high: float
    high_reads_usual: float
    usual_reads_high: float
    usual_reads_usual: float

    @property
    def right_of_high(self) -> float:
        """Of those whose test reads high, the share whose count is high for good."""
        return self.high_reads_high / (self.high_reads_high + self.usual_reads_high)


@lru_cache(maxsize=128)
def try_test(high_of_1000: int, agreement_of_100: int) -> Tested:
    """One test of the lining in women of whom so many have a high count for good.

    Assumes that the log of the lasting count and of a reading around it are normal, as answers to histories
    do; how many have a high count for good, and how well two tests agree, is the reader's choice.

    Arguments:  high_of_1000      women with a lasting count above the cut, HIGH_OF_1000
                agreement_of_100  correlation of two tests of one woman in hundredths, AGREEMENT_OF_100
    Returns:    Tested
    Raises:     InputError for a number outside its range
    Source:     measure.uterine_nk.control_log_sd, measure.uterine_nk.cut_cells_per_mm2
    Checked by: tests/unit/study/test_try_out.py (against a bivariate normal)
    """
    _refuse_outside("high", high_of_1000, HIGH_OF_1000)
    _refuse_outside("agreement", agreement_of_100, AGREEMENT_OF_100)
    share, repeatability = high_of_1000 / 1000.0, agreement_of_100 / 100.0
    of_high = _p_reads_high((1.0 - share, 1.0), share, repeatability)
    of_usual = _p_reads_high((0.0, 1.0 - share), share, repeatability)
    return Tested(
        share * of_high, share * (1.0 - of_high), (1.0 - share) * of_usual, (1.0 - share) * (1.0 - of_usual)
    )


def _p_reads_high(between: tuple[float, float], share: float, repeatability: float) -> float:
    """Chance of a high reading among women between two quantiles of the lasting count."""
    ledger, normal = load_ledger(), NormalDist()
    cut = ledger.value("measure.uterine_nk.cut_cells_per_mm2")
    sd = ledger.value("measure.uterine_nk.control_log_sd")
    middles = (np.arange(TEST_NODES) + 0.5) / TEST_NODES
    ranks = between[0] + (between[1] - between[0]) * middles
    scores = np.array([normal.inv_cdf(rank) for rank in ranks]) - normal.inv_cdf(1.0 - share)
    log_density = math.log(cut) + math.sqrt(repeatability) * sd * scores[None, :]
    noise = cycle_log_sd(sd, np.array([repeatability]))
    return float(p_reads_above(cut, log_density=log_density, cycle_log_sd=noise).mean())


@lru_cache(maxsize=128)
def try_meeting(cells_per_mm2: int, recognition_of_100: int) -> Meeting:
    """NK cells meet an embryo.

    Arguments:  cells_per_mm2       density on cycle day 21, CELLS_PER_MM2
                recognition_of_100  how well the embryo is recognised, 0 to 100
    Returns:    Meeting
    Raises:     InputError for a number outside its range
    Checked by: tests/unit/study/test_try_out.py
    """
    _refuse_outside("cells", cells_per_mm2, CELLS_PER_MM2)
    _refuse_outside("recognition", recognition_of_100, RECOGNITION_OF_100)

    def run(mechanism: str) -> WombCourse:
        return simulate_pregnancy(
            mechanism,
            density_per_mm2=float(cells_per_mm2),
            recognition=recognition_of_100 / 100.0,
            end_week=LAST_WEEK,
        )

    own_world = run(STORY)
    lining = lining_in_week(own_world, PICTURE_WEEK, seed=PICTURE_SEED)
    return Meeting(own_world, run(NO_EFFECT), lining)


@lru_cache(maxsize=128)
def try_course(dose_mg_per_day: int, taper_week: int) -> Courses:
    """A course of prednisolone from the cycle of conception in a simulated womb with a high count.

    Arguments:  dose_mg_per_day  DOSE_MG_PER_DAY; 0 is no drug
                taper_week       first week of the taper, TAPER_WEEK
    Returns:    Courses
    Raises:     InputError for a number outside its range
    Checked by: tests/unit/study/test_try_out.py
    """
    _refuse_outside("dose", dose_mg_per_day, DOSE_MG_PER_DAY)
    _refuse_outside("taper_week", taper_week, TAPER_WEEK)
    from decidua.womb.story import story_counts_per_mm2

    high, week = story_counts_per_mm2()["high"], load_script().inputs.infection_week

    def run(regimen: Regimen, infection_week: float | None = None) -> WombCourse:
        return simulate_pregnancy(
            STORY, density_per_mm2=high, regimen=regimen, infection_week=infection_week, end_week=LAST_WEEK
        )

    given, none = course_of(dose_mg_per_day, taper_week), load_regimen("none")
    return Courses(run(given), run(none), run(given, float(week)), run(none, float(week)), week)


def course_of(dose_mg_per_day: int, taper_week: int) -> Regimen:
    """A course for the simulator: one dose from cycle day 1 on, then half and a quarter for a week each."""
    if dose_mg_per_day == 0:
        return load_regimen("none")
    main = Step(
        drug="prednisolone",
        dose_mg_per_day=float(dose_mg_per_day),
        start_cycle_day=1.0,
        duration_weeks=float(taper_week),
    )
    taper = [
        Step(
            drug="prednisolone",
            dose_mg_per_day=share * dose_mg_per_day,
            start_gestation_weeks=float(taper_week + place),
            duration_weeks=1.0,
        )
        for place, share in enumerate(TAPER_SHARES)
    ]
    return Regimen(
        name="tried_course",
        title=f"Prednisolone {dose_mg_per_day} mg with a taper from week {taper_week}",
        steps=(main, *taper),
        assumed=("dose and week are a reader's choice, for the simulator only",),
    )


def births_over_counts() -> dict[str, dict[int, Estimate]]:
    """Births of the story's group if pregnant again, by lasting count and world: `own` and `avg`.

    Returns:    lens to count, of COUNTS_PER_MM2, to chance of a live birth
    Checked by: tests/unit/study/test_try_out.py (equal to the story's own at its counts)
    """
    given = load_script().inputs
    group = losses_history(given.losses, age_years=given.age_years, loss_week=given.loss_week)
    table = births_by_count(group)
    return {
        lens.name: {
            count: weighted_estimate(table.at(count), lens_weights(table.evaluation, lens))
            for count in COUNTS_PER_MM2
        }
        for lens in lenses(STORY)
    }


def _refuse_outside(name: str, value: int, limits: tuple[int, int]) -> None:
    lo, hi = limits
    if not lo <= value <= hi:
        raise InputError(field=name, value=value, allowed=f"{lo} to {hi}")

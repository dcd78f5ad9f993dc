"""The story's own world: what the popular account of uterine NK cells looks like when it is run as told."""

from __future__ import annotations

import math
from typing import Any

from decidua.womb.parameters import ledger_values
from decidua.womb.pregnancy import WombCourse, simulate_pregnancy
from decidua.womb.regimens import SAFETY_SENTENCE

MECHANISM = "attack"
REGIMENS_SHOWN = ("none", "story_protocol")
FIRST_WEEK = 4


def story_world(*, recognition: float = 0.5, end_week: float = 40.0) -> dict[str, Any]:
    """Courses of a usual and a high count under `attack`, without treatment and on the story's protocol.

    The usual count is the control median; the high one lies one standard deviation (on the log scale) above
    the median of women with recurrent loss in the same laboratory.

    Arguments:  recognition  0 (embryo not recognised) to 1
                end_week     gestation at which the runs end, weeks, 4 to 45
    Returns:    plain data: `weeks`, and for each course count, density at the test, regimen, whether the
                count became normal, and by week uterine NK density, trophoblast, added hazard and dose;
                with `assumes_contested_mechanism` True and the safety sentence
    Raises:     InputError for an input outside its range
    Checked by: tests/unit/womb/test_story.py
    """
    counts = story_counts_per_mm2()
    courses = [
        (
            count,
            simulate_pregnancy(
                MECHANISM,
                density_per_mm2=density,
                recognition=recognition,
                regimen=regimen,
                end_week=end_week,
            ),
        )
        for count, density in counts.items()
        for regimen in REGIMENS_SHOWN
    ]
    return {
        "mechanism": MECHANISM,
        "assumes_contested_mechanism": True,
        "safety": SAFETY_SENTENCE,
        "recognition": recognition,
        "weeks": courses[0][1].weeks()[FIRST_WEEK:].tolist(),
        "hazard_excess_is": "1 = what 300 instead of 133 cells per mm2 adds, averaged over weeks 6 to 12",
        "courses": [_as_data(count, course) for count, course in courses],
    }


def story_counts_per_mm2() -> dict[str, float]:
    """The usual and the high count of the story page, cells per mm2, both of one laboratory."""
    values = ledger_values()
    mean, sd = values["unk_rm_mean_per_mm2"], values["unk_rm_sd_per_mm2"]
    log_variance = math.log1p((sd / mean) ** 2)
    median = mean * math.exp(-log_variance / 2.0)
    return {
        "typical": values["unk_control_median_per_mm2"],
        "high": median * math.exp(math.sqrt(log_variance)),
    }


def _as_data(count: str, course: WombCourse) -> dict[str, Any]:
    def by_week(name: str) -> list[float]:
        shown: list[float] = course.weekly(name)[FIRST_WEEK:].tolist()
        return shown

    return {
        "count": count,
        "density_at_test_per_mm2": course.density_per_mm2,
        "regimen": course.regimen,
        "normalised": course.normalised,
        "uterine_nk_per_mm2": by_week("uterine_nk"),
        "trophoblast": by_week("trophoblast"),
        "prednisolone_mg_per_day": by_week("prednisolone_mg_per_day"),
        "hazard_excess": course.weekly_hazard_excess()[FIRST_WEEK:].tolist(),
    }

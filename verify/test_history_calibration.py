"""A short run of the simulation-based calibration; the long one is `python verify/history_calibration.py`."""

from __future__ import annotations

from history_calibration import calibration, judge

WOMEN, SEED = 150, 7


def test_truths_fall_evenly_over_the_answers():
    judge(calibration(WOMEN, seed=SEED))

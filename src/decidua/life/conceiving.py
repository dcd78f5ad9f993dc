r"""The next conception, found by inverting the cumulative hazard over cycles; no cycle is looped over.

Within one year of age the chance per cycle is constant, p. The number of cycles that a unit exponential
number e lasts is $\lfloor e / h \rfloor + 1$ with $h = -\ln(1 - p)$, which is exactly geometric; what is left
of e when the year ends is carried into the next year.
"""

from __future__ import annotations

import math

from decidua.base.compiled import compiled_in_place
from decidua.life.parameters import FloatArray
from decidua.life.ways import YEARS, first_day_of_year, year_of_age

NEVER = 0


@compiled_in_place
def cycles_to_conception(
    u: float, first_day: int, end_day: int, p_conceive: float, ratios: FloatArray, is_gravid: int,
    cycle_days: int,
) -> int:  # fmt: skip
    """Cycles until she conceives, counted from 1, or NEVER.

    Arguments:  u           uniform number of this wait
                first_day   of age, on which the first of these cycles begins
                end_day     no cycle begins on this day or later
                p_conceive  chance per cycle at ratio 1
                ratios      by gravidity and year of age, shape (2, YEARS)
                is_gravid   0 or 1
                cycle_days  length of a cycle
    Returns:    number of the cycle in which she conceives
    Checked by: verify/test_lives_limits.py (constant chance: exactly geometric), verify/lives_twin.py
    """
    left, day, cycles = -math.log(u), first_day, 0
    while day < end_day:
        year = year_of_age(day)
        # the last place of the tables stands for all later years
        until = end_day if year == YEARS - 1 else min(first_day_of_year(year + 1), end_day)
        here = int((until - day - 1) / cycle_days) + 1
        p = min(p_conceive * ratios[is_gravid, year], 1.0)
        if p >= 1.0:
            return cycles + 1
        hazard = -math.log(1.0 - p)
        if left < hazard * here:
            return cycles + min(int(left / hazard) + 1, here)
        left -= hazard * here
        cycles += here
        day += here * cycle_days
    return NEVER

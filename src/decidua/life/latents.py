"""What a woman is born with: her draw of the law, her lasting factors, cells, fecundability and wishes."""

from __future__ import annotations

import math
from typing import NamedTuple

from decidua.base.address import Stream, uniform_at
from decidua.base.compiled import compiled_in_place, compiled_step
from decidua.base.normal import normal_quantile
from decidua.life import purposes
from decidua.life.differences import factor_at
from decidua.life.parameters import TWO_CLASS, FloatArray, LawParameters
from decidua.life.ways import (
    DAYS_IN_YEAR,
    P_CONCEIVE_FERTILE,
    P_CONCEIVE_SUB_FERTILE,
    P_GO_ON,
    RESIDUAL_LOG_SD,
    RESIDUAL_WEIGHT,
    SHARE_SUB_FERTILE,
    Draws,
    IntArray,
    Ways,
    at_quantile,
)


class Latents(NamedTuple):
    """Fixed for life; nobody in the simulated world sees them."""

    shared: float  # lasting factor of all loss
    residual: float  # euploid factor L
    log_density: float
    has_antiphospholipid: float
    has_uterine_anomaly: float
    has_thyroid_antibodies: float
    has_translocation: float
    p_conceive: float  # per cycle at ratio 1, implantation multiplier included
    start_day: int
    sterile_day: int
    wants: int
    residual_weight: float  # w0 of the budget, of her draw
    p_go_on_after_loss: float  # of her draw
    nk_below: int  # place of her density on the grid
    nk_fraction: float


@compiled_in_place
def draw_of(stream: Stream, alias_p: FloatArray, alias_to: IntArray) -> int:
    """Her draw of the law, by Walker's alias."""
    i = int(uniform_at(stream, 0, purposes.DRAW_PLACE) * alias_p.size)
    return i if uniform_at(stream, 0, purposes.DRAW_KEPT) < alias_p[i] else int(alias_to[i])


@compiled_step
def factor_of(u: float, sd: float, shape: int, high_share: float) -> float:
    """A factor with mean 1 from one uniform number: log-normal, or a low and a high class.

    The same distributions as `differences.factor_nodes`, drawn instead of laid out on nodes.
    """
    if sd == 0.0:
        return 1.0
    if shape != TWO_CLASS:
        return factor_at(normal_quantile(u), sd)
    spread = math.sqrt(math.expm1(sd * sd))
    low = 1.0 - spread * math.sqrt(high_share / (1.0 - high_share))
    if low < 0.0:
        low, high_share = 0.0, 1.0 / (1.0 + spread * spread)
    return (1.0 - (1.0 - high_share) * low) / high_share if u < high_share else low


@compiled_in_place
def has(stream: Stream, purpose: int, prevalence: float) -> float:
    """1 if she has the condition that this number decides, else 0."""
    return 1.0 if uniform_at(stream, 0, purpose) < prevalence else 0.0


@compiled_in_place
def sterile_from(u: float, ways: Ways) -> int:
    """Day of age from which she can no longer conceive; 0 for those who never could."""
    ages, share = ways.sterility_age_years, ways.sterility_share
    if u <= share[0]:
        return 0
    for i in range(1, share.size):
        if u <= share[i]:
            years = ages[i - 1] + (ages[i] - ages[i - 1]) * (u - share[i - 1]) / (share[i] - share[i - 1])
            return int(years * DAYS_IN_YEAR)
    return ways.last_day


@compiled_in_place
def children_wanted(u: float, ways: Ways) -> int:
    """How many children she would like."""
    wanted = 1
    while u > ways.p_wants_at_most[wanted - 1]:
        wanted += 1
    return wanted


@compiled_in_place
def place_on_grid(grid: FloatArray, x: float) -> tuple[int, float]:
    """Place below x on an equally spaced grid, and how far x lies towards the next; flat beyond the ends."""
    step = (grid[-1] - grid[0]) / (grid.size - 1)
    position = min(max((x - grid[0]) / step, 0.0), grid.size - 1.0)
    i = min(int(position), grid.size - 2)
    return i, position - i


@compiled_in_place
def p_conceive_of(stream: Stream, mine: FloatArray) -> float:
    """Chance per cycle at ratio 1 of this couple, womb apart, from the row of her draw."""
    is_sub_fertile = uniform_at(stream, 0, purposes.FERTILITY) < mine[SHARE_SUB_FERTILE]
    return float(mine[P_CONCEIVE_SUB_FERTILE] if is_sub_fertile else mine[P_CONCEIVE_FERTILE])


@compiled_in_place
def latents_of(stream: Stream, draw: int, p: LawParameters, draws: Draws, ways: Ways) -> Latents:
    """Everything that is fixed at birth, each from the number at its own address."""
    u_shared, u_residual = uniform_at(stream, 0, purposes.SHARED), uniform_at(stream, 0, purposes.RESIDUAL)
    score = normal_quantile(uniform_at(stream, 0, purposes.DENSITY))
    log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * score
    below, fraction = place_on_grid(draws.log_density, log_density)
    implantation = draws.implantation_log[draw, 0, below] * (1.0 - fraction)
    implantation += draws.implantation_log[draw, 0, below + 1] * fraction
    start_age = at_quantile(ways.start_age_years, uniform_at(stream, 0, purposes.START_AGE))
    return Latents(
        factor_of(u_shared, p.sd_shared_lasting, draws.shape, p.high_class_share),
        factor_of(u_residual, draws.rows[draw, RESIDUAL_LOG_SD], draws.shape, p.high_class_share),
        log_density,
        has(stream, purposes.ANTIPHOSPHOLIPID, p.prevalence_antiphospholipid),
        has(stream, purposes.UTERINE_ANOMALY, p.prevalence_uterine_anomaly),
        has(stream, purposes.THYROID_ANTIBODIES, p.prevalence_thyroid_antibodies),
        has(stream, purposes.TRANSLOCATION, p.prevalence_translocation),
        p_conceive_of(stream, draws.rows[draw]) * math.exp(implantation),
        int(start_age * DAYS_IN_YEAR),
        sterile_from(uniform_at(stream, 0, purposes.STERILITY), ways),
        children_wanted(uniform_at(stream, 0, purposes.WANTED), ways),
        draws.rows[draw, RESIDUAL_WEIGHT],
        draws.rows[draw, P_GO_ON],
        below,
        fraction,
    )

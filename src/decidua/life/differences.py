r"""How women differ: three kinds of factor, and the budget of variance that named causes share.

The euploid multiplier of a woman is

$$ m = w_0 L + \sum_k a_k X_k, \qquad E[m] + \beta E[u] = 1, \qquad
   \mathrm{Var}(m) + \beta^2 \mathrm{Var}(u) = e^{\sigma^2} - 1 $$

so a named cause takes its share of the variance that the recurrence gradient fixes; it never adds.
"""

from __future__ import annotations

import math

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.life.parameters import TWO_CLASS, FloatArray, LawParameters, UterineNkTable


def normal_nodes(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights that integrate against a standard normal.

    Arguments:  count  number of nodes, >= 1
    Returns:    nodes and weights, each shape (count,), weights summing to 1
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


@compiled_step
def factor_at(z: float, sd: float) -> float:
    """A log-normal factor with mean 1 at standard score z."""
    return math.exp(sd * z - 0.5 * sd * sd)


@compiled_step
def factor_nodes(
    sd: float, shape: int, high_share: float, z: FloatArray, z_weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Values and weights of one factor: log-normal at normal nodes, or a low and a high class.

    Both shapes have mean 1 and variance exp(sd^2) - 1; without spread one node is left.
    """
    if sd == 0.0:
        return np.ones(1), np.ones(1)
    if shape == TWO_CLASS:
        spread = math.sqrt(math.expm1(sd * sd))
        low = 1.0 - spread * math.sqrt(high_share / (1.0 - high_share))
        if low < 0.0:
            # the class share cannot carry so much variance: the low class is then free of loss
            low = 0.0
            high_share = 1.0 / (1.0 + spread * spread)
        high = (1.0 - (1.0 - high_share) * low) / high_share
        return np.array([low, high]), np.array([1.0 - high_share, high_share])
    values = np.empty(z.size)
    for i in range(z.size):
        values[i] = factor_at(z[i], sd)
    return values, z_weights


@compiled
def faded(here: float, everywhere: float, fresh: float, correlation: float) -> float:
    """Weight of one value of the fading factor in the next pregnancy.

    The factor is kept with chance `correlation`, else drawn afresh. That keeps its distribution and
    gives it exactly this correlation, at any set of nodes.

    Arguments:  here         weight at this value now
                everywhere   weight at all values now
                fresh        chance of this value when drawn afresh
                correlation  0 to 1
    """
    return correlation * here + (1.0 - correlation) * everywhere * fresh


@compiled_step
def nk_mean_excess(table: UterineNkTable, regimen: int, log_density: float, share: FloatArray) -> float:
    """Excess hazard of one density averaged over the weeks of loss with the given shares."""
    total = 0.0
    for w in range(share.size):
        if share[w] > 0.0:
            total += share[w] * interpolate_density(
                table.hazard_excess[regimen, :, w], table.log_density, log_density
            )
    return total


@compiled_step
def interpolate_density(values: FloatArray, grid: FloatArray, x: float) -> float:
    """Straight-line interpolation on the equally spaced grid of log density, flat beyond its ends."""
    step = (grid[-1] - grid[0]) / (grid.size - 1)
    position = min(max((x - grid[0]) / step, 0.0), grid.size - 1.0)
    i = min(int(position), grid.size - 2)
    return float(values[i] + (values[i + 1] - values[i]) * (position - i))


@compiled
def nk_cumulative(
    table: UterineNkTable, regimen: int, log_density: float, p: LawParameters, euploid: FloatArray
) -> FloatArray:
    """Cumulative excess of uterine NK cells at the start of each week, in units of the euploid hazard."""
    total = np.zeros(euploid.size)
    for w in range(euploid.size - 1):
        excess = interpolate_density(table.hazard_excess[regimen, :, w], table.log_density, log_density)
        total[w + 1] = total[w] + p.uterine_nk_excess * excess * (euploid[w + 1] - euploid[w])
    return total


@compiled_step
def implantation_multiplier(
    table: UterineNkTable, regimen: int, log_density: float, p: LawParameters
) -> float:
    """Multiplier of uterine NK cells on the chance to conceive in one cycle; 1 at the control median."""
    unit = interpolate_density(table.implantation_log_multiplier[regimen], table.log_density, log_density)
    return math.exp(p.uterine_nk_implantation_log_effect * unit)


@compiled_step
def prevalences(p: LawParameters) -> FloatArray:
    """Share of all women with each condition, in the order of CONDITIONS."""
    return np.array(
        [
            p.prevalence_antiphospholipid,
            p.prevalence_uterine_anomaly,
            p.prevalence_thyroid_antibodies,
            p.prevalence_translocation,
        ]
    )


@compiled_step
def excesses(p: LawParameters) -> FloatArray:
    """Excess hazard of each condition, in the order of CONDITIONS."""
    return np.array(
        [
            p.excess_antiphospholipid,
            p.excess_uterine_anomaly,
            p.excess_thyroid_antibodies,
            p.excess_translocation,
        ]
    )


@compiled
def remaining_budget(p: LawParameters, nk_mean: float, nk_variance: float) -> tuple[float, float]:
    """What named causes leave of the euploid mean and of its variance.

    Arguments:  nk_mean, nk_variance  of the uterine NK excess over women, before p.uterine_nk_excess
    Returns:    (weight w0, sd of the log of L); (-1, -1) where the causes exceed the budget
    """
    mean, variance = 1.0, math.expm1(p.sd_euploid_lasting**2)
    prevalence, excess = prevalences(p), excesses(p)
    for k in range(prevalence.size):
        mean -= excess[k] * prevalence[k]
        variance -= excess[k] ** 2 * prevalence[k] * (1.0 - prevalence[k])
    mean -= p.uterine_nk_excess * nk_mean
    variance -= p.uterine_nk_excess**2 * nk_variance
    if mean <= 0.0 or variance < 0.0:
        return -1.0, -1.0
    return mean, math.sqrt(math.log1p(variance / (mean * mean)))

r"""Likelihood of published samples of uterine NK counts, on the scale of each laboratory's own controls.

A score is the quantile of a reading among the controls of its laboratory, as a normal score. Controls score
with mean 0 and sd 1. A sample of women whose lasting scores stand on nodes with weights q reads

$$ y = \delta + e^{s} (\sqrt{r} z_d + \sqrt{1 - r} \, \epsilon), \qquad z_d \sim q $$

with the shift and the spread of samples, and the repeatability r. The laboratory's own median and spread are
known only from its few controls; both are summed out, with the discrepancy of the table in the level.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.life.parameters import FloatArray

SMALLEST = 1e-300
FAR = 38.0  # nothing is left beyond; saves time at open ends
ROUNDING = 0.05  # published means and spreads, and the normal approximation of their errors, are no better
MEDIAN_FACTOR = math.sqrt(math.pi / 2.0)  # standard error of a median over that of a mean


class Sample(NamedTuple):
    """Readings of one sample as scores: a mixture of normals."""

    weight: FloatArray  # (densities,) sums to 1
    mean: FloatArray  # (densities,)
    sd: float


class Laboratory(NamedTuple):
    """What the controls of one laboratory say of its scale."""

    log_median: float
    log_sd: float
    median_error: float  # standard error of the log median, in log spreads of the controls
    log_sd_error: float  # standard error of the log of the log spread


class Counted(NamedTuple):
    """Numbers of women below, between and above two cuts, with mean and sd."""

    low_cut: float
    high_cut: float
    below: float
    between: float
    above: float
    mean: float
    sd: float


class Ranged(NamedTuple):
    """A sample told by its smallest, largest and mean or median reading."""

    women: float
    smallest: float
    middle: float
    largest: float


class Outcomes(NamedTuple):
    """Mean reading before the next pregnancy, by how it ended."""

    lost: float
    mean_lost: float
    born: float
    mean_born: float


class Rule(NamedTuple):
    """Nodes of the level and the scale of a laboratory."""

    level_z: FloatArray
    level_w: FloatArray
    scale_z: FloatArray
    scale_w: FloatArray


@compiled_step
def normal_cdf(z: float) -> float:
    """Chance that a standard normal lies below z."""
    if z > FAR:
        return 1.0
    if z < -FAR:
        return 0.0
    return 0.5 * math.erfc(-z * math.sqrt(0.5))


@compiled_step
def normal_pdf(z: float) -> float:
    """Density of a standard normal."""
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


@compiled_step
def log_sum(a: float, b: float) -> float:
    """Logarithm of a sum of two exponentials."""
    top = max(a, b)
    return top if top == -math.inf else top + math.log(math.exp(a - top) + math.exp(b - top))


@compiled_step
def log_normal_density(x: float, mean: float, variance: float) -> float:
    """Log density of a normal."""
    return -0.5 * (x - mean) ** 2 / variance - 0.5 * math.log(2.0 * math.pi * variance)


@compiled
def below(sample: Sample, score: float) -> float:
    """Share of readings below a score."""
    total = 0.0
    for d in range(sample.weight.size):
        total += sample.weight[d] * normal_cdf((score - sample.mean[d]) / sample.sd)
    return total


@compiled_step
def density_at(sample: Sample, score: float) -> float:
    """Density of readings at a score."""
    total = 0.0
    for d in range(sample.weight.size):
        total += sample.weight[d] * normal_pdf((score - sample.mean[d]) / sample.sd) / sample.sd
    return total


@compiled_step
def partial_moment(
    sample: Sample, power: float, low: float, high: float, log_median: float, log_sd: float
) -> float:
    """Expectation of a power of the reading, in the laboratory's unit, over scores between low and high."""
    total = 0.0
    for d in range(sample.weight.size):
        sd = log_sd * sample.sd
        mean = log_median + log_sd * sample.mean[d]
        up = (high - sample.mean[d]) / sample.sd - power * sd
        down = (low - sample.mean[d]) / sample.sd - power * sd
        share = normal_cdf(up) - normal_cdf(down)
        total += sample.weight[d] * math.exp(power * mean + 0.5 * (power * sd) ** 2) * share
    return total


@compiled
def moved(sample: Sample, shift: float) -> Sample:
    """The same sample at another level."""
    return Sample(sample.weight, sample.mean + shift, sample.sd)


@compiled_step
def log_counted(table: Counted, sample: Sample, lab: Laboratory, level_sd: float, rule: Rule) -> float:
    """Log likelihood of counts between cuts, and of mean and sd given the counts."""
    total = -math.inf
    for i in range(rule.level_z.size):
        here = moved(sample, level_sd * rule.level_z[i])
        for j in range(rule.scale_z.size):
            log_sd = lab.log_sd * math.exp(lab.log_sd_error * rule.scale_z[j])
            one = counted_at(table, here, lab.log_median, log_sd)
            total = log_sum(total, one + math.log(rule.level_w[i] * rule.scale_w[j]))
    return total


@compiled_step
def counted_at(table: Counted, sample: Sample, log_median: float, log_sd: float) -> float:
    """The same at one level and scale of the laboratory."""
    edges = np.array([-FAR * FAR, 0.0, 0.0, FAR * FAR])
    edges[1] = (math.log(table.low_cut) - log_median) / log_sd
    edges[2] = (math.log(table.high_cut) - log_median) / log_sd
    counts = np.array([table.below, table.between, table.above])
    expected, spread, total = np.zeros(2), np.zeros(3), 0.0
    whole = np.empty((counts.size, 5))
    for k in range(5):
        whole[1, k] = partial_moment(sample, float(k), edges[1], edges[2], log_median, log_sd)
        whole[2, k] = partial_moment(sample, float(k), edges[2], edges[3], log_median, log_sd)
        everything = partial_moment(sample, float(k), edges[0], edges[3], log_median, log_sd)
        whole[0, k] = max(everything - whole[1, k] - whole[2, k], 0.0)
    for c in range(counts.size):
        moments = whole[c]
        p = max(moments[0], SMALLEST)
        total += counts[c] * math.log(p)
        if p > 1e-6:
            m1, m2, m3, m4 = moments[1] / p, moments[2] / p, moments[3] / p, moments[4] / p
            expected += counts[c] * np.array([m1, m2])
            spread += counts[c] * np.array([max(m2 - m1 * m1, 0.0), max(m4 - m2 * m2, 0.0), m3 - m1 * m2])
    if expected[0] <= 0.0:
        return total  # nobody is expected where anybody was counted: the counts have said enough
    return total + log_moments(table, counts.sum(), expected, spread)


@compiled_step
def log_moments(table: Counted, count: float, expected: FloatArray, spread: FloatArray) -> float:
    """Log density of the logs of the sum and of the sum of squares, given the counts."""
    first = math.log(count * table.mean) - math.log(expected[0])
    square = (count - 1.0) * table.sd**2 + count * table.mean**2
    second = math.log(square) - math.log(expected[1])
    v1 = spread[0] / expected[0] ** 2 + ROUNDING**2
    v2 = spread[1] / expected[1] ** 2 + ROUNDING**2
    c12 = spread[2] / (expected[0] * expected[1])
    determinant = v1 * v2 - c12 * c12
    distance = (first**2 * v2 - 2.0 * first * second * c12 + second**2 * v1) / determinant
    return float(-0.5 * distance - 0.5 * math.log(determinant))


@compiled_step
def log_ranged(
    table: Ranged, sample: Sample, lab: Laboratory, level_sd: float, is_mean: bool, rule: Rule
) -> float:
    """Log likelihood of smallest, largest and mean (or median) reading of a sample."""
    total = -math.inf
    for i in range(rule.level_z.size):
        here = moved(sample, level_sd * rule.level_z[i])
        for j in range(rule.scale_z.size):
            log_sd = lab.log_sd * math.exp(lab.log_sd_error * rule.scale_z[j])
            if is_mean:
                one = range_and_mean(table, here, lab.log_median, log_sd)
            else:
                one = range_and_median(table, here, lab.log_median, log_sd)
            total = log_sum(total, one + math.log(rule.level_w[i] * rule.scale_w[j]))
    return total


@compiled_step
def range_and_mean(table: Ranged, sample: Sample, log_median: float, log_sd: float) -> float:
    """Exact density of both ends; the mean of the others is normal, cut at the ends."""
    low = (math.log(table.smallest) - log_median) / log_sd
    high = (math.log(table.largest) - log_median) / log_sd
    inside = max(below(sample, high) - below(sample, low), SMALLEST)
    first = partial_moment(sample, 1.0, low, high, log_median, log_sd) / inside
    second = partial_moment(sample, 2.0, low, high, log_median, log_sd) / inside
    others = table.women - 2.0
    mean = (table.smallest + table.largest + others * first) / table.women
    variance = (
        others * max(second - first * first, 1e-9) / table.women**2 + (ROUNDING * table.middle) ** 2 / 4.0
    )
    ends = math.log(max(density_at(sample, low), SMALLEST)) + math.log(
        max(density_at(sample, high), SMALLEST)
    )
    return (
        ends
        - 2.0 * math.log(log_sd)
        + others * math.log(inside)
        + log_normal_density(table.middle, mean, variance)
    )


@compiled_step
def range_and_median(table: Ranged, sample: Sample, log_median: float, log_sd: float) -> float:
    """Exact density of both ends and of the middle reading of an odd sample."""
    low = (math.log(table.smallest) - log_median) / log_sd
    middle = (math.log(table.middle) - log_median) / log_sd
    high = (math.log(table.largest) - log_median) / log_sd
    at = below(sample, middle)
    halves = math.log(max(at - below(sample, low), SMALLEST)) + math.log(
        max(below(sample, high) - at, SMALLEST)
    )
    points = math.log(max(density_at(sample, low), SMALLEST)) + math.log(
        max(density_at(sample, high), SMALLEST)
    )
    points += math.log(max(density_at(sample, middle), SMALLEST))
    return points - 3.0 * math.log(log_sd) + 0.5 * (table.women - 3.0) * halves


@compiled_step
def log_outcomes(
    table: Outcomes, sample: Sample, p_birth: FloatArray, lab: Laboratory, discrepancy: float, rule: Rule
) -> float:
    """Log likelihood of the ratio of the two mean readings; the level of the sample leaves it untouched."""
    total = -math.inf
    seen = math.log(table.mean_born / table.mean_lost)
    for j in range(rule.scale_z.size):
        log_sd = lab.log_sd * math.exp(lab.log_sd_error * rule.scale_z[j])
        mean, variance = ratio_of_means(table, sample, p_birth, log_sd)
        one = log_normal_density(seen, mean, variance + (discrepancy * log_sd) ** 2)
        total = log_sum(total, one + math.log(rule.scale_w[j]))
    return total


@compiled_step
def ratio_of_means(
    table: Outcomes, sample: Sample, p_birth: FloatArray, log_sd: float
) -> tuple[float, float]:
    """Expected log ratio of the mean reading before a birth to that before a loss, and its variance."""
    born = Sample(sample.weight * p_birth, sample.mean, sample.sd)
    lost = Sample(sample.weight * (1.0 - p_birth), sample.mean, sample.sd)
    first_born, cv_born = mean_and_squared_cv(born, log_sd)
    first_lost, cv_lost = mean_and_squared_cv(lost, log_sd)
    return math.log(first_born / first_lost), cv_born / table.born + cv_lost / table.lost


@compiled_step
def mean_and_squared_cv(sample: Sample, log_sd: float) -> tuple[float, float]:
    """Mean reading in units of the control median, and its squared coefficient of variation."""
    total = sample.weight.sum()
    first = partial_moment(sample, 1.0, -FAR * FAR, FAR * FAR, 0.0, log_sd) / total
    second = partial_moment(sample, 2.0, -FAR * FAR, FAR * FAR, 0.0, log_sd) / total
    return first, second / first**2 - 1.0

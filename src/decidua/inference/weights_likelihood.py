r"""Likelihood of everything published about uterine NK cells and loss, under one mechanism: stage two.

Every function is compiled; one call takes a fraction of a millisecond. The samples are in `weights_samples`,
what losses select is looked up in `weights_tables`; the trials are here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.inference.weights_samples import (
    MEDIAN_FACTOR,
    SMALLEST,
    Counted,
    Laboratory,
    Outcomes,
    Ranged,
    Rule,
    Sample,
    log_counted,
    log_normal_density,
    log_outcomes,
    log_ranged,
    log_sum,
    normal_cdf,
    normal_pdf,
)
from decidua.inference.weights_tables import EVERYONE, SECOND, THIRD, Grid, Selection
from decidua.life.parameters import FloatArray

TABLES = (
    "KUON_2017",
    "TUCKERMAN_2007",
    "TUCKERMAN_2007 next pregnancy",
    "TUCKERMAN_2010",
    "QUENBY_2005",
    "TANG_2013",
    "LASKIN_1997",
    "SUN_2023",
    "GOMAA_2014",
    "cohort before any pregnancy",
)
POINT = 8
TANG, SUN = 0, 1  # regimens


class Trial(NamedTuple):
    """Women and births in both arms."""

    treated: float
    treated_births: float
    control: float
    control_births: float


class Repeat(NamedTuple):
    """Median reading before and after treatment, in women picked for a first reading above a cut."""

    women: float
    cut: float
    before: float
    after: float


class Constants(NamedTuple):
    """Declared numbers of the samples and trials."""

    cut_score: float  # score of the cut of the trial among controls
    trial_level_sd: float
    failed_level_sd: float
    failed_transfers: float
    p_transfer: float
    log_steroid: float  # log factor on density that the womb's table was made with
    aspirin_sd: float
    repeat_log_sd: float  # log spread of controls in the laboratory of the before-and-after series
    repeat_log_sd_error: float


class Studies(NamedTuple):
    """Everything that was published, as numbers."""

    kuon: Counted
    kuon_lab: Laboratory
    losses: Ranged  # Tuckerman 2007
    losses_lab: Laboratory
    outcomes: Outcomes
    failed: Ranged  # Tuckerman 2010
    failed_lab: Laboratory
    repeat: Repeat
    tang: Trial
    laskin: Trial
    sun: Trial
    gomaa: Trial
    cohort: Outcomes
    constants: Constants
    rule: Rule


class Place(NamedTuple):
    """Where a point lies on the grid."""

    e: int
    up: float  # share of the next strength
    r: int
    right: float  # share of the next repeatability


@compiled
def place_of(effect: float, repeatability: float, grid: Grid) -> Place:
    """Neighbours and shares for straight-line interpolation; flat beyond the ends."""
    e, r = 0, 0
    while e < grid.effect.size - 2 and grid.effect[e + 1] < effect:
        e += 1
    while r < grid.repeatability.size - 2 and grid.repeatability[r + 1] < repeatability:
        r += 1
    up = (effect - grid.effect[e]) / (grid.effect[e + 1] - grid.effect[e])
    right = (repeatability - grid.repeatability[r]) / (grid.repeatability[r + 1] - grid.repeatability[r])
    return Place(e, min(max(up, 0.0), 1.0), r, min(max(right, 0.0), 1.0))


@compiled
def at_place(values: FloatArray, place: Place) -> FloatArray:
    """Interpolate over the first two axes, strength and repeatability."""
    low = values[place.e, place.r] * (1.0 - place.right) + values[place.e, place.r + 1] * place.right
    high = values[place.e + 1, place.r] * (1.0 - place.right) + values[place.e + 1, place.r + 1] * place.right
    out: FloatArray = low * (1.0 - place.up) + high * place.up
    return out


@compiled
def in_repeatability(values: FloatArray, place: Place) -> FloatArray:
    """Interpolate over the first axis, repeatability."""
    out: FloatArray = values[place.r] * (1.0 - place.right) + values[place.r + 1] * place.right
    return out


@compiled
def normalised(weights: FloatArray) -> FloatArray:
    """Weights that sum to 1."""
    out: FloatArray = weights / weights.sum()
    return out


@compiled
def sample_of(weight: FloatArray, point: FloatArray, grid: Grid) -> Sample:
    """Readings of women with these weights on the density nodes, shift and spread of samples included."""
    spread, repeatability = math.exp(point[3]), point[6]
    mean = point[2] + spread * math.sqrt(repeatability) * grid.score
    return Sample(weight, mean, spread * math.sqrt(1.0 - repeatability))


@compiled
def expit(x: float) -> float:
    """The chance with these log-odds."""
    return 1.0 / (1.0 + math.exp(-x))


@compiled
def birth_chance(births: FloatArray, ratio: float, grid: Grid) -> float:
    """Chance of a birth at one density node and level for a log hazard ratio; births has shape (ratios,)."""
    ratios = grid.log_hazard_ratio
    at = (ratio - ratios[0]) / (ratios[1] - ratios[0])
    i = min(max(int(at), 0), ratios.size - 2)
    return expit(births[i] + (births[i + 1] - births[i]) * (at - i))


@compiled_step
def log_binomial(events: float, count: float, p: float) -> float:
    """Log chance of so many events, up to a constant."""
    return events * math.log(max(p, SMALLEST)) + (count - events) * math.log(max(1.0 - p, SMALLEST))


@compiled_step
def log_trial(
    trial: Trial,
    births: FloatArray,
    weight: FloatArray,
    ratio: FloatArray,
    spread: float,
    grid: Grid,
    studies: Studies,
) -> float:
    """Log likelihood of both arms of a trial, its level and its discrepancy summed out.

    Arguments:  births  log-odds at (levels, ratios, densities)
                weight  of the density nodes among its women
                ratio   log hazard ratio of the treatment at each density node
                spread  sd of the discrepancy of that ratio
    """
    rule, total = studies.rule, -math.inf
    step, level_sd = grid.level[1] - grid.level[0], studies.constants.trial_level_sd
    for i in range(grid.level.size):
        control = 0.0
        for d in range(weight.size):
            control += weight[d] * birth_chance(births[i, :, d], 0.0, grid)
        prior = math.log(step / level_sd * normal_pdf(grid.level[i] / level_sd))
        prior += log_binomial(trial.control_births, trial.control, control)
        for j in range(rule.scale_z.size):
            treated = 0.0
            for d in range(weight.size):
                treated += weight[d] * birth_chance(
                    births[i, :, d], ratio[d] + spread * rule.scale_z[j], grid
                )
            one = prior + log_binomial(trial.treated_births, trial.treated, treated)
            total = log_sum(total, one + math.log(rule.scale_w[j]))
    return total


@compiled
def p_read_high(sample: Sample, cut_score: float) -> FloatArray:
    """Chance at every density node that a reading lies above the cut."""
    out = np.empty(sample.weight.size)
    for d in range(out.size):
        out[d] = normal_cdf((sample.mean[d] - cut_score) / sample.sd)
    return out


@compiled
def weights_after_failed_transfers(
    everyone: FloatArray, implantation: FloatArray, strength: float, c: Constants
) -> FloatArray:
    """Density nodes among women whose transfers failed: whoever implants easily is not among them."""
    out = np.empty(everyone.size)
    for d in range(out.size):
        p = min(c.p_transfer * math.exp(strength * implantation[d]), 0.99)
        out[d] = everyone[d] * (1.0 - p) ** c.failed_transfers
    return normalised(out)


@compiled_step
def log_transfers(
    trial: Trial,
    births: FloatArray,
    weight: FloatArray,
    ratio: FloatArray,
    implantation: FloatArray,
    treated_implantation: FloatArray,
    spread: float,
    grid: Grid,
) -> float:
    """Log likelihood of the ratio of births per transfer; its level cancels.

    Arguments:  births                log-odds at (ratios, densities)
                implantation          log multiplier at every density node, untreated
                treated_implantation  the same with treatment
                others                as in `log_trial`
    """
    usual, treated = 0.0, 0.0
    for d in range(weight.size):
        usual += weight[d] * math.exp(implantation[d]) * birth_chance(births[:, d], 0.0, grid)
        treated += weight[d] * math.exp(treated_implantation[d]) * birth_chance(births[:, d], ratio[d], grid)
    shares = trial.treated_births / trial.treated, trial.control_births / trial.control
    variance = (1.0 - shares[0]) / trial.treated_births + (1.0 - shares[1]) / trial.control_births
    seen, expected = math.log(shares[0] / shares[1]), math.log(treated / usual)
    return log_normal_density(seen, expected, variance + spread**2)


@compiled_step
def log_repeat(
    table: Repeat, sample: Sample, log_steroid: float, discrepancy: float, studies: Studies
) -> float:
    """Log likelihood of the medians before and after treatment, return to the mean included.

    The level of the laboratory is free: it is summed over a wide grid of log medians.
    """
    c, rule, total = studies.constants, studies.rule, -math.inf
    middle = (sample.weight * sample.mean).sum()
    lasting = (sample.weight * (sample.mean - middle) ** 2).sum()
    variance = lasting + sample.sd**2
    again = lasting / variance
    for j in range(rule.scale_z.size):
        log_sd = c.repeat_log_sd * math.exp(c.repeat_log_sd_error * rule.scale_z[j]) * math.sqrt(variance)
        for i in range(25):
            median = math.log(table.cut) + (-8.0 + i) / 4.0 * log_sd
            one = repeat_at(table, median, log_sd, again, log_steroid, discrepancy)
            total = log_sum(total, one + math.log(rule.scale_w[j] / 25.0))
    return total


@compiled_step
def repeat_at(
    table: Repeat, median: float, log_sd: float, again: float, log_steroid: float, discrepancy: float
) -> float:
    """The same where the log readings of all these women are normal with this median and spread."""
    cut, before = (math.log(table.cut) - median) / log_sd, (math.log(table.before) - median) / log_sd
    high = max(1.0 - normal_cdf(cut), SMALLEST)
    lower = max(normal_cdf(before) - normal_cdf(cut), SMALLEST) / high
    upper = max(1.0 - normal_cdf(before), SMALLEST) / high
    first = 0.5 * (table.women - 1.0) * (math.log(lower) + math.log(upper))
    first += math.log(normal_pdf(before) / (high * log_sd))
    picked = normal_pdf(cut) / high
    spread = 1.0 + cut * picked - picked**2
    mean = median + again * log_sd * picked + log_steroid
    second = log_sd**2 * (1.0 - again**2 + again**2 * spread) * MEDIAN_FACTOR**2 / table.women
    return first + log_normal_density(math.log(table.after), mean, second + discrepancy**2)


@compiled
def middle_level(births: FloatArray, grid: Grid) -> FloatArray:
    """Births at the level of the law, shape (ratios, densities)."""
    out: FloatArray = births[np.argmin(np.abs(grid.level))]
    return out


@compiled
def chances_untreated(births: FloatArray, grid: Grid) -> FloatArray:
    """Chance of birth at every density node, at the level of the law and without treatment."""
    out = np.empty(grid.score.size)
    for d in range(out.size):
        out[d] = birth_chance(births[:, d], 0.0, grid)
    return out


@compiled
def log_likelihoods(
    point: FloatArray, wanted: FloatArray, s: Selection, grid: Grid, t: Studies
) -> FloatArray:
    """Log likelihood of every table at one point; a table that is not wanted gets 0.

    Arguments:  point   strength on loss, on implantation, level shift, log spread shift, log factor of the
                        steroid on density, its direct log hazard ratio, repeatability, discrepancy
                wanted  1 or 0 for each of TABLES
                s       what losses select under this mechanism
                grid    of the tables
                t       what was published
    Returns:    shape (tables,)
    Checked by: tests/unit/inference/test_weights_likelihood.py (against simulated samples)
    """
    out = np.zeros(wanted.size)
    disc, place = point[7], place_of(point[0], point[6], grid)
    third = normalised(np.exp(at_place(s.log_weight[THIRD], place)))
    sample = sample_of(third, point, grid)
    if wanted[0] > 0.0:
        level = math.hypot(disc, t.kuon_lab.median_error)
        out[0] = log_counted(t.kuon, sample, t.kuon_lab, level, t.rule)
    if wanted[1] > 0.0:
        level = math.hypot(disc, t.losses_lab.median_error)
        out[1] = log_ranged(t.losses, sample, t.losses_lab, level, True, t.rule)
    if wanted[4] > 0.0:
        out[4] = log_repeat(t.repeat, sample, point[4], disc, t)
    fill_after_losses(out, point, wanted, third, sample, place, s, grid, t)
    if wanted[3] > 0.0 or wanted[7] > 0.0 or wanted[9] > 0.0:
        fill_without_losses(out, point, wanted, place, s, grid, t)
    return out


@compiled_step
def fill_after_losses(
    out: FloatArray,
    point: FloatArray,
    wanted: FloatArray,
    third: FloatArray,
    sample: Sample,
    place: Place,
    s: Selection,
    grid: Grid,
    t: Studies,
) -> None:
    """How the next pregnancy ends: by reading, and in the trials."""
    c, disc, dose = t.constants, point[7], point[4] / t.constants.log_steroid
    births = at_place(s.birth[THIRD], place)
    ratio = point[5] + dose * at_place(s.regimen[TANG, THIRD], place)
    if wanted[2] > 0.0:
        chances = chances_untreated(middle_level(births, grid), grid)
        out[2] = log_outcomes(t.outcomes, sample, chances, t.losses_lab, disc, t.rule)
    if wanted[5] > 0.0:
        high = normalised(third * p_read_high(sample, c.cut_score))
        out[5] = log_trial(t.tang, births, high, ratio, disc, grid, t)
    if wanted[8] > 0.0:
        out[8] = log_trial(t.gomaa, births, third, ratio, disc, grid, t)
    if wanted[6] > 0.0:
        second = normalised(np.exp(at_place(s.log_weight[SECOND], place)))
        ratio = point[5] + dose * at_place(s.regimen[TANG, SECOND], place)
        spread = math.hypot(disc, c.aspirin_sd)
        out[6] = log_trial(t.laskin, at_place(s.birth[SECOND], place), second, ratio, spread, grid, t)


@compiled_step
def fill_without_losses(
    out: FloatArray,
    point: FloatArray,
    wanted: FloatArray,
    place: Place,
    s: Selection,
    grid: Grid,
    t: Studies,
) -> None:
    """The tables of women who were not picked for losses."""
    c, disc, dose = t.constants, point[7], point[4] / t.constants.log_steroid
    everyone = normalised(np.exp(at_place(s.log_weight[EVERYONE], place)))
    births = middle_level(at_place(s.birth[EVERYONE], place), grid)
    usual = in_repeatability(s.implantation[0], place)
    failed = weights_after_failed_transfers(everyone, usual, point[1], c)
    if wanted[3] > 0.0:
        level = math.sqrt(disc**2 + c.failed_level_sd**2 + t.failed_lab.median_error**2)
        out[3] = log_ranged(t.failed, sample_of(failed, point, grid), t.failed_lab, level, False, t.rule)
    if wanted[7] > 0.0:
        treated = usual + dose * (in_repeatability(s.implantation[1 + SUN], place) - usual)
        ratio = point[5] + dose * at_place(s.regimen[SUN, EVERYONE], place)
        out[7] = log_transfers(t.sun, births, failed, ratio, point[1] * usual, point[1] * treated, disc, grid)
    if wanted[9] > 0.0:
        plain = point.copy()
        plain[2] = plain[3] = 0.0  # a cohort picks nobody for losses
        chances = chances_untreated(births, grid)
        out[9] = log_outcomes(t.cohort, sample_of(everyone, plain, grid), chances, t.kuon_lab, disc, t.rule)


@compiled
def log_likelihoods_of(
    points: FloatArray, wanted: FloatArray, s: Selection, grid: Grid, t: Studies
) -> FloatArray:
    """The same for many points, shape (points, tables)."""
    out = np.empty((points.shape[0], wanted.size))
    for i in range(points.shape[0]):
        out[i] = log_likelihoods(points[i], wanted, s, grid, t)
    return out

r"""What selection by losses does to uterine NK density, on a grid of strength and repeatability.

One table for each mechanism and stage-one draw. It is worked out by the law, the differences between women
and the recursion over pregnancies, so stage two looks up what stage one computes and adds no law of its own.
Women of the samples are unexplained: none of the named conditions is present.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from decidua.base.compiled import compiled, compiled_step
from decidua.inference import generations
from decidua.inference.cells import mean_and_variance_of_excess
from decidua.inference.generations import BRANCHES, Nodes
from decidua.life import differences, law
from decidua.life.parameters import (
    FloatArray,
    LawParameters,
    UterineNkTable,
    parameters_of,
)

SECOND, THIRD, EVERYONE = 0, 1, 2  # women at their second loss, at their third, and before any pregnancy
GROUPS = 3
STRONGEST, HALVINGS = 8.0, 40  # where the search for the strongest possible effect begins, and its steps
EXCESS = LawParameters._fields.index("uterine_nk_excess")
LASTING = LawParameters._fields.index("uterine_nk_lasting_log_sd")
LEVEL = LawParameters._fields.index("setting_log_shift")


class Grid(NamedTuple):
    """Where the tables are worked out."""

    effect: FloatArray  # (effects,) log hazard ratio at a high or low count, from 0
    repeatability: FloatArray  # (repeats,)
    level: FloatArray  # (levels,) log shift of all loss, one of them 0
    log_hazard_ratio: FloatArray  # (ratios,) of a treatment, one of them 0
    score: FloatArray  # (densities,) standard scores of the lasting log density
    score_weight: FloatArray


class Setting(NamedTuple):
    """Ages, fertility and nodes beside the parameters of the law."""

    recurrence_age_years: float
    referral_age_years: float
    p_go_on: FloatArray  # after a loss, then after birth 1, 2, 3+
    control_log_sd: float
    shape: int
    shared_z: FloatArray
    shared_w: FloatArray
    residual_z: FloatArray
    residual_w: FloatArray
    women_z: FloatArray
    women_w: FloatArray


class Selection(NamedTuple):
    """One mechanism under one stage-one draw, or the mean over draws."""

    log_weight: FloatArray  # (GROUPS, effects, repeats, densities) log share of each density node
    birth: (
        FloatArray  # (GROUPS, effects, repeats, levels, ratios, densities) log-odds of birth, next pregnancy
    )
    regimen: FloatArray  # (regimens, GROUPS, effects, repeats, densities) log hazard ratio through the cells
    implantation: FloatArray  # (regimens, repeats, densities) log multiplier for one unit of its strength
    limit: FloatArray  # (repeats,) strongest effect inside the budget of variance


@compiled_step
def euploid_shares(p: LawParameters) -> FloatArray:
    """Share of the euploid hazard that falls in each week."""
    cumulative = law.law_tables(p, np.ones(1)).euploid_cumulative
    return cumulative[1:] - cumulative[:-1]


@compiled_step
def at_grid_point(
    row: FloatArray, effect: float, repeatability: float, control_log_sd: float
) -> LawParameters:
    """The law with this strength and lasting spread, at the level of the population."""
    here = row.copy()
    here[EXCESS] = math.expm1(effect)
    here[LASTING] = control_log_sd * math.sqrt(repeatability)
    here[LEVEL] = 0.0
    return parameters_of(here)


@compiled_step
def excess_at_scores(
    p: LawParameters, table: UterineNkTable, regimen: int, score: FloatArray, share: FloatArray
) -> FloatArray:
    """Excess hazard at every density node under one regimen, in units of the mean euploid hazard."""
    out = np.empty(score.size)
    for d in range(score.size):
        log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * score[d]
        out[d] = p.uterine_nk_excess * differences.nk_mean_excess(table, regimen, log_density, share)
    return out


@compiled_step
def women_without_conditions(
    p: LawParameters, w0: float, sd_residual: float, excess: FloatArray, grid: Grid, s: Setting
) -> Nodes:
    """Lasting nodes (shared factor, residual, density) of women with none of the named conditions."""
    share = p.high_class_share
    shared, shared_w = differences.factor_nodes(p.sd_shared_lasting, s.shape, share, s.shared_z, s.shared_w)
    fading, fading_w = differences.factor_nodes(p.sd_shared_fading, s.shape, share, s.shared_z, s.shared_w)
    rest, rest_w = differences.factor_nodes(sd_residual, s.shape, share, s.residual_z, s.residual_w)
    count, n = shared.size * rest.size * excess.size, 0
    out_shared, out_m, out_w = np.empty(count), np.empty(count), np.empty(count)
    for d in range(excess.size):
        for i in range(shared.size):
            for j in range(rest.size):
                out_shared[n], out_m[n] = shared[i], w0 * rest[j] + excess[d]
                out_w[n] = grid.score_weight[d] * shared_w[i] * rest_w[j]
                n += 1
    first = np.full(BRANCHES + 1, float(count))
    first[0] = 0.0
    return Nodes(out_shared, out_m, out_w, first, fading, fading_w)


@compiled_step
def weights_of_groups(nodes: Nodes, p: LawParameters, s: Setting) -> FloatArray:
    """Mass of each group before its next pregnancy, shape (GROUPS, lasting, fading)."""
    age = s.recurrence_age_years
    odds, hazard = law.aneuploid_odds(age, math.nan, p), law.euploid_hazard(age, p)
    p_loss = generations.loss_at_nodes(nodes, odds, hazard, p)
    counts = generations.expected_generations(nodes, p_loss, p, s.p_go_on)
    lasting, fading = p_loss.shape
    out = np.empty((GROUPS, lasting, fading))
    for n in range(lasting):
        for f in range(fading):
            out[EVERYONE, n, f] = nodes.weight[n] * nodes.fading_weight[f]
            for group in (SECOND, THIRD):
                out[group, n, f] = differences.faded(
                    counts.after_losses[group, n, f],
                    counts.after_losses[group, n].sum(),
                    nodes.fading_weight[f],
                    p.fading_correlation,
                )
    return out


@compiled
def p_birth(
    nodes: Nodes,
    weight: FloatArray,
    first: int,
    last: int,
    shift: float,
    p: LawParameters,
    odds: float,
    hazard: float,
) -> float:
    """Chance that the next pregnancy is not lost, over some nodes; `shift` is added to the multiplier."""
    born, total = 0.0, 0.0
    for n in range(first, last):
        for f in range(nodes.fading.size):
            factor = nodes.shared[n] * nodes.fading[f]
            lost = law.p_clinical_loss(
                odds * factor, hazard * factor * max(nodes.multiplier[n] + shift, 0.0), p
            )
            born += weight[n, f] * (1.0 - lost)
            total += weight[n, f]
    return born / total


@compiled
def logit(x: float) -> float:
    """Log-odds of a chance."""
    return math.log(x / (1.0 - x))


@compiled_step
def ratio_with_birth(birth: FloatArray, ratios: FloatArray, wanted: float) -> float:
    """The log hazard ratio at which the log-odds of birth, falling along the grid, are as wanted."""
    i = 0
    while i < ratios.size - 2 and birth[i + 1] > wanted:
        i += 1
    return float(ratios[i] + (ratios[i + 1] - ratios[i]) * (birth[i] - wanted) / (birth[i] - birth[i + 1]))


@compiled_step
def fill_births(
    out: Selection,
    e: int,
    r: int,
    nodes: Nodes,
    weight: FloatArray,
    shifts: FloatArray,
    p: LawParameters,
    grid: Grid,
    s: Setting,
) -> None:
    """Chances of birth at one grid point, and what each regimen does through the cells."""
    age, size = s.referral_age_years, grid.score.size
    odds, hazard = law.aneuploid_odds(age, math.nan, p), law.euploid_hazard(age, p)
    each, same = nodes.shared.size // size, np.argmin(np.abs(grid.level))
    for group in range(GROUPS):
        for d in range(size):
            first, last = d * each, (d + 1) * each
            out.log_weight[group, e, r, d] = math.log(weight[group, first:last].sum() / weight[group].sum())
            for i in range(grid.level.size):
                up = math.exp(grid.level[i])
                for h in range(grid.log_hazard_ratio.size):
                    ratio = up * math.exp(grid.log_hazard_ratio[h])
                    out.birth[group, e, r, i, h, d] = logit(
                        p_birth(nodes, weight[group], first, last, 0.0, p, odds * up, hazard * ratio)
                    )
            for k in range(shifts.shape[0]):
                wanted = logit(p_birth(nodes, weight[group], first, last, shifts[k, d], p, odds, hazard))
                out.regimen[k, group, e, r, d] = ratio_with_birth(
                    out.birth[group, e, r, same, :, d], grid.log_hazard_ratio, wanted
                )


@compiled
def select(
    out: Selection, row: FloatArray, table: UterineNkTable, regimens: FloatArray, grid: Grid, s: Setting
) -> None:
    """Fill the tables of one mechanism under one stage-one draw.

    Where a strength exceeds the budget of variance the tables keep the last values inside it; beyond `limit`
    nothing has any weight.

    Arguments:  out       room
                row       parameters of the law
                table     of the womb, one mechanism
                regimens  rows of the womb's table: untreated first, then those asked about
                grid, s   where and for whom
    """
    share = euploid_shares(parameters_of(row))
    for r in range(grid.repeatability.size):
        here = at_grid_point(row, 1.0, grid.repeatability[r], s.control_log_sd)
        mean, variance = mean_and_variance_of_excess(
            here, law.law_tables(here, np.ones(1)).euploid_cumulative, table, s.women_z, s.women_w
        )
        out.limit[r] = strongest(row, grid.repeatability[r], mean, variance, s.control_log_sd)
        fill_implantation(out, r, here, table, regimens, grid)
        for e in range(grid.effect.size):
            here = at_grid_point(row, grid.effect[e], grid.repeatability[r], s.control_log_sd)
            w0, sd_residual = differences.remaining_budget(here, mean, variance)
            if w0 <= 0.0:
                out.log_weight[:, e, r] = out.log_weight[:, e - 1, r]
                out.birth[:, e, r] = out.birth[:, e - 1, r]
                out.regimen[:, :, e, r] = out.regimen[:, :, e - 1, r]
                continue
            untreated = excess_at_scores(here, table, 0, grid.score, share)
            nodes = women_without_conditions(here, w0, sd_residual, untreated, grid, s)
            weight = weights_of_groups(nodes, here, s)
            shifts = np.empty((regimens.size, grid.score.size))
            for k in range(regimens.size):
                shifts[k] = excess_at_scores(here, table, int(regimens[k]), grid.score, share) - untreated
            fill_births(out, e, r, nodes, weight, shifts, here, grid, s)


@compiled_step
def strongest(
    row: FloatArray, repeatability: float, mean: float, variance: float, control_log_sd: float
) -> float:
    """The strongest effect that leaves something of the budget, by halving; STRONGEST where all fit."""
    low, high = 0.0, STRONGEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        here = at_grid_point(row, middle, repeatability, control_log_sd)
        if differences.remaining_budget(here, mean, variance)[0] > 0.0:
            low = middle
        else:
            high = middle
    return low


@compiled_step
def fill_implantation(
    out: Selection, r: int, p: LawParameters, table: UterineNkTable, regimens: FloatArray, grid: Grid
) -> None:
    """Log multiplier on implantation at every density node: untreated first, then each regimen."""
    for k in range(regimens.size + 1):
        regimen = 0 if k == 0 else int(regimens[k - 1])
        for d in range(grid.score.size):
            log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * grid.score[d]
            out.implantation[k, r, d] = differences.interpolate_density(
                table.implantation_log_multiplier[regimen], table.log_density, log_density
            )

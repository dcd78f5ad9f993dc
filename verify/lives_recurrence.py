"""The recurrence table of the calibration against whole simulated lives with every rule of stopping.

The register prints one odds ratio for all ages, adjusted for age. Here it is the Mantel-Haenszel ratio over
strata of one draw of the law and one year of age, so that neither age nor a difference between draws can
pass for recurrence; ages carry the weights that they have in the register. The recursion of the calibration
is put through the same ratio, at the one age of the fit and at every age of the register. A few draws with
many women each stand for all: in a small stratum a woman's own earlier loss would stand on the other side
of the ratio and pull it down.

Run `python verify/lives_recurrence.py` for the table of docs/calibration.md (some two million women).
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from decidua.evidence import load_ledger
from decidua.evidence.draws import Draws
from decidua.inference import generations
from decidua.inference.assembly import stage_values
from decidua.inference.posterior import NODES, Likelihood, likelihood_of
from decidua.inference.structures import DEFAULT_STRUCTURE
from decidua.life import differences, law
from decidua.life.parameters import SHAPES, FloatArray
from decidua.life.ways import DAYS_IN_YEAR, MISCARRIAGE, YEARS
from decidua.study.population_chunks import CHUNK_WOMEN, simulate_lives
from decidua.study.population_world import Plan, World, draws_of, lay_out, ways_of

RUNS = generations.RUNS
CELLS = ("1", "2", ">=3")
DAY, DRAW, RUN, OUTCOME, RECOGNISED = 3, 18, 13, 6, 8  # columns of a written pregnancy
BAND_STARTS = np.array([20, 25, 30, 35, 40, 45])  # of the register; women start at 20 here
EVERY = 50  # so many draws apart
AROUND_30 = slice(28, 32)
LIVES_SEED, WOMEN_IN_FULL = 20_261_122, 32 * CHUNK_WOMEN


@dataclass(frozen=True)
class Ratio:
    """An odds ratio adjusted by strata, with the standard error of its logarithm."""

    value: float
    log_error: float


def adjusted_ratio(counts: FloatArray, run: int, weight: FloatArray | float = 1.0) -> Ratio:
    """Mantel-Haenszel odds ratio of loss after `run` losses in a row against none.

    Arguments:  counts  pregnancies by stratum, run before, and lost (1) or not (0), shape (..., RUNS, 2)
                weight  of every stratum, shape (...)
    Returns:    Ratio; the error is that of Robins, Breslow and Greenland
    """
    lost_after, kept_after = counts[..., run, 1], counts[..., run, 0]
    lost, kept = counts[..., 0, 1], counts[..., 0, 0]
    total = np.maximum(lost_after + kept_after + lost + kept, 1e-300)
    r, s = weight * lost_after * kept / total, weight * kept_after * lost / total
    p, big_r, big_s = (lost_after + kept) / total, r.sum(), s.sum()
    variance = (weight * p * r).sum() / (2.0 * big_r**2)
    variance += (weight * (p * s + (1.0 - p) * r)).sum() / (2.0 * big_r * big_s)
    variance += (weight * (1.0 - p) * s).sum() / (2.0 * big_s**2)
    return Ratio(float(big_r / big_s), math.sqrt(float(variance)))


def chosen_draws() -> Draws:
    """Every fiftieth shipped draw."""
    draws = draws_of(Plan())
    return draws.only(np.arange(0, len(draws), EVERY))


def world_of_chosen() -> World:
    """Lives under the chosen draws, with every rule of stopping; nobody ends a pregnancy by choice.

    The register's figures are adjusted for endings by choice.
    """
    plan, draws, ledger = Plan(induced="none"), chosen_draws(), load_ledger()
    laid_out = lay_out(draws, structure=plan.structure, ledger=ledger)
    return World(laid_out, ways_of(plan, ledger), draws.mechanism, draws.weight)


def lived(world: World, *, women: int, seed: int = LIVES_SEED) -> FloatArray:
    """Recognised pregnancies of whole lives by draw, year of age, run and loss, (draws, YEARS, RUNS, 2)."""
    shape = (len(world.mechanism), YEARS, RUNS, 2)
    out = np.zeros(math.prod(shape), dtype=np.int64)
    for first in range(0, women, CHUNK_WOMEN):
        last = min(first + CHUNK_WOMEN, women)
        rows = simulate_lives(world, seed=seed, first=first, last=last, with_rows=True).rows
        known = rows.pregnancies[rows.pregnancies[:, RECOGNISED] == 1]
        year = np.minimum((known[:, DAY] / DAYS_IN_YEAR).astype(int), YEARS - 1)
        at = (known[:, DRAW], year, np.minimum(known[:, RUN], RUNS - 1), known[:, OUTCOME] == MISCARRIAGE)
        out += np.bincount(np.ravel_multi_index(tuple(map(np.asarray, at)), shape), minlength=out.size)
    return out.reshape(shape).astype(np.float64)


def register_weight(counts: FloatArray) -> FloatArray:
    """Weight of every year of age that gives simulated bands the shares of the register's, shape (YEARS,)."""
    band = np.searchsorted(BAND_STARTS, np.arange(YEARS), side="right") - 1
    here = np.bincount(band[20:], weights=counts.sum(axis=(0, 2, 3))[20:], minlength=BAND_STARTS.size)
    rows = {row.age_lo: float(row.n or 0) for row in load_ledger().calibration_rows("MAGNUS_AGE")}
    register = np.array([rows[float(first)] for first in BAND_STARTS])
    each = register / register.sum() / (here / here.sum())
    return np.where(band < 0, 0.0, each[np.maximum(band, 0)])


def expected(likelihood: Likelihood, values: FloatArray, ages: FloatArray) -> FloatArray:
    """What the recursion expects at each age by run and loss, one pregnancy in all, (ages, RUNS, 2)."""
    p, nuisance = likelihood.stage.law(values)
    shape = SHAPES[likelihood.stage.structure.frailty]
    z, weights = differences.normal_nodes(NODES)
    nodes = generations.build_nodes(p, shape, z, weights, *differences.remaining_budget(p, 0.0, 0.0))
    design = likelihood.targets.design
    go_on = np.array([nuisance.p_go_on_after_loss, *design.p_go_on_after_birth])
    out = np.empty((ages.size, RUNS, 2))
    for k, age in enumerate(ages):
        odds, hazard = law.aneuploid_odds(age, math.nan, p), law.euploid_hazard(age, p)
        p_loss = generations.loss_at_nodes(nodes, odds, hazard, p)
        found = generations.expected_generations(nodes, p_loss, p, go_on)
        out[k] = np.column_stack([found.pregnancies - found.losses, found.losses])
        out[k] /= found.pregnancies.sum()
    return out


def recursion(ages: FloatArray, weight: FloatArray) -> tuple[float, ...]:
    """Odds ratios of the recursion over these ages and weights, adjusted as the simulated are, by cell."""
    draws, likelihood = chosen_draws(), likelihood_of(load_ledger(), DEFAULT_STRUCTURE)
    counts = np.array([expected(likelihood, stage_values(draws, i), ages) for i in range(len(draws))])
    each = draws.weight[:, None] * weight
    return tuple(adjusted_ratio(counts, run, each).value for run in range(1, RUNS))


def recursion_at_30() -> tuple[float, ...]:
    """At the one age of the fit."""
    age = load_ledger().value("calibration.recurrence_age_years")
    return recursion(np.array([age]), np.ones(1))


def recursion_over_ages() -> tuple[float, ...]:
    """At every age of the register's bands from 20 on."""
    rows = load_ledger().calibration_rows("MAGNUS_AGE")
    design = likelihood_of(load_ledger(), DEFAULT_STRUCTURE).targets.design
    ages, within = design.band_ages_years[1:], design.band_weights[1:]
    share = np.array([float(row.n or 0) for row in rows])[1:, None] * within
    return recursion(ages.ravel(), (share / share.sum()).ravel())


def lives_over_ages(counts: FloatArray) -> tuple[Ratio, ...]:
    """The same of whole lives."""
    weight = register_weight(counts)[None, :]
    return tuple(adjusted_ratio(counts, run, weight) for run in range(1, RUNS))


def lives_around_30(counts: FloatArray) -> tuple[Ratio, ...]:
    """Of pregnancies that began at 28 to 31."""
    return tuple(adjusted_ratio(counts[:, AROUND_30], run) for run in range(1, RUNS))


def table(women: int) -> str:
    """Published, recursion and lives side by side, as Markdown."""
    cells = [
        c for c in likelihood_of(load_ledger(), DEFAULT_STRUCTURE).targets.cells if c.table == "MAGNUS_REC"
    ]
    counts = lived(world_of_chosen(), women=women)
    columns = (recursion_at_30(), lives_around_30(counts), recursion_over_ages(), lives_over_ages(counts))
    discrepancy = load_ledger().value("calibration.discrepancy.recurrence")
    names = (
        "after", "published", "recursion at 30", "lives, 28 to 31", "recursion, all ages", "lives, all ages",
        "lives against the fit, in discrepancies", "lives against published, in sd of the cell",
    )  # fmt: skip
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    for cell, at_30, near, over, all_lives in zip(cells, *columns, strict=True):
        off = math.log(all_lives.value / at_30) / discrepancy
        missed = math.log(all_lives.value / cell.value) / cell.sd
        lines.append(
            f"| {cell.label.removeprefix('after ')} | {cell.value:.2f} | {at_30:.2f} | {shown(near)} "
            f"| {over:.2f} | {shown(all_lives)} | {off:+.1f} | {missed:+.1f} |"
        )
    return "\n".join(lines)


def shown(ratio: Ratio) -> str:
    """A ratio with its standard error."""
    return f"{ratio.value:.2f} ± {ratio.value * ratio.log_error:.2f}"


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else WOMEN_IN_FULL))

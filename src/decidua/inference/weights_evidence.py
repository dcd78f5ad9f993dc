r"""Evidence of one mechanism: nested sampling, importance sampling, and what each stage-one draw makes of it.

Both samplers work under the mean of the tables over stage-one draws. Each draw k then has the evidence

$$ Z_k = \bar Z \; E[ L_k / \bar L \cdot 1_k ] / P_k $$

over the posterior under the mean; $1_k$ holds where the strength fits the budget of variance of draw k, which
has prior chance $P_k$. Stage-one draws keep equal weight: nothing flows back.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import special

from decidua.inference.posterior import systematic
from decidua.inference.weights_likelihood import (
    Studies,
    log_likelihoods,
    log_likelihoods_of,
)
from decidua.inference.weights_priors import STRENGTHS, StageTwo
from decidua.inference.weights_tables import Grid, Selection
from decidua.life.parameters import FloatArray

FLOOR = -1e100
DEGREES = 5.0  # of freedom of the proposal: wider than any normal posterior
BROADER = 1.2
ROUNDS = 3
LEGENDRE = 4  # highest degree of the density near no effect


@dataclass(frozen=True)
class Problem:
    """One mechanism, its priors, the published numbers, and which tables count."""

    stage: StageTwo
    mean: Selection
    by_draw: tuple[Selection, ...]
    grid: Grid
    studies: Studies
    wanted: FloatArray

    def by_table(self, points: FloatArray, selection: Selection | None = None) -> FloatArray:
        """Log likelihoods, shape (points, tables)."""
        chosen = self.mean if selection is None else selection
        return log_likelihoods_of(points, self.wanted, chosen, self.grid, self.studies)

    def log_likelihood_of_scores(self, scores: FloatArray) -> float:
        """Log likelihood of all tables at one set of normal scores of the free parameters."""
        return self.log_likelihood(self.stage.points(scores[None, :])[0])

    def log_likelihood(self, point: FloatArray) -> float:
        """Log likelihood of all tables at one point."""
        found = log_likelihoods(point, self.wanted, self.mean, self.grid, self.studies).sum()
        return float(found) if np.isfinite(found) else FLOOR


@dataclass(frozen=True)
class Run:
    """Weighted points of the posterior under the mean of the tables, and the log evidence there."""

    points: FloatArray  # (points, 8)
    weights: FloatArray  # (points,) sums to 1
    log_evidence: float
    log_evidence_error: float
    calls: int

    @property
    def effective(self) -> float:
        """How many equally weighted points these are worth."""
        return float(1.0 / np.sum(self.weights**2))


def nested(problem: Problem, *, seed: int, live_points: int, still_missing: float = 0.02) -> Run:
    """Nested sampling.

    Arguments:  problem        one mechanism
                seed           of the sampler
                live_points    more are slower and finer
                still_missing  stop when the live points can add no more than this to the log evidence
    Returns:    Run
    Checked by: tests/unit/inference/test_weights.py (against importance sampling)
    """
    import dynesty

    sampler = dynesty.NestedSampler(
        problem.log_likelihood_of_scores,
        scores_of,
        problem.stage.dimensions,
        nlive=live_points,
        bound="multi",
        sample="unif",
        rstate=np.random.default_rng(seed),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler.run_nested(dlogz=still_missing, print_progress=False)
    found = sampler.results
    weights = np.exp(found.logwt - found.logz[-1])
    return Run(
        problem.stage.points(np.asarray(found.samples)),
        weights / weights.sum(),
        float(found.logz[-1]),
        float(found.logzerr[-1]),
        int(np.sum(found.ncall)),
    )


def scores_of(cube: FloatArray) -> FloatArray:
    """Normal scores of a point in the unit cube."""
    return np.asarray(special.ndtri(np.clip(cube, 1e-15, 1.0 - 1e-15)))


def importance(problem: Problem, *, seed: int, size: int) -> Run:
    """Importance sampling from a Student distribution that is fitted to the posterior in rounds.

    Independent of nested sampling and many times as fast, so it does the sensitivities and the recovery.

    Arguments:  problem  one mechanism
                seed     of the random numbers
                size     points in each round; the evidence comes from the last one
    Returns:    Run
    """
    rng, k = np.random.default_rng(seed), problem.stage.dimensions
    center, spread = np.zeros(k), np.eye(k)
    for turn in range(ROUNDS):
        count = size if turn < ROUNDS - 1 else 2 * size
        scores, log_proposal = _student(center, spread, count, rng)
        points = problem.stage.points(scores)
        prior = -0.5 * (scores**2).sum(axis=1) - 0.5 * k * np.log(2.0 * np.pi)
        log_weight = problem.by_table(points).sum(axis=1) + prior - log_proposal
        log_weight[~np.isfinite(log_weight)] = -np.inf
        weights = _tempered(log_weight, at_least=6.0 * k if turn < ROUNDS - 1 else 0.0)
        center = weights @ scores
        spread = BROADER * ((scores - center).T * weights) @ (scores - center) + 0.02 * np.eye(k)
    top = log_weight.max()
    scaled = np.exp(log_weight - top)
    error = float(scaled.std() / scaled.mean() / np.sqrt(scaled.size))
    return Run(points, scaled / scaled.sum(), float(top + np.log(scaled.mean())), error, size * (ROUNDS + 1))


def _student(
    center: FloatArray, spread: FloatArray, count: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draws of a Student distribution and their log density."""
    k, root = center.size, np.linalg.cholesky(spread)
    normal = rng.standard_normal((count, k))
    stretch = np.sqrt(DEGREES / rng.chisquare(DEGREES, size=count))[:, None]
    distance = ((normal * stretch) ** 2).sum(axis=1)
    log_scale = np.log(np.diag(root)).sum() + 0.5 * k * np.log(DEGREES * np.pi)
    constant = special.gammaln(0.5 * (DEGREES + k)) - special.gammaln(0.5 * DEGREES) - log_scale
    log_density = constant - 0.5 * (DEGREES + k) * np.log1p(distance / DEGREES)
    return center + (normal * stretch) @ root.T, np.asarray(log_density)


def _tempered(log_weight: FloatArray, *, at_least: float) -> FloatArray:
    """Weights, flattened until they are worth so many points: early rounds must not rest on one of them."""
    power = 1.0
    for _ in range(30):
        weights = np.exp(power * (log_weight - log_weight.max()))
        weights /= weights.sum()
        if 1.0 / np.sum(weights**2) >= at_least:
            break
        power *= 0.8
    return np.asarray(weights)


@dataclass(frozen=True)
class ByDraw:
    """What each stage-one draw makes of a run.

    ratio    evidence of each draw over that under the mean of the tables
    weights  of the points, averaged over draws; sums to 1
    """

    ratio: FloatArray  # (draws,)
    weights: FloatArray  # (points,)


def by_draw(problem: Problem, run: Run, *, points: int, seed: int) -> tuple[FloatArray, ByDraw]:
    """Evidence and posterior of every stage-one draw, from equally weighted points of a run.

    Arguments:  problem  one mechanism
                run      under the mean of the tables
                points   how many of its points to look at
                seed     of the choice of points
    Returns:    the points, shape (points, 8), and ByDraw
    """
    chosen = systematic(run.weights, points, np.random.default_rng(seed))
    some = run.points[chosen]
    base = problem.by_table(some).sum(axis=1)
    out, total = np.empty(len(problem.by_draw)), np.zeros(points)
    for k, selection in enumerate(problem.by_draw):
        fits = some[:, 0] <= limit_at(selection, problem.grid, some[:, 6])
        ratio = np.exp(problem.by_table(some, selection).sum(axis=1) - base) * fits
        out[k] = ratio.mean() / p_possible(problem, selection)
        total += ratio / ratio.sum()
    return some, ByDraw(out, total / total.sum())


def limit_at(selection: Selection, grid: Grid, repeatability: FloatArray) -> FloatArray:
    """The strongest effect inside the budget of variance."""
    return np.asarray(np.interp(repeatability, grid.repeatability, selection.limit))


def p_possible(problem: Problem, selection: Selection, *, count: int = 200) -> float:
    """Prior chance that a strength fits the budget of one draw."""
    if STRENGTHS[0] not in problem.stage.free:
        return 1.0
    middle = special.ndtri((np.arange(count) + 0.5) / count)
    scores = np.zeros((count, problem.stage.dimensions))
    scores[:, 0] = middle
    effects = problem.stage.points(scores)[:, STRENGTHS[0]]
    repeats = np.linspace(problem.grid.repeatability[0], problem.grid.repeatability[-1], 9)
    return float(np.mean([(effects <= limit).mean() for limit in limit_at(selection, problem.grid, repeats)]))


def density_at_no_effect(problem: Problem, run: Run) -> float:
    r"""Posterior over prior density where both strengths are 0 (Savage and Dickey).

    Every mechanism is the one without effect there, so this estimates the Bayes factor of no effect against
    it. In prior quantiles the prior is flat, and the posterior is a sum of Legendre polynomials whose weights
    are means over its points.
    """
    quantiles = [_prior_quantile(problem, i, run.points[:, i]) for i in STRENGTHS]
    total = 0.0
    for a in range(LEGENDRE + 1):
        for b in range(LEGENDRE + 1 - a):
            wave = special.eval_legendre(a, 2.0 * quantiles[0] - 1.0)
            wave = wave * special.eval_legendre(b, 2.0 * quantiles[1] - 1.0)
            total += (2 * a + 1) * (2 * b + 1) * (-1.0) ** (a + b) * float(run.weights @ wave)
    return total


def _prior_quantile(problem: Problem, i: int, values: FloatArray) -> FloatArray:
    """Prior chance of a smaller strength; strengths have half-normal priors."""
    sd = problem.stage.priors[i].parameters["sd"]
    return np.asarray(2.0 * special.ndtr(values / sd) - 1.0)

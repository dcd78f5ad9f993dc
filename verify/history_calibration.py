"""Simulation-based calibration of a history's answer: women drawn from the draws, then asked about.

The truth of each woman is continuous and comes from one draw, chosen by its weight over all mechanisms; her
pregnancies come from the law. If inference is right, her lasting density, her shared factor and the way her
next pregnancy ends fall evenly over what the answer says of them.

Run `python verify/history_calibration.py` for 1,000 women; the test takes fewer.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from verdicts import verdict

from decidua.evidence import load_ledger
from decidua.inference.cells import birth_shares, excess_over_women, uterine_nk_table
from decidua.inference.evaluation import NEXT_BIRTH, Evaluation, evaluate
from decidua.inference.prepared import Grid, Prepared, law_parameters_at, noise_log_sd, prepared_draws
from decidua.life import differences, outcomes
from decidua.life.law import law_tables, p_recognised
from decidua.life.parameters import CLINICAL_WEEK, FIRST_WEEK, VIABLE_WEEK, FloatArray, LawParameters
from decidua.measure.history import History, Pregnancy, Test
from decidua.measure.nk_tests import uterine_reading

STRUCTURE = "fading-log_normal"
FINE = Grid(shared=16, fading=7, density=16)  # fine enough to read a continuous truth off its nodes
THIN = 5
THRESHOLD_ALPHA = 0.001
MOST_PREGNANCIES = 5
P_WEEK_KNOWN, P_KARYOTYPE, P_TEST = 0.7, 0.3, 0.3
LOSS, BIRTH, STILLBIRTH = "miscarriage", "live_birth", "stillbirth"
TRANSLOCATION = 5  # place among the causes


@dataclass(frozen=True)
class Truth:
    """One woman as she was drawn."""

    shared: float
    log_density: float
    next_is_birth: bool


class Lives:
    """Draws women from the shipped draws and lets the law run."""

    def __init__(self, prepared: Prepared, rng: np.random.Generator) -> None:
        self.prepared, self.rng, self.ledger = prepared, rng, load_ledger()
        spread = self.ledger.value("measure.uterine_nk.control_log_sd")
        self.noise = noise_log_sd(prepared.draws, spread)

    def woman(self) -> tuple[History, Truth]:
        """One history and the truth behind it."""
        rng, draws = self.rng, self.prepared.draws
        i = int(rng.choice(len(draws), p=draws.weight))
        p, table = law_parameters_at(draws, i), uterine_nk_table(draws.mechanism[i])
        w0, sd_residual = differences.remaining_budget(p, *excess_over_women(p, table))
        lasting = differences.factor_at(rng.standard_normal(), p.sd_shared_lasting)
        log_density = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * rng.standard_normal()
        has = (rng.random(4) < differences.prevalences(p)).astype(float)
        traits = outcomes.Woman(
            1.0, differences.factor_at(rng.standard_normal(), sd_residual), log_density, *has
        )
        fading = self.fresh(p)
        age = float(rng.integers(22, 36))
        pregnancies: list[Pregnancy] = []
        for _ in range(int(rng.integers(1, MOST_PREGNANCIES + 1))):
            ended = self.pregnancy(traits._replace(shared=lasting * fading), age, w0, p, table, FIRST_WEEK)
            pregnancies.append(self.told(*ended, age))
            fading = self.carried(fading, p, is_renewed=ended[0] != LOSS)
            age += 1.0
        following = self.pregnancy(traits._replace(shared=lasting * fading), age, w0, p, table, CLINICAL_WEEK)
        tests = self.tests(log_density, i)
        history = History(age_years=age, pregnancies=tuple(pregnancies), tests=tests)
        return history, Truth(lasting, log_density, following[0] == BIRTH)

    def fresh(self, p: LawParameters) -> float:
        """A fading factor drawn afresh."""
        return differences.factor_at(self.rng.standard_normal(), p.sd_shared_fading)

    def carried(self, fading: float, p: LawParameters, *, is_renewed: bool) -> float:
        """The fading factor of the next pregnancy."""
        keeps = p.fading_correlation * (1.0 - p.fading_renewal_at_birth if is_renewed else 1.0)
        return fading if self.rng.random() < keeps else self.fresh(p)

    def pregnancy(self, woman, age, w0, p, table, first_week) -> tuple[str, int, int]:  # type: ignore[no-untyped-def]
        """Outcome, week and cause of one recognised pregnancy that is alive at `first_week`."""
        chances = outcomes.pregnancy_outcomes(
            woman, outcomes.Pregnancy(age, math.nan, 0, 0.0), w0, p, law_tables(p, birth_shares()), table
        )
        lost = chances.miscarriage.copy()
        for week in range(FIRST_WEEK, CLINICAL_WEEK):
            lost[:, week - FIRST_WEEK] *= p_recognised(week, p) if week >= first_week else 0.0
        flat = np.concatenate([lost.ravel(), chances.stillbirth, chances.live_birth])
        at = int(self.rng.choice(flat.size, p=flat / flat.sum()))
        if at < lost.size:
            cause, week = divmod(at, lost.shape[1])
            return LOSS, FIRST_WEEK + week, cause
        rest = at - lost.size
        name = STILLBIRTH if rest < chances.stillbirth.size else BIRTH
        return name, VIABLE_WEEK + rest % chances.stillbirth.size, -1

    def told(self, outcome: str, week: int, cause: int, age: float) -> Pregnancy:
        """What she says of it: sometimes without the week, sometimes with the chromosomes."""
        pregnancy = Pregnancy(outcome=outcome, age_years=age, week=week)
        if outcome != LOSS:
            return pregnancy
        if week >= CLINICAL_WEEK and self.rng.random() > P_WEEK_KNOWN:
            pregnancy = replace(pregnancy, week=None)
        if self.rng.random() < P_KARYOTYPE:
            names = {0: "aneuploid", TRANSLOCATION: "unbalanced"}
            pregnancy = replace(pregnancy, karyotype=names.get(cause, "euploid"))
        return pregnancy

    def tests(self, log_density: float, i: int) -> tuple[Test, ...]:
        """Sometimes a uterine reading, with the error that the measurement model states."""
        if self.rng.random() > P_TEST:
            return ()
        usual = Test(test="uterine_nk", value=math.exp(log_density), unit="cells_per_mm2")
        sd = math.hypot(float(self.noise[i]), uterine_reading(usual, self.ledger).extra_log_sd)
        read = math.exp(log_density + sd * self.rng.standard_normal())
        return (replace(usual, value=read),)


def share_below(truth: float, nodes: FloatArray, by_node: FloatArray, weights: FloatArray) -> float:
    """Posterior weight below the truth, straight lines through the middles of the steps of each draw."""
    out = 0.0
    for i, weight in enumerate(weights):
        middles = np.cumsum(by_node[i]) - 0.5 * by_node[i]
        out += weight * float(np.interp(truth, nodes[i], middles, left=0.0, right=1.0))
    return out


def ranks(found: Evaluation, truth: Truth, rng: np.random.Generator) -> tuple[float, float, float]:
    """Where the truth falls in the answer: density, shared factor, and how the next pregnancy ended."""
    stack, columns = found.prepared.stack, found.prepared.draws.columns
    median, sd = columns["law.uterine_nk_log_median"], columns["law.uterine_nk_lasting_log_sd"]
    density = median[:, None] + sd[:, None] * stack.density_score
    p_birth = float(found.weights @ found.ahead(NEXT_BIRTH))
    bernoulli = rng.uniform(1.0 - p_birth, 1.0) if truth.next_is_birth else rng.uniform(0.0, 1.0 - p_birth)
    return (
        share_below(truth.log_density, density, found.posterior.density, found.weights),
        share_below(truth.shared, stack.shared, found.posterior.shared, found.weights),
        bernoulli,
    )


def calibration(women: int, *, seed: int) -> FloatArray:
    """Ranks of so many women, shape (women, 3)."""
    rng = np.random.default_rng(seed)
    prepared = prepared_draws(STRUCTURE, grid=FINE, thin=THIN)
    lives = Lives(prepared, rng)
    out = []
    for _ in range(women):
        history, truth = lives.woman()
        out.append(ranks(evaluate(history, prepared), truth, rng))
    return np.array(out)


def judge(found: FloatArray) -> None:
    """A verdict for each rank: Kolmogorov and Smirnov against the even distribution."""
    names = ("lasting uterine NK density", "lasting shared factor", "how the next pregnancy ends")
    threshold = float(stats.kstwo.isf(THRESHOLD_ALPHA, len(found)))
    for name, column in zip(names, found.T, strict=True):
        statistic = float(stats.kstest(column, "uniform").statistic)
        verdict(
            f"calibration of {len(found)} histories, {name}",
            statistic=statistic,
            threshold=threshold,
            smallest_detectable=threshold,
        )


if __name__ == "__main__":
    judge(calibration(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, seed=20261122))

"""The fast kernel against its slow twin: means over women, fixed seeds, z below 4 for each."""

from __future__ import annotations

import math

import factories
import numpy as np
import pytest
from lives_twin import TwinCare, TwinWorld, live_slowly
from lives_world import Couples, one_draw_world
from verdicts import verdict

from decidua.evidence import load_ledger
from decidua.inference import cells
from decidua.life import differences, law
from decidua.life.pathway import NO_CARE, UTERINE_NK
from decidua.life.rows import PREGNANCY_NUMBERS, WOMAN_NUMBERS
from decidua.life.ways import DAYS_IN_YEAR, INDUCED, LIVE_BIRTH, MISCARRIAGE, STILLBIRTH
from decidua.study.population_chunks import simulate_lives
from decidua.study.population_world import published_ratios

SLOW, FAST, SEED, MOST_Z = 12_000, 250_000, 20_261_122, 4.0
GO_ON = 0.85
CUT, READING_LOG_SD = 150.0, 0.5  # low enough that many read high
CARE = TwinCare(
    after_losses=1, cut_per_mm2=CUT, reading_log_sd=READING_LOG_SD, result_days=60, p_accepts=0.7,
    wait_days=100, under=(1, -0.5, 1.2, 0.6),
)  # fmt: skip
# largest error of each mean that may go unseen
MEANS = {
    "pregnancies": 0.12, "recognised": 0.08, "losses": 0.05, "births": 0.06, "stillbirths": 0.02,
    "induced": 0.02, "longest_run": 0.04, "partners": 0.03, "cycles_to_first": 0.6, "years": 0.2,
    "tested": 0.02, "flagged": 0.02, "courses": 0.06, "preterm": 0.02,
    "very_early": 0.06,
}  # fmt: skip


def parameters():
    return factories.law_parameters(
        euploid_log_hazard=-2.2, sd_shared_lasting=0.4, sd_euploid_lasting=0.9, sd_shared_fading=0.6,
        fading_correlation=0.6, fading_renewal_at_birth=0.7, stillbirth_hazard_per_week=0.001,
        uterine_nk_implantation_log_effect=0.4, uterine_nk_excess=0.6,
    )  # fmt: skip


def pathway_of(care: TwinCare | None):
    """The same care for the kernel."""
    if care is None:
        return NO_CARE
    names = ("regimen", "log_hazard_ratio", "preterm", "very_early")
    return factories.care_pathway(
        test=UTERINE_NK, after_losses=care.after_losses, cut=math.log(care.cut_per_mm2),
        reading=(care.reading_log_sd, 0.0), result_days=care.result_days, p_accepts=care.p_accepts,
        wait_days=care.wait_days, **dict(zip(names, care.under, strict=True)),
    )  # fmt: skip


@pytest.fixture(scope="module", params=[None, CARE], ids=["no care", "care"])
def both(request):
    p, nk = parameters(), cells.uterine_nk_table("attack")
    world = one_draw_world(p, nk=nk, go_on=GO_ON)
    care = pathway_of(request.param)
    fast = simulate_lives(world, seed=SEED, first=0, last=FAST, pathway=care, with_rows=True).rows
    weight, log_sd = differences.remaining_budget(p, *cells.excess_over_women(p, nk))
    tables = law.law_tables(p, cells.birth_shares())
    ratio = published_ratios(load_ledger())
    twin = TwinWorld(p, world.ways, tables, nk, weight, log_sd, GO_ON, Couples(), ratio, request.param)
    rng = np.random.default_rng(SEED)
    return fast, [live_slowly(rng, twin) for _ in range(SLOW)]


def of_women(fast) -> dict[str, np.ndarray]:
    """The same numbers of every woman of the fast kernel."""
    women = {name: fast.women[:, k].astype(float) for k, name in enumerate(WOMAN_NUMBERS)}
    rows = {name: fast.pregnancies[:, k] for k, name in enumerate(PREGNANCY_NUMBERS)}

    def per_woman(which: np.ndarray) -> np.ndarray:
        return np.bincount(rows["woman"][which], minlength=FAST).astype(float)

    known = rows["recognised"] == 1
    first = np.zeros(FAST)
    behind = np.flatnonzero(known)[::-1]
    first[rows["woman"][behind]] = rows["cycle_conceived"][behind]
    partners = np.ones(FAST)
    np.maximum.at(partners, rows["woman"], rows["partner_number"].astype(float))
    return {
        "pregnancies": women["pregnancies"],
        "recognised": women["recognised_pregnancies"],
        "losses": women["losses"],
        "births": women["births"],
        "stillbirths": per_woman(rows["outcome"] == STILLBIRTH),
        "induced": per_woman(rows["outcome"] == INDUCED),
        "longest_run": women["longest_run_of_losses"],
        "partners": partners,
        "cycles_to_first": first,
        "years": (women["end_day"] - women["start_day"]) / DAYS_IN_YEAR,
        "tested": women["tested"],
        "flagged": women["flagged"],
        "courses": per_woman(rows["treated"] == 1),
        "preterm": per_woman((rows["outcome"] == LIVE_BIRTH) & (rows["week"] < 37)),
        "very_early": per_woman((rows["outcome"] == MISCARRIAGE) & (rows["week"] < 6)),
    }


@pytest.mark.parametrize("name", MEANS)
def test_mean_over_women(both, name):
    fast, slow = both
    a, b = of_women(fast)[name], np.array([float(getattr(life, name)) for life in slow])
    compare(f"kernel and twin, {name} of a woman", a, b, MEANS[name])


def test_week_of_loss(both):
    fast, slow = both
    rows = fast.pregnancies
    a = rows[(rows[:, 6] == MISCARRIAGE) & (rows[:, 8] == 1), 7].astype(float)
    b = np.array([week for life in slow for week in life.weeks_lost], dtype=float)
    compare("kernel and twin, week of a recognised loss", a, b, 0.4)


def test_chance_of_loss_after_a_loss(both):
    fast, slow = both
    rows = fast.pregnancies
    after = (rows[:, 13] > 0) & (rows[:, 8] == 1)
    a = (rows[after, 6] == MISCARRIAGE).astype(float)
    b = np.array([lost for life in slow for lost in life.lost_after_loss], dtype=float)
    compare("kernel and twin, chance of loss after a loss", a, b, 0.06)


def compare(name: str, a: np.ndarray, b: np.ndarray, largest: float) -> None:
    # where neither varies, one woman who differs would show
    error = math.sqrt(a.var() / len(a) + b.var() / len(b)) or 1.0 / (MOST_Z * len(b))
    verdict(
        f"{name}: {a.mean():.4f} and {b.mean():.4f}",
        statistic=abs(a.mean() - b.mean()) / error,
        threshold=MOST_Z,
        smallest_detectable=MOST_Z * error,
        largest_tolerable=largest,
    )

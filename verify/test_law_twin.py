"""The compiled law against its slow twin, over random parameters, women, pregnancies and womb tables.

Tolerance: 1e-10 relative. A weekly chance is the difference of two survivals near 1, each rounded to about
1e-16, so whatever its size it carries an error of some 1e-16; chances below SMALL are therefore held to
1e-10 times SMALL, which is 1e-15.
"""

from __future__ import annotations

import math

import factories
import law_twin as twin
import numpy as np
import pytest
from verdicts import verdict

from decidua.life import differences, law, outcomes
from decidua.life.parameters import (
    BIRTH_WEEKS,
    CAUSES,
    CONDITIONS,
    FIRST_WEEK,
    LAST_WEEK,
    LOSS_WEEKS,
    VIABLE_WEEK,
    LawParameters,
    UterineNkTable,
)

CASES, REGIMENS, DENSITIES = 300, 3, 7
RTOL, SMALL = 1e-10, 1e-5


def random_table(rng: np.random.Generator) -> UterineNkTable:
    """Any non-negative table, with empty weeks and a grid of its own."""
    excess = rng.exponential(1.0, (REGIMENS, DENSITIES, LOSS_WEEKS)) * (rng.random(LOSS_WEEKS) < 0.8)
    low = rng.uniform(2.0, 4.0)
    grid = np.linspace(low, low + rng.uniform(0.5, 4.0), DENSITIES)
    return UterineNkTable(grid, excess, np.zeros((REGIMENS, DENSITIES)))


def random_woman(rng: np.random.Generator) -> outcomes.Woman:
    has = (rng.random(4) < 0.4).astype(float)
    factors = rng.lognormal(0.0, 0.7, 2)
    return outcomes.Woman(float(factors[0]), float(factors[1]), rng.normal(4.9, 1.0), *has.tolist())


def random_pregnancy(rng: np.random.Generator) -> outcomes.Pregnancy:
    partner_age = math.nan if rng.random() < 0.3 else rng.uniform(16.0, 70.0)
    log_ratio = rng.normal(0.0, 0.4)
    return outcomes.Pregnancy(rng.uniform(12.0, 60.0), partner_age, int(rng.integers(REGIMENS)), log_ratio)


def random_birth_share(rng: np.random.Generator) -> np.ndarray:
    share = rng.random(BIRTH_WEEKS)
    share[-1] = 1.0
    return share


def random_case(seed: int):
    """Parameters inside wide ranges, and one woman, pregnancy, womb's table and course of birth."""
    rng = np.random.default_rng(seed)
    p = LawParameters(*(float(rng.uniform(*factories.WIDE[name])) for name in LawParameters._fields))
    return (
        factories.within_budget(p),
        random_woman(rng),
        random_pregnancy(rng),
        random_table(rng),
        random_birth_share(rng),
        rng.uniform(0.05, 1.0),
    )


def distance(found: float, expected: float) -> float:
    return abs(found - expected) / max(abs(expected), SMALL)


def by_name(result: outcomes.Outcomes) -> dict[tuple[str, int], float]:
    """Every chance of the compiled law under the twin's keys."""
    out = {
        (cause, FIRST_WEEK + w): float(result.miscarriage[c, w])
        for c, cause in enumerate(CAUSES)
        for w in range(LOSS_WEEKS)
    }
    for name in ("stillbirth", "live_birth"):
        out |= {(name, VIABLE_WEEK + w): float(x) for w, x in enumerate(getattr(result, name))}
    return out


def law_distance(seed: int, twin_changes: dict[str, float]) -> float:
    """Largest distance of law and twin over all outcomes of one case, the twin's parameters changed."""
    p, woman, pregnancy, table, share, weight = random_case(seed)
    tables = law.law_tables(p, share)
    found = by_name(outcomes.pregnancy_outcomes(woman, pregnancy, weight, p, tables, table))
    changed = p._replace(**{name: getattr(p, name) * by for name, by in twin_changes.items()})
    expected = twin.all_outcomes(twin.Course(woman, pregnancy, weight, changed, table), share)
    assert set(expected) <= set(found)
    return max(distance(found[key], expected.get(key, 0.0)) for key in found)


def test_every_outcome_of_the_law_equals_its_twin():
    worst = max(law_distance(seed, {}) for seed in range(CASES))
    verdict(
        f"law against twin, all causes and weeks, {CASES} random cases",
        statistic=worst,
        threshold=RTOL,
        smallest_detectable=RTOL,
    )


# Fields that say how women differ, or that reach the law only through the pregnancy's own arguments.
NOT_IN_ONE_PREGNANCY = {
    "p_recognised_week_4",
    "p_recognised_week_5",
    "sd_shared_lasting",
    "sd_euploid_lasting",
    "sd_shared_fading",
    "fading_correlation",
    "fading_renewal_at_birth",
    "high_class_share",
    *(f"prevalence_{name}" for name in CONDITIONS),
    "uterine_nk_log_median",
    "uterine_nk_lasting_log_sd",
    "uterine_nk_implantation_log_effect",
    "prednisolone_log_hazard_ratio",
    "progesterone_log_hazard_ratio",
    "aspirin_log_hazard_ratio",
}
BEARING = [name for name in LawParameters._fields if name not in NOT_IN_ONE_PREGNANCY]


@pytest.mark.parametrize("name", BEARING)
def test_the_comparison_sees_a_change_of_one_part_in_a_million(name):
    """Otherwise agreement would mean nothing: each parameter that bears on a pregnancy is really compared."""
    assert max(law_distance(seed, {name: 1.0 + 1e-6}) for seed in range(40)) > RTOL


def unnoticed_distance(seed: int) -> float:
    p = random_case(seed)[0]
    tables = law.law_tables(p, factories.birth_share())
    preclinical = twin.unnoticed(p, lambda w: math.exp(-p.preclinical_hazard_euploid * twin.early(w)))
    aneuploid = twin.unnoticed(p, lambda w: twin.aneuploid_survival(w, p))
    return max(
        distance(law.p_unrecognised(tables.preclinical_survival, p), preclinical),
        distance(law.p_unrecognised(tables.aneuploid_survival, p), aneuploid),
    )


def budget_distance(seed: int) -> float:
    p, _, _, table, share, _ = random_case(seed)
    tables = law.law_tables(p, share)
    mean = differences.nk_mean_excess(table, 1, 4.5, np.diff(tables.euploid_cumulative))
    expected_mean = twin.nk_mean(table, 1, 4.5, p)
    found = differences.remaining_budget(p, 0.1 * expected_mean, 0.01)
    expected = twin.budget(p, 0.1 * expected_mean, 0.01)
    if expected is None:
        assert found == (-1.0, -1.0)
        return distance(mean, expected_mean)
    variance = math.expm1(found[1] ** 2)
    pairs = (mean, expected_mean), (found[0], expected[0]), (variance, expected[1])
    return max(distance(x, y) for x, y in pairs)


def late_distance(seed: int) -> float:
    p, woman, _, _, share, _ = random_case(seed)
    tables = law.law_tables(p, share)
    weeks = range(VIABLE_WEEK, LAST_WEEK + 1)
    found = [law.p_live_birth_if_alive_at(w, woman.shared, p, tables) for w in weeks]
    expected = [twin.born_alive(w, woman.shared, share, p) for w in weeks]
    return max(distance(x, y) for x, y in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "of_one_case"),
    [
        ("chance of an unnoticed loss", unnoticed_distance),
        ("budget of mean and variance, mean NK excess", budget_distance),
        ("chance of a live birth from any week after 24", late_distance),
    ],
)
def test_what_histories_look_up_equals_the_twin(name, of_one_case):
    worst = max(of_one_case(seed) for seed in range(CASES))
    verdict(f"{name} against twin", statistic=worst, threshold=RTOL, smallest_detectable=RTOL)

"""What losses select: the tables of stage two against women followed one by one."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference import weights_selection as selection
from decidua.inference.cells import excess_over_women, uterine_nk_table
from decidua.inference.weights_tables import EVERYONE, SECOND, THIRD
from decidua.life import differences, law
from decidua.life.parameters import LawParameters

LEDGER, DRAWS = load_ledger(), load_draws("fading-log_normal")
ROW = int(selection.chosen_rows(DRAWS, 5)[2])
EFFECT_AT, REPEAT_AT = 4, 1
WOMEN = 400_000
GRID = selection.grid_of()


@pytest.fixture(scope="module")
def tables():
    return {m: selection.selection_of(DRAWS, ROW, m, LEDGER, GRID) for m in ("attack", "too_few", "marker")}


def the_law() -> LawParameters:
    row = {name: float(DRAWS.columns[f"law.{name}"][ROW]) for name in LawParameters._fields}
    row["uterine_nk_excess"] = float(np.expm1(GRID.effect[EFFECT_AT]))
    spread = LEDGER.value("measure.uterine_nk.control_log_sd")
    row["uterine_nk_lasting_log_sd"] = spread * float(np.sqrt(GRID.repeatability[REPEAT_AT]))
    row["setting_log_shift"] = 0.0
    return LawParameters(**row)


def chances(p: LawParameters, age: float, factor, multiplier):
    odds = law.aneuploid_odds(age, np.nan, p) * factor
    euploid = -np.expm1(-law.euploid_hazard(age, p) * factor * multiplier)
    return (odds * (1.0 - p.viable_aneuploid_share) + euploid) / (1.0 + odds)


def women_one_by_one(mechanism: str, rng: np.random.Generator):
    """Scores of women at their third loss, and how their next pregnancy ends; no recursion is used."""
    p, table = the_law(), uterine_nk_table(mechanism)
    w0, sd = differences.remaining_budget(p, *excess_over_women(p, table))
    share = np.diff(law.law_tables(p, np.ones(1)).euploid_cumulative)
    score = rng.choice(GRID.score, size=WOMEN, p=GRID.score_weight)
    by_score = {
        z: differences.nk_mean_excess(
            table, 0, p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * z, share
        )
        for z in GRID.score
    }
    excess = np.array([by_score[z] for z in score]) * p.uterine_nk_excess

    def factor(spread: float):
        return np.exp(spread * rng.standard_normal(WOMEN) - 0.5 * spread**2)

    lasting, multiplier = factor(p.sd_shared_lasting), w0 * factor(sd) + excess
    fading = factor(p.sd_shared_fading)
    setting = selection.setting_of(DRAWS, ROW, LEDGER)
    active, losses, births = np.ones(WOMEN, dtype=bool), np.zeros(WOMEN, int), np.zeros(WOMEN, int)
    third, seen = np.zeros(WOMEN, dtype=bool), np.ones(WOMEN)
    for _ in range(7):
        lost = active & (
            rng.random(WOMEN) < chances(p, setting.recurrence_age_years, lasting * fading, multiplier)
        )
        born = active & ~lost
        at_third = lost & (losses == 2)
        third |= at_third
        losses, births = losses + lost, births + born
        keep = rng.random(WOMEN) < p.fading_correlation
        fresh = factor(p.sd_shared_fading)
        fading = np.where(lost & keep, fading, fresh)
        seen = np.where(at_third, fading, seen)
        go_on = np.where(lost, setting.p_go_on[0], setting.p_go_on[np.minimum(births, 3)])
        active = active & (rng.random(WOMEN) < go_on)
    p_next = chances(p, setting.referral_age_years, lasting * seen, multiplier)
    return score[third], 1.0 - p_next[third]


@pytest.mark.parametrize("mechanism", ["attack", "too_few"])
def test_selection_is_that_of_women_one_by_one(mechanism, tables):
    score, birth = women_one_by_one(mechanism, np.random.default_rng(5))
    table = tables[mechanism]
    weight = np.exp(table.log_weight[THIRD, EFFECT_AT, REPEAT_AT])
    weight /= weight.sum()
    error = score.std() / np.sqrt(score.size)
    assert weight @ GRID.score == pytest.approx(score.mean(), abs=4.0 * error)
    same, none = np.argmin(np.abs(GRID.level)), np.argmin(np.abs(GRID.log_hazard_ratio))
    found = 1.0 / (1.0 + np.exp(-table.birth[THIRD, EFFECT_AT, REPEAT_AT, same, none]))
    assert weight @ found == pytest.approx(birth.mean(), abs=4.0 * birth.std() / np.sqrt(birth.size) + 0.004)
    middle = GRID.score.size // 2
    high, low = birth[score == GRID.score[middle + 1]], birth[score == GRID.score[middle - 1]]
    error = np.hypot(high.std() / np.sqrt(high.size), low.std() / np.sqrt(low.size))
    assert found[middle + 1] - found[middle - 1] == pytest.approx(high.mean() - low.mean(), abs=4.0 * error)


def test_without_effect_losses_select_nothing(tables):
    for mechanism in tables:
        for group in (SECOND, THIRD, EVERYONE):
            found = np.exp(tables[mechanism].log_weight[group, 0, REPEAT_AT])
            np.testing.assert_allclose(found / found.sum(), GRID.score_weight, rtol=1e-9)
        births = tables[mechanism].birth[THIRD, 0, REPEAT_AT]
        np.testing.assert_allclose(births, births[..., :1] * np.ones(GRID.score.size), rtol=1e-9)


def test_every_mechanism_is_the_same_without_effect(tables):
    for part in ("log_weight", "birth"):
        none = getattr(tables["marker"], part)[:, 0]
        np.testing.assert_allclose(getattr(tables["attack"], part)[:, 0], none, rtol=1e-9)
        np.testing.assert_allclose(getattr(tables["too_few"], part)[:, 0], none, rtol=1e-9)


def test_a_high_count_is_picked_where_it_harms_and_a_low_one_where_that_harms(tables):
    def mean_score(mechanism):
        found = np.exp(tables[mechanism].log_weight[THIRD, EFFECT_AT, REPEAT_AT])
        return found @ GRID.score / found.sum()

    assert mean_score("attack") > 0.1
    assert mean_score("too_few") < -0.1


def test_the_strongest_effect_uses_up_the_budget(tables):
    for r, repeat in enumerate(GRID.repeatability):
        limit = tables["attack"].limit[r]
        for effect, fits in ((limit - 1e-6, True), (limit + 1e-6, False)):
            p = the_law()._replace(
                uterine_nk_excess=float(np.expm1(effect)),
                uterine_nk_lasting_log_sd=LEDGER.value("measure.uterine_nk.control_log_sd")
                * float(np.sqrt(repeat)),
            )
            found = differences.remaining_budget(p, *excess_over_women(p, uterine_nk_table("attack")))
            assert (found[0] > 0.0) is fits


def test_a_steroid_does_nothing_through_cells_that_do_nothing(tables):
    np.testing.assert_allclose(tables["marker"].regimen, 0.0, atol=1e-9)
    np.testing.assert_allclose(tables["attack"].regimen[:, :, 0], 0.0, atol=1e-9)

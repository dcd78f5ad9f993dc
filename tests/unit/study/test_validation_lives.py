"""Simulated lives against published tables: filters and statistics on rows read off, and a wrong world."""

from __future__ import annotations

import math
import re

import numpy as np
import polars as pl
import pytest
from scipy import stats

from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.study import validation_lives_tests as tests
from decidua.study.survey_scores import area_under_curve, fit_logistic
from decidua.study.validation_lives import Simulation, all_tables, counts_of, order_rows, predicted
from decidua.study.validation_lives_counts import Chunk, Table, chunk_of, count_world, counted
from decidua.study.validation_lives_coverage import coverage_of, one_coverage
from decidua.study.validation_lives_denmark import Denmark
from decidua.study.validation_lives_predict import explained, gradient
from decidua.study.validation_lives_referral import from_first_try, referred
from decidua.study.validation_lives_rows import Judge
from decidua.study.validation_lives_rule import LivesRule, load_lives_rule
from decidua.study.validation_lives_statistics import (
    Cells,
    c_statistic,
    cohort_share,
    comparisons_of_order,
    egerup_ratio,
    fit_cells,
    grid,
    mantel_haenszel,
    shifted_share,
)
from decidua.study.validation_lives_weeks import Observed, chance_of_loss, read_weeks
from decidua.study.validation_lives_world import start_ages, worlds_of
from decidua.study.validation_published import published_of
from decidua.study.validation_rule import AGREE, DISAGREE, NOT_RUN, UNDECIDED, load_rule
from decidua.study.validation_womb import load_womb_rule

LEDGER, RULE, LIVES = load_ledger(), load_rule(), load_lives_rule()
STRUCTURE = "fading-log_normal"
ENTRIES = {entry["id"]: entry for entry in LIVES.raw["rows"]}
LOST, BORN = "miscarriage", "live_birth"


def pregnancy(woman, order, outcome, week, age, **more):
    usual = {
        "woman": woman, "draw": 0, "order": order, "outcome": outcome, "week": week,
        "age_at_conception_years": age, "recognised": True, "cycle_conceived": 3, "bleeding": False,
        "aneuploid": False, "previous_losses_consecutive": 0, "previous_losses": 0, "previous_births": 0,
        "partner_number": 1,
    }  # fmt: skip
    return usual | more


def woman(number, **more):
    usual = {
        "woman": number, "draw": 0, "start_age_years": 28.0, "stopped_because": "desired_family_size",
        "recognised_pregnancies": 3, "losses": 2, "antiphospholipid": False, "uterine_anomaly": False,
        "translocation": False,
    }  # fmt: skip
    return usual | more


def after(run, losses=None, births=0, **more):
    counts = {"previous_losses_consecutive": run, "previous_losses": run if losses is None else losses}
    return counts | {"previous_births": births} | more


@pytest.fixture
def chunk() -> Chunk:
    """Two losses, a hidden one and a birth; two losses and giving up; a birth, three losses and a birth."""
    rows = [
        pregnancy(0, 1, LOST, 8, 30.0),
        pregnancy(0, 2, LOST, 9, 31.0, **after(1), aneuploid=True),
        pregnancy(0, 3, LOST, 5, 32.0, **after(2), recognised=False),
        pregnancy(0, 4, BORN, 40, 33.0, **after(2), bleeding=True),
        pregnancy(1, 1, LOST, 7, 36.0),
        pregnancy(1, 2, LOST, 7, 37.0, **after(1)),
        pregnancy(2, 1, BORN, 33, 25.0, bleeding=True),
        pregnancy(2, 2, LOST, 10, 27.0, **after(0, births=1)),
        pregnancy(2, 3, LOST, 11, 28.0, **after(1, births=1)),
        pregnancy(2, 4, LOST, 12, 29.0, **after(2, births=1)),
        pregnancy(2, 5, BORN, 39, 41.0, **after(3, births=1), cycle_conceived=20),
    ]
    women = [
        woman(0, translocation=True),
        woman(1, stopped_because="gave_up_after_a_loss"),
        woman(2, start_age_years=24.0, recognised_pregnancies=5, losses=3),
    ]
    return chunk_of(pl.DataFrame(rows), pl.DataFrame(women))


def cells_in(frame):
    """Trials and events by cell."""
    out: dict[int, tuple[int, int]] = {}
    for cell, event in zip(frame["cell"], frame["event"], strict=True):
        trials, events = out.get(cell, (0, 0))
        out[cell] = (trials + 1, events + int(event))
    return out


def test_the_page_names_the_hash_of_this_rule_after_those_of_the_others(project):
    page = (project / "docs" / "validation.md").read_text(encoding="utf-8")
    hashes = re.findall(r"\b[0-9a-f]{64}\b", page)
    assert hashes == [RULE.sha256, load_womb_rule().sha256, LIVES.sha256]


def test_every_row_has_a_filter_a_published_value_and_what_would_settle_it():
    for entry in LIVES.raw["rows"]:
        assert entry["filter"] in LIVES.raw["filters"]
        assert entry["reason"]
        assert entry["settles"]
        assert entry["spread"] in RULE.raw["spreads"] if "spread" in entry else entry["kind"] == "order"
        if "spread" in entry:
            assert math.isfinite(published_of(LEDGER, entry).value)


def test_rows_carry_the_role_of_their_table():
    roles = {"HELD_OUT": "held out", "INFORMED_STRUCTURE": "informed the structure"}
    for entry in LIVES.raw["rows"]:
        wanted = entry["odds_ratio"][0] if "odds_ratio" in entry else entry["select"]
        rows = LEDGER.table(entry["dataset"]).rows
        row = next(r for r in rows if all(getattr(r, key) == value for key, value in wanted.items()))
        assert entry["label"] == roles[row.role], entry["id"]


def test_danish_registers_are_reported_and_not_judged():
    assert {entry["id"] for entry in LIVES.raw["rows"] if entry["filter"] in ("knudsen", "nybo")} == {
        entry["id"] for entry in LIVES.raw["rows"] if not entry["gated"] and entry.get("kind") != "order"
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("knudsen", {0: (4, 3), 1: (3, 3), 2: (2, 1), 3: (1, 0)}),
        ("ozawa", {26: (1, 0), 24: (1, 0), 30: (1, 0), 32: (1, 1), 42: (1, 0), 44: (1, 0), 29: (1, 0)}),
        ("nikitina", {30: (1, 0), 24: (1, 0), 42: (1, 0), 29: (1, 0)}),
        ("lidegaard", {2: (2, 2), 3: (1, 1)}),
        ("women", {0: (3, 3)}),
        ("roman", {12: (1, 1), 13: (1, 1), 14: (1, 0), 6: (1, 1), 7: (1, 1), 24: (1, 0), 25: (1, 1),
                   26: (1, 1), 27: (1, 1), 28: (1, 0), 36: (3, 2)}),
        # woman 0 has a translocation and was 33; woman 2 was 41 after three losses and 29 after two
        ("cohorts", {0: (1, 1), 2: (1, 0), 7: (1, 1), 16: (3, 1), 17: (1, 0)}),
        ("brigham", {9 * 4: (1, 0), 21 * 4 + 1: (1, 1)}),
        ("egerup", {3: (1, 0)}),
        ("koki", {13 * 12: (1, 1), 9 * 12 + 1: (1, 0), 21 * 12 + 4: (1, 1)}),
    ],
)  # fmt: skip
def test_filters_take_the_rows_that_their_words_say(chunk, name, expected):
    assert cells_in(getattr(tests, name)(chunk)) == expected


def test_bands_of_age_begin_at_the_printed_ages(chunk):
    found = cells_in(tests.nybo(chunk, youngest=[12, 20, 25, 30, 35, 40, 45]))
    assert found == {2: (4, 3), 3: (3, 2), 4: (2, 2), 5: (1, 0)}


def test_a_trial_from_a_positive_test_counts_hidden_losses_that_reach_it(chunk):
    # Without a loss before: 30.0, 36.0, 25.0 and 27.0; with three, only a woman of 41 after 20 cycles.
    assert cells_in(tests.promise(chunk, week=5, cycles=13)) == {1: (4, 1)}
    hidden = chunk.pregnancies.with_columns(pl.col("previous_losses") + 1)
    later = Chunk(hidden, chunk.recognised, chunk.women)
    assert cells_in(tests.promise(later, week=5, cycles=13)) == {0: (3, 1)}
    assert cells_in(tests.promise(later, week=6, cycles=13)) == {0: (2, 1)}


def test_bleeding_trial_takes_those_still_pregnant_and_counts_births_from_week_34(chunk):
    assert cells_in(tests.prism(chunk, week=7)) == {0: (1, 0), 1: (1, 1), 2: (10, 2)}
    assert cells_in(tests.prism(chunk, week=8))[2] == (8, 2)


def test_weeks_count_those_alive_before_them(chunk):
    found = cells_in(tests.etm(chunk, bands=[(6, 7), (8, 9), (5, 40)]))
    assert found == {0: (10, 2), 1: (8, 2), 2: (11, 8)}


def test_women_who_gave_up_are_not_referred_and_those_who_never_conceive_are(chunk):
    seen = referred(chunk, run=2, delay_years=0.25)
    assert seen["woman"].to_list() == [0, 2]
    ended = 31.0 + (7 * 10 - 14) / 365.25
    assert seen["visit_age"][0] == pytest.approx(ended + 0.25)
    assert seen["conceived_age"][0] == 33.0
    assert seen["born_age"][0] == pytest.approx(33.0 + (7 * 41 - 14) / 365.25)
    assert seen["lost_age"][0] is None
    stays = chunk.women.with_columns(stopped_because=pl.lit("sterile"))
    waiting = referred(Chunk(chunk.pregnancies, chunk.recognised, stays), run=2, delay_years=0.25)
    assert waiting.filter(pl.col("woman") == 1)["conceived_age"].to_list() == [None]


def test_women_who_conceive_before_the_visit_are_not_referred(chunk):
    assert referred(chunk, run=2, delay_years=0.9)["woman"].to_list() == [0]


def test_follow_up_runs_from_the_visit(chunk):
    # After three losses woman 2 was seen at 29.5 and gave birth at 41.7; from 24 she had one at 25.6.
    assert cells_in(tests.lund(chunk, delay_years=0.25)) == {0: (1, 0), 1: (1, 1), 2: (3, 1)}
    # Woman 2 after two losses: seen at 28.4 and pregnant at 29; woman 0: seen at 31.4 and pregnant at 33.
    assert cells_in(tests.koki_conceived(chunk, delay_years=0.25))[0] == (2, 1)
    found = cells_in(tests.franssen(chunk, delay_years=0.25, years=5.8))
    assert found == {0: (1, 1), 1: (1, 0), 2: (1, 0), 3: (1, 1)}


def test_from_the_first_try_every_woman_is_followed(chunk):
    assert from_first_try(chunk)["conceived_age"].to_list() == [30.0, 36.0, 25.0]


def test_rows_are_counted_by_half_draw_and_cell():
    rows = pl.DataFrame(
        {
            "woman": [0, 1, 2, 2],
            "draw": [1, 0, 1, 1],
            "cell": [0, 2, 0, 0],
            "event": [True, False, False, True],
        }
    )
    found = counted(rows, draws=2, cells=3)
    assert found.shape == (2, 2, 2, 3)
    assert found[0, 0, 1].tolist() == [3, 0, 0]
    assert found[1, 0, 1].tolist() == [2, 0, 0]
    assert found[0, 1, 0].tolist() == [0, 0, 1]
    assert found.sum() == 6


def test_odds_ratio_over_strata_by_hand():
    cells = Cells(np.array([40.0, 60.0, 10.0, 30.0]), np.array([10.0, 30.0, 5.0, 20.0]))
    above = (30.0 * 30.0 / 100.0) + (20.0 * 5.0 / 40.0)
    below = (10.0 * 30.0 / 100.0) + (5.0 * 10.0 / 40.0)
    assert mantel_haenszel(cells, columns=2, above=1, below=0) == pytest.approx(above / below)


def test_one_ascertainment_scalar_brings_the_overall_share_to_the_published_one():
    cells = Cells(np.array([800.0, 200.0]), np.array([80.0, 60.0]))
    odds = 0.11 / 0.89 / (0.14 / 0.86) * (0.3 / 0.7)
    assert shifted_share(cells, 1, overall=0.11) == pytest.approx(odds / (1.0 + odds))


def test_regression_on_cells_is_that_on_rows():
    rng = np.random.default_rng(5)
    places = grid(4, 3)
    trials = rng.integers(20, 60, size=12).astype(float)
    events = rng.binomial(trials.astype(int), 0.2 + 0.05 * places[:, 0]).astype(float)
    features = np.column_stack([np.ones(12), places])
    rows = np.repeat(features, trials.astype(int), axis=0)
    happened = np.concatenate([np.arange(n) < e for n, e in zip(trials, events, strict=True)]).astype(float)
    assert fit_cells(features, Cells(trials, events)) == pytest.approx(fit_logistic(rows, happened), rel=1e-8)
    beta = fit_cells(features, Cells(trials, events), is_poisson=True)
    assert features.T @ (events - trials * np.exp(features @ beta)) == pytest.approx(np.zeros(3), abs=1e-6)


def test_c_statistic_of_cells_is_that_of_rows():
    places = grid(tests.KOLTE_AGES, *[tests.KOLTE_MOST] * 3)
    trials = np.zeros(len(places))
    rng = np.random.default_rng(6)
    used = rng.choice(len(places), size=60, replace=False)
    trials[used] = 8.0
    events = np.where(trials > 0, rng.integers(1, 5, size=trials.size), 0).astype(float)
    age = (places[:, 0] - tests.KOLTE_AGES / 2.0) / 5.0
    features = np.column_stack([np.ones(len(places)), age, age**2, age**3, places[:, 1:]])
    rows = np.repeat(features, trials.astype(int), axis=0)
    happened = np.concatenate([np.arange(8) < e for e in events[trials > 0]]).astype(float)
    expected = area_under_curve(happened, np.round(rows @ fit_logistic(rows, happened), 9))
    assert c_statistic(Cells(trials, events)) == pytest.approx(expected, abs=1e-9)


def test_losses_before_the_last_birth_have_the_ratio_that_was_put_in():
    places = grid(tests.EGERUP_BEFORE, tests.EGERUP_AFTER, 1 + len(tests.EGERUP_AGES))
    trials = np.full(len(places), 1000.0)
    events = trials * 0.2 * 1.1 ** places[:, 0] * 1.2 ** places[:, 1] * 1.3 ** (places[:, 2] == 3.0)
    assert egerup_ratio(Cells(trials, events)) == pytest.approx(1.1, rel=1e-6)


def test_a_cohort_mixes_runs_of_losses_as_declared():
    trials = np.full(18, 100.0)
    events = np.repeat([80.0, 70.0, 60.0, 50.0, 90.0], [4, 4, 4, 4, 2])
    events[3] = 76.0  # two losses, unexplained, from age 35
    mix = {2: 0.5, 3: 0.5}
    everyone = cohort_share(Cells(trials, events), mix=mix, is_unexplained=False, from_35=None)
    assert everyone == pytest.approx(0.5 * 0.79 + 0.5 * 0.7)
    unexplained = cohort_share(Cells(trials, events), mix=mix, is_unexplained=True, from_35=None)
    assert unexplained == pytest.approx(0.5 * 0.78 + 0.5 * 0.7)
    older = cohort_share(Cells(trials, events), mix={2: 1.0}, is_unexplained=True, from_35=0.75)
    assert older == pytest.approx(0.25 * 0.8 + 0.75 * 0.76)


def test_registered_losses_in_life_are_thinned_ones():
    denmark = Denmark(np.array([1000.0, 1000.0]), np.array([60.0, 400.0]), np.array([1.0, 0.0]))
    ages = Cells(np.array([100.0, 100.0]), np.array([12.0, 30.0]))
    seen = (60.0 / 940.0) / (12.0 / 88.0)
    assert denmark.log_ascertained(ages) == pytest.approx(math.log(seen))
    women = Cells(np.array([50.0, 0.0, 50.0, 0.0, 0.0, 0.0]), np.zeros(6))
    found = [denmark.in_life(ages, women, k) for k in range(5)]
    expected = 0.5 * stats.binom.pmf([0, 1, 2, 3, 4], 2, seen) + 0.5 * np.array([1.0, 0, 0, 0, 0])
    assert found == pytest.approx(expected.tolist())
    random = [denmark.at_random(ages, women, k) for k in range(5)]
    assert sum(random) == pytest.approx(1.0)
    assert random[0] == pytest.approx(math.exp(-seen))


def test_a_register_sees_no_more_losses_than_there_are():
    denmark = Denmark(np.array([1000.0]), np.array([300.0]), np.array([1.0]))
    assert denmark.log_ascertained(Cells(np.array([100.0]), np.array([12.0]))) == 0.0


def test_order_is_compared_within_and_over_final_numbers():
    events = np.full(37, 10.0)
    events[6], events[30] = 5.0, 30.0  # the first of 2 ever, the first of 6 ever
    found = comparisons_of_order(Cells(np.full(37, 100.0), events), [2, 6])
    assert found == {"roman.j_shape": [True, True], "roman.falls": [False, True]}


def test_slopes_of_a_statistic_are_its_derivatives():
    found = gradient(lambda x: float(x[0] ** 2 / x[1] + 0.0 * x[2]), np.array([3.0, 2.0, 0.0]))
    assert found == pytest.approx([3.0, -9.0 / 4.0, 0.0], rel=1e-6)


def test_chance_in_the_simulation_drops_out_of_the_spread_over_draws():
    rng = np.random.default_rng(8)
    draws = 1000
    parameters = rng.standard_normal((draws, 30))
    signal = 0.3 * parameters[:, 4]
    halves = signal + 3.0 * rng.standard_normal((2, draws))
    weight = np.full(draws, 1.0 / draws)
    found = explained(halves, weight, parameters)
    assert found.std() == pytest.approx(signal.std(), rel=0.35)
    assert np.corrcoef(found, signal)[0, 1] > 0.4
    noise = explained(3.0 * rng.standard_normal((2, draws)), weight, parameters)
    assert noise.std() < 0.25


def test_weekly_loss_after_delayed_entry_by_hand():
    observed = Observed(
        entry=np.array([4, 4, 5, 6, 4]), exit=np.array([6, 7, 40, 40, 6]), is_loss=np.array([1.0, 1, 0, 0, 0])
    )
    # week 6: 4 at risk and one lost (the other end at 6 was by choice); week 7: 3 at risk and one lost
    chance, error = chance_of_loss(observed, [6, 7])
    assert chance == pytest.approx(1.0 - 0.75 * 2.0 / 3.0)
    assert error == pytest.approx(math.sqrt(1.0 / (4 * 3) + 1.0 / (3 * 2)) / chance)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "first line: a,b is not accepted"),
        ("id,entry,exit,group,cause\n1,6,x,0,2\n", "line 2, exit: x is not accepted"),
        ("id,entry,exit,group,cause\n1,6,99,0,2\n", "line 2, exit: 99 is not accepted"),
        ("id,entry,exit,group,cause\n1,9,8,0,2\n", "exit: 8 is not accepted; allowed: more than entry, 9"),
        ("id,entry,exit,group,cause\n1,6,8,0,7\n", "cause: 7 is not accepted"),
        ("id,entry,exit,group,cause\n1,6,8,1,2\n", "allowed: one or more rows of group 0"),
        ("id,entry,exit,group,cause\n1,6,8\n", "line 2, group"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_refused_with_its_place(tmp_path, text, message):
    path = tmp_path / "weeks.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        read_weeks(path, LIVES.raw["weeks"])


def test_a_list_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        read_weeks(tmp_path / "nowhere.csv", LIVES.raw["weeks"])


@pytest.mark.needs_shared_data
def test_the_list_of_the_service_gives_the_shares_printed_beside_it(data_folder):
    observed = read_weeks(data_folder / "data" / "etm" / "abortion.csv", LIVES.raw["weeks"])
    assert observed.entry.size == 1013
    # The page of the data prints 15.8 in 100 by week 24, endings by choice as competing events.
    assert chance_of_loss(observed, range(5, 25))[0] == pytest.approx(0.158, abs=0.003)


def test_start_ages_are_those_of_the_rule():
    ages = start_ages(LIVES.assumed("first_pregnancy"))
    assert ages.mean() == pytest.approx(26.5, abs=0.1)
    assert ages.std() == pytest.approx(5.0, abs=0.15)
    assert ages.min() >= 15.0
    assert ages.max() <= 44.0


WOMEN = 131_072
SMALL = {"register": WOMEN, "all_pregnancies": 40_000, "no_stopping": 40_000, "clinic": WOMEN}
ALIKE = {
    "sd_shared_lasting": 0.0, "sd_shared_fading": 0.0, "sd_euploid_lasting": 0.0, "excess_translocation": 0.0,
    "excess_antiphospholipid": 0.0, "excess_uterine_anomaly": 0.0, "excess_thyroid_antibodies": 0.0,
    "uterine_nk_excess": 0.0, "prevalence_translocation": 0.2,  # without an excess; enough carriers to count
}  # fmt: skip


def small_rule() -> LivesRule:
    simulation = {**LIVES.raw["simulation"], "women": SMALL}
    return LivesRule({**LIVES.raw, "simulation": simulation}, LIVES.sha256)


def lived(changed=None):
    """Rows of a small run by id, and the counts behind them."""
    worlds = worlds_of(small_rule(), LEDGER, STRUCTURE, changed=changed)
    tables = all_tables(worlds.rule, LEDGER)
    counts = counts_of(worlds, tables, Simulation(2, is_fast=False, progress=lambda _: None))
    judge, predictions = Judge(RULE, worlds.rule, LEDGER), predicted(worlds, counts)
    rows = judge.rows(predictions) + order_rows(judge, counts, STRUCTURE)
    rows += judge.week_rows(predictions, None)
    rows += [judge.clinics_row(predictions), judge.ceiling_row(predictions)]
    return {row.id: row for row in rows}


@pytest.fixture(scope="module")
def rows():
    return lived()


@pytest.fixture(scope="module")
def rows_alike():
    """A world that is wrong on purpose: no woman differs from another but by age."""
    return lived(ALIKE)


def test_every_row_of_the_rule_is_judged_once(rows):
    weeks = {row["id"] for row in LIVES.raw["weeks"]["rows"]}
    assert set(rows) == set(ENTRIES) | weeks | {"L10", "L19"}
    assert all(row.predicted.lo <= row.predicted.mean <= row.predicted.hi for row in rows.values())


def test_rows_without_their_file_are_not_passes(rows):
    for row in LIVES.raw["weeks"]["rows"]:
        assert rows[row["id"]].verdict == NOT_RUN
        assert rows[row["id"]].is_covered is None


def test_verdicts_and_coverage_follow_from_the_numbers_shown(rows):
    for row in rows.values():
        if row.z is not None:
            assert (row.z >= RULE.z) == (row.verdict == DISAGREE), row.id
        if row.is_covered is not None:
            assert row.is_covered == (row.predictive_lo <= row.published <= row.predictive_hi), row.id


def test_a_world_without_differences_fails_where_differences_are_published(rows_alike, rows):
    for name in ("L1.2", "L2.2", "L9.loss", "L18.loss", "L24.loss", "L24.ratio"):
        assert rows_alike[name].verdict == DISAGREE, name
        assert not rows_alike[name].is_covered, name
        assert rows[name].verdict != DISAGREE, name
    assert rows_alike["L10"].verdict == DISAGREE
    assert rows["L10"].verdict == UNDECIDED


def test_a_world_without_differences_shows_no_gradient_but_that_of_age(rows_alike):
    assert rows_alike["L2.1"].predicted.mean == pytest.approx(1.0, abs=0.06)
    assert rows_alike["L24.ratio"].predicted.mean == pytest.approx(1.0, abs=0.25)


def test_a_world_without_differences_covers_too_few_cells(rows_alike, rows):
    alike, ours = (coverage_of(list(found.values()), LIVES.raw["coverage"]) for found in (rows_alike, rows))
    assert alike["cells"]["share_covered"] < alike["wanted"][0] - 0.05
    assert alike["cells"]["covered"] < ours["cells"]["covered"] - 1


def test_the_order_of_h4_needs_stopping(rows):
    assert rows["L4.J"].verdict == AGREE
    assert rows["L4.order"].verdict == AGREE
    assert rows["L4.order"].null < 1.0


def test_an_order_that_holds_without_stopping_decides_nothing():
    judge = Judge(RULE, LIVES, LEDGER)
    entry = ENTRIES["L4.order"]
    assert judge.order_row(entry, [True, True], [True, True], STRUCTURE).verdict == UNDECIDED
    assert judge.order_row(entry, [True, False], [True, True], STRUCTURE).verdict == DISAGREE


def test_coverage_counts_each_source_once_and_says_how_wide(rows):
    found = coverage_of(list(rows.values()), LIVES.raw["coverage"])
    shares = [one["share_covered"] for one in found["by_source"].values()]
    assert found["sources"]["share_covered"] == pytest.approx(np.mean(shares))
    assert found["sources"]["count"] == len(shares)
    assert sum(one["cells"] for one in found["by_source"].values()) == found["cells"]["cells"]
    assert found["cells"]["covered_with_the_null"] <= found["cells"]["covered"]
    lund = one_coverage([rows["L16.5"]])
    assert lund["median_width_points"] == pytest.approx(
        100.0 * (rows["L16.5"].predictive_hi - rows["L16.5"].predictive_lo)
    )
    assert lund["median_ratio"] is None


def test_any_number_of_threads_counts_alike_and_chunks_do_not_show(monkeypatch):
    world = worlds_of(LIVES, LEDGER, STRUCTURE).named("clinic")
    table = Table("knudsen", "clinic", tests.LONGEST_RUN + 1, tests.knudsen)

    def count(jobs):
        return count_world(world, [table], seed=3, women=5_000, jobs=jobs, progress=lambda _: None)["knudsen"]

    whole = count(1)
    monkeypatch.setattr("decidua.study.validation_lives_counts.CHUNK_WOMEN", 700)
    assert np.array_equal(count(2), whole)
    assert np.array_equal(count(1), whole)
    assert whole.sum() > 0

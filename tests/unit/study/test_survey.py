"""The comparison on the survey: the data's own page, made-up women, and what is never printed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.study import survey
from decidua.study.survey import Settings, compare_survey, leak_warning
from decidua.study.survey_baselines import cross_fitted_chances, folds_by_woman, published_chances
from decidua.study.survey_file import Scored, read_survey
from decidua.study.survey_model import history_of
from decidua.study.survey_scores import area_under_curve, level_shift, log_losses, shifted
from decidua.study.validation_rule import load_rule

SETTINGS = replace(Settings.of(load_rule(), is_fast=True), resamples=200)
OPEN_AGES = {"open_ages_years": SETTINGS.open_ages_years}


def made_up(rows=4_000, *, seed=2):
    """Women whose losses follow age and one loss before, so that the truth is known."""
    rng = np.random.default_rng(seed)
    age, run = rng.integers(18, 44, rows).astype(float), rng.integers(0, 2, rows).astype(float)
    p = 1.0 / (1.0 + np.exp(-(-2.2 + 0.06 * (age - 28.0) + 0.6 * run)))
    births = rng.integers(0, 3, rows).astype(float)
    past = tuple(
        (int(a), (("miscarriage", int(a) - 1),) * int(r) + (("live_birth", int(a) - 1),) * int(b))
        for a, r, b in zip(age, run, births, strict=True)
    )
    data = Scored(
        happened=(rng.random(rows) < p).astype(float),
        woman=np.arange(rows) // 2,
        is_validation=(np.arange(rows) >= rows * 3 // 4).astype(float),
        is_index=(np.arange(rows) % 2 == 0).astype(float),
        age_years=age,
        losses=run,
        births=births,
        run=run,
        past=past,
    )
    return data, dict(zip(past, p, strict=True))


@pytest.fixture(scope="module")
def compared():
    data, truth = made_up()
    # Right but for its level, which one shift of the log-odds puts right.
    predictor = lambda pasts, draws: shifted(np.array([truth[past] for past in pasts]), -0.7)  # noqa: E731
    return data, compare_survey(
        data, ledger=load_ledger(), settings=SETTINGS, predictor=predictor, is_fast=False
    )


def test_the_level_is_freed_once_and_nothing_else(compared):
    _, out = compared
    assert out["level_shift_log_odds"][survey.MODEL] == pytest.approx(0.7, abs=0.1)
    assert out["validation"][survey.MODEL]["calibration_slope"] == pytest.approx(1.0, abs=0.35)
    assert out["validation"][survey.MODEL]["expected_over_observed"] == pytest.approx(1.0, abs=0.12)


def test_the_truth_beats_one_rate_for_all(compared):
    _, out = compared
    on_last = out["validation"]
    assert on_last[survey.MODEL]["log_loss"] < on_last[survey.RATE]["log_loss"]
    assert on_last[survey.RATE]["auc"] == 0.5
    assert on_last[survey.RATE]["calibration_slope"] is None


def test_the_difference_and_its_checks_agree(compared):
    data, out = compared
    gap = out["difference"]
    on_last = out["validation"]
    apart = on_last[survey.MODEL]["log_loss"] - on_last[survey.PUBLISHED]["log_loss"]
    assert gap["mean"] == pytest.approx(apart, abs=1e-12)
    assert gap["lo"] < gap["mean"] < gap["hi"]
    earlier = out["difference_on_earlier_cycles"]
    assert earlier["hi"] - earlier["lo"] < gap["hi"] - gap["lo"]  # more rows
    check = out["checks"][0]
    assert check["is_met"] == (gap["hi"] <= SETTINGS.largest_difference)
    assert out["draws_check"]["moved_by"] == 0.0
    assert sum(cell["rows"] or 0 for cell in out["cells"]) <= data.is_validation.sum()


def test_small_cells_and_rows_of_the_survey_are_never_in_the_result(compared):
    _, out = compared
    shown = [*out["cells"], *out["order"].values(), *out["births"].values()]
    assert all(group["rows"] is None or group["rows"] >= survey.FEWEST_SHOWN for group in shown)
    assert len(json.dumps(out)) < 20_000


def test_discrimination_too_good_to_be_true_is_called_a_leak(compared):
    data, out = compared
    assert leak_warning(out, SETTINGS) is None
    flipped = np.random.default_rng(8).random(len(data)) < 0.2
    seen = np.where(flipped, 1.0 - data.happened, data.happened)
    told = compare_survey(
        data,
        ledger=load_ledger(),
        settings=SETTINGS,
        predictor=lambda *_: 0.2 + 0.5 * seen,
        is_fast=True,
    )
    assert "look for a leak" in leak_warning(told, SETTINGS)
    assert told["draws_check"] is None


def test_order_looks_at_losses_and_births_alone(compared):
    data, _ = compared
    pasts = [
        (30, (("miscarriage", 25), ("induced", 26), ("live_birth", 28))),
        (30, (("live_birth", 25), ("miscarriage", 28))),
        (30, (("live_birth", 25), ("miscarriage", 28), ("miscarriage", 29))),
    ]
    few = replace(data.only((np.arange(len(data)) < 15).astype(float)), past=tuple(pasts * 5))
    p = np.full(15, 0.2)
    found = survey.order_of_loss_and_birth(few, {survey.MODEL: p, survey.PUBLISHED: p})
    assert [group["rows"] for group in found.values()] == [5, 5]


def test_a_history_of_the_survey_says_outcomes_and_ages_only():
    history = history_of((31, (("miscarriage", 28), ("live_birth", None))))
    assert history.age_years == 31.5
    assert [(p.outcome, p.age_years) for p in history.pregnancies] == [
        ("miscarriage", 28.5),
        ("live_birth", None),
    ]
    assert {p.week for p in history.pregnancies} == {None}
    assert history.tests == ()


def test_folds_keep_women_whole():
    woman = np.repeat(np.arange(50), 3)
    fold = folds_by_woman(woman, folds=5, seed=1)
    assert all(np.unique(fold[woman == w]).size == 1 for w in range(50))
    assert set(fold) == set(range(5))


def test_published_numbers_by_hand():
    data, _ = made_up(40)
    at = replace(data, age_years=np.full(40, 27.5), run=np.array([0.0, 1.0, 2.0, 3.0, 9.0] * 8))
    p = published_chances(at, load_ledger(), **OPEN_AGES)
    odds = 0.098 / 0.902 * np.array([1.0, 1.54, 2.21, 3.97, 3.97])
    assert p[:5] == pytest.approx(odds / (1.0 + odds), rel=1e-12)


@pytest.mark.needs_shared_data
def test_the_reader_and_the_baselines_give_the_figures_of_the_datas_own_page(data_folder):
    data = read_survey(data_folder / "data" / "nsfg")
    assert (len(data), int(data.happened.sum())) == (12_094, 2_326)
    assert int(data.woman.max()) + 1 == int(data.is_index.sum()) == 8_901
    p = published_chances(data, load_ledger(), **OPEN_AGES)
    p = shifted(p, level_shift(data.happened, p))
    assert area_under_curve(data.happened, p) == pytest.approx(0.593, abs=0.0006)
    assert log_losses(data.happened, p).mean() == pytest.approx(0.4750, abs=0.0001)
    fitted = cross_fitted_chances(data, folds=SETTINGS.folds, seed=SETTINGS.seed)
    # The page does not say which women were in which fold, nor where its counts end.
    assert area_under_curve(data.happened, fitted) == pytest.approx(0.613, abs=0.002)
    assert log_losses(data.happened, fitted).mean() == pytest.approx(0.4714, abs=0.0005)


@pytest.mark.needs_shared_data
def test_losses_by_age_and_by_earlier_losses_are_those_of_the_datas_own_page(data_folder):
    data = read_survey(data_folder / "data" / "nsfg")
    starts = np.array([0, 20, 25, 30, 35, 40])
    band = np.searchsorted(starts, data.age_years, side="right") - 1
    by_age = [100.0 * data.happened[band == b].mean() for b in range(6)]
    assert by_age == pytest.approx([20.7, 15.9, 16.9, 20.0, 28.2, 44.4], abs=0.06)
    losses = np.minimum(data.losses, 3)
    by_losses = [100.0 * data.happened[losses == k].mean() for k in range(4)]
    assert by_losses == pytest.approx([16.3, 23.7, 32.2, 50.5], abs=0.06)

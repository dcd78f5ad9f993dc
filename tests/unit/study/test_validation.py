"""The whole comparison: every row judged, misses first, nothing passed that was not run."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

from decidua.cli import app
from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference.class_weights import weights_are
from decidua.inference.prepared import law_parameters_at
from decidua.inference.targets import Cell
from decidua.life.parameters import LOG_NORMAL
from decidua.study import validation
from decidua.study.validation_bands import mean_error_points
from decidua.study.validation_ceiling import simulated_c_statistic, simulated_pregnancies
from decidua.study.validation_clinics import Clinics, Group, group_of, reaches_six_weeks
from decidua.study.validation_lives import Compared
from decidua.study.validation_lives_rule import LivesRule, load_lives_rule
from decidua.study.validation_rows import ORDER, cell_z
from decidua.study.validation_rule import AGREE, DISAGREE, NOT_RUN, UNDECIDED, load_rule
from decidua.study.validation_women import LOSS, women_of

STRUCTURE = "fading-log_normal"
GO_ON = (0.9, 0.8, 0.45, 0.25)


def few_women(*_, **__):
    """Enough for every regression to settle; no verdict is asked of them here."""
    return 65_536


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "FAST_DRAWS", 5)
        patch.setattr(validation, "FAST_CEILING_DRAWS", 1)
        patch.setattr(LivesRule, "women", few_women)
        shown = CliRunner().invoke(app, ["validate", "--fast", "--json"])
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.stdout)


@pytest.fixture(scope="module")
def one_draw():
    return law_parameters_at(load_draws(STRUCTURE), 0)._replace(setting_log_shift=0.0)


def test_the_result_is_one_json_object_with_its_parts(result):
    assert {"schema_version", "rule", "rows", "survey", "provenance"} <= set(result)
    assert result["survey"] is None
    assert result["rule"]["sha256"] == load_rule().sha256
    assert result["provenance"]["mechanism_weights"]["weights_are"] == weights_are()


def test_misses_come_first(result):
    places = [ORDER.index(row["verdict"]) for row in result["rows"]]
    assert places == sorted(places)


def test_every_row_of_the_rule_is_there_once_for_the_structure(result):
    rule = load_rule()
    own = [row["id"] for row in result["rows"] if row["structure"] == STRUCTURE]
    assert len(own) == len(set(own))
    wanted = {row["id"] for raw in (rule.raw, load_lives_rule().raw) for row in raw["rows"]}
    assert wanted | {"H10", "H19", "L10", "L19", "L.coverage"} <= set(own)


def test_what_needs_a_file_that_was_not_given_is_not_a_pass(result):
    rows = {row["id"]: row for row in result["rows"] if row["verdict"] == NOT_RUN}
    assert set(rows) == {row["id"] for row in load_lives_rule().raw["weeks"]["rows"]}
    assert all(row["published"] is None and row["z"] is None for row in rows.values())


def test_what_needs_lives_is_run_on_them(result):
    ids = {row["id"] for row in result["rows"]}
    for entry in load_rule().raw["needs_lives"]:
        assert any(name.startswith(f"L{entry['id'][1:]}.") for name in ids), entry["id"]
    assert result["lives_rule"]["sha256"] == load_lives_rule().sha256
    assert result["coverage"]["cells"]["cells"] > 30


def test_every_calibration_table_is_called_used_to_fit(result):
    # what the womb was set by (W) may be a declared prior, or an entry of the ledger and no table
    fitted = [row for row in result["rows"] if row["label"] == "used to fit"]
    used = {row["dataset"] for row in fitted if not row["id"].startswith("W.")}
    assert {"MAGNUS_AGE_ADJ", "MAGNUS_REC", "PENDINA", "ZAUCHE_WEEK", "WILCOX88"} <= used
    ledger = load_ledger()
    assert all(ledger.calibration_rows(dataset) for dataset in used)


def test_verdicts_follow_from_the_numbers_shown(result):
    for row in result["rows"]:
        if row["z"] is not None and row["verdict"] in (AGREE, UNDECIDED, DISAGREE):
            assert (row["z"] >= load_rule().z) == (row["verdict"] == DISAGREE), row["id"]
        if row["predicted"] is not None:
            assert row["predicted"]["lo"] <= row["predicted"]["mean"] <= row["predicted"]["hi"]


def test_the_common_level_leaves_no_error_in_cohorts_that_differ_by_it_alone():
    published = np.array([0.6, 0.7, 0.8])
    odds = published / (1.0 - published) * 1.7
    assert mean_error_points(published, odds / (1.0 + odds)) == pytest.approx(0.0, abs=1e-10)
    assert mean_error_points(np.array([0.6, 0.64]), np.array([0.7, 0.7])) == pytest.approx(2.0, abs=0.01)


def test_distance_of_counts_and_floors_by_hand():
    counts = Cell("T", "t", "counts", value=0.02, trials=1_000.0)
    assert cell_z(counts, 0.03) == pytest.approx(10.0 / math.sqrt(1_000 * 0.03 * 0.97))
    floor = Cell("T", "t", "floor", value=0.1, sd=0.3)
    assert cell_z(floor, 0.6) == 0.0
    assert cell_z(floor, 0.05) == pytest.approx((math.log(19.0) - math.log(9.0)) / 0.3)


def test_women_with_and_without_a_condition_make_up_all_women(one_draw):
    history = [(LOSS, 30.0), (LOSS, 31.0)]
    carriers = group_of(one_draw, shape=LOG_NORMAL, condition="translocation", has_condition=True)
    others = group_of(one_draw, shape=LOG_NORMAL, condition="translocation", has_condition=False)
    everyone = Group(women_of(one_draw, shape=LOG_NORMAL))
    share = (
        carriers.prevalence * carriers.affected.after(history).sum() / everyone.everyone.after(history).sum()
    )
    mixed = share * carriers.p_loss(history, 32.0) + (1.0 - share) * others.p_loss(history, 32.0)
    assert mixed == pytest.approx(everyone.p_loss(history, 32.0), rel=1e-10)
    assert share > carriers.prevalence


def test_a_trial_that_enters_at_six_weeks_loses_nobody_before(one_draw):
    women = women_of(one_draw, shape=LOG_NORMAL)
    assert reaches_six_weeks(women, 32.0, 6) == pytest.approx(1.0)
    earlier = reaches_six_weeks(women, 32.0, 4)
    later = reaches_six_weeks(women, 32.0, 5)
    assert np.all(earlier < later)
    assert np.all(later < 1.0)


def test_a_euploid_first_loss_weighs_more_than_an_aneuploid_one(one_draw):
    clinics = Clinics(load_rule(), load_ledger())
    assert clinics.by_first_loss(women_of(one_draw, shape=LOG_NORMAL)) < 1.0


def test_simulated_pregnancies_are_lost_as_often_as_the_law_says(one_draw):
    settings = load_rule().raw["ceiling"] | {"women": 20_000, "first_age_sd_years": 0.0}
    settings["first_age_mean_years"] = settings["oldest_age_years"] = 40.0
    women = women_of(one_draw, shape=LOG_NORMAL)
    features, lost = simulated_pregnancies(women, settings, p_go_on=GO_ON, interval_years=1.0, seed=4)
    assert lost.size == 20_000  # the next pregnancy would come after the oldest age
    expected = women.p_loss(40.0, women.start)
    assert lost.mean() == pytest.approx(
        expected, abs=4.0 * math.sqrt(expected * (1.0 - expected) / lost.size)
    )
    assert features[:, 4:].sum() == 0.0


def test_without_anything_to_tell_them_apart_the_c_statistic_is_a_half(one_draw):
    alike = one_draw._replace(
        sd_shared_lasting=0.0,
        sd_shared_fading=0.0,
        aneuploid_log_odds_per_year=0.0,
        euploid_log_hazard_per_decade=0.0,
        young_log_multiplier_per_year=0.0,
        sd_euploid_lasting=0.0,
        excess_antiphospholipid=0.0,
        excess_uterine_anomaly=0.0,
        excess_thyroid_antibodies=0.0,
        excess_translocation=0.0,
    )
    settings = load_rule().raw["ceiling"]
    flat = simulated_c_statistic(
        women_of(alike, shape=LOG_NORMAL), settings, p_go_on=GO_ON, interval_years=2.0, seed=1
    )
    assert flat == pytest.approx(0.5, abs=0.02)
    real = simulated_c_statistic(
        women_of(one_draw, shape=LOG_NORMAL), settings, p_go_on=GO_ON, interval_years=2.0, seed=1
    )
    assert real > 0.55


@pytest.mark.needs_shared_data
def test_the_page_shows_the_survey_with_misses_first(data_folder, monkeypatch, result):
    monkeypatch.setattr(validation, "FAST_DRAWS", 5)
    monkeypatch.setattr(validation, "FAST_CEILING_DRAWS", 1)
    monkeypatch.setattr(validation, "lives_of", lambda *_: Compared([], result["coverage"]))
    monkeypatch.setattr(validation, "model_chances", chances_by_age)
    folder = str(data_folder / "data" / "nsfg")
    shown = CliRunner().invoke(app, ["validate", "--fast", "--survey", folder])
    assert shown.exit_code == 0, shown.output
    places = [
        shown.stdout.index(part) for part in ("Misses", "Undecided", "Agree", "12,094", "birth then loss")
    ]
    assert places == sorted(places)
    assert "too few to show" in shown.stdout
    assert folder not in shown.stdout


def chances_by_age(pasts, **_):
    """A predictor that knows age and the number of losses alone."""
    losses = np.array([sum(outcome == "miscarriage" for outcome, _ in past[1]) for past in pasts])
    return np.clip(0.08 + 0.004 * np.array([past[0] for past in pasts]) + 0.03 * losses, 0.01, 0.9)


def test_a_folder_that_is_not_there_ends_with_the_exit_code_of_bad_input(tmp_path):
    shown = CliRunner().invoke(app, ["validate", "--survey", str(tmp_path / "nowhere")])
    assert shown.exit_code == 3
    assert "--survey: nowhere is not accepted" in shown.stderr

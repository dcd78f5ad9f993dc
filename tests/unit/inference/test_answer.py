"""The answer as the contract lays it out: which keys stand there, and when."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from decidua.base.errors import InputError
from decidua.inference import answer as contract
from decidua.inference.class_weights import load_weights
from decidua.inference.history import answer_history, chances_of_loss
from decidua.measure.history import History, Pregnancy

THIN = 100
LOSS = Pregnancy(outcome="miscarriage", age_years=31.4375, week=8)
ONGOING = Pregnancy(outcome="ongoing", age_years=33.0, week=10, heartbeat="seen")
ESTIMATE = {"mean", "lo", "hi"}
ALWAYS = {
    "schema_version",
    "endpoint",
    "past_losses",
    "uterine_nk",
    "mechanisms",
    "mechanisms_after_this_history",
    "what_would_change_it",
    "comparators",
    "effective_draws",
    "left_out",
    "provenance",
}


def answered(*pregnancies: Pregnancy, age: float | None = 33.0, mechanism: str | None = None):
    history = History(age_years=age, pregnancies=pregnancies)
    return answer_history(history, thin=THIN, changes=False, mechanism=mechanism)


def test_the_whole_answer_has_the_keys_of_the_contract_and_is_json():
    told = answered(LOSS).to_dict()
    assert set(told) == ALWAYS | {"next_pregnancy", "within_pregnancies"}
    assert set(told["next_pregnancy"]) == {"live_birth", "loss", "same_age_no_losses"}
    assert all(set(estimate) == ESTIMATE for estimate in told["next_pregnancy"].values())
    assert set(told["within_pregnancies"]) == {"1", "2", "3"}
    assert told["within_pregnancies"]["1"] == told["next_pregnancy"]["live_birth"]
    assert told["uterine_nk"]["cut"] == {"value": 300.0, "unit": "cells_per_mm2"}
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_without_an_age_it_is_about_the_past_only():
    told = answered(Pregnancy(outcome="miscarriage"), age=None).to_dict()
    assert set(told) == ALWAYS | {"about"}
    assert told["about"] == contract.PAST_ONLY
    assert [loss["order"] for loss in told["past_losses"]] == [1]


def test_a_pregnancy_of_now_has_its_own_block():
    told = answered(LOSS, ONGOING).to_dict()
    assert set(told["current_pregnancy"]) == {"live_birth", "untreated_also_here", "harms", "treatment"}
    assert told["current_pregnancy"]["untreated_also_here"]["mean"] == pytest.approx(1.0, rel=1e-12)
    assert max(told["current_pregnancy"]["untreated_also_here"].values()) <= 1.0
    assert told["current_pregnancy"]["treatment"] is None
    assert [loss["order"] for loss in told["past_losses"]] == [1]


def test_a_treatment_of_now_comes_with_every_side_of_its_benefit():
    treated = replace(ONGOING, treatments=("prednisolone_tang2013",))
    sides = answered(LOSS, treated).to_dict()["current_pregnancy"]["treatment"]
    assert set(sides) == {"chance_of_no_benefit", "chance_of_net_harm", "share_that_rests_on_prior_alone"}
    assert 0.0 <= sides["chance_of_net_harm"] <= sides["chance_of_no_benefit"] <= 1.0
    untreated = replace(ONGOING, treatments=("none",))
    assert answered(LOSS, untreated).to_dict()["current_pregnancy"]["treatment"] is None


def test_a_scan_without_a_heartbeat_gets_no_number():
    unsure = replace(ONGOING, heartbeat="not_seen", week=10)
    told = answered(LOSS, unsure).to_dict()
    assert told["current_pregnancy"]["live_birth"] is None
    assert told["current_pregnancy"]["untreated_also_here"] is None
    assert told["next_pregnancy"] == answered(LOSS, replace(unsure, week=6)).to_dict()["next_pregnancy"]


def test_one_chosen_mechanism_is_called_contested():
    found = answered(LOSS, mechanism="attack")
    assert found.assumes_contested_mechanism
    assert (found.to_dict()["assumes"], found.to_dict()["mechanism"]) == (contract.CONTESTED, "attack")
    assert found.mechanisms["high_count_harms"] == pytest.approx(1.0, rel=1e-12)
    assert not answered(LOSS).assumes_contested_mechanism


def test_classes_of_mechanisms_weigh_what_stage_two_gave_them_before_the_history():
    found = answered(LOSS)
    before, after = dict(found.mechanisms), dict(found.mechanisms_after)
    assert (before.pop("weights_are"), after.pop("weights_are")) == ("posterior", "posterior")
    assert before.pop("order_is_stable") is after.pop("order_is_stable") is load_weights()["order_is_stable"]
    assert before == pytest.approx(load_weights()["classes"], abs=1e-12)
    assert sum(after.values()) == pytest.approx(1.0, rel=1e-12)


def test_nothing_of_the_history_enters_provenance():
    assert answered(LOSS).provenance == answered(LOSS, ONGOING, age=41.0).provenance
    assert "31.4375" not in json.dumps(dict(answered(LOSS).provenance))


def test_without_losses_the_answer_is_that_of_her_age():
    found = answered()
    assert found.same_age_no_losses == found.next_live_birth
    assert found.past_losses == ()


def test_the_chance_of_loss_is_the_mean_of_its_draws():
    chances, weights = chances_of_loss(History(age_years=33.0, pregnancies=(LOSS,)), thin=THIN)
    assert answered(LOSS).next_loss.mean == pytest.approx(float(chances @ weights), rel=1e-12)
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)


def test_unknown_names_are_refused():
    with pytest.raises(LookupError, match="no mechanism 'luck'"):
        answered(LOSS, mechanism="luck")
    with pytest.raises((LookupError, InputError), match="no-such"):
        answer_history(History(age_years=33.0), structure="no-such", thin=THIN, changes=False)

"""A history says what its file says: the contract's example, what may be left out, and what is counted."""

from __future__ import annotations

import dataclasses
import json
import pickle

import pytest

from decidua.measure.history import History, Pregnancy, Test, history_text, parse_history, read_history

UNKNOWN = dict.fromkeys(
    ("antiphospholipid", "uterine_anomaly", "thyroid_antibodies", "translocation"), "unknown"
)

CONTRACT = """
age: 34                      # years, now; may be unknown
partner_age: 36              # optional
trying_months: 0             # optional: trying without a pregnancy now
pregnancies:                 # oldest first
  - {outcome: miscarriage, age: 30.5, week: 8, karyotype: unknown, confirmed: scan}
  - {outcome: live_birth, age: 32, week: 40}
  - {outcome: ongoing, age: 34, week: 26, heartbeat: seen, treatments: [prednisolone_tang2013]}
tests:
  - {test: uterine_nk, value: 310, unit: cells_per_mm2, days_after_ovulation: 8}
conditions: {antiphospholipid: unknown, uterine_anomaly: no, thyroid_antibodies: yes, translocation: unknown}
"""
READ = History(
    age_years=34.0,
    partner_age_years=36.0,
    trying_months=0,
    pregnancies=(
        Pregnancy(outcome="miscarriage", age_years=30.5, week=8, confirmed="scan"),
        Pregnancy(outcome="live_birth", age_years=32.0, week=40),
        Pregnancy(
            outcome="ongoing",
            age_years=34.0,
            week=26,
            heartbeat="seen",
            treatments=("prednisolone_tang2013",),
        ),
    ),
    tests=(Test(test="uterine_nk", value=310.0, unit="cells_per_mm2", days_after_ovulation=8.0),),
    conditions={**UNKNOWN, "uterine_anomaly": "no", "thyroid_antibodies": "yes"},
)


def test_the_example_of_the_contract_is_read_as_it_stands():
    assert parse_history(CONTRACT) == READ


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    for mark in ("", "\ufeff"):
        path = tmp_path / "ours.yaml"
        path.write_text(mark + CONTRACT, encoding="utf-8")
        assert read_history(path) == read_history(str(path)) == READ


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_is_read_like_yaml(indent):
    assert parse_history(json.dumps(READ.to_dict(), indent=indent)) == READ


@pytest.mark.parametrize(
    "text",
    [
        "pregnancies: []",
        "age: unknown\npregnancies: []",
        "age:\npartner_age: ~\npregnancies: []\ntests: []\nconditions: {}",
        '{"schema": "history/1", "age": null, "partner_age": "unknown", "pregnancies": []}',
    ],
)
def test_everything_but_the_pregnancies_may_be_left_out_or_unknown(text):
    assert parse_history(text) == History()
    assert History().conditions == UNKNOWN


def test_every_field_of_a_pregnancy_but_its_outcome_may_be_unknown():
    said = "{outcome: stillbirth, age: unknown, week: unknown, karyotype: unknown, confirmed: unknown}"
    expected = (Pregnancy("stillbirth"), Pregnancy("stillbirth"))
    assert parse_history(f"pregnancies: [{said}, {{outcome: stillbirth}}]").pregnancies == expected


@pytest.mark.parametrize(
    ("word", "expected"), [("true", True), ("yes", True), ("no", False), ("False", False)]
)
def test_a_new_partner_is_said_in_either_way(word, expected):
    text = f"pregnancies: [{{outcome: miscarriage, new_partner: {word}}}]"
    assert parse_history(text).pregnancies[0].new_partner is expected


@pytest.mark.parametrize(
    ("outcome", "weeks"),
    [
        ("miscarriage", (4, 23)),
        ("stillbirth", (24, 45)),
        ("live_birth", (22, 45)),
        ("ectopic", (0, 24)),
        ("induced", (0, 24)),
        ("ongoing", (4, 45)),
    ],
)
def test_the_first_and_last_week_of_each_outcome_are_accepted(outcome, weeks):
    for week in weeks:
        assert (
            parse_history(f"pregnancies: [{{outcome: {outcome}, week: {week}}}]").pregnancies[0].week == week
        )


def test_ages_may_stay_the_same_and_reach_the_age_now():
    text = "age: 34\npregnancies: [{outcome: miscarriage, age: 34}, {outcome: miscarriage, age: 34}]"
    assert parse_history(text).previous_losses == 2


def test_thirty_pregnancies_and_tests_are_accepted():
    test = {"test": "blood_nk", "value": 12, "unit": "percent_of_lymphocytes"}
    text = json.dumps({"pregnancies": [{"outcome": "miscarriage"}] * 30, "tests": [test] * 30})
    assert (parse_history(text).previous_losses, len(parse_history(text).tests)) == (30, 30)


def test_what_is_counted():
    assert (READ.previous_losses, READ.births, READ.is_ongoing) == (1, 1, True)
    assert READ.ongoing == READ.pregnancies[-1]
    others = parse_history("pregnancies: [{outcome: stillbirth}, {outcome: ectopic}, {outcome: induced}]")
    assert (others.previous_losses, others.births, others.is_ongoing, others.ongoing) == (0, 0, False, None)
    assert [pregnancy.is_loss for pregnancy in others.pregnancies] == [True, False, False]


def test_without_the_ongoing_pregnancy_all_else_stays():
    before = READ.without_ongoing()
    assert before == dataclasses.replace(READ, pregnancies=READ.pregnancies[:2])
    assert before.without_ongoing() is before
    assert READ.is_ongoing


def test_a_history_can_be_sent_to_a_worker_and_used_as_a_key():
    assert pickle.loads(pickle.dumps(READ)) == READ
    assert {READ: 1}[parse_history(CONTRACT)] == 1


def test_a_history_is_written_without_what_nobody_said():
    assert history_text(History()) == "schema: history/1\npregnancies: []\n"
    assert parse_history(history_text(READ)) == READ

"""Rows inside the womb: the frozen rule, what was published, by hand, and what the model then does."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from decidua.evidence import EvidenceError, load_ledger
from decidua.study import validation_womb
from decidua.study.validation_rows import LABEL_ORDER
from decidua.study.validation_rule import ABSENT, AGREE, DISAGREE, UNDECIDED, load_rule
from decidua.study.validation_womb import load_womb_rule, womb_rows
from decidua.study.validation_womb_groups import p_back_to_normal
from decidua.study.validation_womb_published import OF_SEVERAL, LogNormal, published_inside
from decidua.study.validation_womb_runs import draws, point, share_in_order

LEDGER, RULE = load_ledger(), load_womb_rule()
ENTRIES = {entry["id"]: entry for entry in RULE.raw["rows"]}
ASSUMED = RULE.raw["assumed"]
HELD_OUT = {"W.D3.30", "W.D3.50", "W.D3.70", "W.G1", "W.G2", "W.G3", "W.G4"}


def published(name):
    return published_inside(LEDGER, ENTRIES[name], assumed=ASSUMED)


@pytest.fixture(scope="module")
def rows():
    return {row.id: row for row in womb_rows(rule=load_rule(), ledger=LEDGER)}


def test_the_page_names_the_hash_of_this_rule_after_that_of_the_first(project):
    page = (project / "docs" / "validation.md").read_text(encoding="utf-8")
    assert re.findall(r"\b[0-9a-f]{64}\b", page)[:2] == [load_rule().sha256, RULE.sha256]


def test_every_row_has_a_label_a_kind_a_reason_and_an_own_name():
    assert len(ENTRIES) == len(RULE.raw["rows"])
    assert {entry["label"] for entry in ENTRIES.values()} <= set(LABEL_ORDER)
    assert {entry["kind"] for entry in ENTRIES.values()} == {"value", "range", "order", "happens"}
    assert all(entry["reason"] for entry in ENTRIES.values())
    assert {name for name, entry in ENTRIES.items() if entry["label"] == "held out"} == HELD_OUT


def test_held_out_rows_are_held_out_in_their_tables_and_used_rows_are_not():
    for name, entry in ENTRIES.items():
        if "dataset" not in entry:
            continue
        chosen = next((entry[kind] for kind in OF_SEVERAL if kind in entry), None)
        wanted = [entry["select"]] if chosen is None else chosen
        for one in wanted:
            row = next(
                r
                for r in LEDGER.table(entry["dataset"]).rows
                if all(getattr(r, field) == value for field, value in one.items())
            )
            assert (row.role == "HELD_OUT") == (name in HELD_OUT), name


def test_every_published_side_can_be_read():
    for name, entry in ENTRIES.items():
        found = published(name)
        assert found.sources
        if entry["kind"] == "range":
            assert found.of_range()[0] < found.of_range()[1]
        elif entry["kind"] != "order":
            assert math.isfinite(found.of_value())


def test_secondary_over_primary_by_hand():
    found = published("W.G1")
    assert found.value == pytest.approx(288.4 / 218.2)
    assert found.error == pytest.approx(math.hypot(184.5 / 218.2 / 167**0.5, 239.3 / 288.4 / 81**0.5))


def test_the_mean_of_two_groups_by_hand():
    found = published("W.G2")
    assert found.value == pytest.approx((167 * 218.2 + 81 * 288.4) / 248)
    variance = (167 * 184.5**2 + 81 * 239.3**2) / 248**2
    assert found.error == pytest.approx(math.sqrt(variance) / found.value)


def test_the_fall_after_21_days_has_the_error_of_its_printed_p_value():
    found = published("W.D1.50")
    assert found.value == pytest.approx(9 / 14)
    z = math.log(14 / 9) / found.error
    assert math.erfc(z / math.sqrt(2.0)) == pytest.approx(0.0004, rel=1e-9)


def test_where_a_group_lies_among_its_own_controls_by_simulation():
    rng = np.random.default_rng(20131115)
    group, controls = (LogNormal.of_row(row) for row in chen_rows())
    # a log-normal with the printed mean and standard deviation
    sample = np.exp(rng.normal(group.log_median, group.log_sd, 400_000))
    assert sample.mean() == pytest.approx(16.5, rel=0.01)
    assert sample.std() == pytest.approx(11.4, rel=0.02)
    cut = np.quantile(np.exp(rng.normal(controls.log_median, controls.log_sd, 400_000)), 0.95)
    assert published("W.G4").value == pytest.approx((sample > cut).mean(), abs=0.005)
    score = (math.log(np.median(sample)) - controls.log_median) / controls.log_sd
    assert published("W.G3").value == pytest.approx(score, abs=0.01)


def test_errors_of_the_two_shenzhen_rows_by_simulation():
    """Women drawn anew many times: the spread of each statistic is the error that the row is given."""
    rng = np.random.default_rng(7)
    group, controls = (LogNormal.of_row(row) for row in chen_rows())
    scores, shares = [], []
    for _ in range(4_000):
        a = rng.normal(group.log_median, group.log_sd, group.n)
        b = rng.normal(controls.log_median, controls.log_sd, controls.n)
        scores.append((a.mean() - b.mean()) / b.std(ddof=1))
        z = (b.mean() + 1.645 * b.std(ddof=1) - a.mean()) / a.std(ddof=1)
        p = 0.5 * math.erfc(z / math.sqrt(2.0))
        shares.append(math.log(p / (1.0 - p)))
    assert published("W.G3").error == pytest.approx(np.std(scores), rel=0.1)
    assert published("W.G4").error == pytest.approx(np.std(shares), rel=0.1)


def chen_rows():
    return [
        next(r for r in LEDGER.table("CHENC_2017").rows if r.stratum == stratum and r.n)
        for stratum in ("RM", "controls")
    ]


@pytest.mark.parametrize(("r", "multiplier"), [(0.3, 0.88), (0.5, 1.0), (0.7, 0.88)])
def test_back_to_normal_by_simulation(r, multiplier):
    rng, women, log_sd = np.random.default_rng(5), 1_000_000, 0.72
    first, noise = rng.normal(size=(2, women))
    cut = np.quantile(first, 1.0 - 0.331)
    second = r * first + math.sqrt(1.0 - r**2) * noise + math.log(multiplier) / log_sd
    expected = (second[first > cut] < cut).mean()
    found = p_back_to_normal(r, share_high=0.331, log_sd=log_sd, multiplier=multiplier)
    assert found == pytest.approx(expected, abs=0.004)


def test_a_perfect_test_without_a_drug_brings_nobody_back():
    assert p_back_to_normal(0.999999, share_high=0.3, log_sd=0.7, multiplier=1.0) < 0.002


def test_an_order_holds_only_by_the_least_step_and_a_missing_value_is_no_order():
    assert share_in_order([(1.0, 1.02), (1.0, 1.005)], 0.01) == 0.5
    assert math.isnan(share_in_order([(1.0, 1.02), (math.nan, 1.0)], 0.01))


def test_a_row_without_what_it_asks_for_is_refused():
    with pytest.raises(EvidenceError):
        published("W.C1").of_value()
    with pytest.raises(EvidenceError):
        published("W.H1").of_range()


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("W.H1", [1.0], AGREE),
        ("W.H1", [0.0], DISAGREE),
        ("W.H4", [10.5], AGREE),
        ("W.H4", [12.0], DISAGREE),
        ("W.C1", [2.0 / 3.0], DISAGREE),
        ("W.H8", [math.nan], ABSENT),
        ("W.G1", [1.0], DISAGREE),
        ("W.G1", [1.3], AGREE),
        ("W.G3", [0.3], DISAGREE),
    ],
)
def test_verdicts_by_hand(name, values, wanted):
    entry = ENTRIES[name]
    row = validation_womb._row_of(
        entry,
        rule=load_rule(),
        womb_rule=RULE,
        ledger=LEDGER,
        found={entry["predict"]: draws(np.array(values))},
    )
    assert row.verdict == wanted
    assert row.structure == "womb"
    assert (row.predicted is None) == (wanted == ABSENT)


def test_a_prediction_at_the_central_values_has_no_width():
    assert point(2.0).mean == 2.0


def test_the_model_meets_what_it_was_set_to(rows):
    for name in ("W.K1", "W.K2", "W.K3", "W.K4", "W.K6", "W.C4", "W.C5", "W.C6", "W.C7"):
        assert rows[name].verdict == AGREE, name
    for name in ("W.H1", "W.H2", "W.H3", "W.H4", "W.H7", "W.A1", "W.I1", "W.I2", "W.I3"):
        assert rows[name].verdict == AGREE, name


def test_the_two_published_courses_cannot_both_be_met(rows):
    assert (rows["W.C8"].verdict, rows["W.C9"].verdict) == (AGREE, DISAGREE)


def test_a_birth_before_the_losses_is_not_what_raises_the_count_in_the_model(rows):
    assert rows["W.G1"].verdict == DISAGREE
    assert rows["W.G1"].predicted.mean <= 1.01


def test_return_to_the_mean_stands_apart_from_the_drug(rows):
    for mark, r in ((30, 0.3), (50, 0.5), (70, 0.7)):
        row = rows[f"W.D1.{mark}"]
        assert row.null == pytest.approx((14 / 9) ** (r - 1.0))
        assert row.predicted.mean == pytest.approx(0.8 * row.null, rel=0.02)
        assert rows[f"W.D3.{mark}"].verdict in (AGREE, UNDECIDED, DISAGREE)


def test_more_drug_on_a_better_test_leaves_fewer_back_to_normal(rows):
    back = [rows[f"W.D3.{mark}"].predicted.mean for mark in (30, 50, 70)]
    assert back == sorted(back, reverse=True)
    assert all(rows[f"W.D3.{mark}"].null < rows[f"W.D3.{mark}"].predicted.mean for mark in (30, 50, 70))

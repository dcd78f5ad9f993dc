"""The verdict of the frozen rule, worked out by hand, and the rule itself, which must not change unseen."""

from __future__ import annotations

import math
import re

import pytest

from decidua.evidence import load_ledger
from decidua.study.validation_published import published_of
from decidua.study.validation_rule import (
    AGREE,
    DISAGREE,
    UNDECIDED,
    from_scale,
    load_rule,
    on_scale,
    verdict,
)

RULE = load_rule()
ROWS = RULE.raw["rows"]


def judged(published, predicted, *, error=0.3, spread=0.4, sd=0.0, null=None):
    return verdict(
        published=published,
        error=error,
        spread=spread,
        predicted=predicted,
        predicted_sd=sd,
        null=null,
        z_limit=1.96,
    )


def test_distance_is_measured_in_error_and_spread_together():
    # A 3-4-5 triangle: the combined error of 0.3 and 0.4 is 0.5, and 0.9 away is 1.8 of it.
    assert judged(1.0, 1.9)[1] == pytest.approx(1.8)
    assert judged(1.0, 1.9)[0] == AGREE
    assert judged(1.0, 2.0)[0] == DISAGREE


def test_a_row_that_a_model_without_the_effect_would_pass_too_is_undecided():
    assert judged(1.0, 1.1, null=0.1)[0] == UNDECIDED
    assert judged(1.0, 1.1, null=0.0)[0] == AGREE
    # 0.5 of error and 1.2 of the prediction make 1.3, and 1.3 * 1.96 reaches further than 2.5.
    assert judged(1.0, 1.1, null=-1.5)[0] == AGREE
    assert judged(1.0, 1.1, null=-1.5, sd=1.2)[0] == UNDECIDED


def test_a_miss_is_never_made_undecided():
    assert judged(1.0, 3.0, null=1.0, sd=5.0)[0] == DISAGREE


@pytest.mark.parametrize("scale", ["logit", "log", "identity"])
def test_scales_come_back_to_where_they_began(scale):
    assert from_scale(on_scale(0.37, scale), scale) == pytest.approx(0.37)


def test_the_page_of_the_rule_names_the_hash_of_the_rule(project):
    page = (project / "docs" / "validation.md").read_text(encoding="utf-8")
    assert re.findall(r"\b[0-9a-f]{64}\b", page)[0] == RULE.sha256


def test_every_row_names_a_published_value_that_was_read():
    ledger = load_ledger()
    for entry in ROWS:
        published = published_of(ledger, entry)
        assert math.isfinite(published.value)
        assert published.lo is None or published.lo < published.value < published.hi
        assert entry["reason"]


def test_rows_that_informed_the_structure_are_not_called_held_out():
    ledger = load_ledger()
    for entry in ROWS:
        wanted = entry["odds_ratio"][0] if "odds_ratio" in entry else entry["select"]
        rows = [
            row for row in ledger.table(entry["dataset"]).rows
            if all(getattr(row, key) == value for key, value in wanted.items())
        ]  # fmt: skip
        role = {"HELD_OUT": "held out", "INFORMED_STRUCTURE": "informed the structure"}[rows[0].role]
        assert entry["label"] == role, entry["id"]


def test_published_odds_ratio_of_two_shares_by_hand():
    entry = next(entry for entry in ROWS if entry["id"] == "SUGIURA.ratio")
    published = published_of(load_ledger(), entry)
    assert published.value == pytest.approx((29 / 17) / (950 / 257))
    assert published.error == pytest.approx(math.sqrt(1 / 29 + 1 / 17 + 1 / 950 + 1 / 257))

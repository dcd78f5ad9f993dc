"""Filters on a handful of rows whose answers can be read off."""

from __future__ import annotations

import polars as pl
import pytest

from decidua.base.errors import InputError
from decidua.study import filters


def row(woman, order, outcome, week, **more):
    usual = {
        "woman": woman, "order": order, "outcome": outcome, "week": week, "recognised": True, "noticed": True,
        "age_at_conception_years": 30.0, "previous_losses_consecutive": 0, "previous_losses": 0,
        "previous_births": 0, "treated": False, "bleeding": False, "heartbeat_seen_week": None,
        "cycle_conceived": 2, "partner_number": 1,
    }  # fmt: skip
    return usual | more


@pytest.fixture
def rows():
    lost = "miscarriage"
    return pl.DataFrame(
        [
            row(0, 1, lost, 5),
            row(0, 2, lost, 9, previous_losses_consecutive=1, previous_losses=1, bleeding=True),
            row(0, 3, "live_birth", 33, previous_losses_consecutive=2, previous_losses=2, partner_number=2),
            row(0, 4, lost, 14, previous_births=1, previous_losses=2, age_at_conception_years=39.99,
                partner_number=2),
            row(0, 5, "live_birth", 40, previous_births=1, previous_losses=3, previous_losses_consecutive=1,
                age_at_conception_years=40.0, partner_number=2, heartbeat_seen_week=9),
            row(1, 1, "induced", 8, cycle_conceived=14),
            row(1, 2, lost, 4, noticed=False, recognised=False),
        ],
        schema_overrides={"heartbeat_seen_week": pl.Int16},
    )  # fmt: skip


def kept(rows, filter_):
    return [
        (r["woman"], r["order"]) for r in filters.with_history(rows).filter(filter_).iter_rows(named=True)
    ]


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        (filters.recognised_from_week(6), [(0, 2), (0, 3), (0, 4), (0, 5), (1, 1)]),
        (filters.noticed(), [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 1)]),
        (filters.alive_at_week(10), [(0, 3), (0, 4), (0, 5)]),
        (filters.heartbeat_seen(), [(0, 5)]),
        (filters.conceived_at_ages(35, 39), [(0, 4)]),
        (filters.after_losses_in_a_row(2), [(0, 3)]),
        (filters.after_losses_in_a_row(1, 1), [(0, 2), (0, 5)]),
        (filters.after_losses(3), [(0, 5)]),
        (filters.after_births(1), [(0, 4), (0, 5)]),
        (filters.not_ended_by_choice() & ~filters.lost(), [(0, 3), (0, 5)]),
        (filters.bleeding() & filters.untreated(), [(0, 2)]),
        (filters.born_alive_from_week(34), [(0, 5)]),
        (filters.born_alive_from_week(24), [(0, 3), (0, 5)]),
        (filters.same_partner() & (pl.col("order") > 1), [(0, 2), (0, 4), (0, 5), (1, 2)]),
        (filters.conceived_within_cycles(12) & (pl.col("woman") == 1), [(1, 2)]),
        (filters.by_final_gravidity(5), [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]),
        (filters.secondary_loss(), [(0, 5)]),
        (filters.first_referral(1), [(0, 2)]),
        (filters.first_referral(2), [(0, 3)]),
    ],
)  # fmt: skip
def test_a_filter_keeps_its_rows(rows, filter_, expected):
    assert kept(rows, filter_) == expected


def test_memory_forgets_early_losses_only(rows):
    told = filters.told_from_memory(rows, share_forgotten=1.0, seed=1)
    assert told.select("woman", "order").rows() == [(0, 3), (0, 4), (0, 5), (1, 1)]
    assert told["told_losses_before"].to_list() == [0, 0, 1, 0]
    everything = filters.told_from_memory(rows, share_forgotten=0.0, seed=1)
    assert everything["told_losses_before"].to_list() == [0, 1, 2, 2, 3, 0]


def test_a_birth_before_24_weeks_is_none_here():
    with pytest.raises(InputError, match="24 to 45"):
        filters.born_alive_from_week(22)

"""What must hold in every life, whatever the options: order, ages, endings, and what is said of the past."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decidua.life.parameters import CLINICAL_WEEK, VIABLE_WEEK
from decidua.life.tally import tables_of
from decidua.life.ways import ASCERTAINMENTS, DAYS_IN_YEAR, OVULATION_DAY
from decidua.study.population_chunks import pregnancy_table, simulate_lives, woman_table
from decidua.study.population_world import INDUCED_RULES, Plan, draws_of, world_of
from decidua.womb import MECHANISMS

WOMEN, EXAMPLES = 400, 12
DAY = 1.0 / DAYS_IN_YEAR
LAST_BIRTH_WEEK = 45

PLANS = st.builds(
    Plan,
    structure=st.sampled_from(["fading-log_normal", "exchangeable-two_class"]),
    mechanism=st.none() | st.sampled_from(MECHANISMS),
    draw=st.none() | st.integers(0, 79),
    start_ages=st.none() | st.sampled_from([(16.0, 16.0), (25.0, 35.0), (44.0, 49.0)]),
    wanted=st.none() | st.integers(1, 5),
    horizon_years=st.none() | st.sampled_from([1.0, 7.5]),
    ascertainment=st.sampled_from(sorted(ASCERTAINMENTS)),
    induced=st.sampled_from(INDUCED_RULES),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=PLANS, seed=st.integers(0, 2**31))
def test_every_life_can_have_been_lived(plan, seed):
    world = world_of(plan)
    lives = simulate_lives(world, seed=seed, first=0, last=WOMEN, with_rows=True)
    rows, women = pregnancy_table(lives, world), woman_table(lives, world)
    counts_are_those_of_the_rows(lives, rows)
    endings_are_possible(rows)
    the_past_is_told_right(rows)
    time_runs_forwards(rows, women, world)


def counts_are_those_of_the_rows(lives, rows) -> None:
    known = rows.filter(pl.col("recognised"))
    by_age = tables_of(lives.tally)["by_age"]
    assert by_age[:, :4].sum() == len(known)
    assert by_age[:, 4].sum() == len(rows) - len(known)
    assert tables_of(lives.tally)["women_by_reason"].sum() == WOMEN


def endings_are_possible(rows) -> None:
    lost, week = rows["outcome"] == "miscarriage", rows["week"]
    late = rows["outcome"].is_in(["live_birth", "stillbirth"])
    assert week.filter(lost).is_between(4, VIABLE_WEEK - 1).all()
    assert week.filter(late).is_between(VIABLE_WEEK, LAST_BIRTH_WEEK).all()
    assert (rows["cause"].is_not_null() == lost).all()
    assert rows.filter(~pl.col("recognised")).filter(pl.col("week") >= CLINICAL_WEEK).is_empty()
    assert (rows["noticed"] | lost).all()
    assert rows.filter(~pl.col("noticed")).filter(pl.col("bleeding")).is_empty()
    seen = rows.filter(pl.col("heartbeat_seen_week").is_not_null())
    assert (seen["heartbeat_seen_week"] < seen["week"]).all()
    assert rows.filter(pl.col("cause") == "aneuploid")["aneuploid"].all()
    euploid_loss = rows.filter(lost & (rows["cause"] != "aneuploid"))
    assert not euploid_loss["aneuploid"].any()


def the_past_is_told_right(rows) -> None:
    """Every previous_* again, from the rows before it, one woman after another."""
    for _, hers in rows.group_by("woman", maintain_order=True):
        run = losses = births = 0
        for number, row in enumerate(hers.iter_rows(named=True), start=1):
            assert row["order"] == number
            told = (row["previous_losses_consecutive"], row["previous_losses"], row["previous_births"])
            assert told == (run, losses, births)
            if not row["recognised"]:
                continue
            lost, born = row["outcome"] == "miscarriage", row["outcome"] == "live_birth"
            losses, births = losses + lost, births + born
            run = 0 if born or row["outcome"] == "stillbirth" else run + lost


def time_runs_forwards(rows, women, world) -> None:
    """No conception before trying, within the pregnancy before, after sterility, or after the end."""
    known = rows.join(women.select("woman", "start_age_years", "sterile_from_age_years"), on="woman")
    tried = known["age_at_conception_years"] - OVULATION_DAY * DAY
    assert (tried >= known["start_age_years"] - DAY).all()
    assert (tried < known["sterile_from_age_years"] + DAY).all()
    assert (tried < world.ways.last_day * DAY + DAY).all()
    since = known["age_at_conception_years"] - known["start_age_years"]
    assert (since - known["years_since_first_trying"]).abs().max() in (None, pytest.approx(0.0, abs=1e-9))
    assert (tried - known["start_age_years"] <= world.ways.horizon_days * DAY).all()
    again = known.with_columns(
        over=(pl.col("age_at_conception_years") + (7 * (pl.col("week") + 1) - OVULATION_DAY) * DAY)
        .shift(1)
        .over("woman")
    ).drop_nulls("over")
    assert (again["age_at_conception_years"] - OVULATION_DAY * DAY >= again["over"] - DAY - 1e-9).all()


def test_a_draw_of_one_mechanism_is_of_that_mechanism():
    for mechanism in MECHANISMS:
        assert set(draws_of(Plan(mechanism=mechanism)).mechanism) == {mechanism}

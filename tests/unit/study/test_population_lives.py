"""A life depends on its address alone: not on chunks, other women, or care that does not reach it."""

from __future__ import annotations

import math

import factories
import numpy as np
import polars as pl
import pytest

from decidua.evidence import load_ledger
from decidua.life.pathway import NO_CARE
from decidua.life.tally import add_to, empty_tally, tables_of
from decidua.study.population_chunks import pregnancy_table, simulate_lives, woman_table
from decidua.study.population_world import Plan, alias_table, world_of

WOMEN = 6000
LEDGER = load_ledger()


@pytest.fixture(scope="module")
def world():
    return world_of(Plan(), regimens=(0, 1))


def offered_to_all(world, **care):
    return factories.care_pathway(draws=len(world.mechanism), **care)


def lives(world, first=0, last=WOMEN, pathway=NO_CARE, seed=3):
    return simulate_lives(world, seed=seed, first=first, last=last, pathway=pathway, with_rows=True)


def test_any_chunks_give_the_same_counts_and_rows(world):
    whole, pieces = lives(world), empty_tally(len(world.mechanism))
    rows = []
    for first, last in [(0, 1), (1, 700), (700, 5999), (5999, WOMEN)]:
        part = lives(world, first, last)
        add_to(pieces, part.tally)
        rows.append(part.rows.pregnancies)
    assert all(np.array_equal(a, b) for a, b in zip(whole.tally, pieces, strict=True))
    assert np.array_equal(whole.rows.pregnancies, np.concatenate(rows))


def test_more_women_change_no_other(world):
    few, many = lives(world, 0, 2000), lives(world)
    known = many.rows.pregnancies
    assert np.array_equal(few.rows.pregnancies, known[known[:, 0] < 2000])
    assert np.array_equal(few.rows.latents, many.rows.latents[:2000])


def test_another_seed_is_another_world(world):
    assert not np.array_equal(lives(world).rows.latents, lives(world, seed=4).rows.latents)


def test_a_woman_whom_care_does_not_reach_has_the_same_life(world):
    without, care = (
        lives(world),
        lives(
            world,
            pathway=offered_to_all(
                world, to_all_after_losses=2, p_accepts=0.7, regimen=1, log_hazard_ratio=-0.5
            ),
        ),
    )
    treated = care.rows.women[:, 11] == 1
    rows = [each.rows.pregnancies for each in (without, care)]
    same = [found[~treated[found[:, 0]]] for found in rows]
    assert np.array_equal(*same)
    diverged = 0
    for woman in np.flatnonzero(treated):
        a, b = (found[found[:, 0] == woman][:, [6, 7]] for found in rows)
        diverged += not np.array_equal(a, b)
    print(f"{treated.mean():.4f} of women treated, {diverged / WOMEN:.4f} of lives diverge")  # noqa: T201
    assert 0 < diverged < treated.sum() < WOMEN / 5


def test_a_treatment_without_effect_changes_nothing_but_the_mark_of_treatment(world):
    without, care = lives(world), lives(world, pathway=offered_to_all(world, to_all_after_losses=1))
    columns = [k for k in range(without.rows.pregnancies.shape[1]) if k != 16]
    assert np.array_equal(without.rows.pregnancies[:, columns], care.rows.pregnancies[:, columns])
    a, b = tables_of(without.tally), tables_of(care.tally)
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_tables_have_the_names_of_the_contract(world):
    found = lives(world, 0, 500)
    rows = pregnancy_table(found, world)
    assert {
        "woman", "order", "cycle_conceived", "age_at_conception_years", "partner_age_years", "outcome",
        "week", "recognised", "cause", "aneuploid", "bleeding", "heartbeat_seen_week", "uterine_nk_per_mm2",
        "previous_losses_consecutive", "previous_births", "treated",
    } <= set(rows.columns)  # fmt: skip
    assert set(rows["outcome"].unique()) <= {"miscarriage", "live_birth", "stillbirth", "induced"}
    lost = rows["outcome"] == "miscarriage"
    assert rows.filter(~lost)["cause"].null_count() == (~lost).sum()
    assert rows.filter(lost)["cause"].null_count() == 0
    assert rows.filter((rows["cause"] == "aneuploid") != (lost & rows["aneuploid"])).is_empty()
    assert woman_table(found, world)["woman"].to_list() == list(range(500))


def test_bleeding_goes_with_loss_as_published(world):
    rows = pregnancy_table(lives(world, last=60_000), world).filter(pl.col("noticed"))
    lost, bled = rows["outcome"] == "miscarriage", rows["bleeding"]
    counts = [[(a & b).sum() for a in (bled, ~bled)] for b in (lost, ~lost)]
    found = math.log(counts[0][0] * counts[1][1] / (counts[0][1] * counts[1][0]))
    standard_error = math.sqrt(sum(1.0 / one for row in counts for one in row))
    published = math.log(LEDGER.value("life.bleeding.odds_ratio_before_loss"))
    assert abs(found - published) < 4.0 * standard_error < 0.2
    among_births = counts[1][0] / sum(counts[1])
    assert among_births == pytest.approx(LEDGER.value("life.bleeding.p_otherwise"), abs=0.01)


def test_women_choose_draws_by_their_weight():
    weight = np.array([0.5, 0.1, 0.4])
    keep, other = alias_table(weight)
    chance = np.zeros(3)
    for i in range(3):
        chance[i] += keep[i] / 3
        chance[other[i]] += (1.0 - keep[i]) / 3
    assert chance == pytest.approx(weight, rel=1e-14)


def test_room_for_rows_grows_when_it_is_too_small(world, monkeypatch):
    usual = lives(world, 0, 900)
    monkeypatch.setattr("decidua.study.population_chunks.ROWS_EACH", 1)
    assert np.array_equal(usual.rows.pregnancies, lives(world, 0, 900).rows.pregnancies)

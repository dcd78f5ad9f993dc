"""Couples of each draw: the short cut by hand, the fit's shape, and shipped columns that are not stale."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.evidence.draws import HERE, load_draws, read_draws
from decidua.inference import couples, couples_fit
from decidua.inference.couples import COUPLES, HIDDEN, Mix, couple_tables, fecundability, mix_of
from decidua.inference.install import PROVENANCE_FILE
from decidua.inference.structures import DEFAULT_STRUCTURE, STRUCTURES

LEDGER = load_ledger()
PAGE = Path(__file__).parents[3] / "docs" / "calibration.md"


@pytest.fixture(scope="module")
def tables():
    return couple_tables(LEDGER, hidden_range=(0.15, 0.28))


@pytest.fixture(scope="module")
def found() -> dict:
    return json.loads((HERE / PROVENANCE_FILE).read_text(encoding="utf-8"))[couples_fit.PART]


def by_hand(mix: Mix, ratio: float, sterile: float, tried: int, cycles: int) -> float:
    """Couple by couple and cycle by cycle."""
    kinds = [
        [1.0 - mix.share_sub_fertile, mix.per_cycle_fertile],
        [mix.share_sub_fertile, mix.per_cycle_sub_fertile],
    ]
    level = mix.gravid_ratio if tried else 1.0
    for kind in kinds:
        still = 1.0
        for _ in range(tried):  # before her first pregnancy, when young
            still *= 1.0 - kind[1] * (1.0 - mix.hidden)
        kind[0] *= 1.0 - still if tried else 1.0
        kind[1] *= (1.0 - mix.hidden) * level * ratio**mix.age_power
    whole = kinds[0][0] + kinds[1][0]
    pregnant, at_risk = 0.0, sterile * cycles
    for weight, p in kinds:
        waiting = (1.0 - sterile) * weight / whole
        for _ in range(cycles):
            at_risk += waiting
            pregnant += waiting * p
            waiting *= 1.0 - p
    return pregnant / at_risk


@pytest.mark.parametrize("tried", [0, 40])
@pytest.mark.parametrize("sterile", [0.0, 0.1])
def test_fecundability_is_that_of_couples_followed_one_by_one(tried, sterile):
    mix = Mix(0.25, 0.4, 0.05, 0.9, 1.2, 0.2)
    found = fecundability(mix, np.array([0.7]), np.array([sterile]), np.array([float(tried)]), 12)
    assert found[0] == pytest.approx(by_hand(mix, 0.7, sterile, tried, 12), rel=1e-12)


def test_equal_couples_have_the_chance_per_cycle_itself():
    found = fecundability(Mix(0.5, 0.3, 0.3, 1.0, 1.0, 0.0), np.ones(1), np.zeros(1), np.zeros(1), 7)
    assert found[0] == pytest.approx(0.3, rel=1e-12)


def test_three_cohorts_and_both_tables_of_age_are_read(tables):
    np.testing.assert_allclose(
        tables.cohorts, [[0.281, 0.432, 0.076], [0.228, 0.381, 0.025], [0.06, 0.462, 0.047]], rtol=1e-14
    )
    assert {cell.table for cell in tables.cells} == {"STEINER_ABS", "WESSELINK"}
    assert len(tables.cells) == 26
    assert all(0.1 < cell.log_sd < 1.0 for cell in tables.cells)


def test_nothing_held_out_is_read(tables):
    published = {cell.value for cell in tables.cells}
    assert not published & {62.0, 27.6, 0.62, 0.276, 0.77}


def test_a_sub_fertile_couple_is_never_the_faster_one(tables):
    values = tables.transform(np.full(couples.DIMENSIONS, 0.5))
    assert np.isfinite(tables(values))
    values[1], values[2] = 0.05, 0.4
    assert tables(values) == couples.IMPOSSIBLE


def test_the_middle_of_the_cube_lies_at_the_centres(tables):
    values = tables.transform(np.full(couples.DIMENSIONS, 0.5))
    mix = mix_of(values)
    assert mix.share_sub_fertile == pytest.approx(values[0], rel=1e-12)
    assert mix.age_power == pytest.approx(1.0, rel=1e-12)
    assert mix.hidden == pytest.approx(0.215, rel=1e-12)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda structure: structure.name)
def test_every_draw_has_couples_of_its_own(structure):
    draws = load_draws(structure.name)
    share, fertile, sub_fertile, power, gravid = (draws.columns[name] for name in COUPLES)
    assert np.all((share > 0.0) & (share < 1.0))
    assert np.all((sub_fertile > 0.0) & (sub_fertile < fertile) & (fertile < 1.0))
    assert np.all((power > 0.0) & (gravid > 0.0))
    assert len(np.unique(fertile)) > len(draws) / 4


def test_the_columns_are_not_stale(found, tables):
    assert couples_fit.inputs_of(tables) == found["inputs"]
    draws = load_draws(DEFAULT_STRUCTURE.name)
    hidden = couples_fit.hidden_shares(draws, LEDGER)
    expected = np.array([tables.expected(mix) for mix in couples_fit.mixes(draws, hidden)])
    again = draws.weight @ expected
    stored = np.array([cell["mean"] for cell in found["cells"]])
    worst = np.abs(again / stored - 1.0).max()
    assert worst < 1e-8, (
        f"draws are stale: run `decidua calibrate --fecundability --install` (off by {worst:.2g})"
    )


def test_the_ledger_says_what_was_found(found):
    for name, value in found["parameters"].items():
        assert LEDGER.value(name) == pytest.approx(value["mean"], rel=1e-3)


def test_the_page_shows_the_tables_of_this_fit(found):
    page = PAGE.read_text(encoding="utf-8")
    for table in couples_fit.report_of_couples(found).strip().split("\n\n"):
        assert table in page, table[:200]


def test_a_draw_chooses_among_the_points_with_the_nearest_hidden_share(tables):
    points = np.array(
        [tables.transform(q) for q in np.random.default_rng(1).random((400, couples.DIMENSIONS))]
    )
    points[:, 0] = points[:, HIDDEN]  # a mark by which each point can be known again
    points[:, 6] = 0.0
    fit = couples_fit.CoupleFit(tables, points, 0.0, 0.0, 0, seed=3)
    draws = load_draws(DEFAULT_STRUCTURE.name).only(np.arange(0, 1000, 100))
    hidden = np.linspace(0.16, 0.27, len(draws))
    chosen = couples_fit.with_couples(draws, fit, hidden).columns[COUPLES[0]]
    widest = np.sort(points[:, HIDDEN])
    reach = (widest[couples_fit.NEAREST :] - widest[: -couples_fit.NEAREST]).max()
    assert np.all(np.abs(chosen - hidden) < reach)


def test_installing_changes_the_new_columns_alone(tmp_path, tables):
    for name in ("draws", "ledger"):
        shutil.copytree(HERE.parent / name, tmp_path / name)
    points = np.array(
        [tables.transform(q) for q in np.random.default_rng(1).random((400, couples.DIMENSIONS))]
    )
    fit = couples_fit.CoupleFit(tables, points, 0.0, 0.0, 0, seed=3)
    summary = couples_fit.summary_of_couples(fit, LEDGER, evidence=tmp_path)
    couples_fit.install_couples(fit, summary, LEDGER, evidence=tmp_path, progress=lambda line: None)
    for structure in STRUCTURES:
        before = load_draws(structure.name)
        after = read_draws(tmp_path / "draws" / f"{structure.name}.parquet", structure=structure.name)
        assert after.mechanism == before.mechanism
        np.testing.assert_array_equal(after.weight, before.weight)
        for name, values in before.columns.items():
            assert np.array_equal(after.columns[name], values) == (name not in COUPLES), name
    written = json.loads((tmp_path / "draws" / PROVENANCE_FILE).read_text(encoding="utf-8"))
    shipped = json.loads((HERE / PROVENANCE_FILE).read_text(encoding="utf-8"))
    assert {k: v for k, v in written.items() if k != couples_fit.PART} == {
        k: v for k, v in shipped.items() if k != couples_fit.PART
    }

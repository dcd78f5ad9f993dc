"""The shipped draws: fresh, complete, balanced, and described by the provenance beside them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from decidua.evidence import EvidenceError, load_ledger, read_ledger
from decidua.evidence.draws import HERE, load_draws, read_draws, write_draws
from decidua.inference.assembly import FROM_PRIOR, mechanism_weights, stage_values
from decidua.inference.calibration import inputs_hash
from decidua.inference.calibration_report import report
from decidua.inference.install import PROVENANCE_FILE, calibrated_values
from decidua.inference.posterior import likelihood_of
from decidua.inference.priors import DEFAULT_STRUCTURE, STRUCTURES
from decidua.life.parameters import LawParameters
from decidua.womb import MECHANISMS

NAMES = [structure.name for structure in STRUCTURES]
PAGE = Path(__file__).parents[3] / "docs" / "calibration.md"
CHECKED = 50


@pytest.fixture(scope="module")
def provenance() -> dict:
    return json.loads((HERE / PROVENANCE_FILE).read_text(encoding="utf-8"))


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda structure: structure.name)
def test_the_draws_are_not_stale(structure):
    draws = load_draws(structure.name)
    likelihood = likelihood_of(load_ledger(), structure)
    rows = np.linspace(0, len(draws) - 1, CHECKED).astype(int)
    again = np.array([likelihood(stage_values(draws, row, structure)) for row in rows])
    worst = np.abs(again - draws.log_likelihood[rows]).max()
    assert worst < 1e-8, f"draws are stale: run `decidua calibrate --install` (off by {worst:.2g})"


@pytest.mark.parametrize("name", NAMES)
def test_every_mechanism_has_equally_many_draws(name, provenance):
    draws = load_draws(name)
    each = provenance["draws_per_mechanism"][name]
    assert each == (200 if name == DEFAULT_STRUCTURE.name else 80)
    mechanisms = np.array(draws.mechanism)
    for mechanism, weight in mechanism_weights().items():
        assert (mechanisms == mechanism).sum() == each
        assert draws.weight[mechanisms == mechanism].sum() == pytest.approx(weight)
    assert set(draws.mechanism) == set(MECHANISMS)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda structure: structure.name)
def test_a_draw_has_every_parameter_and_every_number_is_finite(structure):
    draws = load_draws(structure.name)
    wanted = {f"law.{field}" for field in LawParameters._fields} | set(FROM_PRIOR)
    assert wanted <= set(draws.columns)
    assert all(np.isfinite(values).all() for values in draws.columns.values())
    for name, value in structure.fixed.items():
        assert set(draws.columns[f"law.{name}"]) == {value}


def test_provenance_is_of_these_tables_and_priors(provenance):
    for structure in STRUCTURES:
        assert provenance["structures"][structure.name]["inputs"] == inputs_hash(
            likelihood_of(load_ledger(), structure)
        )


def test_runs_agree(provenance):
    """On what the tables are expected to say closely, on parameters within four tenths of a posterior sd.

    With two runs an R-hat of 1.04 is a difference of four tenths of a standard deviation. Runs of nested
    sampling differ by more than independent draws would, most where the prior speaks.
    """
    found = provenance["structures"][DEFAULT_STRUCTURE.name]
    assert len(found["runs"]) > 1
    assert found["largest_r_hat_of_cells"] < 1.03
    assert found["largest_r_hat"] < 1.04


def test_every_run_has_enough_draws(provenance):
    for name, found in provenance["structures"].items():
        assert min(run["draws"] for run in found["runs"]) > 900, name


@pytest.mark.parametrize("name", NAMES)
def test_shipped_draws_lie_where_the_posterior_does(name, provenance):
    draws, found = load_draws(name), provenance["structures"][name]["parameters"]
    for parameter, check in found.items():
        # The budget with uterine NK cells inside it cuts a little more than stage one does.
        assert draws.columns[parameter].mean() == pytest.approx(check["mean"], abs=0.4 * check["sd"]), (
            parameter
        )


def test_the_ledger_says_what_was_found(provenance):
    ledger = read_ledger(HERE.parent)
    found = calibrated_values(provenance)
    calibrated = [name for name in ledger if ledger[name].kind == "calibrated" and name in found]
    assert len(calibrated) > 25
    for name in calibrated:
        assert ledger[name].chosen.interval_is == "posterior95"
        assert ledger.value(name) == pytest.approx(found[name]["mean"], rel=1e-3)


def test_the_page_shows_the_tables_of_these_draws(provenance):
    page = PAGE.read_text(encoding="utf-8")
    for part in report(provenance).split("\n## "):
        table = part.partition("\n\n")[2].strip()
        assert table in page, table[:200]


def test_draws_come_back_from_their_file(tmp_path):
    draws = load_draws(NAMES[0]).only(np.arange(0, 1000, 10))
    write_draws(draws, tmp_path / "some.parquet")
    back = read_draws(tmp_path / "some.parquet", structure=NAMES[0])
    assert back.mechanism == draws.mechanism
    assert list(back.columns) == list(draws.columns)
    for name, values in draws.columns.items():
        np.testing.assert_array_equal(back.columns[name], values)


def test_draws_that_are_not_there_are_named():
    with pytest.raises(EvidenceError, match="fading-log_normal"):
        load_draws("fading-lognormal")

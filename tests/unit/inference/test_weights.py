"""Stage two from end to end, on few draws and points; installing it; and what ships."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from decidua.base.errors import InputError
from decidua.cli import app
from decidua.evidence import load_ledger
from decidua.evidence.draws import HERE, load_draws, read_draws
from decidua.inference import class_weights, weights, weights_evidence, weights_report
from decidua.inference.assembly import EFFECT, FROM_STAGE_TWO, REPEATABILITY, STEROID, stage_values
from decidua.inference.cells import excess_over_women, uterine_nk_table
from decidua.inference.posterior import likelihood_of
from decidua.inference.prepared import law_parameters_at
from decidua.inference.priors import DEFAULT_STRUCTURE, STRUCTURES
from decidua.inference.weights_install import install_weights
from decidua.inference.weights_selection import selected
from decidua.inference.weights_studies import published_studies
from decidua.life import differences
from decidua.womb import MECHANISM_CLASS, MECHANISMS

LEDGER = load_ledger()
CONTROL_LOG_SD = LEDGER.value("measure.uterine_nk.control_log_sd")


def quiet(_line: str) -> None:
    return None


@pytest.fixture(scope="module")
def found():
    return weights.weigh(weights.QUICK, LEDGER, progress=quiet)


def test_weights_are_chances_and_equal_inside_a_class(found):
    assert set(found["classes"]) == set(class_weights.CLASSES)
    assert sum(found["classes"].values()) == pytest.approx(1.0)
    shared = class_weights.by_mechanism(found["classes"])
    assert sum(shared.values()) == pytest.approx(1.0)
    assert shared["attack"] == shared["perfusion"] == shared["decidual_quality"]


def test_two_samplers_agree(found):
    for name, one in found["mechanisms"].items():
        error = np.hypot(one["log_evidence_error"], one["by_importance_error"]) + 0.3
        assert one["log_evidence"] == pytest.approx(one["by_importance"], abs=3.0 * error), name


def test_the_shipped_evidence_agrees_with_the_density_at_no_effect(shipped):
    for name, one in shipped["mechanisms"].items():
        if MECHANISM_CLASS[name] != "no_effect":
            both = one["log_no_effect_against_this"]
            assert both["savage_dickey"] == pytest.approx(both["evidence"], abs=0.3), name


def test_every_change_is_there(found):
    names = set(found["sensitivities"])
    assert {"strength prior times 0.5", "strength prior times 2", "with GOMAA_2014"} <= names
    assert {f"without {table}" for table in weights.USED} <= names


def test_an_order_that_changes_anywhere_is_not_stable():
    def weighed(high, low, none):
        logs = {"attack": high, "perfusion": high, "decidual_quality": high, "too_few": low, "marker": none}
        return weights.Weighed({name: np.log(np.full(3, value)) for name, value in logs.items()})

    main = weighed(1.0, 4.0, 16.0)
    assert weights.order_is_stable(main, {"same": weighed(1.0, 5.0, 20.0)})
    assert not weights.order_is_stable(main, {"turned": weighed(16.0, 4.0, 64.0)})
    assert not weights.order_is_stable(main, {"too close": weighed(1.0, 15.0, 16.0)})
    assert main.weights["no_effect"] == pytest.approx(16.0 / 21.0)
    assert main.log_bayes_factors["low_count_harms"] == pytest.approx(np.log(1.0 / 4.0))


def test_nothing_flows_back_to_the_law():
    """Draws keep equal weight: each gets its own class weights, and these are averaged."""
    logs = {name: np.log([1.0, 1.0]) for name in MECHANISMS} | {"marker": np.log([1.0, 3.0])}
    logs = {name: values + np.array([0.0, 50.0]) for name, values in logs.items()}
    found = weights.Weighed(logs).weights["no_effect"]
    assert found == pytest.approx(0.5 * (1.0 / 3.0 + 3.0 / 5.0))


def test_importance_sampling_finds_a_known_evidence():
    class Known:
        """A normal likelihood under a standard normal prior."""

        class stage:
            dimensions = 2

            @staticmethod
            def points(scores):
                return scores

        @staticmethod
        def by_table(points):
            return -0.5 * ((points - 1.0) / 0.3) ** 2

    run = weights_evidence.importance(Known, seed=1, size=2000)
    exact = 2.0 * (np.log(0.3 / np.sqrt(1.09)) - 0.5 / 1.09)
    assert run.log_evidence == pytest.approx(exact, abs=0.05)
    assert run.log_evidence_error < 0.03
    assert run.weights @ run.points[:, 0] == pytest.approx(1.0 / 1.09, abs=0.03)


@pytest.fixture(scope="module")
def installed(found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence") / "evidence"
    shutil.copytree(HERE.parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    install_weights(found, control_log_sd=CONTROL_LOG_SD, seed=7, evidence=folder, progress=quiet)
    return folder / "draws"


def test_installed_draws_carry_the_weights_and_keep_stage_one(found, installed):
    for structure in STRUCTURES:
        old = load_draws(structure.name)
        new = read_draws(installed / f"{structure.name}.parquet", structure=structure.name)
        names = np.array(new.mechanism)
        for name, weight in class_weights.by_mechanism(found["classes"]).items():
            assert new.weight[names == name].sum() == pytest.approx(weight)
        np.testing.assert_array_equal(new.log_likelihood, old.log_likelihood)
        likelihood = likelihood_of(LEDGER, structure)
        for row in (0, len(new) // 2, len(new) - 1):
            again = likelihood(stage_values(new, row, structure))
            assert again == pytest.approx(new.log_likelihood[row], abs=1e-8)


def test_installed_columns_are_points_of_stage_two_inside_the_budget(found, installed):
    new = read_draws(installed / f"{DEFAULT_STRUCTURE.name}.parquet", structure=DEFAULT_STRUCTURE.name)
    for i in range(0, len(new), 17):
        mechanism = new.mechanism[i]
        kept = found["draws"][mechanism]
        at = kept[REPEATABILITY].index(new.columns[REPEATABILITY][i])
        for name in FROM_STAGE_TWO[2:]:
            assert new.columns[name][i] == kept[name][at]
        p = law_parameters_at(new, i)
        if MECHANISM_CLASS[mechanism] == "no_effect":
            assert p.uterine_nk_excess == 0.0
        else:
            assert new.columns[EFFECT][i] == kept[EFFECT][at]
            assert p.uterine_nk_excess == pytest.approx(np.expm1(kept[EFFECT][at]))
        assert p.uterine_nk_lasting_log_sd == pytest.approx(CONTROL_LOG_SD * np.sqrt(kept[REPEATABILITY][at]))
        assert 0.4 < new.columns[STEROID][i] < 1.4
        left = differences.remaining_budget(p, *excess_over_women(p, uterine_nk_table(mechanism)))
        assert left[0] > 0.0


def test_the_report_shows_every_number_it_is_given(found):
    told = weights_report.report(found)
    for name, weight in found["classes"].items():
        assert f"| {weights_report.CLASSES[name]} | 0.333 | {weight:.3f} |" in told
    for name in found["sensitivities"]:
        assert f"| {name} |" in told
    one = next(iter(found["sensitivities"].values()))
    for order, words in (
        (found["order"], weights_report.CLOSE),
        (found["order"][::-1], weights_report.UNSTABLE),
    ):
        changed = {"order_is_stable": False, "sensitivities": {"changed": {**one, "order": order}}}
        assert words in weights_report.report(found | changed)
    assert weights_report.STABLE in weights_report.report(found | {"order_is_stable": True})


def test_weights_take_no_options_of_the_law():
    for extra in (["--structure", "fading-log_normal"], ["--recovery", "2"]):
        shown = CliRunner().invoke(app, ["calibrate", "--weights", *extra])
        assert isinstance(shown.exception, InputError) or shown.exit_code == 3


@pytest.fixture(scope="module")
def shipped():
    return json.loads((HERE / class_weights.WEIGHTS_FILE).read_text(encoding="utf-8"))


def test_the_shipped_weights_are_not_stale(shipped):
    draws = load_draws(shipped["arguments"]["structure"])
    tables = selected(draws, LEDGER, count=shipped["arguments"]["draws"], progress=quiet)
    assert tables.fingerprint.keys() == shipped["fingerprint"].keys()
    for name, now in tables.fingerprint.items():
        stale = f"{name}: weights are stale: decidua calibrate --weights --install"
        np.testing.assert_allclose(now, shipped["fingerprint"][name], rtol=1e-9, atol=1e-12, err_msg=stale)
    studies = published_studies(LEDGER)
    for name in MECHANISMS:
        one = shipped["mechanisms"][name]
        problem = weights.problem_of(name, LEDGER, tables, studies)
        again = [problem.log_likelihood(np.array(point)) for point in one["checked"]]
        np.testing.assert_allclose(again, one["checked_log_likelihood"], rtol=0, atol=1e-8)


def test_shipped_draws_carry_the_shipped_weights(shipped):
    for structure in STRUCTURES:
        draws = load_draws(structure.name)
        names = np.array(draws.mechanism)
        for name, weight in class_weights.by_mechanism(shipped["classes"]).items():
            assert draws.weight[names == name].sum() == pytest.approx(weight)
    assert class_weights.weights_are() == "posterior"


def test_shipped_samplers_agree(shipped):
    for name, one in shipped["mechanisms"].items():
        assert len(one["by_seed"]) == 4
        assert one["log_evidence"] == pytest.approx(one["by_importance"], abs=0.3), name
        if (both := one.get("log_no_effect_against_this")) is not None:
            assert both["savage_dickey"] == pytest.approx(both["evidence"], abs=0.4), name
    assert max(shipped["log_bayes_factor_errors"].values()) < 0.2


def test_the_page_shows_the_tables_of_the_shipped_weights(shipped):
    page = (Path(__file__).parents[3] / "docs" / "weights.md").read_text(encoding="utf-8")
    for part in weights_report.report(shipped).split("\n## "):
        table = part.partition("\n\n")[2].strip()
        assert table in page, "run: python verify/weights_page.py"

"""Installing a fit: draws, calibrated values of the ledger, provenance; nothing else moves."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from decidua.base.errors import InputError
from decidua.cli import app
from decidua.cli import calibrate as command
from decidua.evidence import load_ledger, read_ledger
from decidua.evidence.content import hash_of
from decidua.evidence.draws import load_draws, read_draws
from decidua.evidence.loader import HERE
from decidua.inference import calibration, diagnostics, install, recovery
from decidua.inference.assembly import stage_values
from decidua.inference.calibration import Wanted, inputs_hash
from decidua.inference.calibration_report import report
from decidua.inference.calibration_summary import preferred, summary_of
from decidua.inference.posterior import Fit, likelihood_of
from decidua.inference.priors import DEFAULT_STRUCTURE, STRUCTURES, Structure, stage_one

LEDGER = load_ledger()


def a_fit(structure: Structure, seed: int) -> Fit:
    """Draws of the default structure, cut down to what another structure has."""
    shipped = load_draws(DEFAULT_STRUCTURE.name)
    likelihood = likelihood_of(LEDGER, structure)
    rows = range(seed, len(shipped), 10)
    values = np.array([stage_values(shipped, row, structure) for row in rows])
    if "law.high_class_share" in likelihood.stage.names:
        at = likelihood.stage.names.index("law.high_class_share")
        values[:, at] = np.linspace(0.05, 0.15, len(values))
    found = np.array([likelihood(row) for row in values])
    return Fit(
        structure, stage_one(LEDGER, structure).names, values, found, -1034.0 - seed, 0.3, 9, seed, 100
    )


@pytest.fixture(scope="module")
def fits() -> tuple[Fit, ...]:
    return tuple(a_fit(structure, seed) for structure in STRUCTURES for seed in (1, 2))


@pytest.fixture(scope="module")
def summary(fits):
    arguments = Wanted().arguments
    return summary_of(fits, LEDGER, arguments=arguments, seed=7, recovery=None, progress=lambda _line: None)


@pytest.fixture(scope="module")
def installed(fits, summary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence") / "evidence"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(install, "DRAWS_OF_DEFAULT", 6)
        patch.setattr(install, "DRAWS_PER_MECHANISM", 3)
        install.install(fits, summary, seed=7, evidence=folder, progress=lambda _line: None)
    return folder


def test_a_summary_holds_what_is_needed_to_judge_a_fit(summary):
    assert {"provenance", "law", "packages", "structures", "leave_one_out", "schema_version"} <= set(summary)
    json.dumps(summary, allow_nan=False)
    for structure in STRUCTURES:
        found = summary["structures"][structure.name]
        assert [run["seed"] for run in found["runs"]] == [1, 2]
        assert found["largest_r_hat"] > 0.9
        assert set(found["parameters"]) == set(stage_one(LEDGER, structure).names)
        assert sum(table["cells"] for table in found["tables"]) == len(found["cells"]) == 48
    assert set(summary["leave_one_out"]) == {structure.name for structure in STRUCTURES}


def test_the_scores_by_table_add_up_to_the_score(summary):
    for name, score in summary["leave_one_out"].items():
        parts = [table[name] for table in summary["leave_one_out_by_table"].values()]
        assert sum(parts) == pytest.approx(score["elpd"], rel=1e-9)


def test_the_report_shows_every_run_structure_table_and_parameter(summary):
    shown = report(summary)
    assert shown.count("| fading-two_class |") == 4
    for name in summary["structures"][DEFAULT_STRUCTURE.name]["parameters"]:
        assert f"| `{name}` |" in shown
    assert "## Recovery" not in shown
    recovery = {
        "simulated_sets": 4,
        "live_points": 100,
        "share_held": {"50": 0.5, "95": 1.0},
        "by_parameter": {"law.x": {"50": 2, "95": 4}},
    }
    assert "| all | 50 in 100 | 100 in 100 |" in report(summary | {"recovery": recovery})


@pytest.mark.parametrize(
    ("difference", "error", "said"),
    [(2.0, 0.1, "do not tell"), (9.0, 6.0, "do not tell"), (9.0, 2.0, "speak against other")],
)
def test_a_preference_needs_a_clear_difference(difference, error, said):
    rows = {
        "best": {"difference": 0.0, "difference_se": 0.0},
        "other": {"difference": difference, "difference_se": error},
    }
    assert said in preferred({"leave_one_out": rows})


def test_draws_of_every_structure_are_written(installed, fits):
    for structure in STRUCTURES:
        draws = read_draws(installed / "draws" / f"{structure.name}.parquet", structure=structure.name)
        assert len(draws) == 5 * (6 if structure == DEFAULT_STRUCTURE else 3)


def test_only_calibrated_entries_change_and_only_their_values(installed, summary):
    before, after = LEDGER, read_ledger(installed)
    found = summary["structures"][DEFAULT_STRUCTURE.name]["parameters"]
    assert list(before) == list(after)
    for name in before:
        old, new = before[name], after[name]
        if old.kind == "calibrated":
            assert new.chosen.interval_is == "posterior95"
            assert new.chosen.reading == "DERIVED"
            assert new.model_dump(exclude={"values"}) == old.model_dump(exclude={"values"})
        else:
            assert new == old
        if name in found and old.kind == "calibrated":
            assert new.chosen.value == pytest.approx(found[name]["mean"], rel=1e-3)
            assert new.chosen.interval == pytest.approx((found[name]["lo"], found[name]["hi"]), rel=1e-3)


def test_a_parameter_that_only_the_two_class_shape_has_comes_from_there(installed):
    assert read_ledger(installed)["law.high_class_share"].chosen.value == pytest.approx(0.1, rel=1e-3)


def test_the_likelihood_reads_nothing_that_installing_changes(installed):
    after = read_ledger(installed)
    for structure in STRUCTURES:
        assert inputs_hash(likelihood_of(after, structure)) == inputs_hash(likelihood_of(LEDGER, structure))


def test_every_line_of_the_ledger_that_is_not_a_calibrated_value_stays_to_the_letter(installed):
    changed = ("- value:", "interval:", "interval_is:", "reading:")
    for path in sorted((HERE / "ledger").glob("*.yaml")):
        old = path.read_text(encoding="utf-8").splitlines()
        new = (installed / "ledger" / path.name).read_text(encoding="utf-8").splitlines()
        differing = [b for a, b in zip(old, new, strict=True) if a != b]
        assert all(line.strip().startswith(changed) for line in differing)


def test_small_numbers_stay_numbers_in_the_ledger():
    text = "- id: law.x\n  kind: calibrated\n  values:\n  - value: 1\n    interval: [0, 2]\n"
    text += "    interval_is: prior95\n    reading: DERIVED\n"
    new, count = install.updated_text(text, {"law.x": {"mean": 1.23456e-7, "lo": 0.0, "hi": 23456.7}})
    (value,) = yaml.safe_load(new)[0]["values"]
    assert count == 1
    assert (value["value"], value["interval"]) == (1.235e-7, [0.0, 23460.0])


def test_provenance_comes_with_the_hash_of_the_evidence_as_it_is_then(installed, summary):
    written = json.loads((installed / "draws" / install.PROVENANCE_FILE).read_text(encoding="utf-8"))
    assert written["provenance"]["evidence_version"].endswith(hash_of(installed))
    assert written["draws_per_mechanism"]["fading-log_normal"] == 6
    assert written["structures"].keys() == summary["structures"].keys()
    text = json.dumps(written)
    assert "seconds" not in text
    assert diagnostics.BAD_PARETO_K == 0.7


def test_a_fit_of_some_structures_is_not_installed(fits, summary, tmp_path):
    with pytest.raises(InputError, match="fading-two_class"):
        install.install(fits[:2], summary, seed=7, evidence=tmp_path, progress=lambda _line: None)
    assert not list(tmp_path.iterdir())


def test_the_command_prints_the_report_and_keeps_the_summary(fits, tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "calibrate", lambda *_arguments, **_settings: fits[:2])
    arguments = [
        "calibrate",
        "--structure",
        "fading-log_normal",
        "--live-points",
        "90",
        "--out",
        str(tmp_path),
    ]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    kept = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert shown.stdout.strip() == report(kept).strip()
    assert kept["provenance"]["arguments"]["live_points"] == 90
    assert kept["provenance"]["arguments"]["seeds"] == [1, 2]
    assert "jobs" not in json.dumps(kept)


def test_recovery_fits_tables_that_the_law_printed(fits, tmp_path, monkeypatch):
    """The sampler stops after its first points, so that only the way there and back is looked at."""
    monkeypatch.setattr(recovery, "STILL_MISSING", 1e9)
    found = command._recovery(fits[:2], tmp_path, sets=2, jobs=2)
    assert found["simulated_sets"] == 2
    assert set(found["by_parameter"]) == set(fits[0].names)
    assert {path.name for path in tmp_path.glob("*.npz")} == {
        "recovery-fading-log_normal-1.npz",
        "recovery-fading-log_normal-2.npz",
    }

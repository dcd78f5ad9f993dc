"""`decidua calibrate`: resumes, refuses another run's folder, and gives the same result however it ran."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from decidua.base.errors import InputError
from decidua.cli import app
from decidua.cli import calibrate as command
from decidua.evidence import load_ledger
from decidua.inference import calibration
from decidua.inference.calibration import (
    RUN_FILE,
    Wanted,
    by_structure,
    calibrate,
    inputs_hash,
    pooled,
    read_fit,
    record_of,
    with_values,
    write_fit,
)
from decidua.inference.posterior import Fit, fit_posterior, likelihood_of
from decidua.inference.priors import DEFAULT_STRUCTURE, structure_named
from decidua.inference.targets import calibration_targets

LEDGER = load_ledger()
# Stops after the first live points: quick, useless, and the same every time.
TINY = Wanted(("exchangeable-log_normal",), seeds=(1, 2), live_points=80, still_missing=1e9)


def silent(_line: str) -> None:
    return


def a_fit(structure: str = "fading-log_normal", *, seed: int = 1, evidence: float = -1034.4) -> Fit:
    rng = np.random.default_rng(seed)
    draws = rng.normal(size=(7, 3))
    names = ("law.a", "law.b", "law.c")
    return Fit(structure_named(structure), names, draws, draws.sum(axis=1), evidence, 0.3, 54_321, seed, 300)


def test_a_fit_comes_back_from_its_file(tmp_path):
    fit = a_fit()
    write_fit(fit, tmp_path / "fit.npz")
    back = read_fit(tmp_path / "fit.npz")
    np.testing.assert_array_equal(back.draws, fit.draws)
    np.testing.assert_array_equal(back.log_likelihood, fit.log_likelihood)
    plain = ("structure", "names", "log_evidence", "log_evidence_error", "calls", "seed", "live_points")
    assert [getattr(back, name) for name in plain] == [getattr(fit, name) for name in plain]
    assert [path.name for path in tmp_path.iterdir()] == ["fit.npz"]


def test_a_run_in_processes_is_the_run_in_one(tmp_path):
    told: list[str] = []
    fits = calibrate(TINY, tmp_path, jobs=2, progress=told.append)
    likelihood = likelihood_of(LEDGER, fits[0].structure)
    for fit, seed in zip(fits, TINY.seeds, strict=True):
        alone = fit_posterior(
            likelihood, seed=seed, live_points=TINY.live_points, still_missing=TINY.still_missing
        )
        np.testing.assert_array_equal(fit.draws, alone.draws)
        assert fit.log_evidence == alone.log_evidence
    assert told[0] == "2 runs, 0 done before, 2 to do"
    left = {path.name for path in tmp_path.iterdir()}
    names = {f"exchangeable-log_normal-{seed}.npz" for seed in (1, 2)}
    assert left == {"run.json", "run_log.json", *names}


def test_a_finished_run_is_not_done_again(tmp_path):
    record = record_of(TINY, LEDGER)
    calibration.begin(tmp_path, record, resume=True)
    for task in TINY.tasks:
        write_fit(a_fit(task.structure, seed=task.seed), replace(task, folder=tmp_path).result)
    told: list[str] = []
    fits = calibrate(TINY, tmp_path, jobs=1, progress=told.append)
    assert told == ["2 runs, 2 done before, 0 to do"]
    np.testing.assert_array_equal(fits[1].draws, a_fit(seed=2).draws)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("live_points", replace(TINY, live_points=90)),
        ("seeds", replace(TINY, seeds=(1, 3))),
        ("structures", replace(TINY, structures=("fading-log_normal",))),
        ("still_missing", replace(TINY, still_missing=2.0)),
    ],
)
def test_a_folder_of_another_run_is_refused_and_stays_as_it_was(tmp_path, field, other):
    calibration.begin(tmp_path, record_of(TINY, LEDGER), resume=True)
    before = (tmp_path / RUN_FILE).read_bytes()
    with pytest.raises(InputError) as refusal:
        calibrate(other, tmp_path, jobs=1, progress=silent)
    assert (refusal.value.file, refusal.value.field) == (RUN_FILE, field)
    assert "--no-resume" in str(refusal.value)
    assert (tmp_path / RUN_FILE).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_changed_law_is_refused(tmp_path, monkeypatch):
    calibration.begin(tmp_path, record_of(TINY, LEDGER), resume=True)
    monkeypatch.setattr(calibration, "law_hash", lambda: "another law")
    with pytest.raises(InputError, match=r"run\.json: law: another law is not accepted"):
        calibrate(TINY, tmp_path, jobs=1, progress=silent)


def test_a_spoiled_record_is_refused(tmp_path):
    (tmp_path / RUN_FILE).write_text('{"live_points": ', encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json"):
        calibrate(TINY, tmp_path, jobs=1, progress=silent)


def test_beginning_again_drops_what_was_there_and_nothing_else(tmp_path):
    for name in ("exchangeable-log_normal-1.npz", "fading-two_class-2.checkpoint", "mine.npz"):
        (tmp_path / name).write_bytes(b"old")
    calibration.begin(tmp_path, record_of(TINY, LEDGER), resume=False)
    assert {path.name for path in tmp_path.iterdir()} == {"mine.npz", RUN_FILE}


def test_the_inputs_are_what_the_likelihood_reads():
    likelihood = likelihood_of(LEDGER, DEFAULT_STRUCTURE)
    same = inputs_hash(likelihood_of(LEDGER, DEFAULT_STRUCTURE))
    assert inputs_hash(likelihood) == same
    published = calibration_targets(LEDGER)
    values = [cell.value for cell in published.cells]
    assert inputs_hash(likelihood_of(LEDGER, DEFAULT_STRUCTURE, with_values(published, values))) == same
    values[8] *= 1.001
    assert inputs_hash(likelihood_of(LEDGER, DEFAULT_STRUCTURE, with_values(published, values))) != same
    assert inputs_hash(likelihood_of(LEDGER, structure_named("fading-two_class"))) != same


def test_pooling_averages_evidence_and_keeps_every_draw():
    runs = [a_fit(seed=1, evidence=-1000.0), a_fit(seed=2, evidence=-1002.0)]
    whole = pooled(runs)
    assert len(whole.draws) == len(whole.log_likelihood) == 14
    assert whole.log_evidence == -1001.0
    assert whole.log_evidence_error == pytest.approx(1.0)  # half the difference; the sampler said 0.3
    assert pooled(runs[:1]).log_evidence_error == pytest.approx(0.3)


def test_fits_are_grouped_in_the_order_of_the_structures():
    fits = [a_fit("exchangeable-two_class"), a_fit("fading-log_normal"), a_fit("fading-log_normal", seed=2)]
    assert {name: len(group) for name, group in by_structure(fits).items()} == {
        "fading-log_normal": 2,
        "exchangeable-two_class": 1,
    }


def test_ctrl_c_ends_with_the_code_for_interrupted_and_leaves_no_process(tmp_path):
    line = [sys.executable, "-m", "decidua", "calibrate", "--structure", "fading-log_normal"]
    line += ["--seeds", "1", "--out", str(tmp_path / "run"), "--jobs", "1"]
    with subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "1 to do" in process.stderr.readline()
        time.sleep(1.0)
        os.kill(process.pid, signal.SIGINT)
        # The end of its standard error comes only when its own process has let go of it too.
        _, said = process.communicate(timeout=120)
    assert process.returncode == 4
    assert said.strip().splitlines()[-1] == "interrupted; run the same command again to go on"
    assert "Traceback" not in said
    record = json.loads((tmp_path / "run" / RUN_FILE).read_text(encoding="utf-8"))
    assert record["structures"] == ["fading-log_normal"]
    assert record["law"] == calibration.law_hash()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--structure", "fading"], "--structure: fading is not accepted; allowed: fading-log_normal"),
        (["--seeds", "1,two"], "--seeds: 1,two is not accepted"),
        (["--seeds", ""], "--seeds"),
        (["--install", "--structure", "fading-two_class"], "allowed: all structures"),
    ],
)
def test_a_wrong_argument_changes_nothing_on_disk(tmp_path, arguments, said):
    shown = CliRunner().invoke(app, ["calibrate", "--out", str(tmp_path / "run"), *arguments])
    assert shown.exit_code == 3, shown.output
    assert said in shown.stderr
    assert not (tmp_path / "run").exists()


def test_without_the_extra_there_is_one_clear_message(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "dynesty" else object())
    shown = CliRunner().invoke(app, ["calibrate", "--out", str(tmp_path / "run")])
    assert shown.exit_code == 2
    assert shown.stderr.strip().count("\n") == 0
    assert "needs dynesty" in shown.stderr
    assert 'pip install "decidua[calibrate]"' in shown.stderr
    assert not (tmp_path / "run").exists()

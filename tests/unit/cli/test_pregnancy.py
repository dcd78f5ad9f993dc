"""`decidua pregnancy` as a command: output, bad input, folders, progress and an interruption."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from decidua.cli import app
from decidua.cli.pregnancy import Told

SHORT = ("pregnancy", "--weeks", "12")


def run(*arguments):
    return CliRunner().invoke(app, [*arguments], env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"})


def test_json_is_one_object_and_nothing_else():
    shown = run(*SHORT, "--json", "--density", "300")
    assert shown.exit_code == 0, shown.output
    record = json.loads(shown.stdout)
    assert record["density_per_mm2"] == 300.0
    assert record["mechanism"] == "marker"
    assert "assumes" not in record
    assert record["gestation_weeks"][-1] == 12.0


def test_women_are_drawn_and_a_folder_is_written(tmp_path):
    folder = tmp_path / "new" / "folder"
    shown = run(*SHORT, "--women", "3", "--jobs", "1", "--json", "--out", str(folder))
    assert shown.exit_code == 0, shown.output
    record = json.loads(shown.stdout)
    assert record["women"]["women"] == 3
    assert {"course.parquet", "course.csv", "course.json", "pregnancy.html", "run_log.json"} <= {
        path.name for path in folder.iterdir()
    }
    # Jobs and times stay out of what is promised to be the same.
    assert "jobs" not in record["provenance"]["arguments"]


def test_a_genotype_sets_recognition():
    shown = run(*SHORT, "--json", "--genotype", "aa_c2c2")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["recognition"] != 0.5


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--density", "0"), "density_per_mm2"),
        (("--recognition", "2"), "recognition"),
        (("--mechanism", "magic"), "mechanism"),
        (("--regimen", "nothing_known"), "regimen"),
        (("--regimen", "absent.yaml"), "absent.yaml"),
        (("--genotype", "zz"), "genotype"),
        (("--unk-course", "up"), "unk_course"),
        (("--weeks", "60"), "end_week"),
        (("--infection-week", "-3"), "infection_week"),
        (("--women", "0"), "--women"),
        (("--women", "5", "--jobs", "0"), "--jobs"),
        (("--women", "5", "--seed", "-1"), "--seed"),
        (("--taper-study", "--weeks-from", "1"), "--weeks-from"),
        (("--taper-study", "--weeks-to", "7"), "--weeks-to"),
        (("--taper-study", "--regimen", "aspirin_low_dose"), "regimen"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one,
)
def test_bad_input_gets_one_line_exit_code_3_and_changes_nothing(tmp_path, arguments, named):
    folder = tmp_path / "out"
    shown = run("pregnancy", *arguments, "--out", str(folder))
    assert shown.exit_code == 3
    assert len(shown.stderr.strip().splitlines()) == 1
    assert named in shown.stderr
    assert not folder.exists()


def test_a_regimen_that_cannot_be_given_is_refused_by_its_file(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\ntitle: Mine\nsteps:\n"
        "  - {drug: prednisolone, dose_mg_per_day: -5, start_gestation_weeks: 5, duration_weeks: 2}\n",
        encoding="utf-8",
    )
    shown = run(*SHORT, "--regimen", str(file))
    assert shown.exit_code == 3
    assert "mine.yaml" in shown.stderr
    assert "dose_mg_per_day" in shown.stderr


@pytest.mark.parametrize(
    "arguments", [("--taper-study", "--women", "5"), ("--recognition", "0.5", "--genotype", "aa_c1c1")]
)
def test_options_that_exclude_each_other_are_wrong_usage(arguments):
    assert run("pregnancy", *arguments).exit_code == 2


def test_an_interruption_ends_with_exit_code_4(monkeypatch):
    def interrupted(*_args, **_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("decidua.study.pregnancy.simulate_women", interrupted)
    assert run(*SHORT, "--women", "5").exit_code == 4


def test_a_model_that_cannot_be_solved_ends_with_its_message(monkeypatch):
    from decidua.womb import SolverError

    def unsolved(*_args, **_settings):
        raise SolverError("the womb model could not be solved; inputs: density_per_mm2=1")

    monkeypatch.setattr("decidua.study.pregnancy.simulate_women", unsolved)
    shown = run(*SHORT, "--women", "5")
    assert shown.exit_code == 1
    assert "density_per_mm2" in shown.stderr


def test_an_estimate_comes_first_then_rate_and_time_left(monkeypatch, capsys):
    clock = iter([0.0, 2.0, 4.0, 9.0, 20.0])
    monkeypatch.setattr("decidua.cli.pregnancy.time.monotonic", lambda: next(clock))
    told = Told(women=1000, jobs=2)
    for done in (100, 200, 450, 1000):
        told.progress(done)
    lines = capsys.readouterr().err.splitlines()
    # 50 women a second after the first report: 800 more take 16 s, on top of the 4 s that passed.
    assert lines == ["about 20 s for 1,000 women, jobs: 2", "450 of 1,000 women, 50 a second, 11 s left"]

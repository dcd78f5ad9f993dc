"""A study on disk: interrupted or killed it goes on to the same files; refusals change nothing."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from decidua.base.errors import InputError
from decidua.cli import app
from decidua.study import kept_run, study_lives, study_run
from decidua.study.study_file import read_study
from decidua.study.study_run import run_in_folder
from decidua.tell import study_files
from decidua.tell.study_files import write_study

FILES = ("run.json", "results.parquet", "results.csv", "report.html", "summary.json")
ASKED = {"women": 6_000, "draws": 5, "seed": 3, "jobs": 1}
CHUNKS = 6


@pytest.fixture(scope="module", autouse=True)
def small_chunks():
    with pytest.MonkeyPatch.context() as patch:
        for module in (study_lives, study_run):
            patch.setattr(module, "CHUNK_WOMEN", ASKED["women"] // CHUNKS)
        yield


def go(folder, *, resume=False, progress=lambda _done, _of: None, **other):
    study = read_study("when-to-test")
    asked = {**ASKED, **other}
    return run_in_folder(study, folder, resume=resume, progress=progress, write=write_study, **asked)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def whole(small_chunks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    go(folder)
    return contents(folder)


@pytest.mark.parametrize("stop_after", [1, CHUNKS])
def test_an_interrupted_study_goes_on_to_the_same_files(whole, tmp_path, stop_after):
    seen, again = [], []

    def interrupt(done: int, _of: int) -> None:
        seen.append(done)
        if len(seen) == stop_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, progress=interrupt)
    assert not (tmp_path / "summary.json").exists()
    with pytest.raises(InputError, match="--resume"):
        go(tmp_path)
    go(tmp_path, resume=True, jobs=2, progress=lambda done, _of: again.append(done))
    assert contents(tmp_path) == whole
    assert len(again) == CHUNKS - stop_after


def test_a_finished_study_is_told_again_without_a_life(whole, tmp_path):
    first, lived = go(tmp_path), []
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.name in FILES}
    again = go(tmp_path, progress=lambda done, _of: lived.append(done))
    assert lived == []
    assert again.arms == first.arms
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.name in FILES} == before


@pytest.mark.parametrize("place", [(study_files, "results.csv"), (kept_run, "sums.npz")])
def test_a_full_disk_is_one_clear_message_and_loses_nothing(whole, tmp_path, monkeypatch, place):
    module, name = place
    usual = module.write_whole

    def full(path, write):
        if path.name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        usual(path, write)

    monkeypatch.setattr(module, "write_whole", full)
    with pytest.raises(InputError, match=r"No space left on device; what was finished is kept"):
        go(tmp_path)
    assert not (tmp_path / "summary.json").exists()
    monkeypatch.setattr(module, "write_whole", usual)
    go(tmp_path, resume=True)
    assert contents(tmp_path) == whole


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"--out: .* a folder that can be written"):
        go(tmp_path / "file" / "inside")


@pytest.mark.parametrize(("other", "told"), [({"seed": 4}, "seed: 4"), ({"draws": 10}, "draws: 10")])
def test_other_arguments_are_refused_and_nothing_changes(whole, tmp_path, other, told):
    go(tmp_path)
    with pytest.raises(InputError, match=rf"run.json: {told} is not accepted"):
        go(tmp_path, resume=True, **other)
    assert contents(tmp_path) == whole


def test_a_changed_study_file_is_refused_by_the_field_that_differs(tmp_path):
    text = "name: mine\ntitle: My own\nquestion: What then?\nagainst: never_test\n"
    arms, path, folder = "arms: [never_test, test_after_2]\n", tmp_path / "mine.yaml", tmp_path / "out"
    command = ["study", str(path), "--women", "2000", "--draws", "5", "--jobs", "1", "--out", str(folder)]
    path.write_text(text + arms, encoding="utf-8")
    assert CliRunner().invoke(app, command).exit_code == 0
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    path.write_text(text + arms + "children_wanted: 3\n", encoding="utf-8")
    refused = CliRunner().invoke(app, [*command, "--resume"])
    assert refused.exit_code == 3
    assert "study children_wanted: 3" in refused.output
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_resume_needs_a_folder():
    shown = CliRunner().invoke(app, ["study", "when-to-test", "--resume"])
    assert shown.exit_code == 2
    assert "--out" in shown.output


def command(folder: Path, *more: str) -> list[str]:
    asked = ["study", "when-to-test", "--women", "500000", "--draws", "10", "--seed", "2", "--jobs", "1"]
    return [sys.executable, "-m", "decidua", *asked, "--out", str(folder), *more]


def test_a_killed_study_goes_on_to_the_same_files_in_another_process(tmp_path):
    plain, killed = tmp_path / "plain", tmp_path / "killed"
    subprocess.run(command(plain), check=True, capture_output=True, timeout=300)
    process = subprocess.Popen(command(killed), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(1200):
        if (killed / "sums.npz").exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (killed / "summary.json").exists()
    subprocess.run(command(killed, "--resume"), check=True, capture_output=True, timeout=300)
    assert contents(killed) == contents(plain)

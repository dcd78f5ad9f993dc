"""Runs on disk: any threads, interruption and process give the same files; refusals change nothing."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from decidua.base.errors import InputError
from decidua.care.pathways import load_pathway
from decidua.cli import app
from decidua.study import population_run
from decidua.study.population_run import Wanted, run
from decidua.study.population_summary import summary_of
from decidua.study.population_world import Plan, world_of

FILES = ("summary.json", "women.parquet", "pregnancies.parquet", "run.json")
WANTED = Wanted(3000, 9, Plan(), with_rows=True)


@pytest.fixture(scope="module")
def world():
    return world_of(Plan())


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(population_run, "CHUNK_WOMEN", 500)


def go(folder, world, *, jobs=1, resume=False, wanted=WANTED, progress=lambda _a, _b: None):
    return run(wanted, folder, jobs=jobs, resume=resume, progress=progress, summarise=summary_of, world=world)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, world):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population_run, "CHUNK_WOMEN", 500)
        folder = tmp_path_factory.mktemp("whole")
        go(folder, world)
        return contents(folder)


def test_any_number_of_threads_gives_the_same_files(whole, tmp_path, world):
    go(tmp_path, world, jobs=3)
    assert contents(tmp_path) == whole
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*FILES, "run_log.json"}


@pytest.mark.parametrize("stop_after", [1, 3, 6])
def test_an_interrupted_run_goes_on_to_the_same_files(whole, tmp_path, world, stop_after):
    seen = []

    def interrupt(done: int, _of: int) -> None:
        seen.append(done)
        if len(seen) == stop_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, world, progress=interrupt)
    assert not (tmp_path / "summary.json").exists()
    again = []
    go(tmp_path, world, resume=True, progress=lambda done, _of: again.append(done))
    assert contents(tmp_path) == whole
    assert len(again) == 6 - stop_after or len(again) == 7 - stop_after


def test_a_full_disk_is_one_clear_message_and_loses_nothing(whole, tmp_path, world, monkeypatch):
    usual, written = population_run.write_whole, []

    def full(path, write):
        written.append(path)
        if len(written) == 7:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        usual(path, write)

    monkeypatch.setattr(population_run, "write_whole", full)
    with pytest.raises(InputError, match=r"No space left on device; what was finished is kept"):
        go(tmp_path, world)
    monkeypatch.setattr(population_run, "write_whole", usual)
    go(tmp_path, world, resume=True)
    assert contents(tmp_path) == whole


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, world):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"--out: .* a folder that can be written"):
        go(tmp_path / "file" / "inside", world)


def test_other_arguments_are_refused_and_nothing_changes(tmp_path, world):
    go(tmp_path, world)
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"run.json: seed: 10 is not accepted; allowed: 9"):
        go(tmp_path, world, resume=True, wanted=Wanted(3000, 10, Plan(), with_rows=True))
    assert contents(tmp_path) == before


def test_an_unfinished_run_asks_for_resume(tmp_path, world):
    def interrupt(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, world, progress=interrupt)
    with pytest.raises(InputError, match="--resume"):
        go(tmp_path, world)


def command(folder: Path, *more: str) -> list[str]:
    arguments = ["population", "--women", "400000", "--seed", "2", "--jobs", "2", "--rows", "--out"]
    return [sys.executable, "-m", "decidua", *arguments, str(folder), *more]


def test_a_killed_run_goes_on_to_the_same_tables_in_another_process(tmp_path):
    plain, killed = tmp_path / "plain", tmp_path / "killed"
    subprocess.run(command(plain), check=True, capture_output=True, timeout=300)
    process = subprocess.Popen(command(killed), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(1200):
        if list(killed.glob("part-*.parquet")) or process.poll() is not None:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    if not (killed / "summary.json").exists():
        subprocess.run(command(killed, "--resume"), check=True, capture_output=True, timeout=300)
    assert contents(killed) == contents(plain)


def test_the_command_tells_what_it_did_and_refuses_what_it_must(tmp_path):
    arguments = ["population", "--women", "500", "--seed", "1", "--jobs", "1", "--out", str(tmp_path / "a")]
    shown = CliRunner().invoke(app, [*arguments, "--mechanism", "attack", "--start-ages", "28-33"])
    assert shown.exit_code == 0, shown.output
    found = json.loads((tmp_path / "a" / "summary.json").read_text(encoding="utf-8"))
    assert found["assumes"] == "assumes a contested mechanism"
    assert found["provenance"]["arguments"]["start_ages"] == [28.0, 33.0]
    assert sum(found["women_by_live_births"]) == found["women"] == 500
    for bad in (["--mechanism", "none"], ["--start-ages", "60-20"], ["--draw", "100000"]):
        other = ["population", "--women", "5", "--seed", "1", "--out", str(tmp_path / "b"), *bad]
        shown = CliRunner().invoke(app, other)
        assert shown.exit_code == 3
        assert not (tmp_path / "b").exists()


def test_care_is_part_of_a_run_and_another_pathway_does_not_go_on_with_it(tmp_path):
    care = load_pathway("test_after_1")
    wanted = Wanted(women=3000, seed=4, plan=Plan(), care=care)
    found = run(wanted, tmp_path, jobs=1, resume=False, progress=lambda *_: None, summarise=summary_of)
    assert found["counts"]["women_tested"] > 0
    assert found["provenance"]["arguments"]["pathway"]["name"] == "test_after_1"
    other = replace(wanted, care=load_pathway("test_after_2"))
    with pytest.raises(InputError, match="pathway"):
        run(other, tmp_path, jobs=1, resume=True, progress=lambda *_: None, summarise=summary_of)

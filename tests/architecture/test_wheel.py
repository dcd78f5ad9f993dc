"""The wheel holds everything the program reads, so that it works where there is no checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

PROJECT = Path(__file__).parents[2]
TEXTS = {".yaml", ".csv", ".json", ".ant", ".html", ".svg", ".css", ".js", ".j2", ".typed", ".txt"}
DATA = {*TEXTS, ".parquet", ".npz"}


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=60)
    (wheel,) = folder.iterdir()
    return set(ZipFile(wheel).namelist())


def test_every_file_of_the_package_is_in_the_wheel(wheel_names):
    source = PROJECT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "decidua").rglob("*")
        if path.is_file() and path.suffix in DATA | {".py"}
    }
    assert len(wanted) > 50
    assert wanted <= wheel_names


def test_the_wheel_holds_the_licence_and_nothing_of_the_tests(wheel_names):
    assert any(name.endswith("licenses/LICENSE") for name in wheel_names)
    assert not [name for name in wheel_names if name.startswith("tests/") or "__pycache__" in name]


def test_nothing_in_the_package_is_of_a_kind_that_nobody_has_thought_of():
    package = PROJECT / "src" / "decidua"
    kinds = {path.suffix for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    # A new kind is entered above, so that the wheel is known to hold it.
    assert kinds - {""} <= DATA | {".py"}

"""A result is written whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from decidua.base import files
from decidua.base.errors import InputError
from decidua.tell.files import write_whole


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "figure.svg"
    write_whole(path, "one")
    write_whole(path, "two µm\n")
    assert path.read_bytes() == "two µm\n".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["figure.svg"]


def test_it_gets_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "usual").write_text("one", encoding="utf-8")
    write_whole(tmp_path / "whole", "one")
    usual, whole = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "whole"))
    assert whole == usual


@pytest.mark.parametrize("where", ["missing/figure.svg", ".", "file/figure.svg", "null\0.svg"])
def test_a_path_that_cannot_be_written_is_one_clear_refusal(where, tmp_path):
    (tmp_path / "file").write_text("as it was", encoding="utf-8")
    with pytest.raises(InputError, match="allowed: a file in a folder that exists and can be written"):
        write_whole(f"{tmp_path}/{where}", "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_write_that_breaks_off_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "figure.svg"
    write_whole(path, "one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InputError, match="no space left on device"):
        write_whole(path, "two")
    assert path.read_text(encoding="utf-8") == "one"
    assert os.listdir(tmp_path) == ["figure.svg"]  # noqa: PTH208

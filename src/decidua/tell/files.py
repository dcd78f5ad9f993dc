"""Makes the folder of a result, and writes a file whole or not at all."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from decidua.base import files
from decidua.base.errors import InputError


def folder_for(out: Path | None) -> Path | None:
    """The folder that `--out` names, made if it is not there; none if none was asked for.

    Raises:     InputError naming the option when the folder cannot be made
    """
    if out is None:
        return None
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such path"
        allowed = "a folder that can be written to"
        raise InputError(field="--out", value=str(out), allowed=allowed, why=why.lower()) from None
    return out


def write_whole(path: str | PathLike[str], text: str) -> None:
    """Put a text in the place of a file; whatever fails, the file is as it was before.

    Arguments:  path  of the file; its folder exists
                text  all of it, written in UTF-8
    Raises:     InputError naming the path when it cannot be written
    Checked by: tests/unit/tell/test_history_files.py
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "is a folder")
        files.write_whole(target, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))
    # A path with a null character raises ValueError.
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InputError(
            file=fspath(path),
            value="this path",
            allowed="a file in a folder that exists and can be written",
            why=(why or "no such path").lower(),
        ) from None

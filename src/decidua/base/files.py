"""Files that are there whole or not at all, and what an earlier run left in them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from decidua.base.errors import InputError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let something write a file under a temporary name, then put it in its place at once.

    Arguments:  path   where the file belongs
                write  called with the temporary path, in the same folder
    Raises:     OSError as it comes; the file that was there before is then still there
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json_whole(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON object."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def read_record(path: Path, *, why: str = "") -> dict[str, Any]:
    """The JSON object that an earlier run wrote.

    Arguments:  path  of the file
                why   what to do about a file that holds something else
    Raises:     InputError naming the file when it holds anything else
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(file=path.name, value="this file", allowed="JSON that an earlier run wrote", why=why)
    return found


def refuse_another(there: Mapping[str, Any], record: Mapping[str, Any], *, file: str, why: str) -> None:
    """One clear message for the first thing in which the run that was begun differs from the one asked for.

    Arguments:  there   what the file of the run that was begun holds
                record  what it would hold for the run asked for
                file    its name
                why     what to do about it
    Raises:     InputError naming the field, the value asked for and the one that is there
    """
    for field, value in record.items():
        if there.get(field) != value:
            begun = f"{there.get(field)}, as in the run that was begun in this folder"
            raise InputError(file=file, field=field, value=value, allowed=begun, why=why)

"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


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

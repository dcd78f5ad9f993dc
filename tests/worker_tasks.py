"""Tasks that processes can import by name."""

from __future__ import annotations

import time
from pathlib import Path


def sleep_long(seconds: float, tell) -> None:
    tell("asleep")
    time.sleep(seconds)


def refuse(task: str, tell) -> None:
    raise SystemExit(3)


def leave_a_mark(task: tuple[Path, str], tell) -> None:
    """Says when it began and ended, so that a test can see how many ran at once."""
    folder, name = task
    began = time.time()
    time.sleep(0.5)
    (folder / name).write_text(f"{began} {time.time()}", encoding="utf-8")
    tell(f"{name} is done")

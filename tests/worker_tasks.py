"""Tasks that processes can import by name."""

from __future__ import annotations

import os
import time
from pathlib import Path

from decidua.base.errors import InputError


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


def count_up(arguments, report) -> int:
    """A run that the explorer can follow."""
    for step in range(arguments["steps"]):
        report((step + 1) / arguments["steps"], f"step {step + 1}")
        time.sleep(arguments.get("seconds", 0.0))
    return arguments["steps"] ** 2


def refuse_input(arguments, report) -> None:
    raise InputError(field="steps", value=arguments["steps"], allowed="more")


def break_down(arguments, report) -> None:
    raise RuntimeError("not for a reader")


class Unreadable:
    """Something that another process cannot put together again."""

    def __reduce__(self):
        return int, ("no number",)


def give_what_cannot_be_read(arguments, report) -> Unreadable:
    return Unreadable()


def tell_niceness(arguments, report) -> int:
    return os.nice(0)

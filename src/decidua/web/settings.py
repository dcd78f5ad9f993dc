"""What whoever starts the explorer may choose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Explorer = Literal["personal", "group"]
EXPLORERS: tuple[Explorer, ...] = ("personal", "group")


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of `decidua serve`, and the limits that keep one reader from blocking the others.

    Arguments:  explorer         personal answers a history that is typed in; group shows a table of groups
                hosts            names under which the explorer answers; empty for any name
                histories        how many histories are worked out at the same time
                waiting          how many more may wait for their turn
                runs             how many long runs go on at the same time
                kept_runs        how many of readers' runs are kept in memory, those that wait or are over too
                comments         database of readers' comments; None for no comments
                is_warmed        whether pages that need long work do it when the server starts
    """

    explorer: Explorer = "personal"
    hosts: tuple[str, ...] = ()
    histories: int = 2
    waiting: int = 120
    runs: int = 1
    kept_runs: int = 12
    comments: Path | None = None
    is_warmed: bool = True

"""The explorer as a process of its own, with everything that it writes in one folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from decidua.base.folders import cache_folder

PATIENCE_SECONDS = 400
ACCEPTED = 202


@dataclass(frozen=True)
class Explorer:
    """A running explorer: where it is, what it has printed, and the folder that holds all it may write to."""

    base: str
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    @property
    def pages(self) -> list[str]:
        """The path of every page, and the further addresses that tests look at."""
        listed = json.loads(_get(f"{self.base}/api/v1/site")[1])["pages"]
        return [path for page in listed for path in (page["path"], *page["visits"])]


def _get(address: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, b""


def _ask_for_a_first_answer(explorer: Explorer) -> None:
    """With an empty cache it waits until all is compiled, for longer than a browser waits for a page."""
    history = {"age": "34", "p1-outcome": "miscarriage", "p1-week": "8", "do": "answer"}
    asked = urllib.request.Request(f"{explorer.base}/history", urlencode(history).encode())
    urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS).close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# Every name under which a program looks for a place of its own, and where it is led to.
PLACES = {
    "HOME": "home",
    "NUMBA_CACHE_DIR": "home/.cache",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_RUNTIME_DIR": "run",
    "TMPDIR": "tmp",
}


def watched_environment(folder: Path) -> dict[str, str]:
    """Variables that lead a program to this folder wherever it writes; its compiled code alone stays outside.

    A link leads from the watched cache to the compiled code, so that it is not compiled anew, and so that
    whatever else is put beside it is seen.
    """
    for place in PLACES.values():
        (folder / place).mkdir(parents=True, exist_ok=True)
    kernels = folder / PLACES["NUMBA_CACHE_DIR"] / cache_folder().name / "kernels"
    kernels.parent.mkdir()
    kernels.symlink_to(cache_folder() / "kernels")
    return {**os.environ, **{name: str(folder / place) for name, place in PLACES.items()}}


def holding(folder: Path, *marks: bytes) -> list[str]:
    """The files of a folder that have one of these marks in their name or in what they hold."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        str(path.relative_to(folder))
        for path in found
        if any(mark in path.name.encode() or mark in path.read_bytes() for mark in marks)
    ]


def start_explorer(folder: Path, *options: str) -> Explorer:
    """`decidua serve` with everything that it may write in one folder, once it answers."""
    port = _free_port()
    env = watched_environment(folder)
    command = [sys.executable, "-m", "decidua", "serve", "--port", str(port), *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    explorer = Explorer(f"http://127.0.0.1:{port}", folder, env, process)
    wait_for(explorer, "/health", lambda status: True)
    _ask_for_a_first_answer(explorer)
    return explorer


def wait_for(explorer: Explorer, path: str, is_there: Callable[[int], bool]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        assert explorer.process.poll() is None, explorer.log
        try:
            if is_there(_get(explorer.base + path)[0]):
                return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{path} was not there in {PATIENCE_SECONDS} s: {explorer.log[-2000:]}")


def stop_explorer(explorer: Explorer) -> int:
    explorer.process.send_signal(signal.SIGTERM)
    return explorer.process.wait(timeout=20)

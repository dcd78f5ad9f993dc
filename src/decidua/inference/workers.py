"""Long tasks in processes of their own: started by spawn, never more than asked for, ended together."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from queue import Empty
from typing import Any, NoReturn

Tell = Callable[[str], None]
Work = Callable[[Any, Tell], None]

LISTEN_SECONDS = 0.2
END_SECONDS = 5.0


@dataclass(frozen=True)
class Running:
    """One process and when it was started."""

    process: SpawnProcess
    started: float


def in_processes(work: Work, tasks: Mapping[str, Any], *, jobs: int, progress: Tell) -> dict[str, float]:
    """Do every task in a process of its own; an interruption ends them all before it goes on its way.

    Arguments:  work      called with a task and a function that takes lines of text; importable by name
                tasks     by name, begun in this order
                jobs      how many processes at once
                progress  called here with the lines that the processes tell
    Returns:    seconds that each task took
    Raises:     ChildProcessError naming the first task that did not end well
    Checked by: tests/unit/inference/test_workers.py
    """
    context = get_context("spawn")
    told = context.Queue()
    waiting, seconds = deque(tasks.items()), dict[str, float]()
    running: dict[str, Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                name, task = waiting.popleft()
                running[name] = _started(context, work, task, told)
            _pass_on(told, progress)
            for name in [name for name, each in running.items() if not each.process.is_alive()]:
                seconds[name] = _ended(name, running.pop(name))
    finally:
        _end(running)
    _pass_on(told, progress)
    return seconds


def _started(context: SpawnContext, work: Work, task: Any, told: Any) -> Running:
    process = context.Process(target=_alone, args=(work, task, told), daemon=True)
    process.start()
    return Running(process, time.monotonic())


def _alone(work: Work, task: Any, told: Any) -> None:
    """What runs in the process: Ctrl-C is for the parent, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tell(line: str) -> None:
        parent = parent_process()
        if parent is not None and not parent.is_alive():
            os._exit(1)  # nobody is left to work for
        told.put(line)

    work(task, tell)


def _pass_on(told: Any, progress: Tell) -> None:
    """Hand on what was told, waiting a moment for it."""
    try:
        line = told.get(timeout=LISTEN_SECONDS)
        while True:
            progress(line)
            line = told.get_nowait()
    except Empty:
        return


def _ended(name: str, ended: Running) -> float:
    ended.process.join()
    if ended.process.exitcode != 0:
        raise ChildProcessError(f"{name}: the process ended with code {ended.process.exitcode}")
    return time.monotonic() - ended.started


def _end(running: Mapping[str, Running]) -> None:
    for each in running.values():
        each.process.terminate()
    for each in running.values():
        each.process.join(END_SECONDS)


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Take a request to terminate as Ctrl-C, so that no process is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt

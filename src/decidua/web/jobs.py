"""Long runs, each in a process of its own at low priority, with progress, and an end at any moment."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Literal

from decidua.base.errors import InputError, NotSolvedError
from decidua.web.pool import BusyError
from decidua.web.security import place_of

log = logging.getLogger("decidua.web")

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Report = Callable[[float, str], None]

NICENESS = 10
LAST_SECONDS = 2.0
FULL = "Another run is going on, and more are waiting. Please try again once one of them is done."
WENT_WRONG = "The run stopped because of an error, and gave no result."


@dataclass
class Job:
    """One run, as the pages see it.

    Arguments:  id         the part of its address that nobody can guess
                title      what is being run
                task       "module:function", a function of `arguments` and `report`
                arguments  plain values that can go to another process
                shown_at   path of the page that shows the result
                share      how much is done, 0 to 1
                doing      what it is at, in words
                result     what the task gave, once it is done
                said       why it failed, in words for the reader
    """

    id: str
    title: str
    task: str
    arguments: Mapping[str, Any]
    shown_at: str
    state: State = "waiting"
    share: float = 0.0
    doing: str = ""
    result: Any = None
    said: str = ""
    process: Any = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "cancelled")


class Jobs:
    """The runs of this server, in memory only.

    Arguments:  runs  how many go on at the same time
                kept  how many are remembered; with as many unfinished ones, a new one is refused
    """

    def __init__(self, *, runs: int, kept: int) -> None:
        self._runs, self._kept = runs, kept
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def running(self) -> int:
        """How many are going on."""
        return sum(job.state == "running" for job in tuple(self._jobs.values()))

    def start(self, task: str, arguments: Mapping[str, Any], *, title: str, shown_at: str) -> Job:
        """Begin a run, or put it in line.

        Arguments:  task       "package.module:function"; called as function(arguments, report) in the worker,
                               where report(share, doing) tells how far it is
                arguments  plain values
                title      what is being run, for the page of its progress
                shown_at   path of the page of the result, with {id} where the run's id goes
        Returns:    the run
        Raises:     BusyError when as many are waiting as may
        """
        with self._lock:
            self._forget_old()
            if self._is_closed or len(self._jobs) >= self._kept:
                raise BusyError(FULL)
            name = secrets.token_urlsafe(12)
            job = Job(name, title, task, dict(arguments), shown_at.format(id=name))
            self._jobs[name] = job
            self._begin_next()
        return job

    def get(self, name: str) -> Job | None:
        """The run of that id, while it is remembered."""
        return self._jobs.get(name)

    def cancel(self, name: str) -> None:
        """End a run; nothing happens when it is over."""
        with self._lock:
            job = self._jobs.get(name)
            if job is not None and not job.is_over:
                job.state = "cancelled"
                _end(job)
                self._begin_next()

    def close(self) -> None:
        """End every run, and take no more."""
        with self._lock:
            self._is_closed = True
            unfinished = [job for job in self._jobs.values() if not job.is_over]
            for job in unfinished:
                job.state = "cancelled"
                _end(job)

    def _forget_old(self) -> None:
        over = [name for name, job in self._jobs.items() if job.is_over]
        for name in over[: max(len(self._jobs) + 1 - self._kept, 0)]:
            del self._jobs[name]

    def _begin_next(self) -> None:
        waiting = [job for job in self._jobs.values() if job.state == "waiting"]
        for job in waiting[: max(self._runs - self.running, 0)]:
            job.state = "running"
            threading.Thread(target=self._follow, args=(job,), daemon=True).start()

    def _follow(self, job: Job) -> None:
        """Start the worker, take what it tells until it ends, then let the next one begin."""
        # `spawn`: a fork of a process with threads can hang.
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        with self._lock:
            if not job.is_over:
                job.process = context.Process(
                    target=_work, args=(job.task, dict(job.arguments), there), daemon=True
                )
                job.process.start()
        there.close()
        if job.process is not None:
            _listen(job, here)
            job.process.join()
        with self._lock:
            if not job.is_over:
                job.state, job.said = "failed", job.said or WENT_WRONG
            if not self._is_closed:
                self._begin_next()


def _listen(job: Job, here: Connection) -> None:
    with here, suppress(EOFError, OSError):
        while not job.is_over:
            kind, content = here.recv()
            if kind == "progress":
                job.share, job.doing = content
            elif kind == "refused":
                job.said = content
            else:
                job.result, job.share = content, 1.0
                job.state = "done" if job.state == "running" else job.state


def _end(job: Job) -> None:
    if job.process is not None and job.process.is_alive():
        job.process.kill()
        job.process.join(LAST_SECONDS)


def _work(task: str, arguments: dict[str, Any], there: Connection) -> None:
    """In the worker: do the task at low priority, and tell how it goes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICENESS)
    module, _, function = task.partition(":")
    try:
        work = getattr(importlib.import_module(module), function)
        found = work(arguments, lambda share, doing: there.send(("progress", (share, doing))))
        there.send(("done", found))
    except (InputError, NotSolvedError) as error:
        there.send(("refused", str(error)))
    except Exception as error:  # noqa: BLE001 - its message may repeat what somebody typed
        log.error("a run ended: %s", place_of(error))
        there.send(("refused", WENT_WRONG))


def _end_with_parent() -> None:
    """A server that was killed leaves no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

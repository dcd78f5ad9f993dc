"""Long runs, each in a process of its own at low priority, with progress, and an end at any moment."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import secrets
import threading
import time
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
PAUSE_SECONDS = 60
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
                key        of the program's own work; empty for what a reader asked for
                share      how much is done, 0 to 1
                doing      what it is at, in words
                result     what the task gave, once it is done
                said       why it failed, in words for the reader
                over_at    when it ended, on the clock that only goes forward
    """

    id: str
    title: str
    task: str
    arguments: Mapping[str, Any]
    shown_at: str
    key: str = ""
    state: State = "waiting"
    share: float = 0.0
    doing: str = ""
    result: Any = None
    said: str = ""
    over_at: float = 0.0
    process: Any = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "cancelled")

    def end(self, state: State) -> None:
        """Nothing more will come."""
        self.state, self.over_at = state, time.monotonic()

    def is_due_again(self, *, is_asked_for: bool) -> bool:
        """Whether it may be begun anew: when somebody asks for it, or a pause after it came to nothing."""
        has_rested = self.state != "done" and time.monotonic() - self.over_at >= PAUSE_SECONDS
        return self.is_over and (is_asked_for or has_rested)


class Jobs:
    """The runs of this server, in memory only.

    The lock is held for moments alone, never while a process starts or ends: readers would wait for it.

    Arguments:  runs  how many go on at the same time
                kept  how many of readers' runs are remembered; with as many unfinished, a new one is refused
    """

    def __init__(self, *, runs: int, kept: int) -> None:
        self._runs, self._kept = runs, kept
        self._jobs: dict[str, Job] = {}
        self._found: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def running(self) -> int:
        """How many are going on."""
        return sum(job.state == "running" for job in tuple(self._jobs.values()))

    def start(self, task: str, arguments: Mapping[str, Any], *, title: str, shown_at: str) -> Job:
        """Begin a run for a reader, or put it in line.

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
            if sum(not job.key for job in self._jobs.values()) >= self._kept:
                raise BusyError(FULL)
            return self._added(task, arguments, title=title, shown_at=shown_at)

    def once(
        self, key: str, task: str, arguments: Mapping[str, Any], *, title: str, shown_at: str,
        is_asked_for: bool = False,
    ) -> Job:  # fmt: skip
        """Begin the program's own work, unless it goes on, is done, or came to nothing a moment ago.

        It takes no place of a reader's run, and what it found is kept until it is found anew.

        Arguments:  key           of the work
                    task, arguments, title, shown_at  as in `start`
                    is_asked_for  whether to do it again although it is over, because a reader asks for it
        Returns:    the run of that key that goes on, or the last one
        Raises:     BusyError when the server ends
        """
        with self._lock:
            last = next((job for job in self._jobs.values() if job.key == key), None)
            if last is not None and not last.is_due_again(is_asked_for=is_asked_for):
                return last
            job = self._added(task, arguments, title=title, shown_at=shown_at, key=key)
            if last is not None:
                del self._jobs[last.id]
        return job

    def keep(self, key: str, found: Any) -> None:
        """Keep what the work of that key found."""
        self._found[key] = found

    def found(self, key: str) -> Any:
        """What the work of that key found last; None before."""
        return self._found.get(key)

    def get(self, name: str) -> Job | None:
        """The run of that id, while it is remembered."""
        return self._jobs.get(name)

    def cancel(self, name: str) -> None:
        """End a run; nothing happens when it is over."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.is_over:
                return
            job.end("cancelled")
            self._begin_next()
        _kill(job)

    def close(self) -> None:
        """End every run, and take no more."""
        with self._lock:
            self._is_closed = True
            unfinished = [job for job in self._jobs.values() if not job.is_over]
            for job in unfinished:
                job.end("cancelled")
        for job in unfinished:
            _kill(job)
        for job in unfinished:
            if job.process is not None:
                job.process.join(LAST_SECONDS)

    def _added(
        self, task: str, arguments: Mapping[str, Any], *, title: str, shown_at: str, key: str = ""
    ) -> Job:
        if self._is_closed:
            raise BusyError(FULL)
        name = secrets.token_urlsafe(12)
        job = Job(name, title, task, dict(arguments), shown_at.format(id=name), key)
        self._jobs[name] = job
        self._begin_next()
        return job

    def _forget_old(self) -> None:
        readers = [job for job in self._jobs.values() if not job.key]
        over = [job.id for job in readers if job.is_over]
        for name in over[: max(len(readers) + 1 - self._kept, 0)]:
            del self._jobs[name]

    def _begin_next(self) -> None:
        for job in [job for job in self._jobs.values() if job.state == "waiting"]:
            if self._is_closed or self.running >= self._runs:
                return
            job.state = "running"
            try:
                threading.Thread(target=self._follow, args=(job,), daemon=True).start()
            except RuntimeError:  # no more threads
                _fail(job)

    def _follow(self, job: Job) -> None:
        """Have the work done, then let the next one begin, whatever became of it."""
        is_done = False
        try:
            is_done = not job.is_over and _have_done(job)
        except Exception as error:  # noqa: BLE001 - the runs behind it must not wait for ever
            log.error("a run ended: %s", place_of(error))
        finally:
            with self._lock:
                self._settle(job, is_done=is_done)
                self._begin_next()

    def _settle(self, job: Job, *, is_done: bool) -> None:
        if job.is_over:
            return
        if not is_done:
            _fail(job)
            return
        if job.key:
            self.keep(job.key, job.result)
        job.share = 1.0
        job.end("done")


def _fail(job: Job) -> None:
    job.said = job.said or WENT_WRONG
    job.end("failed")


def _have_done(job: Job) -> bool:
    """Start the worker, and take what it tells until it ends; whether it gave a result."""
    # `spawn`: a fork of a process with threads can hang.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    with here:
        with there:
            process = context.Process(target=_work, args=(job.task, dict(job.arguments), there), daemon=True)
            process.start()
        job.process = process
        try:
            return _listen(job, here)
        finally:
            # Whoever stopped the run before there was a process could not end it.
            process.kill()
            process.join()


def _listen(job: Job, here: Connection) -> bool:
    with suppress(EOFError, OSError):
        while not job.is_over:
            kind, content = here.recv()
            if kind == "done":
                job.result = content
                return True
            if kind == "progress":
                job.share, job.doing = content
            else:
                job.said = content
    return False


def _kill(job: Job) -> None:
    if job.process is not None:
        job.process.kill()


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

"""A few threads for short work, and a limit on how much may wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")


class BusyError(Exception):
    """As much is waiting as may wait; the message is for the reader."""


class Pool:
    """Works out histories a few at a time, so that readers share the processor in turn.

    Arguments:  threads  how many at the same time
                waiting  how many more may wait
    """

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="history")
        self._most = threads + waiting
        self.busy = 0

    def begin(self, work: Callable[[], object]) -> None:
        """Have something worked out that nobody waits for yet."""
        self._threads.submit(work)

    async def run(self, work: Callable[[], Found]) -> Found:
        """What the work gives, once its turn has come.

        Raises:     BusyError at once when too much is waiting
        """
        if self.busy >= self._most:
            raise BusyError("Many people are asking at this moment. Please try again in a few seconds.")
        self.busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self.busy -= 1

    def close(self) -> None:
        """Start nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

"""Fixed chunks of draws on threads, put together in order: any number of threads gives the same numbers."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np

SMALLEST = 250  # draws worth a thread of their own; to hand over fewer costs more than it saves

Chunk = TypeVar("Chunk", bound=tuple[np.ndarray, ...])


def thread_count() -> int:
    """As many threads as there are cores."""
    return os.cpu_count() or 1


@cache
def pool() -> ThreadPoolExecutor:
    """The threads of this process; compiled code lets go of the interpreter while it runs."""
    return ThreadPoolExecutor(max_workers=thread_count(), thread_name_prefix="decidua-history")


def in_chunks(work: Callable[[int, int], Chunk], *, count: int) -> list[Chunk]:
    """Do the work on chunks of draws, first to last, on threads.

    Arguments:  work   takes the first draw of a chunk and the one after its last
                count  of draws
    Returns:    what each chunk gave, in order
    """
    chunks = min(thread_count(), count // SMALLEST)
    if chunks < 2:
        return [work(0, count)]
    edges = np.linspace(0, count, chunks + 1).astype(int)
    jobs = [pool().submit(work, int(a), int(b)) for a, b in pairwise(edges)]
    return [job.result() for job in jobs]

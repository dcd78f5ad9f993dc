"""Who is told, once, that something has to be compiled before an answer can come."""

from __future__ import annotations

from collections.abc import Callable

_waiting: list[Callable[[], object]] = []


def tell_at_first_use(tell: Callable[[], object]) -> None:
    """Call `tell` when this process finds the first thing that nobody has compiled on this machine yet."""
    _waiting.append(tell)


def compiling() -> None:
    """Something is being compiled: tell whoever waits to hear it, once."""
    while _waiting:
        _waiting.pop()()

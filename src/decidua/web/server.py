"""The server, which ends in order when it is told to."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

ENDINGS = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A server for which Ctrl-C and SIGTERM are the usual end, and no error.

    The library raises the signal again once it has closed, so that the process dies of it.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Close on a signal, and put the former handlers back."""
        former = {name: signal.signal(name, self.handle_exit) for name in ENDINGS}
        try:
            yield
        finally:
            for name, handler in former.items():
                signal.signal(name, handler)

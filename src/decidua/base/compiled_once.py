"""One process compiles; others that need the same meanwhile wait, and load what it made."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from numba.core import caching

from decidua.base.first_use import compiling

try:
    import fcntl
except ImportError:  # not a POSIX system: every process compiles for itself
    fcntl = None  # type: ignore[assignment]

PATIENCE_SECONDS, LOOK_AGAIN_SECONDS = 120.0, 0.05

_FunctionCache: Any = caching.FunctionCache


class CompiledOnce(_FunctionCache):  # type: ignore[misc]
    """Numba's cache of one function, with a lock from the moment nothing is found to the moment it is kept.

    Workers that start together on a new installation would each compile the same minute of code. Functions
    call each other without circles, so no two processes can wait for each other; a process that ends, however
    it ends, lets go.
    """

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._held: IO[bytes] | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What is kept for these types; when nothing is, this process is the one to compile it."""
        found = super().load_overload(sig, target_context)
        if found is None:
            compiling()
        if found is None and self._wait():
            found = super().load_overload(sig, target_context)
        if found is not None:
            self._let_go()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled, and let the others load it."""
        try:
            super().save_overload(sig, data)
        finally:
            self._let_go()

    def _wait(self) -> bool:
        """Take the lock; true when there is a reason to look again."""
        if fcntl is None or self._held is not None:
            return False
        with suppress(OSError):  # a folder that cannot be written: compile without a lock
            place = Path(self.cache_path)
            place.mkdir(parents=True, exist_ok=True)
            lock = (place / f"{self._impl.filename_base}.lock").open("wb")
            end = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < end:
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._held = lock
                    return True
                time.sleep(LOOK_AGAIN_SECONDS)
            lock.close()
        return False

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

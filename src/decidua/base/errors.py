"""The one error for bad input, and the exit codes of the command line."""

from __future__ import annotations

from typing import Any

EXIT_DONE = 0
EXIT_NOT_SOLVED = 1
EXIT_USAGE = 2
EXIT_BAD_INPUT = 3
EXIT_INTERRUPTED = 4

LONGEST_SHOWN_VALUE = 60


class NotSolvedError(RuntimeError):
    """What was asked could not be worked out; the message names what went in."""


class InputError(Exception):
    """Something the user gave is not accepted; one line says what, where and what is allowed.

    Arguments:  file     name of the file, or None when the value came from the command line
                field    path of the field inside the file, e.g. "pregnancies[2].week", or None
                value    the value as it was given; shown shortened to 60 characters
                allowed  what would have been accepted, in plain words
                why      optional reason, added at the end
    """

    def __init__(
        self,
        *,
        file: str | None = None,
        field: str | None = None,
        value: object,
        allowed: str,
        why: str = "",
    ) -> None:
        super().__init__(file, field, value, allowed, why)
        self.file = file
        self.field = field
        self.value = value
        self.allowed = allowed
        self.why = why

    def __str__(self) -> str:
        place = "".join(f"{_one_line(part)}: " for part in (self.file, self.field) if part)
        reason = f" ({_one_line(self.why)})" if self.why else ""
        return f"{place}{shortened(self.value)} is not accepted; allowed: {_one_line(self.allowed)}{reason}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions rebuild themselves from positional arguments, which this one does not take;
        # without this it could not come back from a worker process.
        return _rebuilt, (self.file, self.field, self.value, self.allowed, self.why)


def shortened(value: object) -> str:
    """The value on one line, as it was given, cut to 60 characters."""
    shown = _one_line(value if isinstance(value, str) else repr(value)) or "an empty value"
    return shown if len(shown) <= LONGEST_SHOWN_VALUE else shown[: LONGEST_SHOWN_VALUE - 3] + "..."


def _one_line(value: object) -> str:
    """Control characters would let a hostile file draw on the terminal, so only printable ones are kept."""
    words = " ".join(str(value).split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _rebuilt(file: str | None, field: str | None, value: object, allowed: str, why: str) -> InputError:
    return InputError(file=file, field=field, value=value, allowed=allowed, why=why)

"""The error of the ledger: what is wrong, in which file, at which id."""

from __future__ import annotations

from decidua.base.errors import InputError


class EvidenceError(InputError):
    """The evidence is incomplete, inconsistent, or asked for in a way its rules forbid."""

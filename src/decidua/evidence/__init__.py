"""Data, not code: every number in use with its source, interval and kind, and the loader that guards it."""

from decidua.evidence.content import EVIDENCE_VERSION, content_hash
from decidua.evidence.errors import EvidenceError
from decidua.evidence.loader import Ledger, load_ledger, read_ledger
from decidua.evidence.schema import Entry, PublishedTable, TableRow, Value

__all__ = [
    "EVIDENCE_VERSION",
    "Entry",
    "EvidenceError",
    "Ledger",
    "PublishedTable",
    "TableRow",
    "Value",
    "content_hash",
    "load_ledger",
    "read_ledger",
]

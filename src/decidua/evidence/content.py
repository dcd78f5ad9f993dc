"""A hash over every number and word of evidence, so that an output names what it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

EVIDENCE_VERSION = "0.2.0"
PATTERNS = ("ledger/*.yaml", "tables/*.csv", "regimens/*.yaml", "*.yaml", "sources.json")


def hash_of(folder: Path) -> str:
    """Sixteen hexadecimal digits over names and contents, blind to line endings."""
    digest = hashlib.sha256()
    for path in _evidence_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


@cache
def content_hash() -> str:
    """The hash of the evidence that ships with the program (draws and tables made from it are left out)."""
    return hash_of(Path(__file__).parent)


def _evidence_files(folder: Path) -> Iterator[Path]:
    for pattern in PATTERNS:
        yield from sorted(folder.glob(pattern))

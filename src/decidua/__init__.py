"""One open model of natural killer cells in the womb and pregnancy loss, asked in several directions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from decidua.base.provenance import evidence_version_from
from decidua.base.version import MODEL_VERSION, SCHEMA_VERSION, __version__

# Name a reader may use from the top -> module that holds it; imported when first asked for, so that
# `import decidua` and `decidua --help` stay quick.
_PUBLIC = {
    "Estimate": "decidua.base.estimates",
    "InputError": "decidua.base.errors",
    "Study": "decidua.tell.study",
    "load_ledger": "decidua.evidence",
}

__all__ = ["MODEL_VERSION", "SCHEMA_VERSION", "Estimate", "InputError", "Study", "__version__", "load_ledger"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'decidua' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})


def _evidence_version() -> str:
    from decidua.evidence import EVIDENCE_VERSION, content_hash

    return f"{EVIDENCE_VERSION}+{content_hash()[:12]}"


evidence_version_from(_evidence_version)

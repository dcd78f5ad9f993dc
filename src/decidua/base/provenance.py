"""Where a result comes from: versions, seed, arguments and weights of mechanisms, and nothing personal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from decidua.base.version import MODEL_VERSION, SCHEMA_VERSION, __version__

__all__ = ["MODEL_VERSION", "SCHEMA_VERSION", "evidence_version", "evidence_version_from", "provenance"]

WeightsAre = Literal["prior", "posterior"]

# The evidence lives in a room below this one, so the package's own front door says how to ask it.
_READERS: list[Callable[[], str]] = []


def evidence_version_from(reader: Callable[[], str]) -> None:
    """Tell provenance how to ask the evidence for its version; the package does so once, on import."""
    _READERS[:] = [reader]


def evidence_version() -> str:
    """The evidence's version with the hash of its content, e.g. "1+0f3a9c51d2e4"."""
    return _READERS[0]()


def provenance(
    *,
    seed: int | None,
    arguments: Mapping[str, Any],
    mechanism_weights: Mapping[str, float],
    weights_are: WeightsAre,
) -> dict[str, Any]:
    """The block that every JSON output carries.

    Arguments:  seed               of the random numbers, or None where none are drawn
                arguments          those that change the result; never values of a personal history, never
                                   jobs, paths, times or host, which belong to run_log.json
                mechanism_weights  weight of each class of mechanism
                weights_are        "prior" or "posterior"
    Returns:    dict ready for JSON
    Raises:     ValueError when weights_are is neither word
    Checked by: tests/unit/base/test_provenance.py
    """
    if weights_are not in ("prior", "posterior"):
        raise ValueError(f"weights_are must be 'prior' or 'posterior', not {weights_are!r}")
    return {
        "program": "decidua",
        "version": __version__,
        "model_version": MODEL_VERSION,
        "evidence_version": evidence_version(),
        "seed": seed,
        "arguments": dict(arguments),
        "mechanism_weights": {**mechanism_weights, "weights_are": weights_are},
    }

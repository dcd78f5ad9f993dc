"""What every JSON object of the explorer begins with: the version of its form, and where it comes from."""

from __future__ import annotations

from typing import Any

from decidua.base.provenance import SCHEMA_VERSION, provenance
from decidua.inference.class_weights import class_weights_in_use, weights_are


def with_origin(told: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """The object as it is sent.

    Arguments:  told       what it says
                arguments  those that change it; never values of a personal history
    Returns:    the same between `schema_version` and `provenance`
    """
    made = provenance(
        seed=None,
        arguments=arguments,
        mechanism_weights=class_weights_in_use(),
        weights_are=weights_are(),
    )
    return {"schema_version": SCHEMA_VERSION, **told, "provenance": made}

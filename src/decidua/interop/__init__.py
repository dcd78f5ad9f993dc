"""The womb model written in the formats of other programs."""

from decidua.interop.sbml import exported_sbml

__all__ = ["exported_sbml"]

"""The womb model written in the formats of other programs."""

from decidua.interop.sbml import export_notes, exported_sbml

__all__ = ["export_notes", "exported_sbml"]

"""The three versions a result carries, except the evidence's own, which lives beside the evidence."""

__version__ = "0.3.0"

MODEL_VERSION = "2"
"""Moves whenever any golden answer moves, also when the program's version does not."""

SCHEMA_VERSION = "1.2"
"""Version of the JSON contracts: the second figure grows when keys are added, the first if one breaks."""

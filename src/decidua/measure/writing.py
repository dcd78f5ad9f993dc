"""A history as the text of a file."""

from __future__ import annotations

import yaml

from decidua.measure.records import History


def history_text(history: History) -> str:
    """A file of schema history/1, YAML, that reads back as an equal history.

    Arguments:  history  any history that the reader gave, or that keeps its limits
    Returns:    the text; what is unknown is left out
    Checked by: tests/property/test_history_reading.py (there and back)
    """
    return yaml.dump(history.to_dict(), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)

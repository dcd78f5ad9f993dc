"""A history of pregnancies: its records, how to read one, how to write one, and worked examples."""

from decidua.measure.examples import example_history, example_names, example_text
from decidua.measure.reading import history_from_content, parse_history, read_history
from decidua.measure.records import CONDITIONS, LOSSES, OUTCOMES, SCHEMA_NAME, History, Pregnancy, Test
from decidua.measure.words import history_from_words
from decidua.measure.writing import history_text

__all__ = [
    "CONDITIONS",
    "LOSSES",
    "OUTCOMES",
    "SCHEMA_NAME",
    "History",
    "Pregnancy",
    "Test",
    "example_history",
    "example_names",
    "example_text",
    "history_from_content",
    "history_from_words",
    "history_text",
    "parse_history",
    "read_history",
]

"""Bad input gets one clear line that names the file, the field, the value and what is allowed."""

import pickle

import pytest

from decidua.base.errors import (
    EXIT_BAD_INPUT,
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    InputError,
)


def test_message_names_file_field_value_and_what_is_allowed():
    error = InputError(file="ours.yaml", field="pregnancies[2].week", value=61, allowed="a week from 0 to 45")
    assert str(error) == ("ours.yaml: pregnancies[2].week: 61 is not accepted; allowed: a week from 0 to 45")


def test_parts_that_are_not_known_are_left_out():
    error = InputError(value="x", allowed="a number", why="nothing else can be compared")
    assert str(error) == "x is not accepted; allowed: a number (nothing else can be compared)"


@pytest.mark.parametrize(
    "value", ["a" * 10_000, "two\nlines", "\x1b[2Jwiped", "", None, float("nan"), [1] * 500]
)
def test_any_value_makes_one_short_printable_line(value):
    shown = str(InputError(value=value, allowed="less"))
    assert shown.isprintable()
    assert len(shown) <= 60 + len(" is not accepted; allowed: less")


def test_the_error_comes_back_whole_from_a_worker_process():
    error = InputError(file="a", field="b", value=3, allowed="c", why="d")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_exit_codes_are_the_published_ones():
    assert (EXIT_DONE, EXIT_USAGE, EXIT_BAD_INPUT, EXIT_INTERRUPTED) == (0, 2, 3, 4)

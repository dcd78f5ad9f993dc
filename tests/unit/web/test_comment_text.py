"""What a reader may write, and what becomes of characters that cannot be seen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.web.comment_text import (
    HIDDEN,
    JOINERS,
    LONGEST_NAME,
    LONGEST_TEXT,
    NotAcceptedError,
    cleaned_name,
    cleaned_text,
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  We lost two.\r\n\r\n\r\n\r\nThen came one.  ", "We lost two.\n\nThen came one."),
        ("abc\u202edef\u2066ghi\u200b", "abcdefghi"),
        ("one\x1b[31mtwo\x00\x07", "one[31mtwo"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<b>kept as it is</b>", "<b>kept as it is</b>"),
        ("a\tb c", "a b c"),
    ],
)
def test_a_text_is_kept_without_what_cannot_be_seen(written, kept):
    assert cleaned_text(written) == kept


@pytest.mark.parametrize(
    "written", ["", "ab", " \n\n ", "\u202e\u202e\u202e\u202e", "x" * (LONGEST_TEXT + 1)]
)
def test_a_text_too_short_or_too_long_is_refused_without_repeating_it(written):
    with pytest.raises(NotAcceptedError) as refused:
        cleaned_text(written)
    assert "xxx" not in str(refused.value)


def test_a_name_is_one_short_line():
    assert cleaned_name(" A\nreader\u202e ") == "A reader"
    assert cleaned_name("") == ""
    with pytest.raises(NotAcceptedError, match=str(LONGEST_NAME)):
        cleaned_name("n" * (LONGEST_NAME + 1))


@given(st.text(min_size=3, max_size=200))
def test_whatever_is_written_nothing_hidden_is_kept(written):
    try:
        kept = cleaned_text(written)
    except NotAcceptedError:
        return
    hidden = {one for one in kept if unicodedata.category(one) in HIDDEN} - {"\n", *JOINERS}
    assert not hidden
    assert cleaned_text(kept) == kept

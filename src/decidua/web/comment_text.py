"""What a reader wrote for others, made safe to keep: its length, and no character that cannot be seen."""

from __future__ import annotations

import re
import unicodedata

SHORTEST_TEXT, LONGEST_TEXT, LONGEST_NAME = 3, 3000, 60
# Controls, marks that turn the direction of what follows, and what is private or not assigned: with them a
# text can show something else than it holds, or draw on the terminal of whoever reads it there.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Joiners are in that class too, but Persian, Hindi and others cannot be written without them.
JOINERS = "\u200c\u200d"


class NotAcceptedError(ValueError):
    """What was written cannot be kept; the message is for its writer and repeats nothing of it."""


def cleaned_text(written: str) -> str:
    """A comment as it is kept.

    Arguments:  written  as the form sent it
    Returns:    the same without hidden characters, with one empty line where there were several
    Raises:     NotAcceptedError for a text too short or too long
    Checked by: tests/unit/web/test_comment_text.py
    """
    lines = (_seen(line).rstrip() for line in re.split(r"\r\n|[\r\n\u2028\u2029]", written))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not SHORTEST_TEXT <= len(text) <= LONGEST_TEXT:
        raise NotAcceptedError(
            f"A comment has {SHORTEST_TEXT} to {LONGEST_TEXT} letters; this one has {len(text)}."
        )
    return text


def cleaned_name(written: str) -> str:
    """A name on one line; empty for a reader who gave none.

    Raises:     NotAcceptedError for one too long
    """
    name = " ".join(_seen(re.sub(r"\s", " ", written)).split())
    if len(name) > LONGEST_NAME:
        raise NotAcceptedError(f"A name has {LONGEST_NAME} letters or fewer; this one has {len(name)}.")
    return name


def _seen(line: str) -> str:
    line = line.replace("\t", " ")
    return "".join(one for one in line if one in JOINERS or unicodedata.category(one) not in HIDDEN)

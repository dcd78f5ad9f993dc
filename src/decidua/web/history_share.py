"""A history inside the fragment of an address: the part after #, which no browser sends to any server."""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from decidua.base.errors import InputError
from decidua.measure.history import History, history_from_content
from decidua.measure.layout import LARGEST_FILE_BYTES

# The version of this way of writing comes first, so that a later one can still read old links.
VERSION = "h1."
ALLOWED = f"the part of a shared address after #, which begins with {VERSION}"


def fragment_of(history: History) -> str:
    """The history as letters, digits, - and _.

    Arguments:  history  any; it has no place for a name or a date
    Returns:    what goes after # in the address of the page
    Checked by: tests/unit/web/test_history_form.py (there and back)
    """
    written = json.dumps(history.to_dict(), separators=(",", ":")).encode()
    return VERSION + base64.urlsafe_b64encode(zlib.compress(written, 9)).decode().rstrip("=")


def history_of_fragment(fragment: str) -> History:
    """The history in a fragment.

    Raises:     InputError for anything that `fragment_of` did not write, and for what the reader refuses
    """
    letters = fragment.strip().removeprefix("#")
    if not letters.startswith(VERSION):
        raise InputError(field="link", value=fragment, allowed=ALLOWED)
    try:
        packed = base64.b64decode(letters.removeprefix(VERSION) + "===", altchars=b"-_", validate=False)
        # A few bytes can unpack to very many, so no more is unpacked than a file may hold.
        content = json.loads(zlib.decompressobj().decompress(packed, LARGEST_FILE_BYTES))
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise InputError(field="link", value=fragment, allowed=ALLOWED, why="it is not whole") from None
    return history_from_content(content)

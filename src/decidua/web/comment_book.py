"""Readers' comments in a database of Isso: its threads, its queue for approval, its limit a minute.

Isso's own page part needs JavaScript and writes styles into the page, which these pages forbid. So nothing of
it is served: its HTTP interface is called inside this process, and these pages draw what it answers.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from decidua.base.errors import InputError
from decidua.web.pool import BusyError

MOST_A_MINUTE = 6
MOST_WAITING = 200
LARGEST_BOOK_BYTES = 20_000_000
DAYS_KEPT_WAITING = 30
FORM_SECONDS = 24 * 3600

APPROVED, WAITING, TAKEN_AWAY = 1, 2, 4
TABLES = {"comments", "threads", "preferences"}
ACCEPTED, TOO_MANY = 202, 403
FORM = "comment form"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment.

    number       by which its writer can ask for it to be deleted
    question     id of the question it is about
    name         of its writer; empty when none was given
    text         empty when it was taken away and only its replies are left
    written      day, as 2026-11-23
    state        APPROVED, WAITING or TAKEN_AWAY
    replies_to   number of the comment that it answers
    """

    number: int
    question: str
    name: str
    text: str
    written: str
    state: int
    replies_to: int | None
    replies: tuple[Comment, ...] = ()


def is_installed() -> bool:
    """Whether the extra `comments` is there."""
    return find_spec("isso") is not None


class CommentBook:
    """The comments of one database.

    Arguments:  path     the database; made, for its owner alone, when it is not there
                largest  bytes beyond which it takes no more
    Raises:     InputError when it cannot be one
    Checked by: tests/unit/web/test_comment_book.py
    """

    def __init__(self, path: Path, *, largest: int = LARGEST_BOOK_BYTES) -> None:
        self._path, self._largest = path.absolute(), largest
        _refuse_another_file(self._path)
        self._isso = _isso_at(self._path)
        self._browser = _browser_of(self._isso)
        self._writing = threading.Lock()
        self._forgot_on = date.min
        self._forget_unread()

    def thread(self, question: str) -> tuple[Comment, ...]:
        """The approved comments about a question, oldest first, each with its replies."""
        self._forget_unread_of_today()
        told = self._browser.get("/", query_string={"uri": _address(question), "plain": "1"}).get_json()
        return tuple(_from_isso(one, question) for one in told["replies"])

    def counts(self, questions: list[str]) -> dict[str, int]:
        """How many approved comments each question has."""
        self._forget_unread_of_today()
        told = self._browser.post("/count", json=[_address(one) for one in questions]).get_json()
        return dict(zip(questions, told, strict=True))

    def add(self, question: str, *, text: str, name: str, replies_to: int | None) -> int:
        """Put a comment into the queue.

        Arguments:  question    id of the question
                    text, name  cleaned by `comment_text`
                    replies_to  number of an approved comment on the same question
        Returns:    its number
        Raises:     BusyError when too many came in a minute or wait, or the database is as large as it may be
        """
        written = {"title": question, "text": text, "author": name or None, "parent": replies_to}
        with self._writing:
            self._forget_unread()
            self._refuse_when_full()
            answer = self._browser.post("/new", query_string={"uri": _address(question)}, json=written)
        if answer.status_code == TOO_MANY:
            raise BusyError("Many comments came in the last minute. Please send yours again in a minute.")
        if answer.status_code != ACCEPTED:
            raise RuntimeError(f"the store of comments answered {answer.status_code}")
        return int(answer.get_json()["id"])

    def waiting(self) -> tuple[Comment, ...]:
        """What nobody has read yet, oldest first."""
        return tuple(self._in_state(WAITING))

    def everything(self) -> tuple[Comment, ...]:
        """Every comment that has a text."""
        return (*self._in_state(APPROVED), *self._in_state(WAITING))

    def approve(self, number: int) -> bool:
        """Let a waiting comment appear; False when there is no such comment."""
        return self._moderated(number, "activate")

    def delete(self, number: int) -> bool:
        """Delete a comment, and its text from the file as well; False when there is no such comment."""
        is_done = self._moderated(number, "delete")
        self._wipe()
        return is_done

    def form_token(self) -> str:
        """Shows that a form came from these pages, not from another site's."""
        return str(self._isso.sign(FORM))

    def is_form_token(self, token: str) -> bool:
        """Whether these pages made the token, not longer ago than a day."""
        from itsdangerous import BadData

        try:
            return bool(self._isso.unsign(token, max_age=FORM_SECONDS) == FORM)
        except BadData:
            return False

    def _forget_unread(self) -> None:
        """Delete what nobody approved in time."""
        self._forgot_on = _today()
        before = self._waiting_count()
        self._isso.db.comments.purge(DAYS_KEPT_WAITING * 24 * 3600)
        if self._waiting_count() != before:
            self._wipe()

    def _forget_unread_of_today(self) -> None:
        """The same once a day, for a server to which nobody writes."""
        with self._writing:
            if self._forgot_on != _today():
                self._forget_unread()

    def _wipe(self) -> None:
        """What was deleted would otherwise stay readable in free parts of the file."""
        with closing(sqlite3.connect(self._path)) as database:
            database.execute("VACUUM")

    def _waiting_count(self) -> int:
        return int(self._isso.db.comments.count_modes().get(WAITING, 0))

    def _moderated(self, number: int, action: str) -> bool:
        answer = self._browser.post(f"/id/{number}/{action}/{self._isso.sign(number)}")
        return bool(answer.status_code < 400)

    def _in_state(self, state: int) -> Iterator[Comment]:
        for one in self._isso.db.comments.fetchall(mode=state, limit=None):
            yield _from_isso(one, one["title"])

    def _refuse_when_full(self) -> None:
        if self._waiting_count() >= MOST_WAITING or self._path.stat().st_size >= self._largest:
            raise BusyError(
                "No more comments can be taken at the moment: those that came have to be read first."
            )


def _today() -> date:
    return datetime.now(UTC).date()


def _address(question: str) -> str:
    return f"/comments/{question}"


def _from_isso(one: dict[str, Any], question: str) -> Comment:
    return Comment(
        number=one["id"],
        question=question,
        name=unescape(one["author"] or ""),  # Isso escapes a name before it keeps it; the page does so again
        text=one["text"],
        written=datetime.fromtimestamp(one["created"], UTC).date().isoformat(),
        state=one["mode"],
        replies_to=one["parent"],
        replies=tuple(_from_isso(reply, question) for reply in one.get("replies", ())),
    )


def _refuse_another_file(path: Path) -> None:
    """Make the file if it is not there; refuse one that holds something else, before anything touches it."""
    if "$" in str(path):
        raise _not_a_book(path, "Isso takes what follows a $ for the name of a variable")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path)) as database:
            tables = {
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            }
    except (OSError, sqlite3.Error) as error:
        raise _not_a_book(path, str(error)) from None
    if tables and not tables >= TABLES:
        raise _not_a_book(path, "it holds other tables")


def _not_a_book(path: Path, why: str) -> InputError:
    allowed = "a database of comments, or a new name in a folder that can be written"
    return InputError(field="comments", value=str(path), allowed=allowed, why=why)


def _isso_at(path: Path) -> Any:
    """Isso on one database, without its thread that deletes, without notices, with approval always first.

    Everybody has the same address, which is none: Isso would keep a part of it, and its limits for each
    address become limits for all.
    """
    store = _store()
    from isso import config

    settings = config.load(config.default_file())
    for section, name, value in (
        ("general", "dbpath", str(path)),
        ("general", "notify", ""),
        ("moderation", "enabled", "true"),
        ("guard", "ratelimit", str(MOST_A_MINUTE)),
        ("guard", "direct-reply", str(MOST_WAITING * 1000)),
        ("guard", "reply-to-self", "true"),
    ):
        settings.set(section, name, value)
    return store(settings)


@cache
def _store() -> Any:
    # Isso opens a log of its own when it is imported, unless there is one, and writes every comment into it.
    logging.getLogger().addHandler(logging.NullHandler())
    from isso import Isso
    from isso.core import Mixin

    logging.getLogger("isso").disabled = True

    class Store(Isso, Mixin):  # type: ignore[misc]
        """Isso for one process."""

    return Store


def _browser_of(isso: Any) -> Any:
    from werkzeug.test import Client

    return Client(isso, use_cookies=False)

"""The store of comments: nothing appears unread, nothing deleted stays, and it has limits."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import date

import pytest
from itsdangerous import URLSafeTimedSerializer

from decidua.base.errors import InputError
from decidua.web import comment_book
from decidua.web.comment_book import TAKEN_AWAY, CommentBook
from decidua.web.pool import BusyError

MARK = "Zeisig7431"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "comments.db"


@pytest.fixture
def book(path) -> CommentBook:
    return CommentBook(path)


def add(book, text=f"We lost one. {MARK}", *, question="a", name="", replies_to=None):
    return book.add(question, text=text, name=name, replies_to=replies_to)


def test_a_comment_appears_once_it_is_approved(book):
    number = add(book, name="A & <b>")
    assert book.thread("a") == ()
    assert [(one.number, one.question, one.name) for one in book.waiting()] == [(number, "a", "A & <b>")]
    assert book.approve(number)
    assert book.waiting() == ()
    (shown,) = book.thread("a")
    assert (shown.text, shown.name) == (f"We lost one. {MARK}", "A & <b>")
    assert book.counts(["a", "b"]) == {"a": 1, "b": 0}
    assert book.thread("b") == ()


def test_a_reply_stands_under_its_comment_and_outlives_it(book):
    first = add(book)
    book.approve(first)
    reply = add(book, "So did we.", replies_to=first)
    book.approve(reply)
    assert [one.number for one in book.thread("a")[0].replies] == [reply]
    assert book.delete(first)
    (left,) = book.thread("a")
    assert (left.state, left.text, left.name) == (TAKEN_AWAY, "", "")
    assert [one.text for one in left.replies] == ["So did we."]
    assert book.delete(reply)
    assert book.thread("a") == ()


def test_what_is_not_there_cannot_be_approved_or_deleted(book):
    assert not book.approve(5)
    assert not book.delete(5)


def test_a_deleted_text_is_gone_from_the_disk(book, path):
    number = add(book)
    assert MARK.encode() in path.read_bytes()
    book.delete(number)
    assert all(MARK.encode() not in one.read_bytes() for one in path.parent.iterdir())


def test_only_the_owner_can_read_it_and_no_address_is_in_it(book, path):
    add(book)
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT DISTINCT remote_addr, email, website FROM comments").fetchall() == [
            ("0.0.0.0", None, None)
        ]


def test_only_so_many_a_minute(book):
    for _ in range(comment_book.MOST_A_MINUTE):
        add(book)
    with pytest.raises(BusyError, match="minute"):
        add(book)
    assert len(book.waiting()) == comment_book.MOST_A_MINUTE


def test_the_queue_and_the_file_have_an_end(path, monkeypatch):
    monkeypatch.setattr(comment_book, "MOST_WAITING", 2)
    book = CommentBook(path)
    for _ in range(2):
        add(book)
    with pytest.raises(BusyError, match="read first"):
        add(book)
    full = CommentBook(path, largest=path.stat().st_size)
    full.approve(1)
    with pytest.raises(BusyError, match="read first"):
        add(full)


def test_what_nobody_approves_is_forgotten_in_time(book, path):
    unread, read = add(book), add(book, "Another one.")
    book.approve(read)
    with sqlite3.connect(path) as database:
        database.execute(
            "UPDATE comments SET created = created - ?", ((comment_book.DAYS_KEPT_WAITING + 1) * 86400,)
        )
    again = CommentBook(path)
    assert [one.number for one in again.everything()] == [read]
    assert unread != read
    assert MARK.encode() not in path.read_bytes()


@pytest.mark.parametrize("read", [lambda book: book.thread("a"), lambda book: book.counts(["a"])])
def test_what_nobody_approves_is_forgotten_where_nobody_writes(book, path, monkeypatch, read):
    add(book)
    monkeypatch.setattr(comment_book, "DAYS_KEPT_WAITING", -1)
    read(book)
    assert len(book.waiting()) == 1
    monkeypatch.setattr(comment_book, "_today", lambda: date.max)
    read(book)
    assert book.waiting() == ()
    assert MARK.encode() not in path.read_bytes()
    add(book)
    read(book)
    assert len(book.waiting()) == 1


@pytest.mark.parametrize("content", [b"age: 34\n", None])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(path, content):
    if content is None:
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE other (x)")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(InputError, match="database of comments"):
        CommentBook(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="database of comments"):
        CommentBook(tmp_path / "none" / "comments.db")


def test_a_form_token_cannot_be_made_elsewhere(book):
    assert book.is_form_token(book.form_token())
    assert not book.is_form_token("")
    assert not book.is_form_token(book.form_token() + "x")
    assert not book.is_form_token(URLSafeTimedSerializer("another key").dumps(comment_book.FORM))


def test_nothing_written_reaches_a_log(book, caplog):
    with caplog.at_level(logging.DEBUG):
        number = add(book, name=MARK)
        book.approve(number)
        book.delete(number)
    assert MARK not in caplog.text
    assert "activate" not in caplog.text


def test_many_at_once_lose_nothing(book, monkeypatch):
    book._isso.conf.set("guard", "ratelimit", "1000")
    writers = [threading.Thread(target=add, args=(book, f"text {i}")) for i in range(12)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert {one.text for one in book.waiting()} == {f"text {i}" for i in range(12)}


WRITER = """
import sys
from pathlib import Path
from decidua.web.comment_book import CommentBook
book = CommentBook(Path(sys.argv[1]))
book._isso.conf.set("guard", "ratelimit", "100000")
for i in range(150):
    print(book.add("a", text=f"text {i}", name="", replies_to=None), flush=True)
"""


def test_a_kill_at_any_moment_keeps_what_was_taken(path):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=os.environ
    )
    taken = [int(process.stdout.readline()) for _ in range(5)]
    process.send_signal(signal.SIGKILL)
    taken += [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    kept = {one.number for one in CommentBook(path).waiting()}
    assert set(taken) <= kept
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)

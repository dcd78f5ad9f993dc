"""Every rule of the safety layer over the pages that readers' comments add."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from decidua.tell.pages import flat, page_from_html
from decidua.tell.safety import RULES
from decidua.tell.words import sentence
from decidua.web.app import create_app
from decidua.web.comment_book import CommentBook
from decidua.web.settings import Settings

ADDRESSES = ("/comments", "/comments/d", "/comments/d?to=1", "/comments/d?sent=1", "/about")


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> TestClient:
    path = tmp_path_factory.mktemp("comments") / "comments.db"
    book = CommentBook(path)
    book.approve(book.add("d", text="We lost one too.", name="", replies_to=None))
    return TestClient(create_app(Settings(is_warmed=False, comments=path)))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_with_comments_keeps_every_rule(client, address):
    page = page_from_html(client.get(address).text)
    broken = [str(violation) for rule in RULES for violation in rule(page)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("address", ADDRESSES[:-1])
def test_comments_are_no_advice_and_help_is_named(client, address):
    seen = flat(page_from_html(client.get(address).text).seen)
    assert "They are not advice, and not what the model says." in seen
    for name in ("steroid", "urgent_help", "not_a_device", "comments_stored"):
        assert sentence(name) in seen
    assert sentence("never_stored") not in seen

"""Every rule of the safety layer, over every page of the explorer and the further addresses it names."""

from __future__ import annotations

import json

import pytest
from explorer_story import told_app
from starlette.testclient import TestClient

from decidua.tell.pages import flat, page_from_html
from decidua.tell.safety import (
    RULES,
    avoids_banned_words,
    puts_words_before_small_chances,
    rounds_percentages,
    shows_high_results_among_births,
)
from decidua.tell.words import sentence
from decidua.web.settings import Settings
from decidua.web.site import pages_of

PAGES = pages_of(Settings())
ADDRESSES = [address for page in PAGES for address in (page.path, *page.visits)]
# Lists of numbers and titles of studies, in the words of the studies; they tell no prospect of anyone.
LISTS = ("/evidence?", "/evidence/numbers/", "/evidence/sources", "/evidence/validation")
WORDS_OF_STUDIES = (
    avoids_banned_words,
    puts_words_before_small_chances,
    rounds_percentages,
    shows_high_results_among_births,
)
EMPTY = "/leave"
# Twins with nothing to tell until something is sent.
ASKED_FOR = {"/api/v1/history": 405}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(told_app())


def is_list(address: str) -> bool:
    return address == "/evidence" or address.startswith(LISTS)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_keeps_every_rule(client, address):
    page = page_from_html(client.get(address).text)
    rules = [rule for rule in RULES if not (is_list(address) and rule in WORDS_OF_STUDIES)]
    broken = [str(violation) for rule in rules for violation in rule(page)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("address", [address for address in ADDRESSES if address != EMPTY])
def test_a_page_says_what_it_is_not_when_to_seek_help_and_how_to_leave(client, address):
    html = client.get(address).text
    seen = flat(page_from_html(html).seen)
    for name in ("not_a_device", "urgent_help", "groups_not_you"):
        assert sentence(name) in seen
    assert html.count("data-leave") == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_the_twin_of_a_page_is_json_with_a_version(client, page):
    answer = client.get(page.twin)
    if page.twin in ASKED_FOR:
        assert answer.status_code == ASKED_FOR[page.twin]
        return
    assert answer.status_code == 200
    assert json.loads(answer.text)["schema_version"]


@pytest.mark.parametrize(
    "address", ["/api/v1/article", "/api/v1/questions", "/api/v1/pregnancy?mechanism=attack"]
)
def test_json_with_the_storys_own_world_or_a_drug_says_so(client, address):
    text = client.get(address).text
    assert sentence("steroid") in text
    assert sentence("contested_mechanism") in text

"""The pages of the evidence: search, paging, entries, and agreement of each page with its JSON."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

from decidua.evidence import load_ledger
from decidua.study.validation_shipped import shipped_validation
from decidua.tell.coverage import load_coverage
from decidua.web.app import create_app
from decidua.web.evidence_pages import A_PAGE
from decidua.web.settings import Settings
from decidua.web.validation_page import KEY

LEDGER = load_ledger()
IDS = re.compile(r'href="/evidence/numbers/([^"]+)"')


def test_paging_shows_every_number_once(client):
    last = -(-len(LEDGER) // A_PAGE)
    shown = [
        name for page in range(1, last + 1) for name in IDS.findall(client.get(f"/evidence?page={page}").text)
    ]
    assert shown == list(LEDGER)
    told = client.get("/api/v1/evidence", params={"page": last}).json()
    assert told["count"] == len(LEDGER)
    assert [entry["id"] for entry in told["entries"]] == shown[A_PAGE * (last - 1) :]


def test_a_search_shows_what_the_json_holds_and_keeps_the_words(client):
    page = client.get("/evidence", params={"q": "half-life <b>"}).text
    assert 'value="half-life &lt;b&gt;"' in page
    assert "0 numbers" in page
    found = client.get("/api/v1/evidence", params={"q": "half-life"}).json()
    assert IDS.findall(client.get("/evidence", params={"q": "half-life"}).text) == [
        entry["id"] for entry in found["entries"]
    ]


@pytest.mark.parametrize("name", list(LEDGER)[::40])
def test_an_entry_shows_its_value_and_its_sources(client, name):
    page = html.unescape(client.get(f"/evidence/numbers/{name}").text)
    entry = LEDGER[name]
    assert entry.description in page
    assert f"{entry.chosen.value:.10g}" in page
    for value in entry.values:
        assert LEDGER.sources[value.reference.source].short_label() in page
    told = client.get(f"/api/v1/evidence/{name}").json()["entry"]
    assert told["values"][0]["value"] == entry.chosen.value


def test_an_unknown_number_is_not_here(client):
    assert client.get("/evidence/numbers/storks").status_code == 404
    assert client.get("/api/v1/evidence/storks").status_code == 404


def test_every_claim_and_part_has_its_verdict(client):
    page = client.get("/evidence/claims").text
    for claim in client.get("/api/v1/claims").json()["claims"]:
        for part in (claim, *claim["parts"]):
            assert f'data-claim="{part["id"]}"' in page
            assert html.escape(part["reason"], quote=False).replace("'", "&#39;") in page


def test_coverage_shows_what_is_absent(client):
    page = client.get("/evidence/coverage").text
    for part in load_coverage():
        assert part.part in page
    assert "Absent." in page
    assert [p["part"] for p in client.get("/api/v1/coverage").json()["parts"]] == [
        p.part for p in load_coverage()
    ]


def row(verdict: str, name: str, structure: str = "fading-log_normal") -> dict:
    return {
        "id": name, "structure": structure, "statistic": "loss",
        "label": "held out", "verdict": verdict, "reason": f"because {name}",
        "published": 0.45, "published_lo": 0.4, "published_hi": 0.5,
        "predicted": {"mean": 0.3, "lo": 0.2, "hi": 0.4},
    }  # fmt: skip


def test_the_shipped_comparison_is_shown_at_once_with_misses_first_and_how_it_was_made(client):
    shipped, page = shipped_validation(), client.get("/evidence/validation").text
    assert client.get("/api/v1/validation").json() == shipped
    missed = [row for row in shipped["rows"] if row["verdict"] == "disagree"]
    assert f"<h2>Disagree: {len(missed)}</h2>" in page
    assert page.index("Disagree: ") < page.index("Undecided: ") < page.index("Agree: ")
    for row in missed:
        assert f"{row['id']}" in page
    for told in (shipped["made_at"], shipped["command"], shipped["provenance"]["evidence_version"]):
        assert told in page
    assert "Compare afresh" in page


def test_a_comparison_made_since_takes_the_place_of_the_shipped_one():
    app = create_app(Settings(is_warmed=False))
    client = TestClient(app)
    rows = [
        row("agree", "A1"),
        row("disagree", "D1"),
        row("disagree", "D1", "fading-two_class"),
        row("needs simulated lives", "N1"),
        row("undecided", "U1"),
    ]
    app.state.jobs.keep(KEY, {**shipped_validation(), "rows": rows, "made_at": "2026-11-22 10:00 UTC"})
    page = client.get("/evidence/validation").text
    places = [page.index(f"{name}: loss") for name in ("D1", "U1", "A1", "N1")]
    assert places == sorted(places)
    assert "because D1" in page
    assert "0.3 (0.2 to 0.4)" in page
    assert "D1 (two kinds of women): loss" in page
    assert "Made 2026-11-22 10:00 UTC" in page
    assert len(client.get("/api/v1/validation").json()["rows"]) == 5


def test_whoever_asks_while_a_comparison_goes_on_is_led_to_the_same_one():
    app = create_app(Settings(is_warmed=False, runs=0, kept_runs=0))
    client = TestClient(app)
    first = client.post("/api/v1/validation")
    assert first.status_code == 202
    assert client.post("/api/v1/validation").json() == first.json()
    page = client.post("/evidence/validation", follow_redirects=False)
    assert first.json()["run"].endswith(page.headers["location"])

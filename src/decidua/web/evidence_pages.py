"""The evidence: numbers, claims, sources, explanations with their weights, and what the model lacks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from decidua.evidence import Ledger, load_ledger
from decidua.tell.coverage import load_coverage
from decidua.tell.evidence_told import (
    amount,
    claim_record,
    entries_matching,
    entry_facts,
    entry_record,
    plain_word,
    reading_line,
    source_record,
    table_records,
)
from decidua.tell.story_told import VERDICTS, source_line
from decidua.tell.weights_told import explanations, weights_tables
from decidua.tell.weights_words import weights_sentence
from decidua.tell.words import label
from decidua.web.api_head import with_origin
from decidua.web.pages import WebPage
from decidua.web.render import render

EVIDENCE = WebPage(
    "/evidence",
    "The evidence: every number and where it comes from",
    "/api/v1/evidence",
    short="Evidence",
    visits=(
        "/evidence?q=prednisolone",
        "/evidence?q=nothing+like+it",
        "/evidence/numbers/measure.uterine_nk.cut_cells_per_mm2",
    ),
)
CLAIMS = WebPage(
    "/evidence/claims",
    "What the story claims, and verdicts",
    "/api/v1/claims",
    in_navigation=False,
    short="Claims",
)
MECHANISMS = WebPage(
    "/evidence/explanations",
    "Five explanations, and how the studies weigh them",
    "/api/v1/mechanisms",
    in_navigation=False,
    short="Explanations",
)
SOURCES = WebPage(
    "/evidence/sources",
    "Sources and published tables",
    "/api/v1/sources",
    in_navigation=False,
    short="Sources",
)
COVERAGE = WebPage(
    "/evidence/coverage",
    "What the model has, and what it lacks",
    "/api/v1/coverage",
    in_navigation=False,
    short="Coverage",
)
PAGES = (EVIDENCE, CLAIMS, MECHANISMS, SOURCES, COVERAGE)

A_PAGE = 25
LONGEST_SEARCH = 200

Search = Annotated[str, Query(max_length=LONGEST_SEARCH)]
PageNumber = Annotated[int, Query(ge=1, le=1000)]

router = APIRouter()


@router.get("/evidence", response_class=HTMLResponse, include_in_schema=False)
def show_evidence(request: Request, q: Search = "", page: PageNumber = 1) -> Response:
    """A search over every number in use."""
    found = entries_matching(load_ledger(), q)
    last = max(1, -(-len(found) // A_PAGE))
    at = min(page, last)
    shown = found[A_PAGE * (at - 1) : A_PAGE * at]
    return render(
        request,
        "evidence.html.j2",
        page=EVIDENCE,
        q=q,
        count=len(found),
        at=at,
        last=last,
        entries=[
            (
                entry.id,
                entry.description,
                f"{amount(entry.chosen)} {plain_word(entry.unit)}",
                entry.kind,
                entry.grade,
            )
            for entry in shown
        ],
    )


@router.get("/api/v1/evidence", tags=["evidence"], summary="Numbers in use that hold every word of a search")
def evidence(q: Search = "", page: PageNumber = 1) -> dict[str, Any]:
    """Entries of one page of the search, and how many there are."""
    found = entries_matching(load_ledger(), q)
    shown = found[A_PAGE * (page - 1) : A_PAGE * page]
    entries = [entry.model_dump(mode="json") for entry in shown]
    return with_origin(
        {"count": len(found), "page": page, "of_a_page": A_PAGE, "entries": entries}, words=q, page=page
    )


@router.get("/evidence/numbers/{name}", response_class=HTMLResponse, include_in_schema=False)
def show_entry(request: Request, name: str) -> Response:
    """One number whole."""
    ledger = _with_entry(name)
    entry = ledger[name]
    return render(
        request,
        "evidence_entry.html.j2",
        page=EVIDENCE,
        entry=entry,
        facts=tuple(entry_facts(entry)),
        words=(label("kind", entry.kind), label("grade", entry.grade)),
        readings=[
            (reading_line(ledger, v), source_line(ledger.sources[v.reference.source]).link)
            for v in entry.values
        ],
        used_by=entry_record(ledger, name)["used_by"],
    )


@router.get("/api/v1/evidence/{name}", tags=["evidence"], summary="One number with its sources")
def evidence_entry(name: str) -> dict[str, Any]:
    """The entry, its sources and the files that use it."""
    return with_origin({"entry": entry_record(_with_entry(name), name)})


@router.get("/evidence/claims", response_class=HTMLResponse, include_in_schema=False)
def show_claims(request: Request) -> Response:
    """Every claim of the story with its verdict."""
    ledger = load_ledger()
    return render(
        request,
        "evidence_claims.html.j2",
        page=CLAIMS,
        claims=list(ledger.claims.values()),
        verdicts=VERDICTS,
        sources={name: source_line(source) for name, source in ledger.sources.items()},
        plain=plain_word,
    )


@router.get("/api/v1/claims", tags=["evidence"], summary="Claims of the story with verdicts and sources")
def claims() -> dict[str, Any]:
    """Every claim and its parts."""
    ledger = load_ledger()
    told = [claim_record(ledger, claim) for claim in ledger.claims.values()]
    return with_origin({"claims": told})


@router.get("/evidence/explanations", response_class=HTMLResponse, include_in_schema=False)
def show_explanations(request: Request) -> Response:
    """The five explanations, their weights and what moved them."""
    return render(
        request,
        "evidence_explanations.html.j2",
        page=MECHANISMS,
        explanations=explanations(),
        tables=weights_tables(),
        said=weights_sentence(),
    )


@router.get("/api/v1/mechanisms", tags=["evidence"], summary="The five explanations and their weights")
def mechanisms() -> dict[str, Any]:
    """Weights in use, and the tables that say what moved them."""
    return with_origin(
        {
            "said": weights_sentence(),
            "mechanisms": [one.to_dict() for one in explanations()],
            "tables": [one.to_dict() for one in weights_tables()],
        }
    )


@router.get("/evidence/sources", response_class=HTMLResponse, include_in_schema=False)
def show_sources(request: Request) -> Response:
    """Every source, and every published table."""
    ledger = load_ledger()
    return render(
        request,
        "evidence_sources.html.j2",
        page=SOURCES,
        sources=[(source.label(), source_line(source).link) for source in ledger.sources.values()],
        heads=("dataset", "rows", "role", "counted among", "sources"),
        rows=[
            (
                r["dataset"],
                r["rows"],
                plain_word(r["role"]).lower(),
                plain_word(r["basis"]),
                ", ".join(r["sources"]),
            )
            for r in table_records(ledger)
        ],
    )


@router.get("/api/v1/sources", tags=["evidence"], summary="Sources, and the published tables read from them")
def sources() -> dict[str, Any]:
    """Sources as CSL-JSON, and tables by dataset."""
    ledger = load_ledger()
    return with_origin(
        {
            "sources": [source_record(ledger, name) for name in ledger.sources],
            "tables": list(table_records(ledger)),
        }
    )


@router.get("/evidence/coverage", response_class=HTMLResponse, include_in_schema=False)
def show_coverage(request: Request) -> Response:
    """What the model has, has in part, and lacks."""
    return render(request, "evidence_coverage.html.j2", page=COVERAGE, parts_of_model=load_coverage())


@router.get("/api/v1/coverage", tags=["evidence"], summary="What the model has, and what it lacks")
def coverage() -> dict[str, Any]:
    """Every part with its state, the grade of its evidence and its checks."""
    return with_origin({"parts": [part.model_dump(mode="json") for part in load_coverage()]})


def _with_entry(name: str) -> Ledger:
    ledger = load_ledger()
    if name not in ledger:
        raise HTTPException(404)
    return ledger

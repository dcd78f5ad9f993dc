"""The ledger told: an entry, a claim, a table as records and in words, for any page."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from decidua.base.errors import InputError
from decidua.evidence.loader import Ledger
from decidua.evidence.schema import Citation, Claim, Entry, Value
from decidua.evidence.uses import files_using


def entry_named(ledger: Ledger, name: str) -> Entry:
    """The entry, or one message that names the ids closest to what was typed."""
    if name in ledger:
        return ledger[name]
    close = get_close_matches(name, list(ledger), n=3, cutoff=0.4)
    inside = [known for known in ledger if name.lower() in known][:3]
    near = list(dict.fromkeys([*inside, *close]))[:3]
    allowed = f"an id such as {', '.join(near)}" if near else "an id that `decidua evidence` lists"
    raise InputError(field="ID", value=name, allowed=allowed)


def entry_record(ledger: Ledger, name: str) -> dict[str, Any]:
    """One entry whole: its values, sources and the files that use it; an unknown id is refused."""
    entry = entry_named(ledger, name)
    sources = dict.fromkeys(value.reference.source for value in entry.values)
    return {
        **entry.model_dump(mode="json"),
        "file": ledger.files[name],
        "sources": [source_record(ledger, source) for source in sources],
        "used_by": list(_used_by(name)),
    }


@lru_cache(maxsize=1024)
def _used_by(name: str) -> tuple[str, ...]:
    return files_using(name)


def entries_matching(ledger: Ledger, words: str) -> list[Entry]:
    """Entries that hold every one of some words: in the id, the description, the unit, or a source.

    Arguments:  ledger  to search
                words   separated by blanks; none for every entry
    Returns:    entries in the order of the ledger
    Checked by: tests/unit/tell/test_evidence_told.py
    """
    wanted = words.lower().split()
    return [
        entry for entry in ledger.entries.values() if all(word in _text(ledger, entry) for word in wanted)
    ]


def _text(ledger: Ledger, entry: Entry) -> str:
    sources = (ledger.sources[value.reference.source].label() for value in entry.values)
    parts = (
        entry.id,
        entry.description,
        plain_word(entry.unit),
        entry.kind,
        plain_word(entry.grade),
        *sources,
    )
    return " ".join(parts).lower()


def source_record(ledger: Ledger, source: str) -> dict[str, Any]:
    """One source as CSL-JSON."""
    return ledger.sources[source].model_dump(mode="json", by_alias=True, exclude_none=True)


def claim_record(ledger: Ledger, claim: Claim) -> dict[str, Any]:
    """One claim with its parts, and its sources in short."""
    return {**claim.model_dump(mode="json"), "labels": source_labels(ledger, claim.sources)}


def source_labels(ledger: Ledger, cited: Iterable[Citation]) -> dict[str, str]:
    """Who and when, by id of the source."""
    return {citation.source: ledger.sources[citation.source].short_label() for citation in cited}


def table_records(ledger: Ledger) -> Iterable[dict[str, Any]]:
    """Every published table: its rows, role and sources."""
    for dataset in ledger.datasets:
        table = ledger.table(dataset)
        sources = list(dict.fromkeys(source for row in table.rows for source in row.sources))
        yield {
            "dataset": dataset,
            "files": list(table.files),
            "rows": len(table.rows),
            "role": table.role,
            "basis": table.basis,
            "leakage_group": table.leakage_group,
            "sources": sources,
        }


def entry_facts(entry: Entry) -> Iterable[tuple[str, str]]:
    """What an entry says, as pairs of a word and a text."""
    yield "value", f"{amount(entry.chosen)} {plain_word(entry.unit)}"
    if entry.chosen.interval_is:
        yield "interval is", entry.chosen.interval_is
    yield "kind", entry.kind
    yield "grade", plain_word(entry.grade)
    if entry.prior:
        parameters = ", ".join(f"{key} {value:g}" for key, value in entry.prior.parameters.items())
        yield "prior", f"{plain_word(entry.prior.distribution)} ({parameters})"
    if entry.conflicts:
        yield "conflicts", entry.conflicts


def reading_line(ledger: Ledger, value: Value) -> str:
    """Where one value was read, and why it is cited."""
    reference = value.reference
    where = ", ".join(part for part in (reference.table, reference.dataset) if part)
    read = f"{plain_word(reference.why)}; {plain_word(value.reading).lower()}"
    note = f" Note: {value.note}." if value.note else ""
    label = ledger.sources[reference.source].label()
    return f"{value.value:g}: {label}{f' ({where})' if where else ''} [{read}]{note}"


def amount(value: Value) -> str:
    """The value with its interval, as many figures as the source gave."""
    if value.interval is None:
        return f"{value.value:.10g}"
    lo, hi = value.interval
    return f"{value.value:.10g} ({lo:.10g} to {hi:.10g})"


def plain_word(word: str) -> str:
    """A word of a closed list without its underscores."""
    return word.replace("_", " ")

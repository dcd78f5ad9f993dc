"""`decidua evidence`: every number in use, its sources, and what uses it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from decidua.evidence.loader import Ledger
    from decidua.evidence.schema import Citation, Claim, ClaimPart, Entry, Value


WIDTH_IN_A_FILE = 140


def evidence_command(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this entry alone.")] = None,
    claims: Annotated[bool, typer.Option("--claims", help="List the lay claims and verdicts.")] = False,
    tables: Annotated[bool, typer.Option("--tables", help="List the published tables.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
) -> None:
    """Show every number the program uses, with its sources and what uses it.

    Without an argument it lists all entries of the ledger; with an id it shows one of them.
    """
    from decidua.evidence import load_ledger

    ledger = load_ledger()
    if sum((name is not None, claims, tables)) > 1:
        raise typer.BadParameter("give an id, --claims or --tables, not several of them")
    shown = _shown(ledger, name=name, claims=claims, tables=tables)
    if json_output:
        typer.echo(json.dumps({**_head(name, claims, tables), **shown}, ensure_ascii=False, allow_nan=False))
    else:
        _print_page(ledger, name=name, claims=claims, tables=tables)


def _shown(ledger: Ledger, *, name: str | None, claims: bool, tables: bool) -> dict[str, Any]:
    if name is not None:
        return {"entry": _one_entry(ledger, name)}
    if claims:
        return {"claims": [_claim_record(ledger, claim) for claim in ledger.claims.values()]}
    if tables:
        return {"tables": list(_table_records(ledger))}
    return {"entries": [entry.model_dump(mode="json") for entry in ledger.entries.values()]}


def _head(name: str | None, claims: bool, tables: bool) -> dict[str, Any]:
    from decidua.base.provenance import SCHEMA_VERSION, provenance

    arguments = {"id": name, "claims": claims, "tables": tables}
    # No mechanism is weighed in a list of numbers, so there are no weights to report.
    made = provenance(seed=None, arguments=arguments, mechanism_weights={}, weights_are="prior")
    return {"schema_version": SCHEMA_VERSION, "provenance": made}


def _found(ledger: Ledger, name: str) -> Entry:
    """The entry, or one message that names the ids closest to what was typed."""
    from decidua.base.errors import InputError

    if name in ledger:
        return ledger[name]
    close = get_close_matches(name, list(ledger), n=3, cutoff=0.4)
    inside = [known for known in ledger if name.lower() in known][:3]
    near = list(dict.fromkeys([*inside, *close]))[:3]
    allowed = f"an id such as {', '.join(near)}" if near else "an id that `decidua evidence` lists"
    raise InputError(field="ID", value=name, allowed=allowed)


def _one_entry(ledger: Ledger, name: str) -> dict[str, Any]:
    from decidua.evidence.uses import files_using

    entry = _found(ledger, name)
    sources = dict.fromkeys(value.reference.source for value in entry.values)
    return {
        **entry.model_dump(mode="json"),
        "file": ledger.files[name],
        "sources": [_csl(ledger, source) for source in sources],
        "used_by": list(files_using(name)),
    }


def _csl(ledger: Ledger, source: str) -> dict[str, Any]:
    return ledger.sources[source].model_dump(mode="json", by_alias=True, exclude_none=True)


def _claim_record(ledger: Ledger, claim: Claim) -> dict[str, Any]:
    return {**claim.model_dump(mode="json"), "labels": _labels(ledger, claim.sources)}


def _labels(ledger: Ledger, cited: Iterable[Citation]) -> dict[str, str]:
    return {citation.source: ledger.sources[citation.source].short_label() for citation in cited}


def _table_records(ledger: Ledger) -> Iterable[dict[str, Any]]:
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


def _print_page(ledger: Ledger, *, name: str | None, claims: bool, tables: bool) -> None:
    from rich.console import Console

    from decidua.tell.words import sentence

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_IN_A_FILE
    if name is not None:
        _print_entry(console, ledger, name)
    elif claims:
        _print_claims(console, ledger)
    else:
        console.print(_table_of_tables(ledger) if tables else _table_of_entries(ledger))
    # A list that names a steroid never stands without this sentence.
    console.print(sentence("steroid"))


def _table(title: str, columns: Iterable[str]) -> Table:
    """An empty table whose first column, the name, is folded last."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE, title_justify="left", pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    return table


def _table_of_entries(ledger: Ledger) -> RenderableType:
    title = f"{len(ledger)} numbers in use"
    table = _table(title, ("id", "value", "unit", "kind", "grade"))
    for entry in ledger.entries.values():
        table.add_row(entry.id, _amount(entry.chosen), _plain(entry.unit), entry.kind, _plain(entry.grade))
    return table


def _table_of_tables(ledger: Ledger) -> RenderableType:
    title = f"{len(ledger.datasets)} published tables"
    table = _table(title, ("dataset", "rows", "role", "basis", "not independent of", "sources"))
    for record in _table_records(ledger):
        cells = (record["role"], record["basis"], record["leakage_group"], ", ".join(record["sources"]))
        table.add_row(record["dataset"], str(record["rows"]), *cells)
    return table


def _print_entry(console: Console, ledger: Ledger, name: str) -> None:
    record, entry = _one_entry(ledger, name), ledger[name]
    console.print(f"{entry.id}\n{entry.description}\n", markup=False)
    for label, text in _facts(entry):
        console.print(f"{label:<12}{text}", markup=False)
    for value in entry.values:
        console.print(f"{'source':<12}{_reading_line(ledger, value)}", markup=False)
    console.print(f"{'used by':<12}{', '.join(record['used_by']) or 'nothing yet'}\n", markup=False)


def _facts(entry: Entry) -> Iterable[tuple[str, str]]:
    yield "value", f"{_amount(entry.chosen)} {_plain(entry.unit)}"
    if entry.chosen.interval_is:
        yield "interval is", entry.chosen.interval_is
    yield "kind", entry.kind
    yield "grade", _plain(entry.grade)
    if entry.prior:
        parameters = ", ".join(f"{key} {value:g}" for key, value in entry.prior.parameters.items())
        yield "prior", f"{_plain(entry.prior.distribution)} ({parameters})"
    if entry.conflicts:
        yield "conflicts", entry.conflicts


def _reading_line(ledger: Ledger, value: Value) -> str:
    reference = value.reference
    where = ", ".join(part for part in (reference.table, reference.dataset) if part)
    read = f"{_plain(reference.why)}; {_plain(value.reading).lower()}"
    note = f" Note: {value.note}." if value.note else ""
    label = ledger.sources[reference.source].label()
    return f"{value.value:g}: {label}{f' ({where})' if where else ''} [{read}]{note}"


def _print_claims(console: Console, ledger: Ledger) -> None:
    for claim in ledger.claims.values():
        for part in (claim, *claim.parts):
            _print_claim(console, ledger, part, indent="" if part is claim else "   ")
        console.print()


def _print_claim(console: Console, ledger: Ledger, part: ClaimPart, *, indent: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    labels: Mapping[str, str] = _labels(ledger, part.sources)
    cited = "; ".join(f"{labels[c.source]} [{_plain(c.why)}]" for c in part.sources)
    console.print(Padding(Text(f"{part.id}  “{part.text}”"), (0, 0, 0, len(indent))))
    below = f"{_plain(part.verdict)}: {part.reason}\nsources: {cited}"
    console.print(Padding(Text(below), (0, 0, 0, len(indent) + 4)))


def _amount(value: Value) -> str:
    """The value with its interval, as many figures as the source gave."""
    if value.interval is None:
        return f"{value.value:.10g}"
    lo, hi = value.interval
    return f"{value.value:.10g} ({lo:.10g} to {hi:.10g})"


def _plain(word: str) -> str:
    return word.replace("_", " ")

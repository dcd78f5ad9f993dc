"""`decidua evidence`: every number in use, its sources, and what uses it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from decidua.evidence.loader import Ledger
    from decidua.evidence.schema import ClaimPart


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
    from decidua.tell.evidence_told import claim_record, entry_record, table_records

    if name is not None:
        return {"entry": entry_record(ledger, name)}
    if claims:
        return {"claims": [claim_record(ledger, claim) for claim in ledger.claims.values()]}
    if tables:
        return {"tables": list(table_records(ledger))}
    return {"entries": [entry.model_dump(mode="json") for entry in ledger.entries.values()]}


def _head(name: str | None, claims: bool, tables: bool) -> dict[str, Any]:
    from decidua.base.provenance import SCHEMA_VERSION, provenance

    arguments = {"id": name, "claims": claims, "tables": tables}
    # No mechanism is weighed in a list of numbers, so there are no weights to report.
    made = provenance(seed=None, arguments=arguments, mechanism_weights={}, weights_are="prior")
    return {"schema_version": SCHEMA_VERSION, "provenance": made}


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
    from decidua.tell.evidence_told import amount, plain_word

    title = f"{len(ledger)} numbers in use"
    table = _table(title, ("id", "value", "unit", "kind", "grade"))
    for entry in ledger.entries.values():
        table.add_row(
            entry.id, amount(entry.chosen), plain_word(entry.unit), entry.kind, plain_word(entry.grade)
        )
    return table


def _table_of_tables(ledger: Ledger) -> RenderableType:
    from decidua.tell.evidence_told import table_records

    title = f"{len(ledger.datasets)} published tables"
    table = _table(title, ("dataset", "rows", "role", "basis", "not independent of", "sources"))
    for record in table_records(ledger):
        cells = (record["role"], record["basis"], record["leakage_group"], ", ".join(record["sources"]))
        table.add_row(record["dataset"], str(record["rows"]), *cells)
    return table


def _print_entry(console: Console, ledger: Ledger, name: str) -> None:
    from decidua.tell.evidence_told import entry_facts, entry_record, reading_line

    record, entry = entry_record(ledger, name), ledger[name]
    console.print(f"{entry.id}\n{entry.description}\n", markup=False)
    for label, text in entry_facts(entry):
        console.print(f"{label:<12}{text}", markup=False)
    for value in entry.values:
        console.print(f"{'source':<12}{reading_line(ledger, value)}", markup=False)
    console.print(f"{'used by':<12}{', '.join(record['used_by']) or 'nothing yet'}\n", markup=False)


def _print_claims(console: Console, ledger: Ledger) -> None:
    for claim in ledger.claims.values():
        for part in (claim, *claim.parts):
            _print_claim(console, ledger, part, indent="" if part is claim else "   ")
        console.print()


def _print_claim(console: Console, ledger: Ledger, part: ClaimPart, *, indent: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from decidua.tell.evidence_told import plain_word, source_labels

    labels: Mapping[str, str] = source_labels(ledger, part.sources)
    cited = "; ".join(f"{labels[c.source]} [{plain_word(c.why)}]" for c in part.sources)
    console.print(Padding(Text(f"{part.id}  “{part.text}”"), (0, 0, 0, len(indent))))
    below = f"{plain_word(part.verdict)}: {part.reason}\nsources: {cited}"
    console.print(Padding(Text(below), (0, 0, 0, len(indent) + 4)))

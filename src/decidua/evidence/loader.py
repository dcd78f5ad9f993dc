"""Loads the ledger and refuses what its rules forbid."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from decidua.base.yaml_text import data_of
from decidua.evidence.errors import EvidenceError
from decidua.evidence.rules import checked_entry, from_validation, refuse_duplicates, refuse_missing_sources
from decidua.evidence.schema import (
    Claim,
    Entry,
    Guideline,
    PublishedTable,
    Source,
    SupportOrganisation,
    TableRow,
)
from decidua.evidence.tables_file import read_rows, table_of

HERE = Path(__file__).parent
FIT_READINGS = ("READ", "READ_SECONDARY")
Kept = TypeVar("Kept", bound=BaseModel)


@dataclass(frozen=True)
class Ledger:
    """Every number in use with its source; tables, claims and guidelines open when asked for."""

    folder: Path
    entries: Mapping[str, Entry]
    files: Mapping[str, str]

    def __getitem__(self, name: str) -> Entry:
        """The entry with this id."""
        if name not in self.entries:
            raise EvidenceError(file="ledger", field="id", value=name, allowed="an id of the ledger")
        return self.entries[name]

    def __contains__(self, name: object) -> bool:
        """Whether an entry has this id."""
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        """The ids in order of file and place."""
        return iter(self.entries)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def value(self, name: str) -> float:
        """The central value in use."""
        return self[name].chosen.value

    def interval(self, name: str) -> tuple[float, float]:
        """The interval of the value in use; an entry without one is refused."""
        interval = self[name].chosen.interval
        if interval is None:
            raise EvidenceError(file="ledger", field=name, value=None, allowed="an entry with an interval")
        return interval

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Sources by id."""
        return _by_id(_json(self.folder / "sources.json"), Source, "sources.json")

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """The lay claims by letter."""
        claims = _by_id(_yaml(self.folder / "claims.yaml"), Claim, "claims.yaml")
        parts = [part for claim in claims.values() for part in (claim, *claim.parts)]
        self._check_sources("claims.yaml", [(c.source, part.id) for part in parts for c in part.sources])
        return claims

    @cached_property
    def guidelines(self) -> Mapping[str, Guideline]:
        """Guidelines by id."""
        guidelines = _by_id(_yaml(self.folder / "guidelines.yaml"), Guideline, "guidelines.yaml")
        used = [(c.source, body.id) for body in guidelines.values() for c in body.sources]
        self._check_sources("guidelines.yaml", used)
        return guidelines

    @cached_property
    def support(self) -> Mapping[str, SupportOrganisation]:
        """Organisations that offer support."""
        return _by_id(_yaml(self.folder / "support.yaml"), SupportOrganisation, "support.yaml")

    @cached_property
    def _raw_tables(self) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = {}
        for path in sorted((self.folder / "tables").glob("*.csv")):
            for row in read_rows(path):
                found.setdefault(row["dataset"], []).append(row)
        return found

    @cached_property
    def _opened(self) -> dict[str, PublishedTable]:
        return {}

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of all published tables."""
        return tuple(self._raw_tables)

    def table(self, dataset: str) -> PublishedTable:
        """All rows of one dataset, whatever their role."""
        if dataset not in self._raw_tables:
            allowed = "a dataset that `decidua evidence --tables` lists"
            raise EvidenceError(file="tables", field="dataset", value=dataset, allowed=allowed)
        if dataset not in self._opened:
            table = table_of(dataset, rows=self._raw_tables[dataset])
            used = [(row.file, row.row_key, source) for row in table.rows for source in row.sources]
            refuse_missing_sources(used, known=_source_ids(self.folder))
            self._opened[dataset] = table
        return self._opened[dataset]

    def calibration_rows(self, dataset: str) -> tuple[TableRow, ...]:
        """The rows a fit may open: role CALIBRATION, read by someone."""
        table = self.table(dataset)
        rows = tuple(r for r in table.rows if r.role == "CALIBRATION" and r.reading in FIT_READINGS)
        if not rows:
            allowed = "a dataset with rows of role CALIBRATION and reading READ or READ_SECONDARY"
            raise EvidenceError(file=", ".join(table.files), field=dataset, value=table.role, allowed=allowed)
        return rows

    def _check_sources(self, file: str, used: list[tuple[str, str]]) -> None:
        named = [(file, name, source) for source, name in used]
        refuse_missing_sources(named, known=_source_ids(self.folder))


def read_ledger(folder: Path) -> Ledger:
    """Read and check every entry of the ledger in this folder."""
    pairs = [(path.name, entry) for path in _ledger_files(folder) for entry in _entries(path)]
    entries = refuse_duplicates(pairs)
    used = [(file, e.id, v.reference.source) for file, e in pairs for v in e.values]
    refuse_missing_sources(used, known=_source_ids(folder))
    files = {entry.id: file for file, entry in pairs}
    return Ledger(folder=folder, entries=MappingProxyType(entries), files=MappingProxyType(files))


@cache
def load_ledger() -> Ledger:
    """The ledger that ships with the program."""
    return read_ledger(HERE)


def _ledger_files(folder: Path) -> list[Path]:
    return sorted((folder / "ledger").glob("*.yaml"))


def _entries(path: Path) -> Iterator[Entry]:
    for raw in _yaml(path):
        yield checked_entry(raw, file=path.name)


@cache
def _source_ids(folder: Path) -> frozenset[str]:
    return frozenset(raw["id"] for raw in _json(folder / "sources.json"))


def _yaml(path: Path) -> list[Any]:
    import yaml

    try:
        loaded = data_of(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise EvidenceError(file=path.name, field="YAML", value=str(error), allowed="readable YAML") from None
    if not isinstance(loaded, list):
        raise EvidenceError(file=path.name, field="top level", value=type(loaded).__name__, allowed="a list")
    return loaded


def _json(path: Path) -> list[Any]:
    loaded: list[Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _by_id(raws: list[Any], kind: type[Kept], file: str) -> Mapping[str, Kept]:
    found: dict[str, Kept] = {}
    for raw in raws:
        name = str(raw.get("id"))
        if name in found:
            raise EvidenceError(file=file, field="id", value=name, allowed="an id that is used once")
        try:
            found[name] = kind.model_validate(raw)
        except ValidationError as error:
            raise from_validation(error, file=file, name=name) from None
    return MappingProxyType(found)

"""The refusals of the loader, each with one clear message naming file and id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from decidua.evidence.errors import EvidenceError
from decidua.evidence.schema import READINGS_IN_USE, UNITS, Entry, Grade, Kind

CLOSED = {"unit": UNITS, "kind": get_args(Kind), "grade": get_args(Grade)}


def checked_entry(raw: object, *, file: str) -> Entry:
    """Turn one raw mapping into an entry, or say what is wrong with it."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
        raise EvidenceError(file=file, field="id", value=raw, allowed="a mapping with an id")
    refuse_open_words(raw, file=file)
    refuse_readings(raw, file=file)
    try:
        return Entry.model_validate(raw)
    except ValidationError as error:
        raise from_validation(error, file=file, name=raw["id"]) from None


def refuse_open_words(raw: Mapping[str, Any], *, file: str) -> None:
    """Units, kinds and grades come from closed lists."""
    for name, allowed in CLOSED.items():
        word = raw.get(name)
        if word not in allowed:
            field = f"{raw['id']}.{name}"
            raise EvidenceError(file=file, field=field, value=word, allowed=", ".join(allowed))


def refuse_readings(raw: Mapping[str, Any], *, file: str) -> None:
    """A number nobody read is never used."""
    for value in raw.get("values") or ():
        reading = value.get("reading") if isinstance(value, dict) else None
        if reading not in READINGS_IN_USE:
            field = f"{raw['id']}.reading"
            allowed = ", ".join(READINGS_IN_USE)
            raise EvidenceError(file=file, field=field, value=reading, allowed=allowed)


def refuse_duplicates(entries: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    """Entries by id; an id that comes twice is refused."""
    seen: dict[str, Entry] = {}
    for file, entry in entries:
        if entry.id in seen:
            raise EvidenceError(file=file, field=entry.id, value=entry.id, allowed="an id that is used once")
        seen[entry.id] = entry
    return seen


def refuse_missing_sources(used: Iterable[tuple[str, str, str]], *, known: Iterable[str]) -> None:
    """Every cited source stands in sources.json; `used` holds (file, id, source)."""
    have = set(known)
    for file, name, source in used:
        if source not in have:
            raise EvidenceError(
                file=file, field=f"{name}.source", value=source, allowed="an id of sources.json"
            )


def from_validation(error: ValidationError, *, file: str, name: str) -> EvidenceError:
    """The first fault Pydantic found, in our words."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    field = f"{name}.{where}" if where else name
    allowed = first["msg"].removeprefix("Value error, ")
    value = first["input"] if where else name
    return EvidenceError(file=file, field=field, value=value, allowed=allowed)

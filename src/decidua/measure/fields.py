"""The kinds of field in a history: each reads its own value, refuses what it must, and has a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Protocol

from decidua.base.errors import InputError, shortened

REQUIRED: Any = object()
UNKNOWN = "unknown"
MISSING = "a missing value"

# Python refuses to write out integers of thousands of digits.
LARGEST_SHOWN_NUMBER = 10**18


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, so that a refusal can say it: file, and path inside the file."""

    file: str | None = None
    path: str = ""
    joint: str = "."

    def inside(self, name: str) -> Place:
        """The place of a field by its name."""
        return replace(self, path=f"{self.path}{self.joint}{name}" if self.path else name)

    def at(self, index: int) -> Place:
        """The place of an entry of a list, counted from 0."""
        return replace(self, path=f"{self.path}[{index}]")

    def refusal(self, value: object, *, allowed: str, why: str = "") -> InputError:
        """The one error for this place, ready to be raised."""
        return InputError(
            file=self.file, field=self.path or None, value=shown(value), allowed=allowed, why=why
        )


class Field(Protocol):
    """What every kind of field can do; `default` is REQUIRED where a value must be given."""

    @property
    def default(self) -> Any:
        """The value when nothing is said."""

    @property
    def about(self) -> str:
        """One line on what the field means."""

    def read(self, value: object, place: Place) -> Any:
        """The clean value, or an InputError."""

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the field, without its meaning."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One word out of a closed list."""

    words: tuple[str, ...]
    about: str = ""
    default: Any = REQUIRED

    def read(self, value: object, place: Place) -> str:
        """The word itself."""
        if isinstance(value, str) and value in self.words:
            return value
        raise place.refusal(value, allowed=", ".join(self.words), why=closest(value, self.words))

    def schema(self) -> dict[str, Any]:
        """A closed list of words."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number inside bounds; True, "34" and not-a-number are none."""

    lowest: float
    highest: float
    unit: str = ""
    is_whole: bool = False
    is_above_lowest: bool = False
    may_be_unknown: bool = False
    about: str = ""
    default: Any = REQUIRED

    @property
    def allowed(self) -> str:
        """The bounds in words."""
        kind = "a whole number" if self.is_whole else "a number"
        bounds = f"{'above' if self.is_above_lowest else 'from'} {self.lowest:g}"
        words = (
            f"{kind} {bounds} {'and up to' if self.is_above_lowest else 'to'} {self.highest:g} {self.unit}"
        )
        return f"{words.strip()}, or unknown" if self.may_be_unknown else words.strip()

    def read(self, value: object, place: Place) -> float | int | None:
        """The number, or None where unknown is allowed and said."""
        if self.may_be_unknown and (value is None or value == UNKNOWN):
            return None
        if isinstance(value, bool) or not isinstance(value, int if self.is_whole else (int, float)):
            raise place.refusal(value, allowed=self.allowed)
        if not (self.lowest <= value <= self.highest) or (self.is_above_lowest and value == self.lowest):
            raise place.refusal(value, allowed=self.allowed)
        return int(value) if self.is_whole else float(value)

    def schema(self) -> dict[str, Any]:
        """A bounded number, beside unknown and null where those are allowed."""
        lowest = {"exclusiveMinimum" if self.is_above_lowest else "minimum": self.lowest}
        number = {"type": "integer" if self.is_whole else "number", **lowest, "maximum": self.highest}
        return {"anyOf": [number, {"enum": [UNKNOWN, None]}]} if self.may_be_unknown else number


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no; YAML's own words for both are accepted."""

    about: str = ""
    default: Any = False

    def read(self, value: object, place: Place) -> bool:
        """True or False."""
        if isinstance(value, bool):
            return value
        if value in ("yes", "no"):
            return value == "yes"
        raise place.refusal(value, allowed="true, false, yes, no")

    def schema(self) -> dict[str, Any]:
        """A truth value or its word."""
        return {"enum": [True, False, "yes", "no"]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of like entries, short enough to be a history."""

    item: Field
    most: int
    each_once: bool = False
    about: str = ""
    default: Any = ()

    def read(self, value: object, place: Place) -> tuple[Any, ...]:
        """The clean entries in order; the length is looked at before any entry."""
        if not isinstance(value, list | tuple):
            raise place.refusal(value, allowed="a list, [] when there is nothing to say")
        if len(value) > self.most:
            raise place.refusal(value, allowed=f"a list of {self.most} entries or fewer")
        clean = tuple(self.item.read(entry, place.at(index)) for index, entry in enumerate(value))
        for index, entry in enumerate(clean):
            if self.each_once and entry in clean[:index]:
                raise place.at(index).refusal(entry, allowed="each name once")
        return clean

    def schema(self) -> dict[str, Any]:
        """An array of bounded length."""
        once = {"uniqueItems": True} if self.each_once else {}
        return {"type": "array", "maxItems": self.most, **once, "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Section:
    """Named fields; a name that is not among them is refused, with the closest that is."""

    fields: Mapping[str, Field]
    about: str = ""
    default: Any = REQUIRED

    def read(self, value: object, place: Place) -> dict[str, Any]:
        """Every field, clean, with the default where nothing was said."""
        if not isinstance(value, Mapping):
            raise place.refusal(value, allowed=f"names and values: {', '.join(self.fields)}")
        for name in value:
            if name not in self.fields:
                allowed, why = ", ".join(self.fields), closest(name, tuple(self.fields))
                raise place.refusal(str(name), allowed=allowed, why=why or "the name is not known")
        return {name: self._one(name, value, place) for name in self.fields}

    def _one(self, name: str, value: Mapping[Any, object], place: Place) -> Any:
        part = self.fields[name]
        if name not in value and part.default is not REQUIRED:
            return part.default
        # No field accepts REQUIRED, so a missing value is refused in the field's own words.
        return part.read(value.get(name, REQUIRED), place.inside(name))

    def schema(self) -> dict[str, Any]:
        """A closed object."""
        needed = [name for name, part in self.fields.items() if part.default is REQUIRED]
        properties = {name: _described(part) for name, part in self.fields.items()}
        required = {"required": needed} if needed else {}
        return {"type": "object", "additionalProperties": False, **required, "properties": properties}


def closest(value: object, words: tuple[str, ...]) -> str:
    """A question that offers the nearest word, or nothing when none is near."""
    near = get_close_matches(value[:40].lower(), words, n=1) if isinstance(value, str) else []
    return f"did you mean {near[0]}?" if near else ""


def shown(value: object) -> object:
    """A value as a refusal may show it: never the contents of a list or a section, which are other fields."""
    if value is REQUIRED:
        return MISSING
    if value is None or isinstance(value, bool):
        return {None: "an empty value", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "a section of names and values"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)} entries" if len(value) != 1 else "a list of 1 entry"
    if isinstance(value, int) and abs(value) > LARGEST_SHOWN_NUMBER:
        return "a huge number"
    return shortened(value) if isinstance(value, str) else value


def _described(part: Field) -> dict[str, Any]:
    return {"description": part.about, **part.schema()} if part.about else part.schema()

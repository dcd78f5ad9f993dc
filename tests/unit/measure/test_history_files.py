"""A file that holds no history, or too much, gets one clear line, quickly, and nothing in it is unfolded."""

from __future__ import annotations

import json
import time

import pytest

from decidua.base.errors import InputError
from decidua.measure.history import parse_history, read_history

WHOLE = "a history in YAML or JSON, whole and in UTF-8"
HISTORY_KEYS = "schema, age, partner_age, trying_months, pregnancies, tests, conditions"

BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\npregnancies: *c\n"
MANY = "\n".join(["pregnancies:", *["  - {outcome: miscarriage, age: 30, week: 8}"] * 10_000])

# What is wrong -> (text, field, value, allowed and why), as they stand in the one line.
WHOLE_FILE = {
    "empty file": ("", None, "an empty file", WHOLE),
    "only spaces": (" \n\t\n", None, "an empty file", WHOLE),
    "only a byte order mark": ("\ufeff", None, "an empty file", WHOLE),
    "only comments": ("# ours\n# to be filled in\n", None, "a file of nothing but comments", WHOLE),
    "an empty document": (
        "---\n",
        None,
        "an empty value",
        f"names and values: {HISTORY_KEYS}",
    ),
    "a sentence": ("two losses", None, "two losses", f"names and values: {HISTORY_KEYS}"),
    "a list": ("- a\n- b\n", None, "a list of 2 entries", f"names and values: {HISTORY_KEYS}"),
    "truncated JSON": (
        '{"age": 34, "pregnancies": [{"outcome": "miscar',
        "line 1",
        "text that is neither YAML nor JSON",
        f"{WHOLE} (found unexpected end of stream)",
    ),
    "JSON without its end": (
        '{"age": 34,\n "pregnancies": [{"outcome": "miscarriage"}]',
        "line 2",
        "text that is neither YAML nor JSON",
        f"{WHOLE} (did not find expected ',' or '}}')",
    ),
    "bad indentation": (
        "age: 34\n  pregnancies: []\n",
        "line 2",
        "text that is neither YAML nor JSON",
        f"{WHOLE} (mapping values are not allowed in this context)",
    ),
    "a control character": ("age: \x00", None, "a file with characters that are no text", WHOLE),
    "half a character": ("age: \ud800", None, "a file with characters that are no text", WHOLE),
    "a YAML bomb": (BOMB, "line 1", "an anchor or alias (& or *)", "values written out in full"),
    "an alias alone": ("age: *x", "line 1", "an anchor or alias (& or *)", "values written out in full"),
    "an anchored name": ("&x age: 34", "line 1", "an anchor or alias (& or *)", "values written out in full"),
    "a tag that runs code": (
        "age: !!python/object/apply:os.system [ls]",
        "line 1",
        "a tag (!)",
        "values without tags",
    ),
    "a harmless tag": ("\nage: !!int 34", "line 2", "a tag (!)", "values without tags"),
    "a merge": ("<<: {age: 34}\npregnancies: []", None, "<<", f"{HISTORY_KEYS} (the name is not known)"),
    "a name given twice": ("age: 34\npregnancies: []\nage: 35\n", "line 3", "age", "each name once"),
    "a name given twice in JSON": ('{"age": 34, "age": 34}', "line 1", "age", "each name once"),
    "a list as a name": (
        "? [age]\n: 34",
        "line 1",
        "a list or section as a name",
        "words as names",
    ),
    "a second document": (
        "pregnancies: []\n---\npregnancies: []",
        "line 2",
        "a second document",
        "one history in a file",
    ),
    "nesting deeper than 8": (
        "pregnancies: " + "[" * 8 + "]" * 8,
        "line 1",
        "deeper nesting",
        "8 lists or sections inside one another, or fewer",
    ),
    "very deep nesting": (
        "[" * 900_000,
        "line 1",
        "deeper nesting",
        "8 lists or sections inside one another, or fewer",
    ),
    "more than 1 MB": ("#" * 1_000_001, None, "a larger file", "a file of 1 MB or less"),
    "another schema": (
        "schema: history/2\npregnancies: []",
        "schema",
        "history/2",
        "history/1 (did you mean history/1?)",
    ),
    "an unknown key": (
        "partner_aeg: 36\npregnancies: []",
        None,
        "partner_aeg",
        f"{HISTORY_KEYS} (did you mean partner_age?)",
    ),
    "no pregnancies said": (
        "age: 34",
        "pregnancies",
        "a missing value",
        "a list, [] when there is nothing to say",
    ),
    "pregnancies left empty": (
        "pregnancies:",
        "pregnancies",
        "an empty value",
        "a list, [] when there is nothing to say",
    ),
    "pregnancies as a number": (
        "pregnancies: 3",
        "pregnancies",
        "3",
        "a list, [] when there is nothing to say",
    ),
    "31 pregnancies": (
        json.dumps({"pregnancies": [{"outcome": "miscarriage"}] * 31}),
        "pregnancies",
        "a list of 31 entries",
        "a list of 30 entries or fewer",
    ),
    "10,000 pregnancies": (MANY, "pregnancies", "a list of 10000 entries", "a list of 30 entries or fewer"),
    "31 tests": (
        json.dumps({"pregnancies": [], "tests": [{}] * 31}),
        "tests",
        "a list of 31 entries",
        "a list of 30 entries or fewer",
    ),
}


@pytest.mark.parametrize(("text", "field", "value", "allowed"), WHOLE_FILE.values(), ids=WHOLE_FILE.keys())
def test_a_text_that_is_no_history_gets_one_clear_line(text, field, value, allowed):
    place = f"ours.yaml: {field}: " if field else "ours.yaml: "
    with pytest.raises(InputError) as refused:
        parse_history(text, name="ours.yaml")
    assert str(refused.value) == f"{place}{value} is not accepted; allowed: {allowed}"
    assert str(refused.value).isprintable()


# Processor seconds; the many pregnancies are promised within one second, the rest are near the limit of 1 MB.
HOSTILE = {
    "10,000 pregnancies": (MANY, 1.0),
    "open brackets": ("[" * 900_000, 1.0),
    "a bomb": (BOMB, 1.0),
    "a comment": ("#" * 1_000_001, 1.0),
    "closed brackets": ("[" + "[]," * 333_000 + "]", 1.0),
    "entries": ("pregnancies:\n" + "- {}\n" * 190_000, 1.0),
    "names": ("".join(f"a{number}:\n" for number in range(110_000)), 1.0),
    "quotes": ('"\\"' * 300_000, 1.0),
    "one long name": ("x" * 999_990 + ": 1", 1.0),
}


@pytest.mark.parametrize(("text", "seconds"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_quickly(text, seconds):
    started = time.process_time()
    with pytest.raises(InputError):
        parse_history(text)
    assert time.process_time() - started < seconds


FILES = {
    "not UTF-8": (b"age: \xff\xfe", "a file that is not text in UTF-8 is not accepted; allowed: " + WHOLE),
    "UTF-16": (
        "pregnancies: []".encode("utf-16"),
        "a file that is not text in UTF-8 is not accepted; allowed: " + WHOLE,
    ),
    "a picture": (
        b"\x89PNG\r\n\x1a\n\x00",
        "a file that is not text in UTF-8 is not accepted; allowed: " + WHOLE,
    ),
    "over 1 MB": (b" " * 1_000_001, "a larger file is not accepted; allowed: a file of 1 MB or less"),
    "empty": (b"", "an empty file is not accepted; allowed: " + WHOLE),
}


@pytest.mark.parametrize(("content", "line"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_no_history(content, line, tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_history(path)
    assert str(refused.value) == f"{path}: {line}"


def refused_path(path) -> str:
    with pytest.raises(InputError) as refused:
        read_history(path)
    return str(refused.value).removeprefix(f"{path}: ")


def test_a_path_that_cannot_be_read(tmp_path, monkeypatch):
    allowed = "this path is not accepted; allowed: a file that can be read"
    assert refused_path(tmp_path / "none.yaml") == f"{allowed} (no such file or directory)"
    assert refused_path(tmp_path) == f"{allowed} (is a directory)"
    assert refused_path("x" * 5000).endswith("(file name too long)")
    assert refused_path("a\0b").endswith("(no such path)")

    def locked(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", locked)
    assert refused_path(tmp_path / "locked.yaml") == f"{allowed} (permission denied)"

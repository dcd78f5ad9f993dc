"""What somebody types is in no log and in no file: marks go in by every way there is, and are looked for."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from explorer_process import (
    PATIENCE_SECONDS,
    PLACES,
    Explorer,
    holding,
    start_explorer,
    stop_explorer,
    watched_environment,
)

from decidua.measure.history import history_from_content
from decidua.web.history_page import DOWNLOADS
from decidua.web.history_share import fragment_of
from decidua.web.study_page import KINDS as STUDY_FILES
from decidua.web.womb_files import KINDS as WOMB_FILES

MARK, NUMBER, DENSITY = "q7marker7q", "34.771234", "307.7123"
HISTORY = {"age": NUMBER, "p1-outcome": "miscarriage", "p1-age": "30.5", "p1-week": "8"}
LINK = fragment_of(history_from_content({"age": float(NUMBER), "pregnancies": []}))
PROTOCOL = f"""
name: {MARK}
title: The course of {MARK}
steps:
  - {{drug: prednisolone, dose_mg_per_day: 20, start_gestation_weeks: 5, duration_weeks: 6}}
"""
COURSE = {"density": DENSITY, "regimen": "protocol", "protocol": PROTOCOL, "end_week": "9"}
STUDY = {"after": "2", "from_age": NUMBER, "to_age": "40", "women": "10000"}
KINDS = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
MARKS = (
    *(typed.encode() for typed in (MARK, NUMBER, DENSITY, LINK.removeprefix("h1."))),
    *(struct.pack(order, float(number)) for order in ("<d", ">d") for number in (NUMBER, DENSITY)),
)

# Puts the mark into every place that the variables name, under each of the ways to write it.
WRITE_EVERYWHERE = """
import os, pathlib, sys, tempfile
places = [pathlib.Path(os.environ[name]) for name in sys.argv[2:]]
for place in [*places, pathlib.Path.home(), pathlib.Path(tempfile.gettempdir()), pathlib.Path()]:
    (place / "kept").write_bytes(b"age=" + bytes.fromhex(sys.argv[1]))
"""


def forms() -> Iterator[tuple[str, dict[str, str]]]:
    """Forms with a mark: accepted and refused ones, the way back, a comparison, a link, and every file."""
    yield "/history", HISTORY | {"do": "answer"}
    yield "/history", {"age": MARK, "do": "check"}
    yield "/history", HISTORY | {"do": "answer", "numbers": MARK, "word-loss": MARK}
    yield "/history", HISTORY | {"do": "remove-p:1"}
    yield "/history", {"age": "34", "undo": urlencode(HISTORY), "do": "undo"}
    yield "/history", {"age": "34", "undo": urlencode({"age": MARK}), "do": "undo"}
    yield "/history", HISTORY | {"age": "35", "earlier": urlencode(HISTORY), "do": "answer"}
    yield "/history", HISTORY | {"age": "35", "earlier": urlencode({"age": MARK}), "do": "answer"}
    yield "/history", {"link": LINK, "do": "open"}
    yield "/history", {"link": f"h1.{MARK}", "do": "open"}
    yield from (("/history", HISTORY | {"do": f"download:{kind}"}) for kind in (*DOWNLOADS, MARK))
    yield "/womb/women", {"regimen": MARK}
    yield "/studies", {"after": "2", "mechanism": MARK}


def addresses() -> Iterator[str]:
    """Addresses with a mark."""
    yield from (f"/groups?numbers={MARK}", f"/evidence?q={MARK}", f"/article?cells={MARK}")
    yield from (f"/womb?regimen={MARK}", f"/studies?mechanism={MARK}")
    course = urlencode(COURSE)
    yield from (f"/womb?{course}", f"/api/v1/pregnancy?{course}", f"/womb/figures/cells.svg?{course}")
    yield from (f"/womb/files/{kind}?{course}" for kind in WOMB_FILES)


def bodies() -> Iterator[str]:
    """Bodies for a program, the last of them no JSON."""
    yield json.dumps({"pregnancies": [], "age": float(NUMBER), MARK: 1})
    yield json.dumps({"pregnancies": [], "age": float(NUMBER)})
    yield MARK


def ask(address: str, body: str | None = None, kind: str = "form") -> str:
    """Where the answer came from in the end, once it is known to be no error of the server."""
    sent = urllib.request.Request(address, None if body is None else body.encode())
    sent.add_header("content-type", KINDS[kind])
    try:
        with urllib.request.urlopen(sent, timeout=120) as answered:
            status, place = answered.status, answered.url
    except urllib.error.HTTPError as refused:
        status, place = refused.code, address
    assert status in (200, 202, 404, 422), address
    return place


def follow(explorer: Explorer, path: str, fields: dict[str, str]) -> str:
    """Send the form of a run, and look at it until its result is there; where that is."""
    limit = time.monotonic() + PATIENCE_SECONDS
    place = run = ask(explorer.base + path, urlencode(fields))
    assert "/runs/" in run
    while place == run:
        assert time.monotonic() < limit, explorer.log
        time.sleep(0.3)
        place = ask(run)
    return place


def test_nothing_typed_is_in_the_log_or_on_disk(tmp_path):
    running = start_explorer(tmp_path)
    try:
        for path, fields in forms():
            ask(running.base + path, urlencode(fields))
        for address in addresses():
            ask(running.base + address)
        for body in bodies():
            ask(f"{running.base}/api/v1/history", body, "json")
        women = follow(running, "/womb/women", COURSE | {"women": "2"})
        study = follow(running, "/studies", STUDY)
        results = [*(f"{women}/files/{kind}" for kind in WOMB_FILES), f"{women}/figures/cells.svg"]
        for address in (*results, *(f"{study}/files/{kind}" for kind in STUDY_FILES)):
            assert ask(address) == address
    finally:
        assert stop_explorer(running) == 0
    assert running.log.count("POST /api/v1/history") == 3
    assert "Traceback" not in running.log
    assert holding(tmp_path, *MARKS) == []


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_found_wherever_a_program_may_put_it(tmp_path, mark):
    env = watched_environment(tmp_path)
    subprocess.run(
        [sys.executable, "-c", WRITE_EVERYWHERE, mark.hex(), *PLACES], cwd=tmp_path, env=env, check=True
    )
    assert set(holding(tmp_path, mark)) == {*(f"{place}/kept" for place in PLACES.values()), "kept"}


def test_a_mark_in_the_name_of_a_file_is_found(tmp_path):
    (tmp_path / f"of-{MARK}.txt").touch()
    assert holding(tmp_path, *MARKS) == [f"of-{MARK}.txt"]

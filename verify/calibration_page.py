"""Puts the tables of the shipped fits into docs/calibration.md, each where one with the same heading stands.

Run `python verify/calibration_page.py` after `decidua calibrate --install`; a test keeps both together.
Give it files that `lives_recurrence.py` and `lives_waiting.py` printed to put their tables in as well.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from decidua.evidence.draws import HERE
from decidua.inference.calibration_report import report
from decidua.inference.couples_fit import PART, report_of_couples
from decidua.inference.install import PROVENANCE_FILE

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
TABLE = re.compile(r"(?:^\|.*\|$\n?)+", re.MULTILINE)


def tables_of(text: str) -> list[str]:
    """Every Markdown table of a text."""
    return [found.group().strip("\n") for found in TABLE.finditer(text)]


def filled(page: str, table: str) -> str:
    """The page with the one table of the same heading replaced."""
    heading = table.splitlines()[0]
    there = [old for old in tables_of(page) if old.splitlines()[0] == heading]
    if len(there) != 1:
        raise SystemExit(f"{PAGE.name} has {len(there)} tables with the heading {heading}; wanted: 1")
    return page.replace(there[0], table)


def main(files: Sequence[Path]) -> None:
    provenance = json.loads((HERE / PROVENANCE_FILE).read_text(encoding="utf-8"))
    texts = [report(provenance), report_of_couples(provenance[PART])]
    page = PAGE.read_text(encoding="utf-8")
    for text in [*texts, *(file.read_text(encoding="utf-8") for file in files)]:
        for table in tables_of(text):
            page = filled(page, table)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])

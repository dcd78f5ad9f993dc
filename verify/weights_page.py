"""Puts the tables of the shipped weights into docs/weights.md.

Run `python verify/weights_page.py` after `decidua calibrate --weights --install`; a test keeps both together.
Give it a file that `python verify/mechanism_recovery.py` printed to put those tables in as well.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from decidua.inference.class_weights import load_weights
from decidua.inference.weights_report import report

PAGE = Path(__file__).parents[1] / "docs" / "weights.md"


def parts_of(text: str) -> dict[str, str]:
    """The tables of a report by heading."""
    split = [part.partition("\n\n") for part in text.removeprefix("## ").split("\n## ")]
    return {title.strip(): body.strip() for title, _, body in split}


def filled(page: str, mark: str, body: str) -> str:
    """The page with one marked block replaced."""
    block = re.compile(rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- end -->)", re.DOTALL)
    return block.sub(lambda found: f"{found[1]}{body}\n{found[2]}", page)


def main(recovery: Path | None) -> None:
    found = load_weights()
    if found is None:
        raise SystemExit("no weights are installed")
    page = PAGE.read_text(encoding="utf-8")
    for title, body in parts_of(report(found)).items():
        page = filled(page, f"table: {title}", body)
    if recovery is not None:
        confusion, larger = recovery.read_text(encoding="utf-8").strip().split("\n\n")
        page = filled(filled(page, "recovery", confusion), "larger", larger)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)

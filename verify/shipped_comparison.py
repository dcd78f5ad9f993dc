"""Ships what `decidua validate --survey FOLDER --weeks FILE --json` wrote: the explorer shows it at once.

Run `python verify/shipped_comparison.py FILE` with the file it was written to.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from decidua.base.files import write_json_whole
from decidua.base.provenance import MODEL_VERSION
from decidua.study.validation_shipped import SHIPPED, with_its_making

DIGITS = 6


def rounded(value: Any) -> Any:
    """The same with fewer digits, none of which is shown; a longer file would tell no more."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def main(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["provenance"]["model_version"] != MODEL_VERSION or found["provenance"]["arguments"]["fast"]:
        raise SystemExit(f"{path}: wanted is a whole comparison of model {MODEL_VERSION}, without --fast")
    made_at = time.strftime("%Y-%m-%d", time.gmtime(path.stat().st_mtime))
    write_json_whole(SHIPPED, with_its_making(rounded(found), made_at=made_at))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

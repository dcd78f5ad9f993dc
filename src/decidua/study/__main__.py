"""Counts again what waiting for a test costs, for the story page: python -m decidua.study."""

from __future__ import annotations

import sys

from decidua.base.files import write_json_whole
from decidua.study.study_file import shipped_folder
from decidua.study.waiting_lives import FILE, count_waiting


def main() -> None:
    """Count and write."""
    found = count_waiting()
    write_json_whole(shipped_folder() / FILE, found)
    sys.stderr.write(f"study: wrote {FILE}, content {found['content']}\n")


if __name__ == "__main__":
    main()

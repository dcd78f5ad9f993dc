"""A copy of the evidence that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from decidua.evidence import loader

PARTS = ("ledger", "tables", "sources.json", "claims.yaml", "guidelines.yaml", "support.yaml")

ENTRY = {
    "id": "life.test.number",
    "description": "A number that only this test uses",
    "unit": "percent",
    "kind": "measured",
    "grade": "low",
    "values": [
        {"value": 4.0, "interval": [3.0, 5.0], "reference": {"source": "magnus_2019"}, "reading": "READ"}
    ],
}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The whole evidence folder in a temporary place."""
    for part in PARTS:
        original = loader.HERE / part
        copy = shutil.copytree if original.is_dir() else shutil.copy
        copy(original, tmp_path / part)
    return tmp_path


@pytest.fixture
def with_entry(tmp_path: Path):
    """Write one entry, changed as asked, into an otherwise empty ledger; gives its folder."""

    def write(**changes: object) -> Path:
        (tmp_path / "ledger").mkdir(exist_ok=True)
        shutil.copy(loader.HERE / "sources.json", tmp_path / "sources.json")
        text = yaml.safe_dump([{**ENTRY, **changes}])
        (tmp_path / "ledger" / "spoilt.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write

"""Finding what uses a number."""

from __future__ import annotations

from pathlib import Path

import pytest

from decidua.evidence.uses import files_using


@pytest.fixture
def package(tmp_path: Path) -> Path:
    files = {
        "life/law.py": 'rate = ledger.value("life.stillbirth.rate_28_weeks")',
        "life/other.py": 'rate = ledger.value("life.stillbirth.rate_28_weeks.late")',
        "life/ages.py": 'value = ledger.value(f"life.sterility.share_at_age_{age}")',
        "womb/model.ant": "k = life.stillbirth.rate_28_weeks;  // hours",
        "evidence/ledger/life.yaml": "- id: life.stillbirth.rate_28_weeks",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_whole_ids_are_found_and_longer_ones_are_not(package):
    assert files_using("life.stillbirth.rate_28_weeks", package=package) == ("life/law.py", "womb/model.ant")


def test_an_id_put_together_from_parts_is_found_by_its_family(package):
    assert files_using("life.sterility.share_at_age_40", package=package) == ("life/ages.py",)


def test_an_id_nobody_uses_has_no_files(package):
    assert files_using("life.setting.log_sd", package=package) == ()

"""The taper study as words, JSON, figures and a page; verdicts follow from the runs."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from decidua.evidence import load_ledger
from decidua.study.pregnancy import PregnancyQuestion, regimen_named
from decidua.study.taper import study_tapers
from decidua.tell import taper_words as words
from decidua.tell.pregnancy_files import as_json
from decidua.tell.safety import check_public_html, check_public_text
from decidua.tell.taper_page import print_tapers, taper_html, taper_record, write_tapers
from decidua.tell.words import sentence


@pytest.fixture(scope="module")
def study():
    question = PregnancyQuestion(regimen=regimen_named("story_protocol"), end_week=26.0)
    return study_tapers(question, weeks_from=10, weeks_to=14)


def shown(study):
    console = Console(width=100, file=io.StringIO(), highlight=False)
    print_tapers(study, console)
    return console.file.getvalue()


def test_the_page_keeps_every_rule(study):
    text = shown(study)
    assert not check_public_text(text)
    flat = " ".join(text.split())
    for name in ("steroid", "contested_mechanism", "data_cannot_tell", "if_pregnant_again", "not_a_device"):
        assert sentence(name) in flat


def test_the_storys_reason_is_judged_and_its_week_is_not_called_wrong(study):
    found = {one.id: one for one in words.verdicts(study)}
    assert found["h1"].verdict == "supported in part"
    assert found["takes_over"].verdict == "contradicted"
    assert found["reasoning"].verdict == "contradicted"
    assert "does not make week 12 wrong" in found["reasoning"].reason
    assert load_ledger().claims["h"].parts[0].text == found["h1"].claim


def test_the_verdict_would_turn_if_the_pulse_moved_the_mother(study):
    moved = replace(study, largest_moves={**study.largest_moves, "maternal_cortisol": 0.3})
    found = {one.id: one.verdict for one in words.verdicts(moved)}
    assert found["takes_over"] == found["reasoning"] == "supported"


def test_tables_agree_with_the_study(study):
    assert [row[0] for row in words.womb_rows(study)] == ["10", "12", "14"]
    assert [row[1] for row in words.womb_rows(study)] == [f"{taper.total_mg:.0f}" for taper in study.tapers]
    rows = words.loss_rows(study)
    assert [row[0] for row in rows] == ["without drugs", "10", "12", "14"]
    assert rows[2][1].endswith("(0)")  # the story's week against itself
    assert rows[0][1] == f"{round(1000 * study.losses_untreated['attack'].mean)}"


def test_json_holds_tapers_verdicts_and_the_run_without_fetal_cortisol(study):
    record = json.loads(as_json(taper_record(study)))
    assert [taper["taper_from_week"] for taper in record["tapers"]] == [10, 12, 14]
    assert record["without_fetal_cortisol"]["matters"] is False
    assert record["assumes"] == sentence("contested_mechanism")
    assert record["schema_version"]
    assert record["provenance"]["arguments"]["weeks_from"] == 10


def test_files_hold_the_page_and_a_row_for_each_taper_and_day(study, tmp_path):
    import polars

    names = write_tapers(study, tmp_path)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    table = polars.read_parquet(tmp_path / "tapers.parquet")
    assert set(table["taper_from_week"]) == {10, 12, 14}
    assert not check_public_html((tmp_path / "taper.html").read_text(encoding="utf-8"))
    assert not check_public_html(taper_html(study))

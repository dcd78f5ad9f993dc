"""One pregnancy as words, JSON, tables and figures: all say the same run."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console

from decidua.study.pregnancy import PregnancyQuestion, ask_pregnancy, ask_women, regimen_named
from decidua.tell import pregnancy_words as words
from decidua.tell.pages import page_from_html
from decidua.tell.pregnancy_charts import figures_of, notes_of, standalone
from decidua.tell.pregnancy_files import as_json, write_pregnancy
from decidua.tell.pregnancy_json import days_table, pregnancy_record
from decidua.tell.pregnancy_page import pregnancy_html
from decidua.tell.pregnancy_terminal import print_pregnancy
from decidua.tell.safety import check_public_html, check_public_text
from decidua.tell.words import sentence


@pytest.fixture(scope="module")
def answer():
    question = PregnancyQuestion(
        regimen=regimen_named("prednisolone_tang2013"), mechanism="attack", infection_week=8.0, end_week=20.0
    )
    return ask_pregnancy(question)


@pytest.fixture(scope="module")
def with_women(answer):
    return ask_women(answer, women=3, seed=2, jobs=1)


def shown(answer, width=80):
    console = Console(width=width, file=io.StringIO(), highlight=False)
    print_pregnancy(answer, console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_page_keeps_its_width_and_every_rule(answer, width):
    text = shown(answer, width)
    assert max(map(len, text.splitlines())) <= min(width, 100)
    assert not check_public_text(text)
    assert "…" not in text or width < 80


def test_the_page_says_what_was_assumed_and_the_sentence_on_stopping(answer):
    flat = " ".join(shown(answer).split())
    assert sentence("contested_mechanism") in flat
    assert sentence("steroid") in flat
    assert "Assumed here" in flat


def test_words_agree_with_the_course(answer):
    course = answer.course
    told = " ".join(words.findings(answer))
    assert f"about {round(float(course.weekly('uterine_nk')[8]), -1):.0f} per mm²" in told
    assert "945 mg in all" in told  # 42 days of 20 mg, 7 of 10, 7 of 5
    days = words.days_to_clear(course, 8.0)
    assert f"after {days:.0f} days" in told
    assert (
        course.variables["infection"][int(56 + days)] < 0.01 <= course.variables["infection"][int(55 + days)]
    )


def test_json_is_the_course_with_units_and_where_it_comes_from(answer):
    record = json.loads(as_json(pregnancy_record(answer)))
    assert record["schema_version"]
    assert record["assumes"] == sentence("contested_mechanism")
    assert set(record["units"]) == set(record["variables"])
    assert all(len(values) == len(record["time_days"]) for values in record["variables"].values())
    np.testing.assert_array_equal(record["variables"]["uterine_nk"], answer.course.variables["uterine_nk"])
    assert record["provenance"]["mechanism_weights"]["high_count_harms"] == 1.0
    assert [dose["mg_per_day"] for dose in record["regimen"]["doses"]] == [20.0, 10.0, 5.0]


def test_bands_stand_in_json_and_in_the_table_of_days(with_women):
    record = pregnancy_record(with_women)["women"]
    assert record["women"] == 3
    table = days_table(with_women)
    assert table["women_uterine_nk_median"].to_list() == record["bands"]["uterine_nk"]["median"]
    assert pregnancy_record(with_women)["provenance"]["seed"] == 2


def test_every_figure_has_words_and_the_regimen_beneath(answer):
    figures = figures_of(answer)
    assert [figure.name for figure in figures] == [
        "cells", "placenta", "progesterone", "cortisol", "drug", "infection",
    ]  # fmt: skip
    for figure in figures:
        assert "prednisolone" in figure.svg
        assert f'<title id="figure-{figure.name}-title">{figure.title}' in figure.svg
        alone = standalone(figure, notes=notes_of(answer.course))
        assert not check_public_html(alone)
        assert sentence("contested_mechanism") in alone


def test_without_drugs_or_infection_there_is_no_figure_of_them():
    plain = ask_pregnancy(PregnancyQuestion(regimen=regimen_named("none"), end_week=12.0))
    assert [figure.name for figure in figures_of(plain)] == ["cells", "placenta", "progesterone", "cortisol"]
    assert "without drugs" not in figures_of(plain)[0].svg


def test_the_page_keeps_every_rule_and_loads_nothing(answer):
    html = pregnancy_html(answer)
    assert not check_public_html(html)
    assert "<script" not in html
    assert not [tag for tag, _ in page_from_html(html).tags if tag in ("img", "link", "iframe")]


def test_files_are_written_whole(with_women, tmp_path):
    import polars

    names = write_pregnancy(with_women, tmp_path)
    assert {"course.csv", "course.parquet", "course.json", "pregnancy.html", "cells.svg"} <= set(names)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    parquet, csv = polars.read_parquet(tmp_path / "course.parquet"), polars.read_csv(tmp_path / "course.csv")
    assert parquet.columns == csv.columns
    assert parquet["uterine_nk"].to_list() == with_women.course.variables["uterine_nk"].tolist()

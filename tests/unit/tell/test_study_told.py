"""A study told in five ways: terminal, sentence, page, JSON and table agree."""

from __future__ import annotations

import io
import json
import re

import polars
import pytest
from rich.console import Console

import decidua as dc
from decidua.base.errors import InputError
from decidua.tell.study_files import print_study, results_table, study_html, study_record
from decidua.tell.study_words import chance, number, signed

WOMEN = 30_000


@pytest.fixture(scope="module")
def result():
    return dc.Study.read("when-to-test").run(women=WOMEN, seed=7, draws=20)


def shown(result) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    print_study(result.found, console)
    return " ".join(console.file.getvalue().split())


def test_terminal_sentence_and_page_tell_the_same_births(result):
    arm = result.found.arm("test_after_1")
    births = signed(arm.difference["live_births"].value.mean)
    for text in (shown(result), result.tell("sentence"), result.tell("report")):
        assert f"Live births: {births} (" in " ".join(text.split())


def test_the_page_loads_nothing_from_outside(result):
    page = study_html(result.found)
    assert not re.findall(r"""(?:src|href)=["']|url\((?!#)|@import""", page.replace('href="#main"', ""))
    assert "<script" not in page
    assert page.count("<svg") == 2


def test_json_and_table_tell_the_same_as_the_result(result):
    record = json.loads(json.dumps(study_record(result.found), allow_nan=False))
    assert [arm["name"] for arm in record["arms"]] == list(result.found.study.file.arms)
    table = results_table(result.found)
    for arm in record["arms"]:
        rows = table.filter((polars.col("arm") == arm["name"]) & (polars.col("measure") == "live_births"))
        per_1000 = 1000.0 * rows["difference"].sum() / rows["women_with_a_loss"].sum()
        assert arm["difference"]["live_births"]["mean"] == pytest.approx(per_1000)
    assert record["women_not_reached_whose_life_differs"] == 0
    assert record["provenance"]["seed"] == 7


def test_a_preview_names_what_is_assumed():
    told = dc.Study.read("when-to-test").preview()
    assert "measure.uterine_nk.repeatability" in told
    assert "168 days before each pregnancy" in told


def test_citations_are_those_of_what_the_run_used(result):
    assert result.cite()
    with pytest.raises(InputError, match="sentence, report"):
        result.tell("song")


def test_numbers_and_chances_in_words():
    assert [number(x) for x in (0.0, 0.04, 4.44, 12.6, 2161.3)] == ["0", "0", "4.4", "13", "2,161"]
    assert [signed(x) for x in (0.0, -0.04, 4.44, -17.1)] == ["0", "0", "+4.4", "−17"]
    assert chance(0.05) == "unlikely"
    assert chance(0.6) == "60 in 100"
    assert "cannot tell" in chance(None)

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
from decidua.base.estimates import Estimate
from decidua.tell.study_charts import REACHED, study_figures
from decidua.tell.study_files import print_study, results_table, study_record
from decidua.tell.study_finding import finding, way_of
from decidua.tell.study_page import study_html, study_page
from decidua.tell.study_words import chance, number, short, signed, with_range

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


def test_the_report_begins_with_the_finding_and_ends_with_what_cannot_be_told(result):
    page = study_page(result.found)
    names = [part.name for part in page.sections]
    assert names == ["births", "explanations", "reached", "pathways", "harms", "assumed", "open"]
    for text in (result.tell("report"), shown(result)):
        flat = " ".join(re.sub(r"<[^>]+>", " ", text).replace("\N{NO-BREAK SPACE}", " ").split())
        places = [flat.index(words) for words in (page.finding[:60], page.opening[0][:40])]
        places += [flat.index(f" {part.title} ") for part in page.sections]
        assert places == sorted(places)


def test_a_panel_shows_its_own_test_alone(result):
    svg = study_figures(result.found)["reached"].svg
    for arm in result.found.arms:
        if arm.care.test != "none":
            tested = number(arm.with_a_loss["women_tested"].value.mean)
            expected = sum(
                number(other.with_a_loss[name].value.mean) == tested
                for other in result.found.arms
                if other.care.test != "none"
                for name in REACHED
            )
            assert svg.count(f">{tested}</text>") == expected


@pytest.mark.parametrize(
    ("lo", "hi", "way"),
    [(-3.0, -1.0, "fewer"), (1.0, 3.0, "more"), (-1.0, 1.0, "open"), (0.0, 0.0, "same"), (0.0, 1.0, "open")],
)
def test_a_range_that_holds_no_change_leaves_the_way_open(lo, hi, way):
    assert way_of(Estimate((lo + hi) / 2.0, lo, hi)) == way


def test_every_pathway_is_named_once_in_the_finding(result):
    told = finding(result.found)
    for arm in result.found.arms:
        assert told.count(f"{short(arm.care.name)}") >= 1
    assert told.endswith(".")
    assert told.count(". ") == 0


def test_where_no_simulated_woman_differed_that_is_said_and_no_nought_is_given():
    assert with_range(Estimate(0.0, 0.0, 0.0)) == "none seen"
    assert with_range(Estimate(0.0, -1.2, 1.2)) == "0 (−1.2 to +1.2)"

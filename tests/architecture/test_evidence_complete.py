"""Every entry of the ledger is complete, cited, in plain words, and equal to the table it names."""

from __future__ import annotations

import re

import pytest

from decidua.evidence import load_ledger
from decidua.evidence.loader import HERE

LEDGER = load_ledger()
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LONGEST_FILE = 500
ASKED_FOR = {
    "measure.uterine_nk.control_median_cells_per_mm2",
    "measure.uterine_nk.control_log_sd",
    "measure.uterine_nk.cut_cells_per_mm2",
    "measure.uterine_nk.share_high_controls",
    "measure.uterine_nk.share_high_recurrent_loss",
    "measure.uterine_nk.control_median_percent_of_stroma.sheffield",
    "measure.uterine_nk.control_median_percent_of_stroma.hong_kong",
    "measure.uterine_nk.cut_percent_of_stroma.liverpool",
    "measure.uterine_nk.repeatability",
    "measure.uterine_nk.between_laboratory_log_sd",
    "measure.uterine_nk.dating_error_days",
    "measure.uterine_nk.cycle_multiplier_day_3",
    "measure.uterine_nk.cycle_multiplier_day_7",
    "measure.uterine_nk.cycle_multiplier_day_12",
    "measure.blood_nk.women_mean_percent_of_lymphocytes",
    "measure.blood_nk.women_sd_percent_of_lymphocytes",
    "measure.blood_nk.men_mean_percent_of_lymphocytes",
    "measure.blood_nk.men_sd_percent_of_lymphocytes",
    "measure.blood_nk.correlation_with_uterine_nk",
    "treatment.progesterone.live_birth_risk_ratio.no_bleeding",
    "treatment.progesterone.live_birth_risk_ratio.bleeding_and_previous_loss",
    "law.prednisolone_log_hazard_ratio",
    "treatment.prednisolone.uterine_nk_multiplier_20mg_21d",
    "treatment.prednisolone.biochemical_loss_risk_ratio",
    "law.aspirin_log_hazard_ratio",
    "life.stillbirth.rate_28_weeks",
    "life.preterm.rate_37_weeks",
    "life.preterm.share_32_weeks",
    "life.setting.log_sd",
}


def test_the_numbers_that_the_program_builds_on_are_there():
    assert set(LEDGER) >= ASKED_FOR


@pytest.mark.parametrize("name", list(LEDGER))
def test_an_entry_says_what_it_is_and_where_it_comes_from(name):
    entry = LEDGER[name]
    assert entry.description[0].isupper()
    assert not entry.description.endswith(".")
    for value in entry.values:
        assert LEDGER.sources[value.reference.source].label()


@pytest.mark.parametrize("name", list(LEDGER))
def test_a_datasets_name_stands_for_a_table_of_that_source(name):
    for value in LEDGER[name].values:
        if value.reference.dataset:
            table = LEDGER.table(value.reference.dataset)
            cited = {source for row in table.rows for source in row.sources}
            assert value.reference.source in cited | {"decidua_judgement"}, cited


@pytest.mark.parametrize("name", [n for n in LEDGER if LEDGER[n].kind in ("measured", "pooled")])
def test_a_number_that_was_read_stands_in_its_table(name):
    for value in LEDGER[name].values:
        if value.reference.dataset and value.reading in ("READ", "READ_SECONDARY"):
            printed = numbers_of(value.reference.dataset)
            assert any(value.value == pytest.approx(number, abs=5.1e-5) for number in printed), name


def numbers_of(dataset: str) -> set[float]:
    """Every number a table prints, as it stands and as a share of one."""
    found: set[float] = set()
    for row in LEDGER.table(dataset).rows:
        cells = [row.estimate, row.lo, row.hi, row.n, row.events]
        found |= {float(cell) for cell in cells if cell is not None}
        found |= {float(number) for number in NUMBER.findall(f"{row.spread} {row.timing} {row.note}")}
        if row.lo is not None and row.hi is not None:
            found.add((row.lo + row.hi) / 2)
        if row.events is not None and row.n:
            found.add(row.events / row.n)
    return found | {number / 100 for number in found}


def test_nothing_that_was_recalled_is_in_use():
    for path in [*HERE.rglob("*.yaml"), *HERE.rglob("*.csv"), HERE / "sources.json"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bRECALL|\brecalled\b|unverified", text), path.name


def test_an_assumed_number_says_so_to_the_reader():
    assumed = [entry for entry in LEDGER.entries.values() if entry.kind == "assumed"]
    assert assumed
    assert {entry.grade for entry in assumed} == {"very_low"}
    assert all(entry.prior is not None for entry in assumed)


def test_no_two_sources_are_the_same_paper():
    for mark in ("DOI", "PMID"):
        marks = [getattr(source, mark) for source in LEDGER.sources.values() if getattr(source, mark)]
        assert len(marks) == len(set(marks)), [m for m in marks if marks.count(m) > 1]


def test_every_cited_thing_is_there():
    assert len(LEDGER.claims) == 12
    assert LEDGER.guidelines
    assert LEDGER.support


def test_evidence_has_no_paths_and_only_https_home_pages():
    for path in [*HERE.rglob("*.yaml"), HERE / "sources.json"]:
        text = path.read_text(encoding="utf-8")
        assert "http://" not in text
        assert path.name == "support.yaml" or "https://" not in text, path.name
        assert not re.search(r"/(work|home|root|tmp)/", text), path.name


@pytest.mark.parametrize("path", sorted((HERE / "tables").glob("*.csv")), ids=lambda path: path.stem)
def test_a_table_file_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE

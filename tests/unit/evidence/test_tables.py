"""The published tables: complete, free of numbers nobody read, and equal to what was read."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from decidua.evidence import load_ledger
from decidua.evidence.loader import HERE
from decidua.evidence.tables_file import read_rows

FILES = sorted((HERE / "tables").glob("*.csv"))
READ_HERE = {"READ", "READ_SECONDARY", "DERIVED", "JUDGEMENT", "READ_SECONDARY;CI_RECALL"}
FORBIDDEN = re.compile(
    r"recall|unverified|https?://|github|\.csv|\.md\b|/work|researcher\.life", re.IGNORECASE
)
SECOND = Path(__file__).parents[2] / "data" / "second_reading"
TOPICS = {
    "age_risk", "recurrence_risk", "karyotype", "gestational_hazard", "heterogeneity_causes", "fecundability",
    "prognosis_rpl", "prognosis_models", "prevalence_counts", "consequences", "unk_density", "unk_prognosis",
    "treatment_effects", "steroid_kinetics", "steroid_harms", "infection",
}  # fmt: skip


def rows_of(dataset: str):
    return load_ledger().table(dataset).rows


def test_every_topic_has_its_file():
    assert {path.stem for path in FILES} == TOPICS


def test_every_row_of_every_table_passes_the_checks():
    ledger = load_ledger()
    assert sum(len(ledger.table(dataset).rows) for dataset in ledger.datasets) == sum(
        len(read_rows(path)) for path in FILES
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_row_names_a_recalled_number_or_a_path_of_the_reading(path):
    text = path.read_text(encoding="utf-8")
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_row_keys_are_unique_within_a_file(path):
    counted = Counter(row["row_key"] for row in read_rows(path))
    assert max(counted.values()) == 1


def test_the_printed_intervals_of_brigham_were_not_read():
    rows = rows_of("BRIGHAM_TAB")
    assert len(rows) == 12
    assert {(row.lo, row.hi, row.reading) for row in rows} == {(None, None, "READ_SECONDARY")}


def labelled(dataset: str) -> set[str]:
    return {row.table for row in rows_of(dataset) if row.role == "INFORMED_STRUCTURE"}


def test_tables_that_chose_the_structure_are_labelled_so():
    assert len(labelled("OZAWA")) == 2
    by_losses = [row for row in rows_of("OZAWA") if row.role == "INFORMED_STRUCTURE"]
    assert {row.previous_losses for row in by_losses} == {"<2", ">=2"}
    for dataset in ("MARQUARD", "META22", "EGERUP_SEQ"):
        assert {row.role for row in rows_of(dataset)} == {"INFORMED_STRUCTURE"}
    assert labelled("STEPHENSON") == {"abnormal karyotype, recurrent miscarriage"}
    assert len([row for row in rows_of("NIKITINA16") if row.role == "INFORMED_STRUCTURE"]) == 6
    slopes = {row.stratum for row in rows_of("BRIGHAM_LOGIT") if row.role == "INFORMED_STRUCTURE"}
    assert slopes == {"per year of age", "per previous miscarriage"}
    slopes = {row.stratum for row in rows_of("KOKI_VIABLE") if row.role == "INFORMED_STRUCTURE"}
    assert slopes == {"per year maternal age", "per previous miscarriage"}


def test_denominators_are_told_apart():
    assert {row.estimate: row.basis for row in rows_of("WILCOX88")} == {
        22.0: "hCG", 30.81: "hCG", 12.0: "recognised",
    }  # fmt: skip
    assert {row.basis for row in rows_of("WILCOX20")} == {"ova"}
    assert {row.basis for row in rows_of("ZAUCHE_WEEK")} == {"recognised"}


def test_ranges_are_not_called_confidence_intervals():
    assert {row.interval_is for row in rows_of("AVALOS") if row.lo is not None} == {"range"}
    assert {row.interval_is for row in rows_of("KAANDORP_TTP") if row.lo is not None} == {"iqr"}
    assert {row.interval_is for row in rows_of("TRANSLOC_RANGE")} == {"range"}
    assert {row.interval_is for row in rows_of("MAGNUS_AGE")} == {"wilson95"}
    assert {row.interval_is for row in rows_of("REICHERT_ND")} == {"reference_interval"}


def test_leakage_groups_of_the_registers():
    danish = ("NYBO_AGE", "KNUDSEN_REC", "KOLTE_PERF", "LIDEGAARD_LIFE")
    assert {load_ledger().table(name).leakage_group for name in danish} == {"DANISH_REGISTERS"}
    assert load_ledger().table("BRIGHAM_TAB").leakage_group == load_ledger().table("COHN2010").leakage_group
    assert load_ledger().table("PROMISE").leakage_group == load_ledger().table("PROMISE_2015").leakage_group
    assert {row.leakage_group for row in rows_of("QUENBY_AGE")} == {"POOLED"}


def test_a_wilson_interval_is_that_of_its_counts():
    for path in FILES:
        for row in read_rows(path):
            if row["interval_is"] == "wilson95" and row["unit"] == "percent":
                assert wilson(int(row["events"]), int(row["n"])) == pytest.approx(
                    (float(row["lo"]), float(row["hi"])), abs=0.011
                ), row["row_key"]


def wilson(events: int, n: int) -> tuple[float, float]:
    z, p = 1.959963984540054, events / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return 100 * (middle - half), 100 * (middle + half)


@pytest.mark.needs_shared_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_number_is_the_one_that_was_read(path, data_folder):
    with (data_folder / "evidence" / "tables" / path.name).open(encoding="utf-8", newline="") as handle:
        theirs = [row for row in csv.DictReader(handle) if row["reading"] in READ_HERE]
    ours, second = read_rows(path), second_rows(path.name)
    assert len(ours) == len(theirs)
    for mine, original in zip(ours, theirs, strict=True):
        assert mine["dataset"] == original["dataset_id"]
        bare = original["reading"].endswith("CI_RECALL")
        for name in ("n", "events", "estimate", "lo", "hi"):
            expected = "" if bare and name in ("lo", "hi") else original[name]
            assert mine[name] == expected or completes(mine, name, expected, second), (mine["row_key"], name)


def completes(mine: dict[str, str], name: str, expected: str, second: dict[str, dict[str, str]]) -> bool:
    """A cell the first list left empty may be filled only with a number that the second reader found."""
    found = second.get(mine["row_key"], {}).get(name, "")
    days = re.fullmatch(r"(\d+)w(\d)d", found)
    value = int(days[1]) + int(days[2]) / 7 if days else float(found or "nan")
    return expected == "" and float(mine[name]) == pytest.approx(value, abs=1e-4)


def second_rows(name: str) -> dict[str, dict[str, str]]:
    if not (SECOND / name).is_file():
        return {}
    with (SECOND / name).open(encoding="utf-8", newline="") as handle:
        return {row["row_key"]: row for row in csv.DictReader(handle)}

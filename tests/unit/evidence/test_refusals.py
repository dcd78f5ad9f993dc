"""Everything the loader refuses, each with one clear line that names the file and the id."""

from __future__ import annotations

import json
import shutil

import pytest

from decidua.base.errors import InputError
from decidua.evidence import EvidenceError, read_ledger

GOOD = {"value": 4.0, "interval": [3.0, 5.0], "reference": {"source": "magnus_2019"}, "reading": "READ"}
PRIOR = {"distribution": "normal", "mean": 4.0, "sd": 1.0}


def refusal(folder) -> str:
    with pytest.raises(EvidenceError) as caught:
        read_ledger(folder)
    text = str(caught.value)
    assert "\n" not in text
    assert isinstance(caught.value, InputError)
    return text


def test_the_unspoilt_entry_loads(with_entry):
    assert read_ledger(with_entry()).value("life.test.number") == 4.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit": "furlongs"}, ("life.test.number.unit", "furlongs", "percent")),
        ({"kind": "guessed"}, ("life.test.number.kind", "guessed", "assumed")),
        ({"grade": "excellent"}, ("life.test.number.grade", "excellent", "very_low")),
        (
            {"values": [GOOD | {"reading": "RECALL"}]},
            ("life.test.number.reading", "RECALL", "READ_SECONDARY"),
        ),
        ({"values": [GOOD | {"reading": "RECALL_FITCHECKED"}]}, ("RECALL_FITCHECKED",)),
        ({"values": [GOOD | {"reading": "M"}]}, ("life.test.number.reading",)),
        (
            {"values": [GOOD | {"interval": [5.0, 9.0]}]},
            ("life.test.number", "does not contain the value 4.0"),
        ),
        ({"values": [GOOD | {"interval": [5.0, 3.0]}]}, ("does not contain",)),
        ({"values": []}, ("life.test.number.values",)),
        (
            {"kind": "assumed", "grade": "very_low"},
            ("life.test.number", "kind assumed needs a declared prior"),
        ),
        ({"kind": "calibrated"}, ("life.test.number", "kind calibrated needs a declared prior")),
        ({"kind": "assumed", "prior": PRIOR}, ("an assumed entry is graded very_low",)),
        ({"values": [GOOD | {"reading": "JUDGEMENT"}]}, ("JUDGEMENT is allowed only in an assumed entry",)),
        ({"kind": "calibrated", "prior": PRIOR, "values": [GOOD | {"reading": "JUDGEMENT"}]}, ("JUDGEMENT",)),
        ({"colour": "red"}, ("life.test.number.colour",)),
        ({"id": "no_room"}, ("no_room",)),
        ({"prior": {"distribution": "cauchy"}}, ("life.test.number.prior.distribution",)),
        ({"prior": {"distribution": "normal", "mean": 0.0}}, ("prior normal takes ['mean', 'sd']",)),
        ({"values": [GOOD | {"reference": {"source": "magnus_1919"}}]}, ("magnus_1919", "sources.json")),
    ],
)
def test_a_spoilt_entry_is_refused(with_entry, changes, words):
    message = refusal(with_entry(**changes))
    assert message.startswith("spoilt.yaml: ")
    for word in words:
        assert word in message


def test_judgement_is_accepted_in_an_assumed_prior(with_entry):
    values = [GOOD | {"reading": "JUDGEMENT"}]
    ledger = read_ledger(with_entry(kind="assumed", grade="very_low", prior=PRIOR, values=values))
    assert ledger["life.test.number"].prior.parameters == {"mean": 4.0, "sd": 1.0}


def test_an_id_used_twice_is_refused(with_entry):
    folder = with_entry()
    shutil.copy(folder / "ledger" / "spoilt.yaml", folder / "ledger" / "twin.yaml")
    message = refusal(folder)
    assert "twin.yaml" in message
    assert "life.test.number" in message
    assert "used once" in message


def test_unreadable_yaml_is_refused(with_entry):
    folder = with_entry()
    (folder / "ledger" / "spoilt.yaml").write_text("- id: [", encoding="utf-8")
    assert refusal(folder).startswith("spoilt.yaml: YAML")


def test_a_file_that_is_no_list_is_refused(with_entry):
    folder = with_entry()
    (folder / "ledger" / "spoilt.yaml").write_text("id: a.b", encoding="utf-8")
    assert "a list" in refusal(folder)


def spoil_table(folder, old: str, new: str) -> None:
    path = folder / "tables" / "recurrence_risk.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (",odds_ratio,recognised,READ,", ",furlongs,recognised,READ,", "unit"),
        (",odds_ratio,recognised,READ,", ",odds_ratio,recognised,RECALL,", "reading"),
        (",odds_ratio,recognised,READ,", ",odds_ratio,implanted,READ,", "basis"),
        ("MAGNUS_REC,magnus_2019,", "MAGNUS_REC,magnus_1919,", "magnus_1919"),
        ("1.54,1.48,1.6,ci95", "1.54,1.58,1.6,ci95", "1.54"),
        ("1.54,1.48,1.6,ci95", "1.54,1.48,1.6,", "kind of interval"),
    ],
)
def test_a_spoilt_table_is_refused(copied, old, new, word):
    spoil_table(copied, old, new)
    ledger = read_ledger(copied)
    with pytest.raises(EvidenceError) as caught:
        ledger.table("MAGNUS_REC")
    assert "recurrence_risk.csv" in str(caught.value)
    assert word in str(caught.value)


def test_a_table_with_other_columns_is_refused(copied):
    spoil_table(copied, "dataset,source", "dataset,origin")
    with pytest.raises(EvidenceError, match="columns"):
        read_ledger(copied).table("MAGNUS_REC")


def test_a_claim_with_an_unknown_source_is_refused(copied):
    path = copied / "claims.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("kuon_2017", "kuon_1917"), encoding="utf-8")
    with pytest.raises(EvidenceError, match="kuon_1917"):
        _ = read_ledger(copied).claims


def test_a_claim_with_an_unknown_verdict_is_refused(copied):
    path = copied / "claims.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(": contested", ": doubtful"), encoding="utf-8")
    with pytest.raises(EvidenceError, match="verdict"):
        _ = read_ledger(copied).claims


def test_a_source_with_an_unknown_fact_is_refused(copied):
    path = copied / "sources.json"
    sources = json.loads(path.read_text(encoding="utf-8"))
    sources[0]["impact_factor"] = 9
    path.write_text(json.dumps(sources), encoding="utf-8")
    with pytest.raises(EvidenceError, match="impact_factor"):
        _ = read_ledger(copied).sources


def test_a_support_link_must_be_a_home_page(copied):
    path = copied / "support.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("https://", "http://"), encoding="utf-8")
    with pytest.raises(EvidenceError, match="link"):
        _ = read_ledger(copied).support

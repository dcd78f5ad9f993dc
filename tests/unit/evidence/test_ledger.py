"""What the ledger answers: values, tables, what a fit may open, and a hash of it all."""

from __future__ import annotations

import time

import pytest

from decidua.evidence import EvidenceError, content_hash, load_ledger, read_ledger
from decidua.evidence.content import hash_of
from decidua.evidence.loader import HERE


def test_values_are_those_of_the_papers():
    ledger = load_ledger()
    assert ledger.value("measure.uterine_nk.control_median_cells_per_mm2") == 133
    assert ledger.value("measure.uterine_nk.cut_cells_per_mm2") == 300
    assert ledger.value("measure.blood_nk.men_mean_percent_of_lymphocytes") == 18.8
    assert ledger.value("life.fecundability.share_sub_fertile") == 0.281
    assert ledger.value("treatment.progesterone.live_birth_risk_ratio.bleeding_and_previous_loss") == 1.09
    assert ledger.interval("treatment.prednisolone.biochemical_loss_risk_ratio") == (1.03, 2.99)


def test_a_share_is_its_count():
    ledger = load_ledger()
    for name in ledger:
        chosen = ledger[name].chosen
        if chosen.events is not None and chosen.n is not None and ledger[name].unit == "probability":
            assert chosen.value == pytest.approx(chosen.events / chosen.n, abs=0.0006), name


def test_shares_at_term_add_up_to_one():
    ledger = load_ledger()
    total = sum(ledger.value(f"life.term_week.share_{week}") for week in range(37, 43))
    assert total == pytest.approx(1.0, abs=1e-9)


def test_shares_of_birth_weeks_add_up_to_one():
    bands = ("under_28", "28_to_31", "32_to_36", "37_to_41", "from_42")
    total = sum(load_ledger().value(f"life.birth_week.share_{band}") for band in bands)
    assert total == pytest.approx(1.0, abs=3e-6)


def test_the_spread_between_settings_is_the_published_range():
    from math import log

    published = (log(0.79 / 0.21) - log(0.58 / 0.42)) / 4
    assert load_ledger().value("life.setting.log_sd") == pytest.approx(published, abs=0.002)


def test_the_log_normal_fit_gives_back_the_printed_mean_and_sd():
    from math import exp, sqrt

    ledger = load_ledger()
    for group, mean, sd in (("control", 148, 73), ("recurrent_loss", 257, 212)):
        median = ledger.value(f"measure.uterine_nk.{group}_median_cells_per_mm2")
        spread = ledger.value(f"measure.uterine_nk.{group}_log_sd")
        assert median * exp(spread**2 / 2) == pytest.approx(mean, rel=0.01)
        assert mean * sqrt(exp(spread**2) - 1) == pytest.approx(sd, rel=0.02)


def test_an_unknown_id_and_a_missing_interval_say_so():
    with pytest.raises(EvidenceError, match=r"life\.nothing"):
        load_ledger().value("life.nothing")
    with pytest.raises(EvidenceError, match="interval"):
        load_ledger().interval("measure.uterine_nk.cut_cells_per_mm2")


def test_a_fit_opens_calibration_rows_alone():
    ledger = load_ledger()
    rows = ledger.calibration_rows("MAGNUS_REC")
    assert [row.estimate for row in rows] == [1.0, 1.54, 2.21, 3.97]
    assert [row.previous_losses for row in rows] == ["0", "1", "2", ">=3"]
    assert {row.role for row in ledger.calibration_rows("APS")} == {"CALIBRATION"}
    assert len(ledger.calibration_rows("APS")) < len(ledger.table("APS").rows)


@pytest.mark.parametrize(
    "dataset", ["KNUDSEN_REC", "QUENBY_REC", "OZAWA", "EGERUP_SEQ", "JUDGE_ASPIRIN", "GOMAA_2014"]
)
def test_a_fit_cannot_open_anything_else(dataset):
    assert load_ledger().table(dataset).rows
    with pytest.raises(EvidenceError, match=dataset):
        load_ledger().calibration_rows(dataset)


def test_a_table_says_what_all_its_rows_share():
    table = load_ledger().table("MAGNUS_AGE")
    assert (table.role, table.basis, table.leakage_group) == ("CALIBRATION", "recognised", "NORWAY_REGISTER")
    assert load_ledger().table("WILCOX88").basis == "MIXED"
    with pytest.raises(EvidenceError, match="NO_SUCH_TABLE"):
        load_ledger().table("NO_SUCH_TABLE")


def test_nothing_in_the_ledger_can_be_changed():
    ledger = load_ledger()
    with pytest.raises(TypeError):
        ledger.entries["life.new"] = ledger["life.setting.log_sd"]
    with pytest.raises(ValueError, match="frozen"):
        ledger["life.setting.log_sd"].kind = "measured"


def test_one_changed_digit_changes_the_hash(copied):
    before = hash_of(copied)
    assert hash_of(copied) == before
    path = copied / "tables" / "recurrence_risk.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("1.54", "1.55"), encoding="utf-8")
    assert hash_of(copied) != before


def test_the_hash_is_blind_to_line_endings(copied):
    before = hash_of(copied)
    path = copied / "claims.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert hash_of(copied) == before
    assert len(content_hash()) == 16


def test_loading_is_quick():
    def seconds() -> float:
        started = time.perf_counter()
        read_ledger(HERE)
        return time.perf_counter() - started

    # About 0.12 s on a quiet core; the bound leaves room for a busy machine.
    assert min(seconds() for _ in range(3)) < 0.6

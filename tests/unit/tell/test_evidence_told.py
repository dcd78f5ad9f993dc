"""Search over the ledger, and the coverage table."""

from __future__ import annotations

from pathlib import Path

import pytest

from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.inference.class_weights import load_weights
from decidua.tell.coverage import load_coverage
from decidua.tell.evidence_told import entries_matching, entry_named, entry_record
from decidua.tell.weights_told import explanations, weights_tables

PROJECT = Path(__file__).parents[3]
LEDGER = load_ledger()


def test_a_search_without_words_finds_all_and_with_every_word_only_what_holds_them():
    assert len(entries_matching(LEDGER, "")) == len(LEDGER)
    found = entries_matching(LEDGER, "Prednisolone half-life")
    assert "womb.prednisolone.half_life_hours" in {entry.id for entry in found}
    assert all("prednisolone" in f"{entry.id} {entry.description}".lower() for entry in found)
    assert not entries_matching(LEDGER, "prednisolone storks")


def test_a_search_finds_a_source_by_its_author():
    ids = {entry.id for entry in entries_matching(LEDGER, "kuon")}
    assert "measure.uterine_nk.cut_cells_per_mm2" in ids


def test_an_unknown_id_is_refused_with_its_neighbours():
    with pytest.raises(InputError, match=r"womb\.unk\.high_cut_per_mm2"):
        entry_named(LEDGER, "womb.unk.high_cut")


def test_an_entry_names_what_uses_it():
    assert "womb/lining.py" in entry_record(LEDGER, "lining.step_mm")["used_by"]


def test_every_check_of_the_coverage_table_is_a_file_of_the_tests():
    for part in load_coverage():
        assert all((PROJECT / check).is_file() for check in part.checks), part.part
        assert bool(part.checks) == (part.state != "absent"), part.part


def test_the_coverage_table_names_each_room_once_by_its_folder():
    rooms = {part.room for part in load_coverage()}
    assert all((PROJECT / "src" / "decidua" / room).is_dir() for room in rooms)


def test_weights_are_those_in_use_and_add_up_to_one():
    told = explanations()
    assert sum(one.weight for one in told) == pytest.approx(1.0)
    found = load_weights()
    by_class = {"a high count does harm": "high_count_harms", "the count has no effect": "no_effect"}
    for words, name in by_class.items():
        weight = sum(one.weight for one in told if one.class_words == words)
        assert weight == pytest.approx(found["classes"][name])


def test_the_tables_of_weights_are_whole():
    for table in weights_tables():
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}
    first, by_table, _ = weights_tables()
    assert first.rows[0][2] == f"{load_weights()['classes']['high_count_harms']:.3f}"
    assert "KUON_2017" in {row[0] for row in by_table.rows}

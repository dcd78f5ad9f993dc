"""The answer as rows: every estimate of the JSON object, and the main ones as they are said."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from decidua.tell.history_rows import csv_text, number_rows, spoken_rows
from decidua.tell.whole_numbers import about


def found_at(told, path):
    for part in path.replace("[", ".[").split("."):
        told = told[int(part[1:-1])] if part.startswith("[") else told[part]
    return told


def estimates_in(told):
    if isinstance(told, dict):
        return int(set(told) == {"mean", "lo", "hi"}) or sum(map(estimates_in, told.values()))
    return sum(map(estimates_in, told)) if isinstance(told, list) else 0


def test_every_estimate_is_a_row_under_its_own_path(two_losses):
    rows, told = number_rows(two_losses), two_losses.to_dict()
    assert len(rows) == estimates_in(told) > 20
    for path, mean, lo, hi in rows:
        assert found_at(told, path) == {"mean": mean, "lo": lo, "hi": hi}


def test_a_spreadsheet_reads_the_same_numbers(two_losses):
    read = list(csv.DictReader(io.StringIO(csv_text(two_losses))))
    assert [(row["what"], float(row["mean"])) for row in read] == [row[:2] for row in number_rows(two_losses)]
    assert all(row["made_by"].startswith("decidua ") for row in read)


def test_spoken_rows_say_what_the_sentence_says(two_losses):
    rows = dict(spoken_rows(two_losses, numbers="public"))
    assert rows["a baby born alive in the next pregnancy"] == about(two_losses.next_live_birth.mean)
    assert not any(
        letter.isdigit() for said in dict(spoken_rows(two_losses, numbers="none")).values() for letter in said
    )


def test_nothing_is_spoken_of_a_future_that_was_not_asked(two_losses):
    past = replace(two_losses, next_live_birth=None, next_loss=None, same_age_no_losses=None)
    assert spoken_rows(past, numbers="public") == ()


def test_rows_of_a_pregnancy_that_goes_on_come_first_and_can_be_asked_for_alone(treated):
    alone = spoken_rows(treated, numbers="public", of=("now",))
    assert alone == (("a baby born alive in this pregnancy", about(treated.current.live_birth.mean)),)
    assert spoken_rows(treated, numbers="public")[:1] == alone
    assert len(spoken_rows(treated, numbers="public", of=("next",))) > 2

"""The reader of the survey: what it scores, what a history may know, and how bad files are refused."""

from __future__ import annotations

import gzip

import pytest

from decidua.base.errors import InputError
from decidua.study.survey_file import CYCLES, read_survey, scored

HEADER = (
    "woman_id,order,outcome,age_at_end_years,age_at_conception_years,cycle,prior_live_births,"
    "prior_miscarriages,miscarriage_run,y_miscarriage,eval_window,index_row"
)
LINES = (
    "a,1,miscarriage,,24.50,2002,0,0,0,1,0,0",
    "a,2,live_birth,27.10,26.40,2002,0,1,1,0,1,1",
    "a,3,miscarriage,29.90,29.70,2002,1,1,0,1,1,0",
    "b,1,induced,19.00,18.80,2002,0,0,0,,1,0",
    "b,2,live_birth,11.20,20.00,2002,0,0,0,0,1,1",
    "b,3,ongoing,21.00,20.90,2002,1,0,0,,0,0",
)


@pytest.fixture
def folder(tmp_path):
    def made(lines=LINES, *, header=HEADER, cycles=CYCLES):
        for cycle in cycles:
            text = "\n".join([header, *(line.replace("2002", cycle) for line in lines)])
            (tmp_path / f"nsfg_{cycle}.csv.gz").write_bytes(gzip.compress(text.encode()))
        return tmp_path

    return made


def test_only_losses_and_births_of_the_window_are_scored(folder):
    rows = read_survey(folder())
    assert len(rows) == 3 * len(CYCLES)
    assert rows.happened[:3].tolist() == [0.0, 1.0, 0.0]
    assert rows.is_index[:3].tolist() == [1.0, 0.0, 1.0]
    assert rows.woman[:3].tolist() == [0, 0, 1]
    assert rows.is_validation.sum() == 3


def test_a_history_holds_what_came_before_and_never_its_own_end(folder):
    rows = read_survey(folder())
    # The age at conception stands in where the age at the end is missing.
    assert rows.past[0] == (26, (("miscarriage", 24),))
    assert rows.past[1] == (29, (("miscarriage", 24), ("live_birth", 27)))
    assert rows.past[2] == (20, (("induced", 19),))


def test_ages_never_go_backwards_and_never_pass_the_present_one():
    own = {"woman_id": "a", "cycle": "2002", "eval_window": 0, "y_miscarriage": None, "index_row": 0}
    counts = {"prior_miscarriages": 0, "prior_live_births": 0, "miscarriage_run": 0}

    def row(outcome, at_end, **more):
        ages = {"outcome": outcome, "age_at_end_years": at_end, "age_at_conception_years": at_end}
        return own | counts | ages | more

    last = row("live_birth", 25.5, eval_window=1, y_miscarriage=0.0, index_row=1)
    past = scored([row("ectopic", 11.0), row("miscarriage", 26.9), row("stillbirth", 20.0), last]).past[0]
    assert past == (25, (("ectopic", None), ("miscarriage", 25), ("stillbirth", 25)))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("a,1,lost,24,23,2002,0,0,0,1,1,1",), "outcome: lost is not accepted"),
        (("a,x,miscarriage,24,23,2002,0,0,0,1,1,1",), "order: x is not accepted; allowed: a whole number"),
        (("a,1,miscarriage,24,old,2002,0,0,0,1,1,1",), "age_at_conception_years: old"),
        (("a,1,miscarriage,24,23,2002,0,,0,1,1,1",), "prior_miscarriages: an empty value"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(folder, lines, said):
    with pytest.raises(InputError, match=said):
        read_survey(folder(lines))


def test_a_missing_folder_file_or_column_is_named(folder, tmp_path):
    with pytest.raises(InputError, match="nowhere is not accepted; allowed: a folder"):
        read_survey(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"nsfg_2013_2015\.csv\.gz: a missing file"):
        read_survey(folder(cycles=CYCLES[:-1]))
    with pytest.raises(InputError, match="index_row: a missing column"):
        read_survey(folder([line.rsplit(",", 1)[0] for line in LINES], header=HEADER.rsplit(",", 1)[0]))


def test_a_file_that_is_not_a_table_is_refused(folder):
    made = folder()
    (made / "nsfg_2002.csv.gz").write_bytes(b"\x1f\x8b not a gzip file at all")
    with pytest.raises(InputError, match=r"nsfg_2002\.csv\.gz"):
        read_survey(made)

"""What an answer names as left out, for each kind of history that asks for it."""

from __future__ import annotations

import pytest

from decidua.evidence import load_ledger
from decidua.inference.left_out import NAMES, left_out_of
from decidua.measure.history import History, Pregnancy, history_from_words
from decidua.tell.words import label


@pytest.mark.parametrize(
    ("words", "age", "names"),
    [
        (["loss", "birth"], "34", ()),
        (["loss", "birth"], "19.9", ("age_below_register",)),
        (["loss", "birth"], "20", ()),
        (["loss", "birth"], "44.9", ()),
        (["loss", "birth"], "45", ("age_above_register",)),
        (["stillbirth"], "34", ("stillbirth_again",)),
        (["ectopic", "induced", "stillbirth"], "34", ("stillbirth_again", "another_ectopic", "induced")),
        (["loss", "ongoing"], "34", ()),
    ],
)
def test_what_is_left_out_is_named(words, age, names):
    assert left_out_of(history_from_words(words, age=age), load_ledger()) == names


def test_becoming_pregnant_is_left_out_where_it_is_the_question():
    ledger = load_ledger()
    assert left_out_of(History(age_years=35.0), ledger) == ("conceiving",)
    tried = History(age_years=35.0, trying_months=8, pregnancies=(Pregnancy("live_birth"),))
    assert left_out_of(tried, ledger) == ("conceiving",)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_words(name):
    assert label("left_out", name).endswith(".")

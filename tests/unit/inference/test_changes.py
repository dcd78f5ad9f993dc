"""What would change the answer: each item is the answer to the history with that fact added."""

from __future__ import annotations

from dataclasses import replace

import pytest

from decidua.evidence import load_ledger
from decidua.inference import changes
from decidua.inference.history import answer_history
from decidua.inference.prepared import Grid
from decidua.inference.structures import DEFAULT_STRUCTURE
from decidua.measure.history import CONDITIONS, History, Pregnancy, Test

THIN = 100
CUT = load_ledger().value("measure.uterine_nk.cut_cells_per_mm2")
FIRST = Pregnancy(outcome="miscarriage", age_years=32.0, week=8, karyotype="aneuploid")
LAST = Pregnancy(outcome="miscarriage", age_years=34.0, week=9)
HISTORY = History(age_years=35.0, pregnancies=(FIRST, LAST))
ONGOING = Pregnancy(outcome="ongoing", age_years=35.0, week=7)


def birth(history: History) -> float:
    return answer_history(history, thin=THIN, changes=False).next_live_birth.mean


FINE = Grid(with_condition=8)  # the answer's own nodes, and as many for the women with a condition


@pytest.fixture
def with_nodes_of_the_answer(monkeypatch):
    monkeypatch.setattr(changes, "COARSE", FINE)


def listed(history: History, monkeypatch: pytest.MonkeyPatch, *, shown: int = 99, p: float | None = None):
    """What would change the answer by what and result, on the draws of `birth` unless it is told another."""
    monkeypatch.setattr(changes, "THIN", THIN)
    monkeypatch.setattr(changes, "SHOWN", shown)
    found = changes.what_would_change(
        history,
        p_live_birth=birth(history) if p is None else p,
        structure=DEFAULT_STRUCTURE.name,
        mechanism=None,
    )
    return {(change.what, change.result): change for change in found}


def with_last(karyotype: str) -> History:
    return replace(HISTORY, pregnancies=(FIRST, replace(LAST, karyotype=karyotype)))


def with_one_more(outcome: str) -> History:
    more = Pregnancy(outcome=outcome, age_years=35.0)
    return replace(HISTORY, pregnancies=(*HISTORY.pregnancies, more))


def with_reading(value: float) -> History:
    return replace(HISTORY, tests=(Test(test="uterine_nk", value=value, unit="cells_per_mm2"),))


FACTS = {
    ("chromosomes of loss 2", "aneuploid"): with_last("aneuploid"),
    ("chromosomes of loss 2", "euploid"): with_last("euploid"),
    ("antiphospholipid", "yes"): replace(HISTORY, conditions={"antiphospholipid": "yes"}),
    ("translocation", "no"): replace(HISTORY, conditions={"translocation": "no"}),
    ("uterine NK count", "high"): with_reading(1.25 * CUT),
    ("uterine NK count", "low"): with_reading(0.25 * CUT),
    ("one more pregnancy", "live_birth"): with_one_more("live_birth"),
    ("one more pregnancy", "miscarriage"): with_one_more("miscarriage"),
    ("partner's age", "10 years more than hers"): replace(HISTORY, partner_age_years=45.0),
}


@pytest.mark.usefixtures("with_nodes_of_the_answer")
def test_each_item_is_the_answer_with_that_fact_added(monkeypatch):
    found = listed(HISTORY, monkeypatch)
    for key, history in FACTS.items():
        rule = 1e-5 if key[1] == "no" else 1e-9  # women without a condition are all women less those with it
        assert found[key].live_birth.mean == pytest.approx(birth(history), rel=rule), key


@pytest.mark.usefixtures("with_nodes_of_the_answer")
@pytest.mark.parametrize("name", CONDITIONS)
def test_women_with_and_without_a_condition_fare_as_their_histories_say(name, monkeypatch):
    for history in (HISTORY, with_last("unbalanced")):
        found = listed(history, monkeypatch)
        for result in {"yes", "no"} & {result for what, result in found if what == name}:
            known = replace(history, conditions={name: result})
            assert found[name, result].live_birth.mean == pytest.approx(birth(known), rel=1e-4), result


def test_fewer_nodes_hardly_move_what_a_fact_does(monkeypatch):
    level = birth(HISTORY)
    found = listed(HISTORY, monkeypatch)
    for key, history in FACTS.items():
        move = birth(history) - level
        assert found[key].live_birth.mean - level == pytest.approx(move, abs=0.003), key


def test_the_largest_move_stands_first_and_no_more_than_asked_are_shown(monkeypatch):
    level = birth(HISTORY)
    whole = listed(HISTORY, monkeypatch)
    moves = [abs(change.live_birth.mean - level) for change in whole.values()]
    assert moves == sorted(moves, reverse=True)
    assert list(listed(HISTORY, monkeypatch, shown=3)) == list(whole)[:3]


@pytest.mark.usefixtures("with_nodes_of_the_answer")
def test_the_chances_of_a_result_are_those_of_the_answer(monkeypatch):
    found, answer = listed(HISTORY, monkeypatch), answer_history(HISTORY, thin=THIN, changes=False)
    aneuploid = found["chromosomes of loss 2", "aneuploid"].p_result.mean
    assert aneuploid == pytest.approx(answer.past_losses[1].causes["aneuploid"].mean, rel=1e-9)
    born = found["one more pregnancy", "live_birth"].p_result.mean
    assert born == pytest.approx(answer.next_live_birth.mean, rel=1e-9)
    for what in ("chromosomes of loss 2", *CONDITIONS):
        chances = [change.p_result.mean for (name, _), change in found.items() if name == what]
        assert len(chances) == 2
        assert sum(chances) == pytest.approx(1.0, rel=1e-9)


def test_without_an_age_nothing_is_listed(monkeypatch):
    assert listed(replace(HISTORY, age_years=None), monkeypatch, p=0.5) == {}


def test_fewer_draws_are_corrected_by_what_they_say_of_the_history_itself(monkeypatch):
    plain, corrected = listed(HISTORY, monkeypatch), listed(HISTORY, monkeypatch, p=birth(HISTORY) - 0.01)
    for key, change in plain.items():
        assert corrected[key].live_birth.mean == pytest.approx(change.live_birth.mean - 0.01, abs=1e-12)
        assert corrected[key].p_result == change.p_result


def what_of(history: History) -> set[str]:
    return {what_if.what for what_if in changes.candidates(history)}


def test_what_is_known_is_not_asked_again():
    known = replace(
        with_reading(200.0),
        partner_age_years=36.0,
        conditions=dict.fromkeys(CONDITIONS, "no"),
        pregnancies=with_last("euploid").pregnancies,
    )
    assert what_of(known) == {"one more pregnancy"}
    unknown = {
        "chromosomes of loss 2",
        *CONDITIONS,
        "uterine NK count",
        "one more pregnancy",
        "partner's age",
    }
    assert what_of(HISTORY) == unknown


def test_in_an_ongoing_pregnancy_no_womb_is_sampled_and_no_other_one_begins():
    assert what_of(HISTORY) - what_of(replace(HISTORY, pregnancies=(FIRST, LAST, ONGOING))) == {
        "uterine NK count",
        "one more pregnancy",
    }


def test_a_translocation_cannot_be_ruled_out_after_an_unbalanced_loss(monkeypatch):
    found = listed(with_last("unbalanced"), monkeypatch)
    assert ("translocation", "no") not in found
    assert ("antiphospholipid", "no") in found

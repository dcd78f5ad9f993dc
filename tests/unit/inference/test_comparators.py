"""Published models are shown as published: their formulas by hand, and no chance where they give none."""

from __future__ import annotations

import math

import pytest

from decidua.evidence import load_ledger
from decidua.inference import comparators
from decidua.measure.history import History, Pregnancy

LEDGER = load_ledger()
LOSS, BIRTH = Pregnancy(outcome="miscarriage"), Pregnancy(outcome="live_birth")


def woman(age: float | None, losses: int, births: int = 0) -> History:
    return History(age_years=age, pregnancies=(LOSS,) * losses + (BIRTH,) * births)


@pytest.mark.parametrize(("age", "losses"), [(20.0, 2), (30.0, 3), (37.5, 4), (45.0, 3)])
def test_brigham_is_the_logistic_of_age_and_losses(age, losses):
    odds = math.exp(4.604 - 0.0823 * age - 0.248 * losses)
    found = comparators.brigham_1999(woman(age, losses), LEDGER)
    assert found.live_birth == pytest.approx(odds / (1.0 + odds), rel=1e-12)
    assert (found.name, found.source) == ("Brigham1999", "brigham_1999")


@pytest.mark.parametrize(("age", "losses", "percent"), [(25, 2, 89), (40, 2, 69), (30, 3, 80), (45, 3, 54)])
def test_brigham_gives_back_the_printed_cells(age, losses, percent):
    found = comparators.brigham_1999(woman(age, losses), LEDGER).live_birth
    assert 100.0 * found == pytest.approx(percent, abs=0.6)


@pytest.mark.parametrize("history", [woman(30.0, 1), woman(30.0, 0, births=3), woman(None, 3)])
def test_brigham_gives_no_chance_where_it_does_not_apply(history):
    assert comparators.brigham_1999(history, LEDGER).live_birth is None


def test_brigham_takes_no_notice_of_births_and_stillbirths():
    plain, other = woman(33.0, 3), woman(33.0, 3, births=2)
    with_stillbirth = History(33.0, pregnancies=(*plain.pregnancies, Pregnancy(outcome="stillbirth")))
    chances = {comparators.brigham_1999(h, LEDGER).live_birth for h in (plain, other, with_stillbirth)}
    assert len(chances) == 1


def test_koki_gives_no_chance_since_its_intercept_is_not_published():
    found = comparators.koki_2025()
    assert (found.name, found.live_birth) == ("Koki2025", None)
    assert "intercept" in found.fault


def test_koki_compares_two_women_by_its_odds_ratios():
    ratio = comparators.koki_odds_ratio(woman(38.0, 4, births=2), LEDGER, other=woman(33.0, 2, births=1))
    assert ratio == pytest.approx(0.89**5 * 0.79**2 * 1.21, rel=1e-12)
    back = comparators.koki_odds_ratio(woman(33.0, 2, births=1), LEDGER, other=woman(38.0, 4, births=2))
    assert ratio * back == pytest.approx(1.0, rel=1e-12)


def test_both_models_stand_beside_every_answer_with_their_faults():
    found = comparators.comparators_of(woman(30.0, 3), LEDGER)
    assert [each.name for each in found] == ["Brigham1999", "Koki2025"]
    assert found[0].to_dict() == {
        "name": "Brigham1999",
        "live_birth": found[0].live_birth,
        "endpoint": "a birth of the next pregnancy",
        "fault": comparators.BRIGHAM_FAULT,
        "source": "brigham_1999",
    }
    assert all(each.source in LEDGER.sources for each in found)

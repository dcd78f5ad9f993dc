"""A history in numbers: weeks as boundaries of the tables of the law, drugs, partners, fading afresh."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference import encoding
from decidua.inference.encoding import ALIVE, BIRTH, LOSS, STILLBIRTH, encode
from decidua.measure.history import History, Pregnancy
from decidua.womb import load_bridge

LEDGER = load_ledger()
END = 20  # boundary of week 24, counted from week 4


def course(*pregnancies: Pregnancy, ages: list[float] | None = None, **told: float):
    known = [30.0 + k for k in range(len(pregnancies))] if ages is None else ages
    return encode(History(pregnancies=pregnancies, **told), np.array(known), LEDGER)


def loss(**fields) -> Pregnancy:
    return Pregnancy(outcome="miscarriage", **fields)


BORN = Pregnancy(outcome="live_birth")
STILL = Pregnancy(outcome="stillbirth")
ECTOPIC = Pregnancy(outcome="ectopic")


def ongoing(**fields) -> Pregnancy:
    return Pregnancy(outcome="ongoing", **fields)


COURSES = {  # kind, boundary from which or until which, boundary before which
    "loss in week 8": (loss(week=8), LOSS, 4, 5),
    "loss in week 4": (loss(week=4), LOSS, 0, 1),
    "loss in week 23": (loss(week=23), LOSS, 19, 20),
    "loss without a week, from six weeks on": (loss(), LOSS, 2, END),
    "loss seen by scan without a week": (loss(confirmed="scan"), LOSS, 2, END),
    "loss known by a test alone": (loss(confirmed="test"), LOSS, 0, END),
    "live birth": (BORN, BIRTH, END, END),
    "stillbirth": (STILL, STILLBIRTH, END, END),
    "ended by choice in week 10": (Pregnancy(outcome="induced", week=10), ALIVE, 6, END),
    "ended by choice without a week": (Pregnancy(outcome="induced"), ALIVE, 2, END),
    "ongoing in week 10": (ongoing(week=10), ALIVE, 6, END),
    "ongoing in week 10 with a heartbeat": (ongoing(week=10, heartbeat="seen"), ALIVE, 7, END),
    "ongoing without a week": (ongoing(), ALIVE, 2, END),
    "ongoing in week 30": (ongoing(week=30), ALIVE, END, END),
    "ongoing in week 23 with a heartbeat": (ongoing(week=23, heartbeat="seen"), ALIVE, END, END),
}


@pytest.mark.parametrize("case", COURSES)
def test_an_outcome_becomes_what_is_known_of_its_weeks(case):
    pregnancy, *expected = COURSES[case]
    found = course(pregnancy)
    assert [found.kind[0], found.first[0], found.last[0]] == expected


@pytest.mark.parametrize(
    ("week", "expected"), [(3, 0), (4, 0), (6, 2), (11.5, 7), (23, 19), (24, END), (41, END)]
)
def test_a_week_is_held_inside_the_tables_of_the_law(week, expected):
    assert encoding.boundary(week) == expected


def test_an_ectopic_pregnancy_is_left_out_and_the_others_keep_their_places():
    found = course(loss(), ECTOPIC, BORN, ages=[28.0, 29.0, 31.0])
    assert found.order.tolist() == [1, 3]
    assert found.age_years.tolist() == [28.0, 31.0]
    assert course(ECTOPIC).kind.size == 0


def test_no_pregnancies_are_no_rows():
    assert course().treatments.shape == (0, len(encoding.TREATMENT_FIELDS))


RENEWALS = {
    "after a birth": ((loss(), BORN, loss()), [0, 0, 1], False),
    "after a stillbirth": ((STILL, loss(), loss()), [0, 1, 0], False),
    "with a new partner": ((loss(), loss(new_partner=True), loss()), [0, 1, 0], False),
    "a new partner in an ectopic one": (
        (loss(), Pregnancy(outcome="ectopic", new_partner=True), loss()),
        [0, 1],
        False,
    ),
    "a birth, an ectopic one, a loss": ((BORN, ECTOPIC, loss()), [0, 1], False),
    "next after a birth": ((loss(), BORN), [0, 0], True),
    "next after a birth and an ectopic one": ((BORN, ECTOPIC), [0], True),
    "none yet": ((), [], False),
}


@pytest.mark.parametrize("case", RENEWALS)
def test_the_fading_factor_is_drawn_afresh(case):
    pregnancies, expected, is_next = RENEWALS[case]
    assert course(*pregnancies).is_renewed.tolist() == expected
    assert encoding.is_renewed_after(History(pregnancies=pregnancies)) is is_next


def test_the_partner_of_today_has_aged_with_her_and_another_one_is_unknown():
    told = (loss(), ECTOPIC, loss(new_partner=True), BORN)
    ages = [25.0, 26.0, 30.0, 32.0]
    found = course(*told, ages=ages, age_years=35.0, partner_age_years=41.0)
    np.testing.assert_array_equal(found.partner_age_years, [math.nan, 36.0, 38.0])
    assert np.isnan(course(*told, ages=ages, age_years=35.0).partner_age_years).all()
    assert np.isnan(course(*told, ages=ages, partner_age_years=41.0).partner_age_years).all()


DRUGS = {  # prednisolone, progesterone, aspirin
    (): (0.0, 0.0, 0.0),
    ("none",): (0.0, 0.0, 0.0),
    ("prednisolone_sun2023",): (1.0, 0.0, 0.0),
    ("progesterone_prism2019", "aspirin_low_dose"): (0.0, 1.0, 1.0),
    ("story_protocol",): (1.0, 1.0, 1.0),
}


@pytest.mark.parametrize("regimens", DRUGS)
def test_the_drugs_of_a_regimen_are_marked(regimens):
    assert encoding.treatment_columns(regimens) == DRUGS[regimens]
    found = course(loss(), loss(treatments=regimens))
    assert found.treatments.tolist() == [[0.0, 0.0, 0.0], list(DRUGS[regimens])]


@pytest.mark.parametrize(
    ("regimens", "row"),
    [
        ((), "none"),
        (("aspirin_low_dose",), "aspirin_low_dose"),
        (("aspirin_low_dose", "prednisolone_tang2013"), "prednisolone_tang2013"),
        (("progesterone_promise2015", "story_protocol"), "story_protocol"),
    ],
)
def test_the_womb_sees_the_regimen_with_the_steroid(regimens, row):
    assert load_bridge().regimens[encoding.womb_regimen(regimens)] == row
    assert load_bridge().regimens[course(loss(treatments=regimens)).regimen[0]] == row


def test_karyotypes_have_their_codes():
    told = [loss(karyotype=name) for name in ("unknown", "aneuploid", "euploid", "unbalanced")]
    expected = [encoding.ANY, encoding.ANEUPLOID, encoding.EUPLOID, encoding.UNBALANCED]
    assert course(*told).karyotype.tolist() == expected


def test_conditions_are_known_or_not_in_the_order_of_the_law():
    told = {"antiphospholipid": "yes", "thyroid_antibodies": "no", "translocation": "unknown"}
    assert encoding.known_conditions(History(conditions=told)) == (1.0, -1.0, 0.0, -1.0)


@pytest.mark.parametrize(
    ("karyotype", "translocation", "expected"),
    [
        ("unknown", "unknown", (-1.0,)),
        ("aneuploid", "unknown", (-1.0,)),
        ("euploid", "unknown", (0.0, 1.0)),
        ("unbalanced", "unknown", (0.0, 1.0)),
        ("euploid", "no", (0.0,)),
        ("unknown", "yes", (1.0,)),
    ],
)
def test_a_translocation_is_followed_apart_where_a_karyotype_asks(karyotype, translocation, expected):
    history = History(pregnancies=(loss(karyotype=karyotype),), conditions={"translocation": translocation})
    assert encoding.worlds(history) == expected

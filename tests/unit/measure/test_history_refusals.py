"""Every malformed history gets one clear line naming the file, the field, the value and what is allowed."""

from __future__ import annotations

import pytest

from decidua.base.errors import LONGEST_SHOWN_VALUE, InputError
from decidua.measure.history import history_from_content, parse_history

WHOLE = "a history in YAML or JSON, whole and in UTF-8"
LOSS = "outcome: miscarriage"
REGIMENS = (
    "aspirin_low_dose, none, prednisolone_cooper2019, prednisolone_quenby2005, prednisolone_sun2023,"
    " prednisolone_tang2013, progesterone_prism2019, progesterone_promise2015, story_course, story_protocol"
)
PREGNANCY_KEYS = "outcome, age, week, karyotype, confirmed, heartbeat, treatments, new_partner"
HISTORY_KEYS = "schema, age, partner_age, trying_months, pregnancies, tests, conditions"
CONDITIONS = "antiphospholipid, uterine_anomaly, thyroid_antibodies, translocation"
AGE = "a number from 12 to 60 years, or unknown"


def one(fields: str, *, age: str = "age: 40") -> str:
    return f"{age}\npregnancies:\n  - {{outcome: live_birth, age: 20}}\n  - {{{fields}}}\n"


def with_test(fields: str) -> str:
    return f"pregnancies: []\ntests:\n  - {{{fields}}}\n"


VALUES = {
    "too young": ("age: 11\npregnancies: []", "age", "11", AGE),
    "too old": ("age: 60.5\npregnancies: []", "age", "60.5", AGE),
    "age not a number": ("age: .nan\npregnancies: []", "age", ".nan", AGE),
    "age NaN in JSON": ('{"age": NaN, "pregnancies": []}', "age", "NaN", AGE),
    "age infinite": ("age: -.inf\npregnancies: []", "age", "-.inf", AGE),
    "age beyond all numbers": ("age: 1e999\npregnancies: []", "age", "inf", AGE),
    "age of many digits": (f"age: {'9' * 5000}\npregnancies: []", "age", "9" * 57 + "...", AGE),
    "age true": ("age: true\npregnancies: []", "age", "true", AGE),
    "age in quotes": ('age: "34"\npregnancies: []', "age", "34", AGE),
    "age as a time": ("age: 30:30\npregnancies: []", "age", "30:30", AGE),
    "age as a date": ("age: 1990-02-30\npregnancies: []", "age", "1990-02-30", AGE),
    "age as a list": ("age: [34, 35]\npregnancies: []", "age", "a list of 2 entries", AGE),
    "negative age": ("age: -34\npregnancies: []", "age", "-34", AGE),
    "partner's age": (
        "partner_age: 9\npregnancies: []",
        "partner_age",
        "9",
        "a number from 12 to 99 years, or unknown",
    ),
    "negative months": (
        "trying_months: -1\npregnancies: []",
        "trying_months",
        "-1",
        "a whole number from 0 to 576 months",
    ),
    "half months": (
        "trying_months: 1.5\npregnancies: []",
        "trying_months",
        "1.5",
        "a whole number from 0 to 576 months",
    ),
    "months true": (
        "trying_months: true\npregnancies: []",
        "trying_months",
        "true",
        "a whole number from 0 to 576 months",
    ),
    "trying while pregnant": (
        "trying_months: 3\npregnancies: [{outcome: ongoing}]",
        "trying_months",
        "3",
        "0 while a pregnancy is ongoing",
    ),
    "condition as a truth value": (
        "pregnancies: []\nconditions: {translocation: true}",
        "conditions.translocation",
        "true",
        "yes, no, unknown",
    ),
    "condition misspelled": (
        "pregnancies: []\nconditions: {antiphospholipids: yes}",
        "conditions",
        "antiphospholipids",
        f"{CONDITIONS} (did you mean antiphospholipid?)",
    ),
    "conditions as a list": (
        "pregnancies: []\nconditions: [translocation]",
        "conditions",
        "a list of 1 entry",
        f"names and values: {CONDITIONS}",
    ),
}

PREGNANCIES = {
    "no outcome": (
        "age: 30",
        "outcome",
        "a missing value",
        "miscarriage, live_birth, stillbirth, ectopic, induced, ongoing",
    ),
    "unknown outcome": (
        "outcome: miscarrage",
        "outcome",
        "miscarrage",
        "miscarriage, live_birth, stillbirth, ectopic, induced, ongoing (did you mean miscarriage?)",
    ),
    "unknown key": (f"{LOSS}, weeks: 8", "", "weeks", f"{PREGNANCY_KEYS} (did you mean week?)"),
    "unknown key unlike any": (f"{LOSS}, z: 8", "", "z", f"{PREGNANCY_KEYS} (the name is not known)"),
    "not a section": ("[1]: 2", None, "a list or section as a name", "words as names"),
    "week 61": (f"{LOSS}, week: 61", "week", "61", "a whole number from 0 to 45 completed weeks, or unknown"),
    "negative week": (
        f"{LOSS}, week: -1",
        "week",
        "-1",
        "a whole number from 0 to 45 completed weeks, or unknown",
    ),
    "week and days": (
        f"{LOSS}, week: 8.5",
        "week",
        "8.5",
        "a whole number from 0 to 45 completed weeks, or unknown",
    ),
    "week 08": (f"{LOSS}, week: 08", "week", "08", "a whole number from 0 to 45 completed weeks, or unknown"),
    "week true": (
        f"{LOSS}, week: true",
        "week",
        "true",
        "a whole number from 0 to 45 completed weeks, or unknown",
    ),
    "early miscarriage": (f"{LOSS}, week: 3", "week", "3", "completed weeks 4 to 23 for miscarriage"),
    "late miscarriage": (f"{LOSS}, week: 24", "week", "24", "completed weeks 4 to 23 for miscarriage"),
    "early stillbirth": (
        "outcome: stillbirth, week: 23",
        "week",
        "23",
        "completed weeks 24 to 45 for stillbirth",
    ),
    "early birth": ("outcome: live_birth, week: 21", "week", "21", "completed weeks 22 to 45 for live_birth"),
    "late ectopic": ("outcome: ectopic, week: 25", "week", "25", "completed weeks 0 to 24 for ectopic"),
    "late induced": ("outcome: induced, week: 25", "week", "25", "completed weeks 0 to 24 for induced"),
    "early ongoing": ("outcome: ongoing, week: 3", "week", "3", "completed weeks 4 to 45 for ongoing"),
    "karyotype of a birth": (
        "outcome: live_birth, karyotype: euploid",
        "karyotype",
        "euploid",
        "a karyotype of a miscarriage or stillbirth only",
    ),
    "unknown karyotype": (
        f"{LOSS}, karyotype: trisomy",
        "karyotype",
        "trisomy",
        "euploid, aneuploid, unbalanced, unknown",
    ),
    "unknown confirmation": (f"{LOSS}, confirmed: yes", "confirmed", "yes", "scan, test, unknown"),
    "unknown heartbeat": (f"{LOSS}, heartbeat: true", "heartbeat", "true", "seen, not_seen, unknown"),
    "unknown treatment": (
        f"{LOSS}, treatments: [prednisolone]",
        "treatments[0]",
        "prednisolone",
        f"{REGIMENS} (did you mean prednisolone_sun2023?)",
    ),
    "treatment twice": (
        f"{LOSS}, treatments: [aspirin_low_dose, aspirin_low_dose]",
        "treatments[1]",
        "aspirin_low_dose",
        "each name once",
    ),
    "treatment and none": (
        f"{LOSS}, treatments: [none, aspirin_low_dose]",
        "treatments",
        "none",
        "none alone, or treatments without it",
    ),
    "treatment not in a list": (
        f"{LOSS}, treatments: aspirin_low_dose",
        "treatments",
        "aspirin_low_dose",
        "a list, [] when there is nothing to say",
    ),
    "partner's name": (f"{LOSS}, new_partner: Kim", "new_partner", "Kim", "true, false, yes, no"),
    "age in the future": (f"{LOSS}, age: 40.5", "age", "40.5", "an age that is not above her age now"),
    "age that goes back": (
        f"{LOSS}, age: 19",
        "age",
        "19.0",
        "ages that never go back, oldest pregnancy first",
    ),
    "age of a child": (f"{LOSS}, age: 7", "age", "7", AGE),
}

TESTS = {
    "unknown test": (
        "test: nk, value: 1, unit: cells_per_mm2",
        "test",
        "nk",
        "uterine_nk, blood_nk",
    ),
    "blood unit for the womb": (
        "test: uterine_nk, value: 10, unit: percent_of_lymphocytes",
        "unit",
        "percent_of_lymphocytes",
        "cells_per_mm2, percent_of_stroma for uterine_nk",
    ),
    "womb unit for blood": (
        "test: blood_nk, value: 10, unit: cells_per_mm2",
        "unit",
        "cells_per_mm2",
        "percent_of_lymphocytes for blood_nk",
    ),
    "no such unit": (
        "test: uterine_nk, value: 10, unit: percent",
        "unit",
        "percent",
        "cells_per_mm2, percent_of_stroma, percent_of_lymphocytes",
    ),
    "no unit": (
        "test: uterine_nk, value: 10",
        "unit",
        "a missing value",
        "cells_per_mm2, percent_of_stroma, percent_of_lymphocytes",
    ),
    "zero": (
        "test: uterine_nk, value: 0, unit: cells_per_mm2",
        "value",
        "0",
        "a number above 0 and up to 5000",
    ),
    "negative": (
        "test: blood_nk, value: -4, unit: percent_of_lymphocytes",
        "value",
        "-4",
        "a number above 0 and up to 5000",
    ),
    "not a number": (
        "test: uterine_nk, value: .nan, unit: cells_per_mm2",
        "value",
        ".nan",
        "a number above 0 and up to 5000",
    ),
    "infinite": (
        "test: uterine_nk, value: 1e400, unit: cells_per_mm2",
        "value",
        "inf",
        "a number above 0 and up to 5000",
    ),
    "true": (
        "test: uterine_nk, value: true, unit: cells_per_mm2",
        "value",
        "true",
        "a number above 0 and up to 5000",
    ),
    "too many cells": (
        "test: uterine_nk, value: 5001, unit: cells_per_mm2",
        "value",
        "5001",
        "a number above 0 and up to 5000",
    ),
    "more than all": (
        "test: uterine_nk, value: 101, unit: percent_of_stroma",
        "value",
        "101.0",
        "a number above 0 and up to 100 percent_of_stroma",
    ),
    "before ovulation": (
        "test: uterine_nk, value: 9, unit: percent_of_stroma, days_after_ovulation: -3",
        "days_after_ovulation",
        "-3",
        "a number from 0 to 28 days, or unknown",
    ),
}


def inside(cases, wrap, section):
    """The same cases as whole files."""
    for what, (text, field, value, allowed) in cases.items():
        path = "line 4" if field is None else f"{section}.{field}" if field else section
        yield f"{section}: {what}", (wrap(text), path, value, allowed)


CASES = {
    **VALUES,
    **dict(inside(PREGNANCIES, one, "pregnancies[1]")),
    **dict(inside(TESTS, with_test, "tests[0]")),
    "two ongoing": (
        "pregnancies: [{outcome: ongoing, week: 8}, {outcome: ongoing, week: 9}]",
        "pregnancies[0].outcome",
        "ongoing",
        "one ongoing pregnancy, the last of the list",
    ),
    "ongoing before another": (
        "pregnancies: [{outcome: ongoing}, {outcome: live_birth}]",
        "pregnancies[0].outcome",
        "ongoing",
        "one ongoing pregnancy, the last of the list",
    ),
    "age goes back over an unknown one": (
        "pregnancies: [{outcome: live_birth, age: 30}, {outcome: ectopic}, {outcome: induced, age: 29}]",
        "pregnancies[2].age",
        "29.0",
        "ages that never go back, oldest pregnancy first",
    ),
}


@pytest.mark.parametrize(("text", "field", "value", "allowed"), CASES.values(), ids=CASES.keys())
def test_a_malformed_history_gets_one_clear_line(text, field, value, allowed):
    place = f"ours.yaml: {field}: " if field else "ours.yaml: "
    with pytest.raises(InputError) as refused:
        parse_history(text, name="ours.yaml")
    assert str(refused.value) == f"{place}{value} is not accepted; allowed: {allowed}"


@pytest.mark.parametrize("text", [case[0] for case in CASES.values()], ids=CASES.keys())
def test_a_refusal_stays_short_and_on_one_line(text):
    with pytest.raises(InputError) as refused:
        parse_history(text, name="ours.yaml")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 420
    assert len(str(refused.value.value)) <= LONGEST_SHOWN_VALUE


@pytest.mark.parametrize("secret", ["age: secret secret", "outcome: [secret]", "secret: {secret: secret}"])
def test_a_refusal_shows_nothing_of_other_fields(secret):
    text = f"pregnancies:\n  - {{outcome: live_birth, confirmed: {{{secret}}}}}\n  - {{{secret}}}\nage: 34\n"
    with pytest.raises(InputError) as refused:
        parse_history(text, name="ours.yaml")
    assert "secret" not in str(refused.value)
    assert "confirmed: a section of names and values" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, f"an empty value is not accepted; allowed: names and values: {HISTORY_KEYS}"),
        ({3: 4}, f"3 is not accepted; allowed: {HISTORY_KEYS} (the name is not known)"),
        ({"age": 10**5000, "pregnancies": []}, f"age: a huge number is not accepted; allowed: {AGE}"),
        ({"age": float("nan"), "pregnancies": []}, f"age: nan is not accepted; allowed: {AGE}"),
    ],
)
def test_plain_values_of_another_reader_are_refused_alike(content, line):
    with pytest.raises(InputError) as refused:
        history_from_content(content)
    assert str(refused.value) == line

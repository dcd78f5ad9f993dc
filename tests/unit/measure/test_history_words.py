"""A history typed in a few words, and the refusals that name the word."""

from __future__ import annotations

import pytest

from decidua.base.errors import InputError
from decidua.measure.history import Pregnancy, history_from_words

FORMS = "words such as loss@30.5w8, loss, loss@36w9:aneuploid, birth@32w40, ongoing@34w26"
OUTCOMES = "loss, birth, miscarriage, live_birth, stillbirth, ectopic, induced, ongoing"
MARKS = (
    "euploid, aneuploid, unbalanced, scan, test, seen, not_seen, new_partner, aspirin_low_dose, none,"
    " prednisolone_cooper2019, prednisolone_quenby2005, prednisolone_sun2023, prednisolone_tang2013,"
    " progesterone_prism2019, progesterone_promise2015, story_course, story_protocol"
)
AGE = "a number from 12 to 60 years, or unknown"


@pytest.mark.parametrize(
    ("word", "pregnancy"),
    [
        ("loss@30.5w8", Pregnancy("miscarriage", 30.5, 8)),
        ("loss", Pregnancy("miscarriage")),
        ("loss@w8", Pregnancy("miscarriage", None, 8)),
        ("birth@32", Pregnancy("live_birth", 32.0)),
        ("birth@32w40", Pregnancy("live_birth", 32.0, 40)),
        ("stillbirth@33w30", Pregnancy("stillbirth", 33.0, 30)),
        ("ectopic@29", Pregnancy("ectopic", 29.0)),
        ("induced@22", Pregnancy("induced", 22.0)),
        ("ongoing@34w26", Pregnancy("ongoing", 34.0, 26)),
        ("miscarriage@30", Pregnancy("miscarriage", 30.0)),
        ("loss@36w9:aneuploid", Pregnancy("miscarriage", 36.0, 9, karyotype="aneuploid")),
        ("loss@36:euploid", Pregnancy("miscarriage", 36.0, karyotype="euploid")),
        ("loss:unbalanced:scan", Pregnancy("miscarriage", karyotype="unbalanced", confirmed="scan")),
        ("loss@36w5:test", Pregnancy("miscarriage", 36.0, 5, confirmed="test")),
        (
            "loss@36:new_partner:not_seen",
            Pregnancy("miscarriage", 36.0, heartbeat="not_seen", new_partner=True),
        ),
        (
            "ongoing@34w26:seen:prednisolone_tang2013:aspirin_low_dose",
            Pregnancy(
                "ongoing",
                34.0,
                26,
                heartbeat="seen",
                treatments=("prednisolone_tang2013", "aspirin_low_dose"),
            ),
        ),
    ],
)
def test_a_word_is_a_pregnancy(word, pregnancy):
    assert history_from_words([word], age=40).pregnancies == (pregnancy,)


@pytest.mark.parametrize("age", [34, 34.0, "34", "34.0"])
def test_ages_come_as_numbers_or_their_text(age):
    history = history_from_words(["loss", "birth"], age=age, partner_age=age, trying_months="6")
    assert (history.age_years, history.partner_age_years, history.trying_months) == (34.0, 34.0, 6)


@pytest.mark.parametrize("age", [None, "unknown"])
def test_an_unknown_age_and_no_words_are_a_history(age):
    history = history_from_words([], age=age)
    assert (history.age_years, history.pregnancies) == (None, ())


REFUSED = {
    "unknown outcome": (["los@30"], f"los@30: los is not accepted; allowed: {OUTCOMES} (did you mean loss?)"),
    "no outcome": (["@30"], f"@30 is not accepted; allowed: {FORMS}"),
    "nothing": ([""], f"an empty value is not accepted; allowed: {FORMS}"),
    "an at alone": (["loss@"], f"loss@ is not accepted; allowed: {FORMS}"),
    "half weeks": (["loss@30w8.5"], f"loss@30w8.5 is not accepted; allowed: {FORMS}"),
    "negative age": (["loss@-30"], f"loss@-30 is not accepted; allowed: {FORMS}"),
    "not a number": (["loss@nan"], f"loss@nan is not accepted; allowed: {FORMS}"),
    "foreign digits": (["loss@٣٠"], f"loss@٣٠ is not accepted; allowed: {FORMS}"),
    "two pregnancies in one word": (
        ["loss@30,birth@32"],
        f"loss@30,birth@32 is not accepted; allowed: {FORMS}",
    ),
    "a long word": (["loss" * 500], "loss" * 14 + "l..."),
    "week 61": (
        ["birth@20", "loss@30w61"],
        (
            "loss@30w61: week: 61 is not accepted;"
            " allowed: a whole number from 0 to 45 completed weeks, or unknown"
        ),
    ),
    "week of another outcome": (
        ["birth@30w12"],
        "birth@30w12: week: 12 is not accepted; allowed: completed weeks 22 to 45 for live_birth",
    ),
    "age of a child": (["loss@9"], f"loss@9: age: 9.0 is not accepted; allowed: {AGE}"),
    "age in the future": (
        ["loss@41"],
        "loss@41: age: 41.0 is not accepted; allowed: an age that is not above her age now",
    ),
    "age that goes back": (
        ["loss@30", "loss", "birth@29"],
        "birth@29: age: 29.0 is not accepted; allowed: ages that never go back, oldest pregnancy first",
    ),
    "ongoing before another": (
        ["ongoing@30", "loss@31"],
        "ongoing@30: outcome: ongoing is not accepted; allowed: one ongoing pregnancy, the last of the list",
    ),
    "unknown mark": (
        ["loss@30:aneuploidy"],
        f"loss@30:aneuploidy: aneuploidy is not accepted; allowed: {MARKS} (did you mean aneuploid?)",
    ),
    "two karyotypes": (
        ["loss:euploid:aneuploid"],
        "loss:euploid:aneuploid: aneuploid is not accepted; allowed: one mark for karyotype",
    ),
    "a treatment twice": (
        ["ongoing:none:none"],
        "ongoing:none:none: treatments[1]: none is not accepted; allowed: each name once",
    ),
    "karyotype of a birth": (
        ["birth@30:euploid"],
        (
            "birth@30:euploid: karyotype: euploid is not accepted;"
            " allowed: a karyotype of a miscarriage or stillbirth only"
        ),
    ),
    "31 words": (["loss"] * 31, "31 pregnancies is not accepted; allowed: 30 or fewer"),
}


@pytest.mark.parametrize(("words", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_names_the_word(words, line):
    with pytest.raises(InputError) as refused:
        history_from_words(words, age=40)
    assert str(refused.value).startswith(line)
    assert str(refused.value) == line or line.endswith("...")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"age": 61}, f"--age: 61 is not accepted; allowed: {AGE}"),
        ({"age": "old"}, f"--age: old is not accepted; allowed: {AGE}"),
        ({"age": float("nan")}, f"--age: nan is not accepted; allowed: {AGE}"),
        (
            {"partner_age": 11},
            "--partner-age: 11 is not accepted; allowed: a number from 12 to 99 years, or unknown",
        ),
        (
            {"trying_months": -2},
            "--trying-months: -2 is not accepted; allowed: a whole number from 0 to 576 months",
        ),
    ],
)
def test_a_refusal_names_the_option(given, line):
    with pytest.raises(InputError) as refused:
        history_from_words(["loss"], **given)
    assert str(refused.value) == line


def test_trying_while_pregnant_is_refused():
    with pytest.raises(InputError, match="--trying-months: 3 is not accepted; allowed: 0 while a pregnancy"):
        history_from_words(["ongoing"], trying_months=3)

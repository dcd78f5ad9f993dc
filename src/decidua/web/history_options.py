"""What may be chosen in the form, in plain words, and what was given told back in the same words."""

from __future__ import annotations

from collections.abc import Iterator

from decidua.measure.history import History, Pregnancy, Test
from decidua.tell.history_known import WHAT
from decidua.tell.words import label
from decidua.web.history_fields import KINDS, REGIMENS
from decidua.womb import load_regimen

UNSAID = (("", "I do not know"), ("private", "I would rather not say"))
OUTCOME_NAMES = ("miscarriage", "live_birth", "stillbirth", "ectopic", "induced", "ongoing")
HELP = {
    "miscarriage": ", before 24 weeks",
    "live_birth": ", also of a baby who died later",
    "stillbirth": ", from 24 weeks",
}
OUTCOMES = (
    ("", "choose one"),
    *((name, label("outcome", name) + HELP.get(name, "")) for name in OUTCOME_NAMES),
)
KARYOTYPES = (
    *UNSAID,
    ("euploid", "tested: the usual ones"),
    ("aneuploid", "tested: one too many or too few"),
    ("unbalanced", "tested: unbalanced, from a rearrangement in a parent"),
)
CONFIRMED = (*UNSAID, ("scan", "seen on a scan"), ("test", "by a test alone"))
HEARTBEAT = (*UNSAID, ("seen", "a heartbeat was seen"), ("not_seen", "none was seen"))
CONDITION = (*UNSAID, ("yes", "looked for and found"), ("no", "looked for and not found"))
KIND_WORDS = {
    "uterine_nk:cells_per_mm2": "womb lining sample, cells per mm²",
    "uterine_nk:percent_of_stroma": "womb lining sample, percent of stroma",
    "blood_nk:percent_of_lymphocytes": "blood, percent of lymphocytes",
}
KIND = (("", "choose one"), *((kind, KIND_WORDS[kind]) for kind in KINDS))
TREATMENTS = tuple((name, load_regimen(name).title) for name in REGIMENS)
CONDITION_NAMES = WHAT

Row = tuple[str, str]


def told(history: History) -> tuple[Row, ...]:
    """Everything that a history says, as rows of a name and a value; what is unknown is said to be so."""
    return tuple(_rows(history))


def _rows(history: History) -> Iterator[Row]:
    yield "Age now", _years(history.age_years)
    yield "Partner’s age now", _years(history.partner_age_years)
    if history.trying_months:
        yield "Trying without a pregnancy now", f"{history.trying_months} months"
    for number, pregnancy in enumerate(history.pregnancies, start=1):
        yield f"Pregnancy {number}", "; ".join(_pregnancy(pregnancy))
    if not history.pregnancies:
        yield "Pregnancies", "none so far"
    for number, test in enumerate(history.tests, start=1):
        yield f"Test {number}", _test(test)
    for name, word in history.conditions.items():
        if word != "unknown":
            yield CONDITION_NAMES[name].capitalize(), dict(CONDITION)[word]


def _pregnancy(one: Pregnancy) -> Iterator[str]:
    yield label("outcome", one.outcome)
    yield f"at age {one.age_years:g}" if one.age_years is not None else "age not given"
    yield f"{one.week} weeks" if one.week is not None else "weeks not given"
    for value, words in ((one.karyotype, KARYOTYPES), (one.confirmed, CONFIRMED), (one.heartbeat, HEARTBEAT)):
        if value != "unknown":
            yield dict(words)[value]
    if one.new_partner:
        yield "with a new partner"
    yield from (dict(TREATMENTS).get(name, name) for name in one.treatments)


def _test(test: Test) -> str:
    day = test.days_after_ovulation
    when = f", {day:g} days after ovulation" if day is not None else ""
    return f"{KIND_WORDS[f'{test.test}:{test.unit}']}: {test.value:g}{when}"


def _years(years: float | None) -> str:
    return "not given" if years is None else f"{years:g}"

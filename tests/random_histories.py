"""Histories drawn at random, with everything in them that a history can say."""

from __future__ import annotations

import random
from typing import Any

from decidua.measure.layout import TEST_UNITS, WEEKS, regimen_names
from decidua.measure.records import CONDITION_WORDS, CONDITIONS, CONFIRMATIONS, HEARTBEATS, KARYOTYPES, LOSSES

ENDINGS = ("miscarriage", "miscarriage", "live_birth", "stillbirth", "ectopic", "induced")
REGIMENS = tuple(name for name in regimen_names() if name != "none")
READINGS = {"cells_per_mm2": (50, 900), "percent_of_stroma": (1, 15), "percent_of_lymphocytes": (2, 30)}
# The law gives an unbalanced loss no chance before this week, nor where no parent has the rearrangement.
FIRST_UNBALANCED_WEEK = 6


def random_history(seed: int) -> dict[str, Any]:
    """What a file of schema history/1 holds: ages in quarters of a year, weeks that each ending allows.

    Everything but how a pregnancy ended is sometimes left unsaid.
    """
    draw = random.Random(seed)
    ages = sorted(draw.randrange(80, 160) / 4 for _ in range(draw.randrange(1, 5)))
    pregnancies = [_pregnancy(draw, age, draw.choice(ENDINGS)) for age in ages]
    now = ages[-1] + draw.randrange(0, 12) / 4
    is_ongoing = draw.random() < 0.4
    if is_ongoing:
        pregnancies.append(_pregnancy(draw, now, "ongoing"))
    person = {"age": now, "partner_age": now + draw.randrange(-3, 12)}
    if not is_ongoing:
        person["trying_months"] = draw.randrange(1, 40)
    tests = [_test(draw) for _ in range(draw.choice((0, 1, 2)))]
    return {
        **_said(draw, person, 0.9),
        "pregnancies": pregnancies,
        "tests": tests,
        "conditions": _conditions(draw, pregnancies),
    }


def _said(draw: random.Random, known: dict[str, Any], p_said: float) -> dict[str, Any]:
    return {name: value for name, value in known.items() if draw.random() < p_said}


def _pregnancy(draw: random.Random, age: float, outcome: str) -> dict[str, Any]:
    known = {
        "age": age,
        "week": draw.randint(*WEEKS[outcome]),
        "confirmed": draw.choice(CONFIRMATIONS),
        "new_partner": draw.random() < 0.3,
        "treatments": draw.sample(REGIMENS, draw.choice((0, 0, 1, 2))),
    }
    if outcome in LOSSES:
        known["karyotype"] = draw.choice(KARYOTYPES)
    if outcome == "ongoing":
        known["heartbeat"] = draw.choice(HEARTBEATS)
    if known.get("karyotype") == "unbalanced":
        known["week"] = max(known["week"], FIRST_UNBALANCED_WEEK)
    return {"outcome": outcome, **_said(draw, known, 0.8)}


def _test(draw: random.Random) -> dict[str, Any]:
    test = draw.choice(tuple(TEST_UNITS))
    unit = draw.choice(tuple(TEST_UNITS[test]))
    known = {"test": test, "unit": unit, "value": draw.randint(*READINGS[unit])}
    return known | ({"days_after_ovulation": draw.randrange(4, 12)} if draw.random() < 0.5 else {})


def _conditions(draw: random.Random, pregnancies: list[dict[str, Any]]) -> dict[str, str]:
    found = {name: draw.choice(CONDITION_WORDS) for name in CONDITIONS}
    is_carrier = any(one.get("karyotype") == "unbalanced" for one in pregnancies)
    return found | ({"translocation": "yes"} if is_carrier else {})

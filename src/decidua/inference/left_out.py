"""What the numbers of an answer leave out for a history like this one, by name."""

from __future__ import annotations

import math
from collections.abc import Iterator

from decidua.evidence import Ledger
from decidua.measure.history import History

# The register that the law's ages are fitted to; its outer bands are open, and few pregnancies fall in them.
REGISTER = "MAGNUS_AGE"
NAMES = (
    "age_below_register",
    "age_above_register",
    "stillbirth_again",
    "another_ectopic",
    "induced",
    "conceiving",
)


def left_out_of(history: History, ledger: Ledger) -> tuple[str, ...]:
    """Names of what the answer to this history does not hold, in the order of NAMES.

    Arguments:  history  as read
                ledger   for the ages of the register
    Returns:    age_below_register, age_above_register  her age lies in an open band of the register
                stillbirth_again  a stillbirth; how often one comes again is not in the law
                another_ectopic   an ectopic pregnancy, which moves nothing
                induced           a pregnancy ended by choice, which says only that its week was reached
                conceiving        no pregnancy yet, or months of trying: prospects start at a recognised one
    Checked by: tests/unit/inference/test_left_out.py
    """
    found = {*_about_age(history, ledger), *_about_pregnancies(history)}
    return tuple(name for name in NAMES if name in found)


def _about_age(history: History, ledger: Ledger) -> Iterator[str]:
    """Whether her age lies in an open band."""
    if history.age_years is None:
        return
    bands = ledger.calibration_rows(REGISTER)
    # Ages of bands are completed years.
    if any(row.age_lo is None and math.floor(history.age_years) <= (row.age_hi or 0) for row in bands):
        yield "age_below_register"
    if any(row.age_hi is None and history.age_years >= (row.age_lo or math.inf) for row in bands):
        yield "age_above_register"


def _about_pregnancies(history: History) -> Iterator[str]:
    outcomes = {pregnancy.outcome for pregnancy in history.pregnancies}
    names = {"stillbirth": "stillbirth_again", "ectopic": "another_ectopic", "induced": "induced"}
    yield from (name for outcome, name in names.items() if outcome in outcomes)
    if not history.is_ongoing and (history.trying_months > 0 or not history.pregnancies):
        yield "conceiving"

"""What follows two losses with no test or treatment, as counted in the shipped simulated lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decidua.base.estimates import Estimate
from decidua.base.provenance import SCHEMA_VERSION
from decidua.study.story_script import load_script
from decidua.study.waiting_lives import lived_waiting, waiting_of
from decidua.tell.pregnancy_page import PageTable
from decidua.tell.words import sentence

TITLE = "Of 1,000 women with two losses in a row, with no test and no treatment"
HEADS = (
    "age, and losses counted up to",
    "a live birth before that",
    "neither a birth nor so many losses",
    "further losses, in all",
    "of 1,000 such losses, through chromosomes",
)
WORDS = {4: "four", 5: "five"}


def waiting_table() -> PageTable:
    """A row for each age and number of losses; middle values with the range that the draws leave open.

    Checked by: tests/unit/web/test_study_page.py
    """
    given, counted = load_script().inputs, lived_waiting()
    rows = [_row(age, until) for age in given.ages_years for until in given.waited_until_losses]
    note = (
        "No test of NK cells, and no treatment after one, is known to prevent these losses. "
        f"Counted in {counted['women']:,} simulated lives on {counted['made']}. Ages are those at the second "
        f"loss, within {counted['ages_around_years']:.0f} years. Some do not become pregnant again, or stop "
        "trying: these are in the third column. Ranges are the middle 95 of 100 draws of what is not known."
    )
    return PageTable(TITLE, HEADS, rows, note)


def _row(age: int, until: int) -> list[str]:
    found = waiting_of(age, until, None)
    names = ("birth", "stopped", "losses", "aneuploid")
    return [f"{age}, until {WORDS[until]}", *(_of_1000(found[name]) for name in names)]


def _of_1000(value: Estimate) -> str:
    """In tens: it is known no better than that."""
    mean, lo, hi = (f"{round(100 * part) * 10:,}" for part in (value.mean, value.lo, value.hi))
    return f"{mean} ({lo} to {hi})"


def waiting_record() -> Mapping[str, Any]:
    """The same for a program."""
    return {
        "schema_version": SCHEMA_VERSION,
        "steroid": sentence("steroid"),
        "if_pregnant_again": sentence("if_pregnant_again"),
        "by_mechanism_assumes": sentence("contested_mechanism"),
        "waiting": lived_waiting(),
    }

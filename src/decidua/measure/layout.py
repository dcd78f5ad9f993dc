"""The fields of a history and their limits, written once for the reader, the schema and the documentation.

The limits are those of the contract of the file, wide enough for every history that can be true. They are no
figures of biology and enter no answer.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from decidua.measure.fields import REQUIRED, Flag, ListOf, Number, OneOf, Section
from decidua.measure.records import (
    CONDITION_WORDS,
    CONDITIONS,
    CONFIRMATIONS,
    HEARTBEATS,
    KARYOTYPES,
    OUTCOMES,
    SCHEMA_NAME,
)

LARGEST_FILE_BYTES = 1_000_000
DEEPEST_NESTING = 8
MOST_EVENTS = 100_000  # words, numbers, and ends of lists and sections
MOST_PREGNANCIES = 30
MOST_TESTS = 30
AGE_YEARS = (12, 60)
PARTNER_AGE_YEARS = (12, 99)
TRYING_MONTHS = (0, 12 * (AGE_YEARS[1] - AGE_YEARS[0]))
DAYS_AFTER_OVULATION = (0, 28)

# First and last completed week in which a pregnancy can have each outcome.
WEEKS = {
    "miscarriage": (4, 23),
    "live_birth": (22, 45),
    "stillbirth": (24, 45),
    "ectopic": (0, 24),
    "induced": (0, 24),
    "ongoing": (4, 45),
}
FIRST_WEEK = min(first for first, _ in WEEKS.values())
LAST_WEEK = max(last for _, last in WEEKS.values())

# The units of each test, with the largest value that is accepted.
TEST_UNITS = {
    "uterine_nk": {"cells_per_mm2": 5000, "percent_of_stroma": 100},
    "blood_nk": {"percent_of_lymphocytes": 100},
}

AGE = Number(*AGE_YEARS, unit="years", may_be_unknown=True, about="her age now, years", default=None)
PARTNER_AGE = Number(
    *PARTNER_AGE_YEARS, unit="years", may_be_unknown=True, about="her partner's age now, years", default=None
)
TRYING = Number(
    *TRYING_MONTHS,
    unit="months",
    is_whole=True,
    about="months of trying without a pregnancy now",
    default=0,
)


@cache
def regimen_names() -> tuple[str, ...]:
    """The shipped regimens, by the names of their files."""
    folder = files("decidua").joinpath("evidence", "regimens")
    names = (path.name for path in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def layout_of_a_pregnancy() -> Section:
    """The fields of one pregnancy."""
    return Section(
        {
            "outcome": OneOf(OUTCOMES, about="how it ended, or ongoing (one, the last)"),
            "age": Number(
                *AGE_YEARS,
                unit="years",
                may_be_unknown=True,
                about="her age in that pregnancy, years",
                default=None,
            ),
            "week": Number(
                FIRST_WEEK,
                LAST_WEEK,
                unit="completed weeks",
                is_whole=True,
                may_be_unknown=True,
                about="completed weeks when it ended, or now when it is ongoing",
                default=None,
            ),
            "karyotype": OneOf(KARYOTYPES, about="the chromosomes of a loss, when tested", default="unknown"),
            "confirmed": OneOf(CONFIRMATIONS, about="how the pregnancy was known", default="unknown"),
            "heartbeat": OneOf(HEARTBEATS, about="whether a heartbeat was seen", default="unknown"),
            "treatments": ListOf(
                OneOf(regimen_names()),
                most=len(regimen_names()),
                each_once=True,
                about="shipped regimens taken in it",
            ),
            "new_partner": Flag(about="the partner changed since the pregnancy before"),
        }
    )


def layout_of_a_test() -> Section:
    """The fields of one test of NK cells."""
    units = tuple(unit for of_test in TEST_UNITS.values() for unit in of_test)
    largest = max(value for of_test in TEST_UNITS.values() for value in of_test.values())
    return Section(
        {
            "test": OneOf(tuple(TEST_UNITS), about="what was tested: womb lining sample or blood"),
            "value": Number(0, largest, is_above_lowest=True, about="the result, in its unit"),
            "unit": OneOf(units, about="the unit of the result"),
            "days_after_ovulation": Number(
                *DAYS_AFTER_OVULATION,
                unit="days",
                may_be_unknown=True,
                about="when the sample was taken, days after ovulation",
                default=None,
            ),
        }
    )


@cache
def history_layout() -> Section:
    """The fields of a whole history; only the list of pregnancies must be given."""
    condition = OneOf(CONDITION_WORDS, default="unknown")
    conditions = Section(
        dict.fromkeys(CONDITIONS, condition),
        about="what was looked for and found",
        default=dict.fromkeys(CONDITIONS, "unknown"),
    )
    pregnancies = "every recognised pregnancy, oldest first"
    return Section(
        {
            "schema": OneOf((SCHEMA_NAME,), about="the name of this form", default=SCHEMA_NAME),
            "age": AGE,
            "partner_age": PARTNER_AGE,
            "trying_months": TRYING,
            "pregnancies": ListOf(
                layout_of_a_pregnancy(), MOST_PREGNANCIES, about=pregnancies, default=REQUIRED
            ),
            "tests": ListOf(layout_of_a_test(), MOST_TESTS, about="results of tests of NK cells"),
            "conditions": conditions,
        }
    )

"""What tests show without any effect of the cells: return to the mean, two readings apart, blood cuts."""

from __future__ import annotations

import math

from scipy import special

from decidua.evidence import Ledger

REGRESSION = "QUENBY_2005"
REPEATABILITIES = (30, 50, 70)  # hundredths, as in the rows of the table


def second_reading(first: float, *, group_median: float, repeatability: float) -> float:
    r"""The reading to expect next from women chosen for a first one, when nothing is done.

    $$ \ln x_2 = \ln m + r (\ln x_1 - \ln m) $$
    Assumes log-normal readings with the same spread both times.
    """
    return math.exp(math.log(group_median) + repeatability * math.log(first / group_median))


def regression_values(ledger: Ledger) -> dict[str, float]:
    """For each repeatability the next reading with no drug, and the share of the reported fall that it is.

    Read from the table, whose rows assume a median of all women of that laboratory; `second_reading` is the
    equation behind them.
    """
    values = {}
    for hundredths in REPEATABILITIES:
        mark = f"r = {hundredths / 100:.1f}"
        values[f"regression.reading_{hundredths}"] = _row(ledger, "expected untreated re-reading", mark)
        values[f"regression.share_{hundredths}"] = _row(ledger, "share of the reported fall", mark)
    return values


def half_of_second_readings_differ_by(ledger: Ledger) -> float:
    """Half of all second readings of a woman lie further away than this share of the first, downward."""
    noise = ledger.value("measure.uterine_nk.control_log_sd") * math.sqrt(
        1.0 - ledger.value("measure.uterine_nk.repeatability")
    )
    return 1.0 - math.exp(-float(special.ndtri(0.75)) * noise * math.sqrt(2.0))


def share_of_healthy_women_above(cut: float, ledger: Ledger) -> float:
    """Share of healthy women whose blood lies above a cut in percent of lymphocytes, by a normal curve."""
    mean = ledger.value("measure.blood_nk.women_mean_percent_of_lymphocytes")
    sd = ledger.value("measure.blood_nk.women_sd_percent_of_lymphocytes")
    return float(special.ndtr((mean - cut) / sd))


def guideline_counts(ledger: Ledger, *, left_out: tuple[str, ...]) -> dict[str, float]:
    """How many of the bodies that were read start at one, two and three losses."""
    triggers = [body.trigger_losses for name, body in ledger.guidelines.items() if name not in left_out]
    words = {"one": 1, "two": 2, "three": 3}
    return {f"guidelines.{word}": float(triggers.count(number)) for word, number in words.items()}


def _row(ledger: Ledger, start: str, mark: str) -> float:
    for row in ledger.table(REGRESSION).rows:
        if row.table.startswith(start) and row.table.endswith(mark) and row.estimate is not None:
            return row.estimate
    raise LookupError(f"{REGRESSION} has no row {start!r} at {mark}")

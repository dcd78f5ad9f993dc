"""What tests show without any effect of the cells: return to the mean, two readings apart, blood cuts."""

from __future__ import annotations

import math

from scipy import special

from decidua.evidence import Ledger

REGRESSION = "QUENBY_2005"
REPEATABILITIES = (30, 50, 70)  # hundredths, as in the rows of the table
BEFORE = "treatment.prednisolone.uterine_nk_before_percent_of_stroma"
AFTER = "treatment.prednisolone.uterine_nk_after_percent_of_stroma"


def second_reading(first: float, *, group_median: float, repeatability: float) -> float:
    r"""The reading to expect next from women chosen for a first one, when nothing is done.

    $$ \ln x_2 = \ln m + r (\ln x_1 - \ln m) $$
    Assumes log-normal readings with the same spread both times.
    """
    return math.exp(math.log(group_median) + repeatability * math.log(first / group_median))


def assumed_group_median(ledger: Ledger) -> float:
    """Median of all women with repeated loss in that laboratory, as the published table's re-readings assume."""
    middle = _rereading(ledger, 50)
    return middle**2 / ledger.value(BEFORE)


def regression_values(ledger: Ledger) -> dict[str, float]:
    """For each repeatability the expected second reading, and the share of the reported fall that it is."""
    first, after = ledger.value(BEFORE), ledger.value(AFTER)
    median = assumed_group_median(ledger)
    values = {"regression.group_median": median}
    for hundredths in REPEATABILITIES:
        reading = second_reading(first, group_median=median, repeatability=hundredths / 100)
        values[f"regression.reading_{hundredths}"] = reading
        values[f"regression.share_{hundredths}"] = 100.0 * (first - reading) / (first - after)
    return values


def half_of_second_readings_differ_by(ledger: Ledger) -> float:
    """Half of all second readings of the same woman lie further away than this share of the first (downward)."""
    noise = ledger.value("measure.uterine_nk.control_log_sd") * math.sqrt(
        1.0 - ledger.value("measure.uterine_nk.repeatability")
    )
    return 1.0 - math.exp(-float(special.ndtri(0.75)) * noise * math.sqrt(2.0))


def share_of_healthy_women_above(cut: float, ledger: Ledger) -> float:
    """Share of healthy women whose blood lies above a cut, percent of lymphocytes, by a normal distribution."""
    mean = ledger.value("measure.blood_nk.women_mean_percent_of_lymphocytes")
    sd = ledger.value("measure.blood_nk.women_sd_percent_of_lymphocytes")
    return float(special.ndtr((mean - cut) / sd))


def guideline_counts(ledger: Ledger) -> dict[str, float]:
    """How many of the bodies that were read start at one, two and three losses."""
    triggers = [body.trigger_losses for body in ledger.guidelines.values()]
    words = {"one": 1, "two": 2, "three": 3}
    return {f"guidelines.{word}": float(triggers.count(number)) for word, number in words.items()}


def _rereading(ledger: Ledger, hundredths: int) -> float:
    mark = f"r = {hundredths / 100:.1f}"
    for row in ledger.table(REGRESSION).rows:
        if row.table.startswith("expected untreated re-reading") and row.table.endswith(mark):
            return float(row.estimate or math.nan)
    raise LookupError(f"{REGRESSION} has no re-reading at {mark}")

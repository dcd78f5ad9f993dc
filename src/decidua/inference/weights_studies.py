"""What was published about uterine NK cells and loss, row by row, as the numbers of stage two."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from decidua.evidence import Ledger, TableRow
from decidua.inference.cells import STEROID
from decidua.inference.weights_likelihood import Constants, Repeat, Studies, Trial
from decidua.inference.weights_samples import (
    MEDIAN_FACTOR,
    Counted,
    Laboratory,
    Outcomes,
    Ranged,
    Rule,
)
from decidua.life import differences
from decidua.life.parameters import FloatArray

LEVEL_NODES, SCALE_NODES = 5, 3
SENSITIVITY = "CALIBRATION_SENSITIVITY"
DENSITY, OUTCOME = "uNK density", "uNK before the pregnancy, by next outcome"
STROMA, BIRTH = "uNK, % of stroma", "live birth"


def published_studies(ledger: Ledger) -> Studies:
    """Every row that weighs the mechanisms; held-out rows are never opened.

    The one trial with an implausible control arm is read too, since a sensitivity asks for it; the main
    analysis gives it no weight.

    Returns:    Studies; the cohort is empty, since nobody has published one
    Raises:     EvidenceError for a table without rows that a fit may open
    Checked by: tests/unit/inference/test_weights_studies.py
    """
    controls = _row(ledger, "TUCKERMAN_2007", table=STROMA, stratum="controls")
    failed_controls = _row(ledger, "TUCKERMAN_2010", stratum="controls")
    kuon_controls = _row(ledger, "KUON_2017", table=DENSITY, stratum="controls")
    return Studies(
        kuon=_kuon(ledger),
        kuon_lab=laboratory_of_mean(
            _of(kuon_controls.estimate), _spread(kuon_controls), _count(kuon_controls)
        ),
        losses=_ranged(_row(ledger, "TUCKERMAN_2007", table=STROMA, stratum="RM")),
        losses_lab=laboratory_of_range(_ranged(controls), is_mean=True),
        outcomes=_outcomes(ledger),
        failed=_ranged(_row(ledger, "TUCKERMAN_2010", stratum="RIF")),
        failed_lab=laboratory_of_range(_ranged(failed_controls), is_mean=False),
        repeat=_repeat(ledger),
        tang=_trial(ledger, "TANG_2013", BIRTH),
        laskin=_trial(ledger, "LASKIN_1997", BIRTH),
        sun=_trial(ledger, "SUN_2023", BIRTH),
        gomaa=_trial(ledger, "GOMAA_2014", "ongoing pregnancy >20 wk", role=SENSITIVITY),
        cohort=Outcomes(0.0, 1.0, 0.0, 1.0),
        constants=_constants(ledger),
        rule=Rule(*differences.normal_nodes(LEVEL_NODES), *differences.normal_nodes(SCALE_NODES)),
    )


def laboratory_of_mean(mean: float, sd: float, count: float) -> Laboratory:
    """Scale of a laboratory from mean and sd of its controls, read as log-normal."""
    log_sd = math.sqrt(math.log1p((sd / mean) ** 2))
    return _laboratory(math.log(mean) - 0.5 * log_sd**2, log_sd, count)


def laboratory_of_range(controls: Ranged, *, is_mean: bool) -> Laboratory:
    """Scale of a laboratory from range and mean (or median) of its controls, read as log-normal."""
    width = math.log(controls.largest / controls.smallest)
    log_sd = width / (2.0 * largest_score(controls.women))
    middle = math.log(controls.middle) - (0.5 * log_sd**2 if is_mean else 0.0)
    return _laboratory(middle, log_sd, controls.women, factor=1.0 if is_mean else MEDIAN_FACTOR)


def largest_score(count: float) -> float:
    """Expected largest of so many normal scores (Blom)."""
    return float(special.ndtri((count - 0.375) / (count + 0.25)))


def _laboratory(log_median: float, log_sd: float, count: float, *, factor: float = 1.0) -> Laboratory:
    return Laboratory(log_median, log_sd, factor / math.sqrt(count), 1.0 / math.sqrt(2.0 * (count - 1.0)))


def _kuon(ledger: Ledger) -> Counted:
    sample = _row(ledger, "KUON_2017", table=DENSITY, stratum="idiopathic RM")
    above = _row(ledger, "KUON_2017", table="share above >300/mm2", stratum="idiopathic RM")
    between = _row(ledger, "KUON_2017", table="share within 40-300/mm2", stratum="idiopathic RM")
    low, high = (float(part) for part in between.table.split()[-1].removesuffix("/mm2").split("-"))
    count, over = _count(above), _of(above.events)
    inside = float(round(count * _of(between.estimate) / 100.0))
    mean = _of(sample.estimate)
    return Counted(low, high, count - inside - over, inside, over, mean, _spread(sample))


def _outcomes(ledger: Ledger) -> Outcomes:
    lost = _row(ledger, "TUCKERMAN_2007", table=OUTCOME, stratum="RM, next pregnancy miscarried")
    born = _row(ledger, "TUCKERMAN_2007", table=OUTCOME, stratum="RM, next pregnancy live birth")
    return Outcomes(_count(lost), _of(lost.estimate), _count(born), _of(born.estimate))


def _repeat(ledger: Ledger) -> Repeat:
    before = _row(ledger, "QUENBY_2005", table="steroid effect on uNK: before")
    after = _row(ledger, "QUENBY_2005", table="steroid effect on uNK: after")
    cut = ledger.value("measure.uterine_nk.cut_percent_of_stroma.liverpool")
    return Repeat(_count(before), cut, _of(before.estimate), _of(after.estimate))


def _trial(ledger: Ledger, dataset: str, table: str, *, role: str = "CALIBRATION") -> Trial:
    """Treated arm first, as in the tables."""
    arms = [
        row
        for row in ledger.table(dataset).rows
        if row.role == role and row.reading == "READ" and row.table == table and row.events is not None
    ]
    if len(arms) != 2:
        raise LookupError(f"{dataset}: {len(arms)} arms instead of 2")
    treated, control = arms
    return Trial(_count(treated), _of(treated.events), _count(control), _of(control.events))


def _constants(ledger: Ledger) -> Constants:
    value = ledger.value
    laboratory = ledger["mechanisms.control_log_sd.liverpool"].prior
    aspirin = ledger["law.aspirin_log_hazard_ratio"].prior
    if laboratory is None or aspirin is None:
        raise LookupError("mechanisms: no declared prior")
    return Constants(
        cut_score=float(special.ndtri(value("mechanisms.cut_control_quantile.liverpool"))),
        trial_level_sd=value("mechanisms.trial_level_log_sd"),
        failed_level_sd=value("mechanisms.failed_implantation_level_sd"),
        failed_transfers=value("mechanisms.failed_transfers"),
        p_transfer=value("mechanisms.p_implantation_per_transfer"),
        log_steroid=math.log(value(STEROID)),
        aspirin_sd=aspirin.parameters["sd"],
        repeat_log_sd=laboratory.parameters["median"],
        repeat_log_sd_error=laboratory.parameters["log_sd"],
    )


def _row(ledger: Ledger, dataset: str, **wanted: str) -> TableRow:
    for row in ledger.calibration_rows(dataset):
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    raise LookupError(f"{dataset}: no row with {wanted}")


def _ranged(row: TableRow) -> Ranged:
    return Ranged(_count(row), _of(row.lo), _of(row.estimate), _of(row.hi))


def _spread(row: TableRow) -> float:
    """The standard deviation as printed: "sd 73"."""
    return float(row.spread.removeprefix("sd "))


def _count(row: TableRow) -> float:
    return _of(None if row.n is None else float(row.n))


def _of(value: float | None) -> float:
    if value is None:
        raise LookupError("a row without the number that the fit needs")
    return float(value)


def wanted_tables(names: tuple[str, ...], used: frozenset[str]) -> FloatArray:
    """1 for each table in use."""
    return np.array([1.0 if name in used else 0.0 for name in names])

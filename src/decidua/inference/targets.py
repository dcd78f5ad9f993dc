"""The calibration tables as cells: what was published, with which error, next to what the law predicts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import special

from decidua.evidence import Ledger, TableRow
from decidua.inference.age_bands import band_points as band_points
from decidua.inference.age_bands import middle_of_band
from decidua.inference.predictions import Design, Predicted
from decidua.life.parameters import FloatArray

Scale = Literal["logit", "log", "counts", "floor"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One published number: on the logit or log scale with an error, as counts, or as a floor."""

    table: str
    label: str
    scale: Scale
    value: float
    sd: float = 0.0  # on the scale; for counts the number observed is `trials`
    trials: float = 0.0

    def log_likelihood(self, predicted: float) -> float:
        """Log likelihood of this cell for one predicted value, up to a constant."""
        if self.scale == "counts":
            events = self.value * self.trials
            return float(special.xlogy(events, predicted) + special.xlog1py(self.trials - events, -predicted))
        z = (self.on_scale(self.value) - self.on_scale(predicted)) / self.sd
        if self.scale == "floor":
            return float(special.log_ndtr(-z))
        return -0.5 * z * z

    def on_scale(self, x: float) -> float:
        """A value on the scale on which its error is normal."""
        return float(np.log(x)) if self.scale == "log" else float(special.logit(x))

    def draw(self, predicted: float, rng: np.random.Generator) -> float:
        """A value this table might have printed if the law held."""
        if self.scale == "counts":
            return float(rng.binomial(round(self.trials), predicted) / round(self.trials))
        noisy = self.on_scale(predicted) + self.sd * rng.standard_normal()
        return float(np.exp(noisy) if self.scale == "log" else special.expit(noisy))


@dataclass(frozen=True)
class Targets:
    """All calibration cells, in the order in which `flatten` lays out a prediction."""

    cells: tuple[Cell, ...]
    design: Design

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables in order."""
        return tuple(dict.fromkeys(cell.table for cell in self.cells))

    @cached_property
    def _vectors(self) -> tuple[FloatArray, ...]:
        scale = np.array([("logit", "log", "counts", "floor").index(c.scale) for c in self.cells])
        value = np.array([c.value for c in self.cells])
        sd = np.array([c.sd if c.sd > 0.0 else 1.0 for c in self.cells])
        trials = np.array([c.trials for c in self.cells])
        return scale.astype(np.float64), value, sd, trials

    def log_likelihoods(self, predicted: FloatArray) -> FloatArray:
        """Log likelihood of every cell at once, shape (cells,); same formulas as Cell.log_likelihood."""
        scale, value, sd, trials = self._vectors
        out = np.empty(value.size)
        counts, floors, logs = scale == 2, scale == 3, scale == 1
        events = value[counts] * trials[counts]
        out[counts] = special.xlogy(events, predicted[counts])
        out[counts] += special.xlog1py(trials[counts] - events, -predicted[counts])
        z = np.empty(value.size)
        z[logs] = np.log(value[logs] / predicted[logs]) / sd[logs]
        rest = ~logs & ~counts
        z[rest] = (special.logit(value[rest]) - special.logit(predicted[rest])) / sd[rest]
        normal = ~counts & ~floors
        out[normal] = -0.5 * z[normal] ** 2
        out[floors] = special.log_ndtr(-z[floors])
        return out


def flatten(predicted: Predicted) -> FloatArray:
    """A prediction as one vector, in the order of the cells."""
    tail = [
        predicted.uterine_risk_ratio,
        predicted.uterine_risk_ratio,
        predicted.untreated_antiphospholipid_live_birth,
        predicted.progesterone_risk_ratio,
    ]
    parts = [
        predicted.age,
        predicted.recurrence,
        predicted.abnormal,
        predicted.embryo,
        predicted.paternal,
        predicted.weekly,
        predicted.early,
        predicted.conditions,
        np.array(tail),
    ]
    return np.concatenate(parts)


def calibration_targets(ledger: Ledger) -> Targets:
    """Read the calibration tables; only rows with role CALIBRATION that somebody read are opened."""
    bands = ledger.calibration_rows("MAGNUS_AGE")
    cells = [
        *_age(ledger),
        *_recurrence(ledger),
        *_karyotype(ledger),
        *_embryo(ledger),
        *_paternal(ledger),
        *_weekly(ledger),
        *_early(ledger),
        *_conditions(ledger),
        *_effects(ledger),
    ]
    return Targets(tuple(cells), _design(ledger, bands))


def _age(ledger: Ledger) -> list[Cell]:
    """Adjusted chances by age band, with the sampling error of the counts behind them."""
    counts = {
        row.age_hi if row.age_lo is None else row.age_lo: row for row in ledger.calibration_rows("MAGNUS_AGE")
    }
    discrepancy = ledger.value("calibration.discrepancy.age")
    cells = []
    for row in ledger.calibration_rows("MAGNUS_AGE_ADJ"):
        key = row.age_hi if row.age_lo is None else row.age_lo
        if key not in counts or (row.age_lo is not None and row.age_lo == row.age_hi):
            continue  # the overall figure and the minimum restate the bands
        p = _estimate(row) / 100.0
        trials = float(counts[key].n or 0)
        sd = float(np.hypot(1.0 / np.sqrt(trials * p * (1.0 - p)), discrepancy))
        cells.append(Cell("MAGNUS_AGE_ADJ", f"age {_band(row)}", "logit", p, sd))
    return cells


def _recurrence(ledger: Ledger) -> list[Cell]:
    discrepancy = ledger.value("calibration.discrepancy.recurrence")
    return [
        Cell("MAGNUS_REC", f"after {row.previous_losses}", "log", _estimate(row), _log_sd(row, discrepancy))
        for row in ledger.calibration_rows("MAGNUS_REC")
        if row.lo is not None
    ]


def _karyotype(ledger: Ledger) -> list[Cell]:
    """Anchors at 23, 38 and 44 years; the printed slope to 37, where the printed point conflicts with it."""
    rows = ledger.calibration_rows("PENDINA")
    discrepancy = ledger.value("calibration.discrepancy.karyotype")
    points = {row.age_lo: _estimate(row) / 100.0 for row in rows if row.age_lo == row.age_hi and row.age_lo}
    slope = next(row for row in rows if row.age_lo == 23 and row.age_hi == 37)
    points[37.0] = points[23.0] + _estimate(slope) / 100.0 * (37.0 - 23.0)
    return [
        Cell("PENDINA", f"age {age:.0f}", "logit", points[age], discrepancy)
        for age in (23.0, 37.0, 38.0, 44.0)
    ]


def _embryo(ledger: Ledger) -> list[Cell]:
    discrepancy = ledger.value("calibration.discrepancy.embryo")
    rows = ledger.calibration_rows("FRANASIAK")
    return [
        Cell("FRANASIAK", f"age {row.age_lo:.0f}", "logit", _estimate(row) / 100.0, discrepancy)
        for row in rows
    ]


def _paternal(ledger: Ledger) -> list[Cell]:
    rows = ledger.calibration_rows("PATERNAL_AGE")
    return [
        Cell("PATERNAL_AGE", f"partner {_band(row)}", "log", _estimate(row), _log_sd(row, 0.0))
        for row in rows
    ]


def _weekly(ledger: Ledger) -> list[Cell]:
    return [
        Cell(
            "ZAUCHE_WEEK",
            f"week {row.week}",
            "counts",
            (row.events or 0) / (row.n or 1),
            trials=float(row.n or 1),
        )
        for row in ledger.calibration_rows("ZAUCHE_WEEK")
    ]


def _early(ledger: Ledger) -> list[Cell]:
    """Lost before anyone noticed, of all with a positive test; lost, of those noticed."""
    rows = {row.table: row for row in ledger.calibration_rows("WILCOX88")}
    before = rows["loss before clinical recognition / hCG pregnancies"]
    after = rows["loss among clinically recognised"]
    trials = float(before.n or 0)
    unnoticed = _estimate(before) / 100.0
    noticed = trials * (1.0 - unnoticed)
    return [
        Cell("WILCOX88", "before recognition", "counts", unnoticed, trials=trials),
        Cell("WILCOX88", "after recognition", "counts", _estimate(after) / 100.0, trials=noticed),
    ]


def _conditions(ledger: Ledger) -> list[Cell]:
    """Prevalence among selected women; never a population input."""
    discrepancy = ledger.value("calibration.discrepancy.conditions")
    uterus = _pick(ledger, "UTERUS", stratum="miscarriage history")
    antibodies = _pick(ledger, "APS", table="aPL prevalence in RM")
    thyroid = _pick(ledger, "THYROID", table="TPOAb+ in unexplained RM")
    carriers = _pick(ledger, "TRANSLOC", table="translocation carrier couple")
    rows = (("UTERUS", uterus), ("APS", antibodies), ("THYROID", thyroid), ("TRANSLOC", carriers))
    cells = []
    for name, row in rows:
        p = _estimate(row) / 100.0
        sampling = 0.0
        if row.lo is not None and row.hi is not None:
            sampling = (special.logit(row.hi / 100.0) - special.logit(row.lo / 100.0)) / (
                2 * special.ndtri(0.975)
            )
        elif row.n:
            sampling = 1.0 / np.sqrt(row.n * p * (1.0 - p))
        cells.append(
            Cell(name, "prevalence after losses", "logit", p, float(np.hypot(sampling, discrepancy)))
        )
    return cells


def _effects(ledger: Ledger) -> list[Cell]:
    septate = _pick(ledger, "UTERUS", stratum="canalisation (septate), first trimester")
    unification = _pick(ledger, "UTERUS", stratum="unification, first trimester")
    untreated = _pick(ledger, "APS", table="live birth untreated aPL")
    progesterone = _pick(ledger, "PROMISE_2015", table="live birth, progesterone v placebo")
    discrepancy = ledger.value("calibration.discrepancy.conditions")
    return [
        Cell("UTERUS", "septate", "log", _estimate(septate), _log_sd(septate, discrepancy)),
        Cell("UTERUS", "unification", "log", _estimate(unification), _log_sd(unification, discrepancy)),
        Cell("APS", "live birth untreated, floor", "floor", _estimate(untreated) / 100.0, discrepancy),
        Cell("PROMISE_2015", "risk ratio", "log", _estimate(progesterone), _log_sd(progesterone, 0.0)),
    ]


def _pick(ledger: Ledger, dataset: str, **wanted: str) -> TableRow:
    for row in ledger.calibration_rows(dataset):
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    raise LookupError(f"{dataset}: no row with {wanted}")


def _estimate(row: TableRow) -> float:
    if row.estimate is None:
        raise LookupError(f"{row.row_key}: no estimate")
    return row.estimate


def _log_sd(row: TableRow, discrepancy: float) -> float:
    if row.lo is None or row.hi is None:
        raise LookupError(f"{row.row_key}: no interval")
    return float(np.hypot(np.log(row.hi / row.lo) / (2 * special.ndtri(0.975)), discrepancy))


def _band(row: TableRow) -> str:
    low = "" if row.age_lo is None else f"{row.age_lo:.0f}"
    high = "+" if row.age_hi is None else f"{row.age_hi:.0f}"
    return f"<{float(high) + 1:.0f}" if not low else low + ("+" if high == "+" else f"-{high}")


def _design(ledger: Ledger, bands: tuple[TableRow, ...]) -> Design:
    ages, weights = band_points(bands)
    value = ledger.value
    births = [value(f"calibration.p_go_on_after_birth_{k}") for k in (1, 2, 3)]
    embryo_ages = [row.age_lo or 0.0 for row in ledger.calibration_rows("FRANASIAK")]
    paternal = [middle_of_band(row) for row in ledger.calibration_rows("PATERNAL_AGE")]
    weeks = [float(row.week) for row in ledger.calibration_rows("ZAUCHE_WEEK")]
    return Design(
        band_ages_years=ages,
        band_weights=weights,
        karyotype_ages_years=np.array([23.0, 37.0, 38.0, 44.0]),
        embryo_ages_years=np.array(embryo_ages),
        paternal_ages_years=np.array([value("law.paternal_bend_age_years"), *paternal]),
        hazard_weeks=np.array(weeks),
        p_go_on_after_birth=np.array(births),
        recurrence_age_years=value("calibration.recurrence_age_years"),
        early_age_years=value("calibration.early_age_years"),
        referral_age_years=value("calibration.referral_age_years"),
    )

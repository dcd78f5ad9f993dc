r"""How fast couples conceive: the published tables as cells, and what a mix of two kinds of couples expects.

Fecundability in a table is pregnancies over cycles at risk in the first $n$ cycles. A couple of kind $c$ has
the chance $p_c = f_c\, b_g\, r_g(a)^k (1 - h)$ of a pregnancy that is noticed: $f_c$ per cycle at ages 21 to
24, $b$ the ratio of women pregnant before (1 for others), $r$ the published ratio by age, $k$ its power, $h$
the share lost before anyone notices, from the law.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from decidua.evidence import Ledger, TableRow
from decidua.inference.priors import Quantile, declared_prior
from decidua.life.parameters import FloatArray
from decidua.life.ways import DAYS_IN_YEAR
from decidua.measure import waiting
from decidua.measure.waiting import COUPLES

KINDS = ("share_sub_fertile", "per_cycle_fertile", "per_cycle_sub_fertile")
SPREADS = tuple(f"calibration.couples.spread_{name}" for name in KINDS)
JARVIS_ROWS = {
    "share of couples sub-fertile": 0,
    "per-cycle hCG-pregnancy probability, normally fertile": 1,
    "per-cycle hCG-pregnancy probability, sub-fertile": 2,
}
# Three centres, spreads and places of this population; power of age, ratio of the gravid, hidden share.
DIMENSIONS = 12
IMPOSSIBLE = -1e100
GESTATION_DAYS = 266  # from conception to birth at 40 weeks, by definition
CENTRES, SPREAD, PLACES, POWER, GRAVID, HIDDEN = slice(0, 3), slice(3, 6), slice(6, 9), 9, 10, 11


@dataclass(frozen=True, slots=True)
class Mix:
    """Two kinds of couples, and how age acts on both."""

    share_sub_fertile: float
    per_cycle_fertile: float
    per_cycle_sub_fertile: float
    age_power: float
    gravid_ratio: float
    hidden: float  # share of hCG pregnancies lost before anyone notices


@dataclass(frozen=True, slots=True)
class AgeCell:
    """One published fecundability by age, as it is or against ages 21 to 24."""

    table: str
    label: str
    value: float
    log_sd: float
    age_years: float
    is_gravid: bool
    is_ratio: bool


@dataclass(frozen=True)
class CoupleTables:
    """Everything the fit reads."""

    cohorts: FloatArray  # (cohorts, KINDS), chances
    cells: tuple[AgeCell, ...]
    priors: tuple[Quantile, ...]  # of the centres, the spreads, the power, the ratio
    ratio: FloatArray  # (cells,) published ratio at the age of each cell
    reference_ratio: FloatArray  # (cells,)
    sterile: FloatArray  # (cells,) share of sterile couples
    reference_sterile: FloatArray
    tried: int  # cycles in which women pregnant before can have conceived then
    cycles: int
    hidden_range: tuple[float, float]

    @cached_property
    def vectors(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Logarithms of the cells, their errors, and masks of gravid women and of ratios."""
        return (
            np.log([cell.value for cell in self.cells]),
            np.array([cell.log_sd for cell in self.cells]),
            np.array([cell.is_gravid for cell in self.cells]),
            np.array([cell.is_ratio for cell in self.cells]),
        )

    def transform(self, cube: FloatArray) -> FloatArray:
        """From the unit cube to parameters: normal places about the centres, a hidden share spread evenly."""
        out = np.empty(DIMENSIONS)
        out[CENTRES] = [quantile(q) for quantile, q in zip(self.priors[:3], cube[:3], strict=True)]
        out[SPREAD] = [quantile(q) for quantile, q in zip(self.priors[3:6], cube[3:6], strict=True)]
        out[PLACES] = special.ndtri(cube[PLACES])
        out[POWER], out[GRAVID] = self.priors[6](cube[POWER]), self.priors[7](cube[GRAVID])
        low, high = self.hidden_range
        out[HIDDEN] = low + (high - low) * cube[HIDDEN]
        return out

    def expected(self, mix: Mix) -> FloatArray:
        """Expected value of every cell of age, shape (cells,)."""
        _, _, is_gravid, is_ratio = self.vectors
        tried = np.where(is_gravid, float(self.tried), 0.0)
        here = fecundability(mix, self.ratio, self.sterile, tried, self.cycles)
        young = fecundability(mix, self.reference_ratio, self.reference_sterile, tried, self.cycles)
        return np.where(is_ratio, here / young, here)

    def __call__(self, values: FloatArray) -> float:
        """Log likelihood of the cohorts and of the cells of age, up to a constant."""
        mix = mix_of(values)
        if mix.per_cycle_sub_fertile >= mix.per_cycle_fertile or not np.all(values[SPREAD] > 0.0):
            return IMPOSSIBLE
        z = (special.logit(self.cohorts) - special.logit(values[CENTRES])) / values[SPREAD]
        logs, log_sd, _, _ = self.vectors
        off = (np.log(self.expected(mix)) - logs) / log_sd
        total = -0.5 * (z**2).sum() - len(self.cohorts) * np.log(values[SPREAD]).sum() - 0.5 * (off**2).sum()
        return float(total) if np.isfinite(total) else IMPOSSIBLE


def mix_of(values: FloatArray) -> Mix:
    """The simulated population: one cohort more about the same centres."""
    share, fertile, sub = special.expit(special.logit(values[CENTRES]) + values[SPREAD] * values[PLACES])
    return Mix(float(share), float(fertile), float(sub), *map(float, values[POWER:]))


def fecundability(
    mix: Mix, ratio: FloatArray, sterile: FloatArray, tried: FloatArray, cycles: int
) -> FloatArray:
    """Noticed pregnancies over cycles at risk in the first cycles, shape of `ratio`.

    Women who were pregnant before are those whose couples had conceived within the cycles tried.

    Arguments:  mix      two kinds of couples
                ratio    published ratio at each age
                sterile  share who cannot conceive
                tried    cycles in which the pregnancy before can have come; 0: never pregnant before
                cycles   for which women were followed
    Returns:    fecundability
    Checked by: verify/test_lives_waiting.py (whole simulated lives)
    """
    noticed = 1.0 - mix.hidden
    kinds = (
        (1.0 - mix.share_sub_fertile, mix.per_cycle_fertile),
        (mix.share_sub_fertile, mix.per_cycle_sub_fertile),
    )
    weights, chances = [], []
    for weight, per_cycle in kinds:
        level = np.where(tried > 0.0, mix.gravid_ratio, 1.0)
        p = np.minimum(per_cycle * level * ratio**mix.age_power, 1.0) * noticed
        chances.append(p)
        before = -np.expm1(tried * np.log1p(-per_cycle * noticed))
        weights.append(weight * np.where(tried > 0.0, before, 1.0))
    whole = weights[0] + weights[1]
    pregnant = np.zeros_like(ratio)
    at_risk = sterile * cycles
    for among_these, p in zip(weights, chances, strict=True):
        ever = (1.0 - sterile) * among_these / whole * -np.expm1(cycles * np.log1p(-p))
        pregnant = pregnant + ever
        at_risk = at_risk + ever / p
    return np.asarray(pregnant / at_risk)


def couple_tables(ledger: Ledger, *, hidden_range: tuple[float, float]) -> CoupleTables:
    """Read the tables of fecundability; only rows with role CALIBRATION that somebody read are opened.

    STEINER, printed against ages 30 to 31, is of the same women as STEINER_ABS and gives only its errors.
    HABBEMA is the input of a simulator and is not fitted.

    Arguments:  hidden_range  smallest and largest hidden share among the draws of the law
    """
    cells = (*_absolute(ledger), *_relative(ledger))
    names = (*COUPLES[:3], *SPREADS, *COUPLES[3:])
    ages = np.array([cell.age_years for cell in cells])
    young = np.full(ages.size, waiting.RATIO_AGES["21_24"])
    return CoupleTables(
        cohorts=_cohorts(ledger),
        cells=cells,
        priors=tuple(Quantile(declared_prior(ledger, name)) for name in names),
        ratio=_ratios(ledger, cells, ages),
        reference_ratio=_ratios(ledger, cells, young),
        sterile=_sterile(ledger, cells, ages),
        reference_sterile=_sterile(ledger, cells, young),
        tried=_tried(ledger),
        cycles=int(ledger.value("calibration.couples.cycles_followed")),
        hidden_range=hidden_range,
    )


def _cohorts(ledger: Ledger) -> FloatArray:
    rows = [row for row in ledger.calibration_rows("JARVIS") if row.table in JARVIS_ROWS]
    cohorts = list(dict.fromkeys(row.stratum for row in rows))
    out = np.empty((len(cohorts), len(KINDS)))
    for row in rows:
        out[cohorts.index(row.stratum), JARVIS_ROWS[row.table]] = _estimate(row) / 100.0
    return out


def _absolute(ledger: Ledger) -> list[AgeCell]:
    """By age and gravidity; the error is that of the ratios, with half the women on each side."""
    errors = {row.age_lo: _log_sd(row) for row in ledger.calibration_rows("STEINER")}
    smallest, discrepancy = min(errors.values()), ledger.value("calibration.discrepancy.fecundability")
    return [
        _cell(
            row, float(np.hypot(np.sqrt(2.0) * errors.get(row.age_lo, smallest), discrepancy)), is_ratio=False
        )
        for row in ledger.calibration_rows("STEINER_ABS")
    ]


def _relative(ledger: Ledger) -> list[AgeCell]:
    discrepancy = ledger.value("calibration.discrepancy.fecundability")
    rows = ledger.calibration_rows("WESSELINK")
    return [_cell(row, discrepancy, is_ratio=True) for row in rows if (row.age_lo or 0.0) > 21.0]


def _cell(row: TableRow, log_sd: float, *, is_ratio: bool) -> AgeCell:
    low, high = row.age_lo or 0.0, row.age_hi or 0.0
    is_gravid = row.stratum in ("gravid", "previously gravid")
    label = f"{low:.0f}-{high:.0f} {'pregnant before' if is_gravid else 'never pregnant before'}"
    return AgeCell(row.dataset, label, _estimate(row), log_sd, (low + high + 1.0) / 2.0, is_gravid, is_ratio)


def _ratios(ledger: Ledger, cells: tuple[AgeCell, ...], ages: FloatArray) -> FloatArray:
    return np.array(
        [
            waiting.fecundability_ratio(age, is_gravid=cell.is_gravid, ledger=ledger)
            for cell, age in zip(cells, ages, strict=True)
        ]
    )


def _sterile(ledger: Ledger, cells: tuple[AgeCell, ...], ages: FloatArray) -> FloatArray:
    """Share who cannot conceive; of those pregnant before, who became sterile since."""
    since = _years_since_conception(ledger)
    out = np.empty(ages.size)
    for i, (cell, age) in enumerate(zip(cells, ages, strict=True)):
        now, then = (waiting.share_sterile(a, ledger=ledger) for a in (age, age - since))
        out[i] = (now - then) / (1.0 - then) if cell.is_gravid else now
    return out


def _tried(ledger: Ledger) -> int:
    """Cycles until a couple gives up: whoever conceived before then has been pregnant.

    The same at every age. With the shorter time that the young have had, their reference group would be
    quick couples alone, and the declared age at first trying would speak against the cohorts of couples.
    """
    years = ledger.value("life.trying.months_before_giving_up") / 12.0
    return int(years * DAYS_IN_YEAR / ledger.value("life.cycle_days"))


def _years_since_conception(ledger: Ledger) -> float:
    """From the conception of a child to trying for the next."""
    return GESTATION_DAYS / DAYS_IN_YEAR + ledger.value("life.wait.after_birth_months") / 12.0


def _estimate(row: TableRow) -> float:
    if row.estimate is None:
        raise LookupError(f"{row.row_key}: no estimate")
    return row.estimate


def _log_sd(row: TableRow) -> float:
    if row.lo is None or row.hi is None:
        raise LookupError(f"{row.row_key}: no interval")
    return float(np.log(row.hi / row.lo) / (2.0 * special.ndtri(0.975)))

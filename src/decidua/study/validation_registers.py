"""What the model says of register tables: loss after losses in a row, by age, and karyotypes of losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from decidua.base import conversions
from decidua.evidence import Ledger
from decidua.inference.targets import band_points
from decidua.life.parameters import FloatArray
from decidua.study.validation_rule import Rule
from decidua.study.validation_women import Mix, Women, expected_mix, mean_of

WIDEST_SHIFT = 3.0  # log scale; no setting differs by more


@dataclass(frozen=True)
class Registers:
    """Numbers that every draw is asked for in the same way."""

    rule: Rule
    ledger: Ledger
    p_go_on: tuple[float, ...]

    @property
    def steady_age_years(self) -> float:
        """Age at which age-adjusted figures are evaluated."""
        return self.ledger.value("calibration.recurrence_age_years")

    def mix_at(self, women: Women, age_years: float) -> Mix:
        """Expected mix of histories when every pregnancy is at one age."""
        count = self.rule.assumed("pregnancies_followed")
        return expected_mix(women, ages_years=[age_years] * count, p_go_on=self.p_go_on)

    def predictions(self, women: Women) -> dict[str, float]:
        """Every statistic of this module by name."""
        return {
            **self.knudsen(women),
            **self.bhattacharya(women),
            **self.nybo(women),
            **self.karyotypes(women),
        }

    def knudsen(self, women: Women) -> dict[str, float]:
        """Loss after k losses in a row, with the level set by the overall figure."""
        overall = _percent(self.ledger, "KNUDSEN_REC", previous_losses="any (overall)")
        shift = self.level_shift(women, overall)
        by_run = _by_run(self.growing_older(women.shifted(shift)))
        return {"knudsen.all": overall} | {f"knudsen.{k}": float(by_run[k]) for k in range(1, 5)}

    def growing_older(self, women: Women) -> Mix:
        """Expected mix of histories when women grow older from pregnancy to pregnancy."""
        first = self.rule.assumed("register_first_age_years")
        step = self.rule.assumed("register_interval_years")
        ages = [first + step * i for i in range(self.rule.assumed("pregnancies_followed"))]
        return expected_mix(women, ages_years=ages, p_go_on=self.p_go_on)

    def level_shift(self, women: Women, overall: float) -> float:
        """Shift of the level at which the overall chance of loss is the published one."""

        def missed(shift: float) -> float:
            mix = self.growing_older(women.shifted(shift))
            return float(np.log(mix.losses.sum() / mix.pregnancies.sum() / overall))

        return float(optimize.brentq(missed, -WIDEST_SHIFT, WIDEST_SHIFT, xtol=1e-3))

    def bhattacharya(self, women: Women) -> dict[str, float]:
        """Odds after k losses in a row against one fewer, at one age."""
        odds = np.asarray(conversions.odds(_by_run(self.mix_at(women, self.steady_age_years))))
        return {f"bhattacharya.{k}": float(odds[k] / odds[k - 1]) for k in (1, 2, 3)}

    def nybo(self, women: Women) -> dict[str, float]:
        """Loss by age with one free level on the log-odds scale."""
        rows = self.ledger.table("NYBO_AGE").rows
        ages, weights = band_points(rows)
        pregnant = self.mix_at(women, self.steady_age_years).pregnant
        chance = np.array(
            [
                sum(w * women.p_loss(a, pregnant) for a, w in zip(*band, strict=True))
                for band in zip(ages, weights, strict=True)
            ]
        )
        events, n = np.array([float(r.events or 0) for r in rows]), np.array([float(r.n or 1) for r in rows])
        level = _free_level(events / n, n, chance, spread=self.rule.raw["spreads"]["factor_1_15"]["value"])
        fitted = np.asarray(conversions.expit(np.asarray(conversions.logit(chance)) + level))
        flat = float(events.sum() / n.sum())
        return {"nybo.flat": flat} | {f"nybo.{i}": float(p) for i, p in enumerate(fitted)}

    def karyotypes(self, women: Women) -> dict[str, float]:
        """Share of losses with an abnormal karyotype by age and by earlier losses."""
        pregnant = self.mix_at(women, self.steady_age_years).pregnant
        out = {"ozawa.flat": _ozawa_overall(self.ledger)}
        for band, age in self.rule.assumed("ozawa_band_ages_years").items():
            out[f"ozawa.{band}"] = _abnormal_share(women, age, pregnant)
        out["ozawa.ratio"] = self.abnormal_ratio(women, "ozawa_age_years", many=2, few=2)
        out["nikitina"] = self.abnormal_ratio(women, "karyotype_age_years", many=2, few=1)
        out["marquard"] = self.abnormal_ratio(women, "marquard_age_years", many=3, few=3)
        many, none = self.abnormal_shares(women, "stephenson_age_years", many=2, few=1)
        return out | {"stephenson": many, "stephenson.no_losses": none}

    def abnormal_shares(self, women: Women, age: str, *, many: int, few: int) -> tuple[float, float]:
        """Abnormal share of losses after `many` or more earlier losses, and after fewer than `few`."""
        mix = self.mix_at(women, self.rule.assumed(age))
        lost, abnormal = mix.losses.sum(axis=(0, 1)), mix.abnormal.sum(axis=(0, 1))
        return (
            float(abnormal[many:].sum() / lost[many:].sum()),
            float(abnormal[:few].sum() / lost[:few].sum()),
        )

    def abnormal_ratio(self, women: Women, age: str, *, many: int, few: int) -> float:
        """Odds ratio of an abnormal karyotype, many earlier losses against few."""
        after_many, after_few = self.abnormal_shares(women, age, many=many, few=few)
        return conversions.odds(after_many) / conversions.odds(after_few)


def _by_run(mix: Mix) -> FloatArray:
    """Chance of loss by losses in a row before."""
    return np.asarray(mix.losses.sum(axis=(0, 2)) / mix.pregnancies.sum(axis=(0, 2)))


def _abnormal_share(women: Women, age_years: float, weights: FloatArray) -> float:
    chances = women.chances(age_years)
    return mean_of(chances.aneuploid_loss, weights) / mean_of(chances.loss, weights)


def _free_level(published: FloatArray, n: FloatArray, chance: FloatArray, *, spread: float) -> float:
    """Weighted mean distance on the log-odds scale."""
    distance = np.asarray(conversions.logit(published)) - np.asarray(conversions.logit(chance))
    weight = 1.0 / (1.0 / (n * published * (1.0 - published)) + spread**2)
    return float((weight * distance).sum() / weight.sum())


def _percent(ledger: Ledger, dataset: str, *, previous_losses: str) -> float:
    rows = [row for row in ledger.table(dataset).rows if row.previous_losses == previous_losses]
    return float(rows[0].estimate or 0.0) / 100.0


def _ozawa_overall(ledger: Ledger) -> float:
    rows = [row for row in ledger.table("OZAWA").rows if row.table == "abnormal karyotype by age"]
    return sum(row.events or 0 for row in rows) / sum(row.n or 0 for row in rows)

"""The model against real histories: shape judged on the last cycle after one level shift from the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from decidua.evidence import Ledger
from decidua.life.parameters import FloatArray
from decidua.study.survey_baselines import cross_fitted_chances, published_chances, regression_chances
from decidua.study.survey_file import Past, Scored
from decidua.study.survey_scores import (
    area_under_curve,
    calibration_slope,
    level_shift,
    log_losses,
    resampled_mean,
    shifted,
)
from decidua.study.validation_rule import Rule

MODEL, PUBLISHED = "model", "published numbers only"
REGRESSION, RATE = "regression on the survey", "base rate"
AGE_BANDS = ((0, 20), (20, 25), (25, 30), (30, 35), (35, 40), (40, 61))
MOST_LOSSES, MOST_BIRTHS = 3, 3
FEWEST_SHOWN = 5  # a smaller cell is not printed

Predictor = Callable[[Sequence[Past], int], FloatArray]  # histories and number of draws to chances


@dataclass(frozen=True)
class Settings:
    """The part of the frozen rule that judges the survey."""

    seed: int
    resamples: int
    folds: int
    draws: int
    largest_difference: float
    slope: tuple[float, float]
    leak_auc: float
    largest_shift_by_draws: float
    open_ages_years: tuple[float, float]

    @classmethod
    def of(cls, rule: Rule, *, is_fast: bool) -> Settings:
        """Settings of the rule; the fast mode takes a quarter of the draws."""
        raw = rule.raw["survey"]
        return cls(
            seed=raw["seed"],
            resamples=raw["resamples"],
            folds=raw["folds"],
            draws=raw["draws"] // 4 if is_fast else raw["draws"],
            largest_difference=raw["largest_log_loss_difference"],
            slope=(raw["slope"][0], raw["slope"][1]),
            leak_auc=raw["leak_auc"],
            largest_shift_by_draws=raw["largest_shift_by_draws"],
            open_ages_years=tuple(raw["benchmark_open_band_ages_years"]),
        )


def compare_survey(
    scored: Scored, *, ledger: Ledger, settings: Settings, predictor: Predictor, is_fast: bool
) -> dict[str, Any]:
    """Score the model and its rivals on the survey.

    Every predictor but the regression and the rate is free in one number, the shift of the log-odds fitted
    on the earlier cycles.

    Arguments:  scored     the evaluation window of all open cycles
                ledger     holds the published tables
                settings   thresholds and seeds of the frozen rule
                predictor  the model's chances
                is_fast    leave out the check of the number of draws
    Returns:    dict ready for JSON; no row of the survey is in it
    Checked by: tests/unit/study/test_survey.py
    """
    train, last = scored.only(1.0 - scored.is_validation), scored.only(scored.is_validation)
    published = published_chances(scored, ledger, open_ages_years=settings.open_ages_years)
    raw = {MODEL: predictor(scored.past, settings.draws), PUBLISHED: published}
    is_train = scored.is_validation == 0.0
    shifts = {name: level_shift(train.happened, p[is_train]) for name, p in raw.items()}
    everywhere = {name: shifted(p, shifts[name]) for name, p in raw.items()}
    chances = {name: p[~is_train] for name, p in everywhere.items()}
    chances[REGRESSION] = regression_chances(train, last)
    chances[RATE] = np.full(len(last), train.happened.mean())
    on_last = {name: scores(last.happened, p) for name, p in chances.items()}
    out = {
        "rows": _sizes(scored, train, last),
        "level_shift_log_odds": shifts,
        "validation": on_last,
        "validation_index_rows": _index_scores(last, chances),
        "open_window": open_window(scored, raw, settings=settings),
        "difference": difference(last, chances, settings),
        "difference_on_earlier_cycles": difference(
            train, {name: p[is_train] for name, p in everywhere.items()}, settings
        ),
        "order": order_of_loss_and_birth(scored, everywhere),
        "births": by_births(scored, everywhere),
        "cells": by_cell(last, chances),
        "draws": settings.draws,
        "draws_check": None,
    }
    if not is_fast:
        out["draws_check"] = draws_check(last, chances[MODEL], shifts[MODEL], predictor, settings)
    return out | {"checks": checks(out, settings)}


def _sizes(scored: Scored, train: Scored, last: Scored) -> dict[str, int]:
    return {
        "open_window": len(scored),
        "losses": int(scored.happened.sum()),
        "train": len(train),
        "validation": len(last),
        "validation_losses": int(last.happened.sum()),
        "validation_women": int(last.woman.max()) + 1,
        "validation_index_rows": int(last.is_index.sum()),
    }


def scores(happened: FloatArray, p: FloatArray) -> dict[str, float | None]:
    """Discrimination, log loss, and calibration slope (none for a constant)."""
    is_flat = bool(np.ptp(p) < 1e-12)
    return {
        "auc": 0.5 if is_flat else area_under_curve(happened, p),
        "log_loss": float(log_losses(happened, p).mean()),
        "calibration_slope": None if is_flat else calibration_slope(happened, p),
        "expected_over_observed": float(p.sum() / happened.sum()),
    }


def _index_scores(last: Scored, chances: Mapping[str, FloatArray]) -> dict[str, dict[str, float | None]]:
    """The same on the first such pregnancy of each woman."""
    keep = last.is_index == 1.0
    return {name: scores(last.happened[keep], p[keep]) for name, p in chances.items()}


def open_window(
    scored: Scored, raw: Mapping[str, FloatArray], *, settings: Settings
) -> dict[str, dict[str, float | None]]:
    """All four cycles at once, levels fitted on the same rows, regressions cross-fitted by woman."""
    out = {
        name: scores(scored.happened, shifted(p, level_shift(scored.happened, p))) for name, p in raw.items()
    }
    fitted = cross_fitted_chances(scored, folds=settings.folds, seed=settings.seed)
    out[REGRESSION] = scores(scored.happened, fitted)
    out[RATE] = scores(scored.happened, np.full(len(scored), scored.happened.mean()))
    return out


def difference(last: Scored, chances: Mapping[str, FloatArray], settings: Settings) -> dict[str, float]:
    """Log loss of the model minus that of published numbers only, with a bootstrap by woman."""
    rows = log_losses(last.happened, chances[MODEL]) - log_losses(last.happened, chances[PUBLISHED])
    means = resampled_mean(rows, last.woman, resamples=settings.resamples, seed=settings.seed)
    lo, hi = np.quantile(means, (0.025, 0.975))
    return {"mean": float(rows.mean()), "lo": float(lo), "hi": float(hi), "resamples": settings.resamples}


def group_scores(
    scored: Scored, keep: FloatArray, chances: Mapping[str, FloatArray]
) -> dict[str, float | int | None]:
    """Rows, observed and expected share of loss in one group; groups too small to print are empty."""
    count = int(keep.sum())
    if count < FEWEST_SHOWN:
        return {"rows": None, "observed": None, **dict.fromkeys((MODEL, PUBLISHED))}
    expected = {name: float(chances[name][keep].mean()) for name in (MODEL, PUBLISHED)}
    return {"rows": count, "observed": float(scored.happened[keep].mean()), **expected}


def order_of_loss_and_birth(scored: Scored, chances: Mapping[str, FloatArray]) -> dict[str, Any]:
    """Women with one loss and one birth before: does the order matter, and does the model know?"""
    groups = {
        "loss then birth": ("miscarriage", "live_birth"),
        "birth then loss": ("live_birth", "miscarriage"),
    }
    return {
        name: group_scores(scored, np.array([_outcomes(past) == order for past in scored.past]), chances)
        for name, order in groups.items()
    }


def _outcomes(past: Past) -> tuple[str, ...]:
    """Earlier losses and births in order."""
    return tuple(outcome for outcome, _ in past[1] if outcome in ("miscarriage", "live_birth"))


def by_births(scored: Scored, chances: Mapping[str, FloatArray]) -> dict[str, Any]:
    """Groups by number of earlier births."""
    births, counts = np.minimum(scored.births, MOST_BIRTHS), range(MOST_BIRTHS + 1)
    return {_at_most(k, MOST_BIRTHS): group_scores(scored, births == k, chances) for k in counts}


def by_cell(scored: Scored, chances: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Age band by number of earlier losses."""
    losses = np.minimum(scored.losses, MOST_LOSSES)
    out = []
    for low, high in AGE_BANDS:
        in_band = (scored.age_years >= low) & (scored.age_years < high)
        for k in range(MOST_LOSSES + 1):
            label = {"age_years": _band(low, high), "earlier_losses": _at_most(k, MOST_LOSSES)}
            out.append(label | group_scores(scored, in_band & (losses == k), chances))
    return out


def _band(low: int, high: int) -> str:
    if low == 0:
        return f"under {high}"
    return f"{low} and over" if (low, high) == AGE_BANDS[-1] else f"{low} to {high - 1}"


def _at_most(k: int, most: int) -> str:
    return f"{k} or more" if k == most else str(k)


def draws_check(
    last: Scored, chances: FloatArray, shift: float, predictor: Predictor, settings: Settings
) -> dict[str, float | int]:
    """How far four times as many draws move the log loss on the last cycle."""
    more = shifted(predictor(last.past, 4 * settings.draws), shift)
    few, many = (float(log_losses(last.happened, p).mean()) for p in (chances, more))
    return {"draws": 4 * settings.draws, "log_loss": many, "moved_by": many - few}


def checks(out: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """What the rule asks of the survey, with the number and whether it is met."""
    model = out["validation"][MODEL]
    order = out["order"]
    found = [
        _check(
            "log loss against published numbers only, upper bound",
            out["difference"]["hi"],
            f"at most {settings.largest_difference:+g}",
            out["difference"]["hi"] <= settings.largest_difference,
        ),
        _check(
            "calibration slope",
            model["calibration_slope"],
            f"{settings.slope[0]:g} to {settings.slope[1]:g}",
            settings.slope[0] <= model["calibration_slope"] <= settings.slope[1],
        ),
        _check(
            "area under the curve",
            model["auc"],
            f"at most {settings.leak_auc:g}",
            model["auc"] <= settings.leak_auc,
        ),
        _order_check(order),
    ]
    if out["draws_check"] is not None:
        moved = out["draws_check"]["moved_by"]
        limit = settings.largest_shift_by_draws
        found.append(_check("log loss moved by more draws", moved, f"below {limit:g}", abs(moved) < limit))
    return found


def _order_check(order: Mapping[str, Any]) -> dict[str, Any]:
    """A loss after the birth should weigh more than one before it."""
    recent, old = order["birth then loss"][MODEL], order["loss then birth"][MODEL]
    gap = None if recent is None or old is None else recent - old
    name = "birth then loss minus loss then birth, model"
    return _check(name, gap, "above 0", gap is not None and gap > 0.0)


def _check(name: str, value: float | None, wanted: str, is_met: bool) -> dict[str, Any]:
    return {"check": name, "value": value, "wanted": wanted, "is_met": bool(is_met)}


def leak_warning(survey: Mapping[str, Any], settings: Settings) -> str | None:
    """What to say when discrimination is too good to be true."""
    if survey["validation"][MODEL]["auc"] <= settings.leak_auc:
        return None
    return f"Discrimination above {settings.leak_auc:g} from age and history alone: look for a leak."

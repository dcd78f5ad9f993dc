"""Answers made by hand, so that what a reader sees is tested apart from how an answer is worked out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from decidua.base.estimates import Estimate
from decidua.inference.answer import (
    ENDPOINT,
    Change,
    Comparator,
    Current,
    HistoryAnswer,
    PastLoss,
    UterineNk,
)
from decidua.measure.history import History, Pregnancy, Test

CAUSES = {
    "aneuploid": Estimate(0.52, 0.35, 0.68),
    "uterine_nk": Estimate(0.06, 0.0, 0.24),
    "antiphospholipid": Estimate(0.02, 0.0, 0.05),
    "uterine_anomaly": Estimate(0.02, 0.0, 0.06),
    "thyroid_antibodies": Estimate(0.02, 0.0, 0.07),
    "translocation": Estimate(0.01, 0.0, 0.04),
    "euploid_other": Estimate(0.41, 0.18, 0.60),
}
WEIGHTS = {"high_count_harms": 1 / 3, "low_count_harms": 1 / 3, "no_effect": 1 / 3, "weights_are": "prior"}
AFTER = {"high_count_harms": 0.345, "low_count_harms": 0.332, "no_effect": 0.323, "weights_are": "prior"}
NK = UterineNk(
    density_before=Estimate(152.3, 60.2, 320.8),
    density_after=Estimate(161.9, 63.4, 334.5),
    p_above_cut_before=Estimate(0.081, 0.021, 0.192),
    p_above_cut_after=Estimate(0.104, 0.024, 0.231),
    cut=300.0,
    cut_unit="cells_per_mm2",
    share_high_among_women_with_births=Estimate(0.059, 0.010, 0.270),
)
CHANGES = (
    Change("chromosomes of loss 2", "aneuploid", Estimate(0.55, 0.4, 0.7), Estimate(0.774, 0.63, 0.87)),
    Change("chromosomes of loss 2", "euploid", Estimate(0.45, 0.3, 0.6), Estimate(0.721, 0.57, 0.84)),
    Change("antiphospholipid", "yes", Estimate(0.03, 0.01, 0.06), Estimate(0.655, 0.45, 0.82)),
    Change("uterine NK count", "high", None, Estimate(0.725, 0.58, 0.84)),
)
COMPARATORS = (
    Comparator("Brigham1999", 0.768, "birth after 24 weeks", "known to promise too much", "brigham_1999"),
    Comparator("Koki2025", None, "pregnancy beyond 24 weeks", "its level was not published", "koki_2025"),
)
PROVENANCE: dict[str, Any] = {
    "program": "decidua",
    "version": "0.1.0",
    "model_version": "1",
    "evidence_version": "1+0f3a9c51d2e4",
    "seed": 1,
    "arguments": {"structure": "fading-log_normal", "mechanism": None},
    "mechanism_weights": WEIGHTS,
}


@pytest.fixture
def two_losses() -> HistoryAnswer:
    """After two losses and a birth, with an age."""
    return HistoryAnswer(
        endpoint=ENDPOINT,
        next_live_birth=Estimate(0.748, 0.604, 0.853),
        next_loss=Estimate(0.249, 0.144, 0.393),
        same_age_no_losses=Estimate(0.826, 0.731, 0.894),
        within_pregnancies={
            "1": Estimate(0.748, 0.604, 0.853),
            "2": Estimate(0.921, 0.811, 0.974),
            "3": Estimate(0.972, 0.901, 0.995),
        },
        past_losses=(PastLoss(1, CAUSES), PastLoss(2, CAUSES)),
        uterine_nk=NK,
        current=None,
        mechanisms=WEIGHTS,
        mechanisms_after=AFTER,
        what_would_change_it=CHANGES,
        comparators=COMPARATORS,
        effective_draws=731.4,
        mechanism=None,
        provenance=PROVENANCE,
    )


@pytest.fixture
def past_only(two_losses: HistoryAnswer) -> HistoryAnswer:
    """The age now is unknown."""
    return replace(
        two_losses,
        next_live_birth=None,
        next_loss=None,
        same_age_no_losses=None,
        within_pregnancies={},
        what_would_change_it=(),
        comparators=(),
    )


@pytest.fixture
def late(two_losses: HistoryAnswer) -> HistoryAnswer:
    """Nothing yet, at an age at which a birth is less likely than not."""
    small = Estimate(0.263, 0.121, 0.448)
    return replace(
        two_losses,
        next_live_birth=small,
        next_loss=Estimate(0.735, 0.550, 0.877),
        same_age_no_losses=small,
        within_pregnancies={"1": small, "2": Estimate(0.401, 0.2, 0.6), "3": Estimate(0.489, 0.26, 0.7)},
        past_losses=(),
        what_would_change_it=(),
    )


@pytest.fixture
def treated(two_losses: HistoryAnswer) -> HistoryAnswer:
    """An ongoing pregnancy in which a steroid was taken."""
    current = Current(
        live_birth=Estimate(0.981, 0.958, 0.993), untreated_also_here=Estimate(0.832, 0.66, 0.97)
    )
    return replace(two_losses, current=current)


@pytest.fixture
def losses_then_birth() -> History:
    return History(
        age_years=34.0,
        pregnancies=(
            Pregnancy("miscarriage", 29.5, 7),
            Pregnancy("miscarriage", 30.5, 9),
            Pregnancy("live_birth", 32.0, 40),
        ),
    )


@pytest.fixture
def now_at_26_weeks() -> History:
    return History(
        age_years=36.0,
        pregnancies=(
            Pregnancy("miscarriage", 31.0, 7),
            Pregnancy("miscarriage", 32.0, 8),
            Pregnancy("ongoing", 35.5, 26, heartbeat="seen", treatments=("prednisolone_tang2013",)),
        ),
        tests=(Test("uterine_nk", 340.0, "cells_per_mm2", 8.0),),
    )

"""Priors: the quantiles of every distribution, and which parameters each structure has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from decidua.evidence import load_ledger
from decidua.evidence.prior import Prior
from decidua.inference.priors import (
    DEFAULT_STRUCTURE,
    NOT_IN_STAGE_ONE,
    STRUCTURES,
    Quantile,
    stage_one,
    structure_named,
)
from decidua.life.parameters import LawParameters

LEDGER = load_ledger()
CUT = stats.truncnorm((0.0 - 0.2) / 0.07, np.inf, loc=0.2, scale=0.07)
DISTRIBUTIONS = {
    "normal": (Prior(distribution="normal", mean=1.5, sd=0.4), stats.norm(1.5, 0.4)),
    "cut": (Prior(distribution="normal", mean=0.2, sd=0.07, lo=0.0), CUT),
    "lognormal": (Prior(distribution="lognormal", median=0.02, log_sd=0.7), stats.lognorm(0.7, scale=0.02)),
    "half_normal": (Prior(distribution="half_normal", sd=0.8), stats.halfnorm(scale=0.8)),
    "beta": (Prior(distribution="beta", alpha=3, beta=97), stats.beta(3, 97)),
    "gamma": (Prior(distribution="gamma", shape=2.0, rate=4.0), stats.gamma(2.0, scale=0.25)),
    "uniform": (Prior(distribution="uniform", lo=0.3, hi=1.0), stats.uniform(0.3, 0.7)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_quantile_is_that_of_its_distribution(name):
    prior, known = DISTRIBUTIONS[name]
    for q in (0.001, 0.025, 0.5, 0.9, 0.999):
        assert Quantile(prior)(q) == pytest.approx(known.ppf(q), rel=1e-9)


def test_the_four_structures_have_names_and_are_found_by_them():
    assert [structure.name for structure in STRUCTURES] == [
        "fading-log_normal",
        "fading-two_class",
        "exchangeable-log_normal",
        "exchangeable-two_class",
    ]
    assert all(structure_named(structure.name) == structure for structure in STRUCTURES)
    with pytest.raises(LookupError, match="fading-log_normal"):
        structure_named("fading-lognormal")


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("fading-log_normal", {"high_class_share"}),
        ("fading-two_class", set()),
        ("exchangeable-log_normal", {"high_class_share", "sd_shared_fading", "fading_correlation"}),
        ("exchangeable-two_class", {"sd_shared_fading", "fading_correlation"}),
    ],
)
def test_a_structure_samples_only_what_it_has(name, absent):
    sampled = {n.removeprefix("law.") for n in stage_one(LEDGER, structure_named(name)).names}
    assert set(LawParameters._fields) - sampled == absent | set(NOT_IN_STAGE_ONE)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda structure: structure.name)
def test_values_go_to_the_law_by_name(structure):
    stage = stage_one(LEDGER, structure)
    values = np.arange(1.0, 1.0 + len(stage.names))
    law, nuisance = stage.law(values)
    given = {**law._asdict(), **nuisance._asdict()}
    for name, value in zip(stage.names, values, strict=True):
        assert given[name.partition(".")[2]] == value


def test_nothing_that_later_stages_inform_acts_in_stage_one():
    stage = stage_one(LEDGER, DEFAULT_STRUCTURE)
    law, _ = stage.law(stage.transform(np.full(len(stage.names), 0.5)))
    silent = ("uterine_nk_excess", "prednisolone_log_hazard_ratio", "aspirin_log_hazard_ratio")
    assert all(getattr(law, name) == 0.0 for name in (*silent, "setting_log_shift"))
    assert law.fading_renewal_at_birth == 1.0


def test_an_exchangeable_structure_has_no_fading_factor():
    stage = stage_one(LEDGER, structure_named("exchangeable-log_normal"))
    law, _ = stage.law(stage.transform(np.full(len(stage.names), 0.5)))
    assert (law.sd_shared_fading, law.fading_correlation) == (0.0, 1.0)

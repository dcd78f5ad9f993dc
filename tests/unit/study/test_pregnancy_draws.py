"""Virtual women are addresses: nobody moves another, and the distributions are the declared ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from decidua.evidence import load_ledger
from decidua.evidence.prior import Prior
from decidua.study.pregnancy_draws import draw_women, quantiles_of, uniforms, womb_priors

Q = np.array([0.001, 0.2, 0.5, 0.9, 0.999])
# Each prior with the same distribution written by another library.
DISTRIBUTIONS = [
    (Prior(distribution="normal", mean=2.0, sd=3.0), stats.norm(2.0, 3.0)),
    (
        Prior(distribution="normal", mean=2.0, sd=3.0, lo=0.0, hi=4.0),
        stats.truncnorm(-2 / 3, 2 / 3, 2.0, 3.0),
    ),
    (Prior(distribution="lognormal", median=3.0, log_sd=0.5), stats.lognorm(0.5, scale=3.0)),
    (Prior(distribution="half_normal", sd=2.0), stats.halfnorm(scale=2.0)),
    (Prior(distribution="beta", alpha=2.0, beta=5.0), stats.beta(2.0, 5.0)),
    (Prior(distribution="gamma", shape=3.0, rate=2.0), stats.gamma(3.0, scale=0.5)),
    (Prior(distribution="uniform", lo=0.3, hi=0.7), stats.uniform(0.3, 0.4)),
]


@pytest.mark.parametrize(("prior", "reference"), DISTRIBUTIONS, ids=lambda one: str(one)[:40])
def test_quantiles_are_those_of_the_declared_distribution(prior, reference):
    np.testing.assert_allclose(quantiles_of(prior, Q), reference.ppf(Q), rtol=1e-9)


def test_a_cut_log_normal_stays_inside_its_limits_and_keeps_its_shape():
    prior = Prior(distribution="lognormal", median=3.0, log_sd=0.5, lo=2.0, hi=5.0)
    whole = stats.lognorm(0.5, scale=3.0)
    values = quantiles_of(prior, Q)
    inside = (whole.cdf(values) - whole.cdf(2.0)) / (whole.cdf(5.0) - whole.cdf(2.0))
    np.testing.assert_allclose(inside, Q, rtol=1e-9)


def test_a_number_depends_on_its_address_alone():
    many = uniforms(7, name="density", first=0, count=100)
    np.testing.assert_array_equal(uniforms(7, name="density", first=40, count=3), many[40:43])
    assert not np.any(np.isin(uniforms(8, name="density", first=0, count=100), many))
    assert not np.any(np.isin(uniforms(7, name="recognition", first=0, count=100), many))


def test_numbers_are_spread_evenly():
    drawn = uniforms(3, name="density", first=0, count=20_000)
    assert stats.kstest(drawn, "uniform").pvalue > 0.001


def test_women_in_any_chunk_are_the_same_women():
    whole, part = draw_women(5, first=0, count=12), draw_women(5, first=8, count=4)
    np.testing.assert_array_equal(part.density_per_mm2, whole.density_per_mm2[8:])
    np.testing.assert_array_equal(part.recognition, whole.recognition[8:])
    assert all(np.array_equal(values, whole.priors[name][8:]) for name, values in part.priors.items())


def test_true_densities_have_the_lasting_part_of_the_spread_among_controls():
    ledger = load_ledger()
    logs = np.log(draw_women(1, first=0, count=20_000).density_per_mm2)
    spread = ledger.value("measure.uterine_nk.control_log_sd")
    prior = ledger["measure.uterine_nk.repeatability"].prior
    # Variance of the mixture: the spread squared times the mean repeatability.
    mean, _ = integrate.quad(lambda q: float(quantiles_of(prior, np.array([q]))[0]), 0.0, 1.0)
    assert np.exp(np.median(logs)) == pytest.approx(
        ledger.value("measure.uterine_nk.control_median_cells_per_mm2"), rel=0.02
    )
    assert logs.std() == pytest.approx(spread * np.sqrt(mean), rel=0.02)


def test_levels_of_recognition_come_as_often_as_their_weights():
    ledger = load_ledger()
    drawn = draw_women(1, first=0, count=20_000).recognition
    for name in ("low", "middle", "high"):
        share = float((drawn == ledger.value(f"womb.recognition.level_{name}")).mean())
        assert share == pytest.approx(ledger.value(f"womb.recognition.weight_{name}"), abs=0.015)


def test_every_declared_prior_of_a_woman_is_drawn_and_no_definition_is():
    names = womb_priors()
    assert {"unk_turnover_per_day", "prednisolone_unk_multiplier_20mg_21days"} <= set(names)
    assert not [name for name in names if "low_reference" in name or "recognition_level" in name]

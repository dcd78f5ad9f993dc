"""One history under every draw: chances add up over all that could happen, and unknown ages are averaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference import evaluation
from decidua.inference.ages import age_scenarios
from decidua.inference.evaluation import ImpossibleHistoryError, evaluate
from decidua.inference.prepared import WITH_TESTS, prepared_draws
from decidua.measure.history import History, Pregnancy, Test

LEDGER = load_ledger()
STRUCTURE = "fading-log_normal"
LOSS = Pregnancy(outcome="miscarriage", age_years=32.0)
BIRTH = Pregnancy(outcome="live_birth", age_years=31.0)


@pytest.fixture(scope="module")
def prepared():
    return prepared_draws(STRUCTURE, thin=100)


@pytest.fixture(scope="module")
def finer():
    return prepared_draws(STRUCTURE, thin=100, grid=WITH_TESTS)


def woman(*pregnancies: Pregnancy, **told) -> History:
    return History(age_years=33.0, pregnancies=pregnancies, **told)


def likelihood(prepared, *pregnancies: Pregnancy, **told):
    return evaluate(woman(*pregnancies, **told), prepared).posterior.likelihood


@pytest.mark.parametrize("before", [(), (BIRTH,), (LOSS, LOSS)])
def test_one_more_pregnancy_ends_in_one_of_all_ways(prepared, before):
    ways = [replace(LOSS, week=week) for week in range(4, 24)]
    ways += [Pregnancy(outcome=outcome, age_years=32.0) for outcome in ("live_birth", "stillbirth")]
    total = sum(likelihood(prepared, *before, way) for way in ways)
    np.testing.assert_allclose(total, likelihood(prepared, *before), rtol=1e-10)


def test_a_loss_without_a_week_is_any_loss_from_six_weeks_and_with_a_test_alone_any_at_all(prepared):
    by_week = {week: likelihood(prepared, replace(LOSS, week=week)) for week in range(4, 24)}
    clinical = sum(by_week[week] for week in range(6, 24))
    np.testing.assert_allclose(likelihood(prepared, LOSS), clinical, rtol=1e-10)
    any_week = likelihood(prepared, replace(LOSS, confirmed="test"))
    np.testing.assert_allclose(any_week, clinical + by_week[4] + by_week[5], rtol=1e-10)


def test_the_three_karyotypes_share_a_loss_between_them(prepared):
    kinds = ("aneuploid", "euploid", "unbalanced")
    total = sum(likelihood(prepared, BIRTH, replace(LOSS, week=8, karyotype=kind)) for kind in kinds)
    np.testing.assert_allclose(total, likelihood(prepared, BIRTH, replace(LOSS, week=8)), rtol=1e-6)


def test_the_aneuploid_share_of_a_loss_is_a_ratio_of_likelihoods(prepared):
    found = evaluate(woman(BIRTH, LOSS), prepared)
    aneuploid = likelihood(prepared, BIRTH, replace(LOSS, karyotype="aneuploid"))
    np.testing.assert_allclose(
        found.posterior.causes[:, 1, 0], aneuploid / found.posterior.likelihood, rtol=1e-10
    )


def test_the_next_clinical_loss_is_the_ratio_of_two_histories(prepared):
    """The answer weighs women, the ratio those who reach six weeks, about as lucky or a little luckier."""
    now = Pregnancy(outcome="miscarriage", age_years=33.0)
    reached = replace(now, outcome="induced", week=6)
    ratio = likelihood(prepared, LOSS, now) / likelihood(prepared, LOSS, reached)
    found = evaluate(woman(LOSS), prepared).ahead(evaluation.NEXT_LOSS)
    assert np.all((0.999 * ratio <= found) & (found <= 1.05 * ratio))


def test_no_pregnancies_change_nothing(prepared):
    found = evaluate(woman(), prepared)
    np.testing.assert_allclose(found.posterior.likelihood, 1.0, rtol=1e-12)
    np.testing.assert_allclose(found.weights, prepared.draws.weight, rtol=1e-12)
    np.testing.assert_allclose(
        found.posterior.density, np.tile(prepared.stack.density_weight, (len(prepared), 1)), rtol=1e-12
    )
    prevalence = prepared.draws.columns["law.prevalence_antiphospholipid"]
    np.testing.assert_allclose(found.posterior.conditions[:, 0], prevalence, rtol=1e-9)


def test_weights_are_prior_times_likelihood_and_count_effective_draws(prepared):
    found = evaluate(woman(LOSS, LOSS, LOSS), prepared)
    product = prepared.draws.weight * found.posterior.likelihood
    np.testing.assert_allclose(found.weights, product / product.sum(), rtol=1e-12)
    assert found.effective_draws == pytest.approx(product.sum() ** 2 / (product**2).sum(), rel=1e-12)
    assert 1.0 <= found.effective_draws <= len(prepared)


def test_unknown_ages_are_averaged_by_share_and_likelihood(prepared):
    untold = History(pregnancies=(replace(LOSS, age_years=None), replace(BIRTH, age_years=None)))
    found = evaluate(untold, prepared)
    likelihoods, causes = [], []
    for ages, share in age_scenarios(untold, LEDGER):
        told = tuple(
            replace(p, age_years=float(age)) for p, age in zip(untold.pregnancies, ages, strict=True)
        )
        one = evaluate(History(pregnancies=told), prepared).posterior
        likelihoods.append(share * one.likelihood)
        causes.append(one.causes)
    np.testing.assert_allclose(found.posterior.likelihood, np.sum(likelihoods, axis=0), rtol=1e-12)
    mixed = np.einsum("sd,sdpc->dpc", likelihoods, causes) / np.sum(likelihoods, axis=0)[:, None, None]
    np.testing.assert_allclose(found.posterior.causes, mixed, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("loss", "conditions"),
    [
        (replace(LOSS, week=9, karyotype="unbalanced"), {"translocation": "no"}),
        (replace(LOSS, week=5, karyotype="unbalanced"), {}),
    ],
)
def test_an_unbalanced_loss_without_its_cause_is_impossible(prepared, loss, conditions):
    with pytest.raises(ImpossibleHistoryError, match="translocation"):
        evaluate(woman(loss, conditions=conditions), prepared)


def test_an_unbalanced_loss_makes_a_translocation_certain(prepared):
    found = evaluate(woman(replace(LOSS, week=9, karyotype="unbalanced")), prepared)
    np.testing.assert_allclose(found.posterior.conditions[:, 3], 1.0, rtol=1e-3)


def test_leaving_causes_or_the_future_out_changes_nothing_else(prepared):
    history = woman(LOSS, BIRTH)
    whole = evaluate(history, prepared)
    plain = evaluate(history, prepared, with_future=False, with_causes=False)
    np.testing.assert_array_equal(plain.weights, whole.weights)
    np.testing.assert_array_equal(plain.posterior.density, whole.posterior.density)
    assert not plain.posterior.ahead.any()
    assert not plain.posterior.conditions.any()
    assert not plain.posterior.causes[:, :, :-1].any()
    assert whole.posterior.ahead.any()


def test_a_reading_multiplies_the_weight_of_each_density(finer):
    reading = Test(test="uterine_nk", value=300.0, unit="cells_per_mm2")
    found = evaluate(woman(tests=(reading,)), finer).posterior
    log_density = evaluation.log_density_nodes(finer)
    noise = evaluation.noise_log_sd(finer.draws, LEDGER.value("measure.uterine_nk.control_log_sd"))
    slope = 0.5 * (np.log(2.5) / 4.0 + np.log(8.0 / 2.5) / 5.0)
    variance = noise**2 + 0.4**2 + slope**2
    expected = np.exp(-0.5 * (np.log(300.0) - log_density) ** 2 / variance[:, None])
    expected *= finer.stack.density_weight
    np.testing.assert_allclose(found.density, expected / expected.sum(axis=1, keepdims=True), rtol=1e-9)


def test_months_of_waiting_need_an_age_to_speak(finer):
    weights = [
        evaluation.density_weights(history, finer, LEDGER)
        for history in (History(trying_months=24), History(), woman(trying_months=24))
    ]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.all(weights[2] < weights[1])


def test_what_is_asked_of_the_future():
    ongoing = Pregnancy(outcome="ongoing", age_years=33.0, week=12)
    asked = evaluation.asked_of(woman(BIRTH, ongoing, partner_age_years=40.0), LEDGER, with_future=True)
    assert (asked.age_years, asked.partner_age_years, asked.interval_years) == (33.0, 40.0, 1.0)
    assert (asked.is_ongoing, asked.ongoing_week, asked.is_renewed) == (1, 12, 0)
    after_birth = evaluation.asked_of(woman(BIRTH), LEDGER, with_future=False)
    assert (after_birth.is_ongoing, after_birth.is_renewed) == (0, 1)
    assert np.isnan(after_birth.age_years)


def test_who_asks_for_one_pregnancy_ahead_gets_the_first_of_three(prepared):
    whole, first = (
        evaluate(woman(BIRTH, LOSS), prepared, pregnancies=count).posterior.ahead for count in (3, 1)
    )
    later = evaluation.ANY_BIRTH + 1
    np.testing.assert_array_equal(first[:, :later], whole[:, :later])
    assert not first[:, later:].any()
    assert whole[:, later:].all()

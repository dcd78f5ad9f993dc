"""The sampler finds a posterior known in closed form, and an interruption changes nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from decidua.evidence import load_ledger
from decidua.evidence.prior import Prior
from decidua.inference import posterior
from decidua.inference.posterior import IMPOSSIBLE, fit_posterior, likelihood_of, systematic
from decidua.inference.priors import DEFAULT_STRUCTURE, Quantile, StageOne

READINGS, ERRORS = np.array([1.0, -0.5, 0.2]), np.array([0.5, 0.25, 1.0])


@dataclass(frozen=True)
class Normals:
    """Three standard normal parameters, each measured once with a normal error."""

    stage: StageOne

    def __call__(self, values: np.ndarray) -> float:
        return float(stats.norm(values, ERRORS).logpdf(READINGS).sum())


def normals() -> Normals:
    prior = Quantile(Prior(distribution="normal", mean=0.0, sd=1.0))
    return Normals(StageOne(DEFAULT_STRUCTURE, ("a", "b", "c"), (prior, prior, prior), {}))


def test_the_posterior_and_the_evidence_are_those_of_the_closed_form():
    fit = fit_posterior(normals(), seed=1, live_points=150, still_missing=0.05)
    precision = 1.0 + 1.0 / ERRORS**2
    mean, sd = READINGS / ERRORS**2 / precision, 1.0 / np.sqrt(precision)
    evidence = float(stats.norm(0.0, np.hypot(1.0, ERRORS)).logpdf(READINGS).sum())
    standard_error = sd / math.sqrt(len(fit.draws))
    assert np.all(np.abs(fit.draws.mean(axis=0) - mean) < 5 * standard_error)
    np.testing.assert_allclose(fit.draws.std(axis=0), sd, rtol=0.2)
    assert abs(fit.log_evidence - evidence) < 4 * fit.log_evidence_error + 0.05
    assert 0.01 < fit.log_evidence_error < 0.5


def test_every_draw_carries_its_own_likelihood():
    likelihood = normals()
    fit = fit_posterior(likelihood, seed=2, live_points=60, still_missing=1.0)
    own = [likelihood(values) for values in fit.draws]
    np.testing.assert_allclose(fit.log_likelihood, own, rtol=1e-12)


def test_an_interrupted_run_goes_on_to_the_same_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(posterior, "CHECKPOINT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(posterior, "REPORT_EVERY_SECONDS", 0.0)
    settings = {"seed": 3, "live_points": 60, "still_missing": 0.5}
    undisturbed = fit_posterior(normals(), **settings)
    told: list[str] = []

    def stop_later(line: str) -> None:
        told.append(line)
        if len(told) == 120:
            raise KeyboardInterrupt

    file = tmp_path / "run.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        fit_posterior(normals(), **settings, checkpoint=file, progress=stop_later)
    assert file.is_file()
    resumed = fit_posterior(normals(), **settings, checkpoint=file)
    np.testing.assert_array_equal(resumed.draws, undisturbed.draws)
    assert resumed.log_evidence == undisturbed.log_evidence
    assert resumed.calls == undisturbed.calls


def test_progress_says_how_fast_and_what_is_missing(monkeypatch):
    monkeypatch.setattr(posterior, "REPORT_EVERY_SECONDS", 0.0)
    told: list[str] = []
    fit_posterior(normals(), seed=4, live_points=40, still_missing=1.0, progress=told.append)
    assert len(told) > 10
    assert "a second" in told[-1]
    assert "still missing" in told[-1]


def test_parameters_outside_the_budget_of_variance_are_impossible():
    likelihood = likelihood_of(load_ledger(), DEFAULT_STRUCTURE)
    names = likelihood.stage.names
    values = likelihood.stage.transform(np.full(len(names), 0.5))
    values[names.index("law.sd_euploid_lasting")] = 0.01
    assert likelihood.predicted(values) is None
    assert likelihood(values) == IMPOSSIBLE


def test_systematic_draws_are_in_proportion_to_weights():
    weights = np.array([0.1, 0.0, 0.6, 0.3])
    chosen = systematic(weights, 1000, np.random.default_rng(5))
    counts = np.bincount(chosen, minlength=4)
    assert np.all(np.abs(counts - 1000 * weights) <= 1)
    assert not np.array_equal(chosen, np.sort(chosen))

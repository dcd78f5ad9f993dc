"""What stage two opens: the published numbers, and no held-out row."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.inference import weights_studies as studies
from decidua.inference.weights_priors import NAMES, STRENGTHS, stage_two

LEDGER = load_ledger()


@pytest.fixture(scope="module")
def published():
    return studies.published_studies(LEDGER)


def test_counts_are_those_that_were_printed(published):
    assert (published.kuon.below, published.kuon.between, published.kuon.above) == (2.0, 36.0, 20.0)
    assert (published.kuon.mean, published.kuon.sd) == (257.0, 212.0)
    assert (published.losses.women, published.losses.smallest, published.losses.largest) == (87.0, 1.1, 41.4)
    assert (published.outcomes.mean_lost, published.outcomes.mean_born) == (9.6, 13.3)
    assert published.failed.middle == 14.5
    assert (published.repeat.before, published.repeat.after, published.repeat.cut) == (14.0, 9.0, 5.0)
    assert tuple(published.tang) == (20.0, 12.0, 20.0, 8.0)
    assert tuple(published.laskin) == (101.0, 66.0, 101.0, 57.0)
    assert tuple(published.sun) == (357.0, 135.0, 358.0, 139.0)
    assert tuple(published.gomaa) == (74.0, 52.0, 76.0, 7.0)


def test_the_scale_of_a_laboratory_is_that_of_its_controls(published):
    """The ledger's own log-normal fit of the same controls, made by hand: median 133, log spread 0.47."""
    assert published.kuon_lab.log_sd == pytest.approx(0.467, abs=0.005)
    assert published.kuon_lab.log_median == pytest.approx(4.89, abs=0.005)


def test_held_out_rows_are_never_opened(monkeypatch):
    opened = set()
    table, rows = type(LEDGER).table, type(LEDGER).calibration_rows
    monkeypatch.setattr(type(LEDGER), "table", lambda self, name: opened.add(name) or table(self, name))
    monkeypatch.setattr(
        type(LEDGER), "calibration_rows", lambda self, name: opened.add(name) or rows(self, name)
    )
    studies.published_studies(LEDGER)
    assert opened == {
        "KUON_2017",
        "TUCKERMAN_2007",
        "TUCKERMAN_2010",
        "QUENBY_2005",
        "TANG_2013",
        "LASKIN_1997",
        "SUN_2023",
        "GOMAA_2014",
    }


def test_priors_of_the_strengths_are_matched():
    ours = {m: stage_two(LEDGER, m) for m in ("attack", "perfusion", "decidual_quality", "too_few")}
    assert len({one.priors for one in ours.values()}) == 1
    none = stage_two(LEDGER, "marker")
    assert set(range(len(NAMES))) - set(none.free) == set(STRENGTHS)
    assert {none.priors[i] for i in none.free} == {ours["attack"].priors[i] for i in none.free}


def test_a_prior_that_was_used_can_still_be_widened():
    stage = stage_two(LEDGER, "attack")
    scores = np.full((1, stage.dimensions), 1.3)
    before = stage.points(scores)[0, 0]
    assert stage.with_scale(2.0, of=(0,)).points(scores)[0, 0] == pytest.approx(2.0 * before, rel=1e-12)
    assert stage.with_scale(2.0, of=(0,)).points(scores)[0, 2] == stage.points(scores)[0, 2]

"""Every result says where it comes from, and nothing personal or local."""

import json

import pytest

import decidua
from decidua.base import provenance as module
from decidua.base.provenance import provenance

WEIGHTS = {"high_count_harms": 0.25, "low_count_harms": 0.25, "no_effect": 0.5}


@pytest.fixture
def known_evidence(monkeypatch):
    monkeypatch.setattr(module, "_READERS", [lambda: "7+abc"])


@pytest.mark.usefixtures("known_evidence")
def test_the_block_holds_what_the_contract_names():
    block = provenance(seed=3, arguments={"draws": 100}, mechanism_weights=WEIGHTS, weights_are="prior")
    assert json.loads(json.dumps(block)) == {
        "program": "decidua",
        "version": decidua.__version__,
        "model_version": decidua.MODEL_VERSION,
        "evidence_version": "7+abc",
        "seed": 3,
        "arguments": {"draws": 100},
        "mechanism_weights": {**WEIGHTS, "weights_are": "prior"},
    }


@pytest.mark.usefixtures("known_evidence")
def test_weights_are_prior_or_posterior_and_nothing_else():
    with pytest.raises(ValueError, match="'prior' or 'posterior'"):
        provenance(seed=None, arguments={}, mechanism_weights=WEIGHTS, weights_are="guessed")


@pytest.mark.usefixtures("known_evidence")
def test_the_block_does_not_share_the_callers_arguments():
    arguments = {"draws": 1}
    block = provenance(seed=None, arguments=arguments, mechanism_weights=WEIGHTS, weights_are="prior")
    arguments["draws"] = 2
    assert block["arguments"] == {"draws": 1}


def test_the_package_knows_the_version_of_its_own_evidence():
    from decidua.evidence import EVIDENCE_VERSION, content_hash

    version, _, shown = module.evidence_version().partition("+")
    assert version == EVIDENCE_VERSION
    assert len(shown) == 12
    assert content_hash().startswith(shown)

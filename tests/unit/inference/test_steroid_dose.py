"""A steroid's effect on the cells varies from draw to draw, on the one path that the womb's table gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.evidence.draws import Draws, load_draws
from decidua.inference.cells import STEROID, regimen_index
from decidua.inference.prepared import Grid, prepare

TANG, PROGESTERONE = regimen_index("prednisolone_tang2013"), regimen_index("progesterone_prism2019")


@pytest.fixture(scope="module")
def some() -> Draws:
    return load_draws("fading-log_normal").only(np.array([0, 200, 650, 900]))


def hazards(draws: Draws, factor: float):
    columns = dict(draws.columns) | {STEROID: np.full(len(draws), factor)}
    return prepare(replace(draws, columns=columns), grid=Grid()).stack.nk_total


def test_the_factor_of_the_table_changes_nothing(some):
    columns = {name: values for name, values in some.columns.items() if name != STEROID}
    plain = prepare(replace(some, columns=columns), grid=Grid()).stack.nk_total
    np.testing.assert_allclose(hazards(some, load_ledger().value(STEROID)), plain, rtol=1e-12, atol=1e-15)


def test_a_factor_of_one_is_no_drug_and_a_smaller_one_does_more(some):
    found = {factor: hazards(some, factor) for factor in (1.0, 0.9, 0.7)}
    np.testing.assert_allclose(found[1.0][:, TANG], found[1.0][:, 0], rtol=1e-12, atol=1e-15)
    moved = {factor: np.abs(one[:, TANG] - one[:, 0]).max() for factor, one in found.items()}
    assert 0.0 == moved[1.0] < moved[0.9] < moved[0.7]


def test_other_drugs_are_left_alone(some):
    one, other = hazards(some, 0.9), hazards(some, 0.7)
    np.testing.assert_array_equal(one[:, PROGESTERONE], other[:, PROGESTERONE])
    np.testing.assert_array_equal(one[:, 0], other[:, 0])

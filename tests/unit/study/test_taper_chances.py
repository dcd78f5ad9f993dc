"""Chances of loss through the law: with nothing added they are those of the history command."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.base.estimates import weighted_estimate
from decidua.inference.evaluation import NEXT_LOSS, evaluate
from decidua.inference.prepared import prepared_draws
from decidua.inference.structures import DEFAULT_STRUCTURE
from decidua.life.parameters import LOSS_WEEKS
from decidua.measure.history import History
from decidua.study.taper_chances import EXAMPLE_AGE_YEARS, THIN, chances_by_mechanism

NOTHING = np.zeros(LOSS_WEEKS)


@pytest.fixture(scope="module")
def found():
    excess = {
        "none": {"marker": NOTHING, "attack": NOTHING},
        "more": {"marker": NOTHING + 1, "attack": NOTHING + 1},
    }
    return chances_by_mechanism(excess, mechanisms=("marker", "attack"))


def test_without_cells_the_chance_is_that_of_a_woman_with_no_history(found):
    """`marker` adds nothing at any density, so the other path through the law has to agree, draw by draw."""
    prepared = prepared_draws(DEFAULT_STRUCTURE.name, mechanism="marker", thin=THIN)
    other = evaluate(History(age_years=EXAMPLE_AGE_YEARS), prepared, with_causes=False)
    np.testing.assert_allclose(found.by_draw["none"]["marker"], other.ahead(NEXT_LOSS), rtol=1e-9)
    assert found.estimates("none")["marker"].mean == pytest.approx(
        weighted_estimate(other.ahead(NEXT_LOSS), prepared.draws.weight).mean
    )


def test_added_hazard_means_more_loss_where_cells_matter_and_none_where_they_do_not(found):
    gap = found.differences("more", "none")
    assert gap["marker"].mean == 0.0
    assert gap["attack"].lo > 0.0
    assert found.estimates("more")["attack"].hi < 1.0

"""Conversions agree with the mathematics worked out in higher precision, also far out in the tails."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decidua.base.conversions import expit, logit, odds, p_from_odds, p_from_rate, rate_from_p

getcontext().prec = 60

# Two roundings of a double: the conversions are exact up to that.
RTOL = 4 * np.finfo(float).eps

chances = st.floats(min_value=1e-30, max_value=1 - 1e-12)
rates = st.floats(min_value=1e-30, max_value=30.0)


@given(rates)
def test_p_from_rate_equals_sixty_digits(rate):
    exact = 1 - (-Decimal(rate)).exp()
    assert p_from_rate(rate) == pytest.approx(float(exact), rel=RTOL, abs=0)


@given(chances)
def test_rate_from_p_equals_sixty_digits(p):
    exact = -(1 - Decimal(p)).ln()
    assert rate_from_p(p) == pytest.approx(float(exact), rel=RTOL, abs=0)


@given(st.floats(min_value=-700, max_value=700))
def test_expit_equals_sixty_digits_in_both_tails(log_odds):
    exact = 1 / (1 + (-Decimal(log_odds)).exp())
    # The logarithm in between has an absolute error of one rounding of its own size.
    assert expit(log_odds) == pytest.approx(float(exact), rel=RTOL * max(1.0, abs(log_odds)), abs=0)


@given(chances)
def test_odds_and_chance_are_inverse(p):
    # Near one the chance is what holds the digits, so the comparison is made there.
    assert p_from_odds(odds(p)) == pytest.approx(p, rel=1e-14, abs=0)
    assert expit(logit(p)) == pytest.approx(p, rel=1e-12, abs=0)


def test_hand_worked_values():
    assert p_from_rate(0.1, duration=7) == pytest.approx(1 - math.exp(-0.7), rel=1e-15)
    assert rate_from_p(0.5, duration=2) == pytest.approx(math.log(2) / 2, rel=1e-15)
    assert odds(0.2) == 0.25
    assert p_from_odds(3.0) == 0.75
    assert logit(0.5) == 0.0


def test_ends_of_the_scale():
    assert p_from_rate(math.inf) == 1.0
    assert rate_from_p(1.0) == math.inf
    assert odds(1.0) == math.inf
    assert p_from_odds(math.inf) == 1.0
    assert (logit(0.0), logit(1.0)) == (-math.inf, math.inf)
    assert (expit(-math.inf), expit(math.inf)) == (0.0, 1.0)


def test_arrays_keep_their_shape_and_single_values_are_plain_floats():
    assert p_from_rate(np.zeros((2, 3))).shape == (2, 3)
    assert type(p_from_rate(0.3)) is float


@pytest.mark.parametrize(
    ("convert", "wrong"),
    [
        (p_from_rate, -0.1),
        (rate_from_p, 1.1),
        (odds, -0.1),
        (p_from_odds, -1.0),
        (logit, 2.0),
        (expit, math.nan),
    ],
)
def test_what_lies_outside_the_scale_is_refused(convert, wrong):
    with pytest.raises(ValueError, match="must lie between"):
        convert([0.5, wrong])


def test_a_duration_of_nothing_has_no_rate():
    with pytest.raises(ValueError, match="duration must be positive"):
        rate_from_p(0.5, duration=0.0)

"""How women differ: classes, budgets and cell counts worked out by hand."""

import math

import factories
import numpy as np
import pytest

from decidua.life import differences
from decidua.life.parameters import LOG_NORMAL, LOSS_WEEKS, TWO_CLASS, UterineNkTable

NONE = np.zeros(1), np.ones(1)


def test_normal_nodes_have_the_moments_of_a_standard_normal():
    z, weights = differences.normal_nodes(4)
    moments = [float(weights @ z**k) for k in range(8)]
    assert moments == pytest.approx([1.0, 0.0, 1.0, 0.0, 3.0, 0.0, 15.0, 0.0], abs=1e-12)


def test_a_log_normal_factor_has_its_median_below_its_mean():
    assert differences.factor_at(0.0, 0.5) == pytest.approx(math.exp(-0.125), rel=1e-15)
    assert differences.factor_at(1.0, 0.0) == 1.0


def test_two_classes_by_hand():
    # variance 1; a fifth of women is high: high 1 + sqrt(4), low 1 - sqrt(1/4)
    sd = math.sqrt(math.log(2.0))
    values, weights = differences.factor_nodes(sd, TWO_CLASS, 0.2, *NONE)
    assert values == pytest.approx([0.5, 3.0], rel=1e-14)
    assert weights == pytest.approx([0.8, 0.2], rel=1e-14)


def test_a_share_too_large_for_the_variance_leaves_the_low_class_free_of_loss():
    # variance 3 with half of women high would need a low class of 1 - sqrt(3)
    sd = math.sqrt(math.log(4.0))
    values, weights = differences.factor_nodes(sd, TWO_CLASS, 0.5, *NONE)
    assert values == pytest.approx([0.0, 4.0], rel=1e-14)
    assert weights == pytest.approx([0.75, 0.25], rel=1e-14)


@pytest.mark.parametrize("shape", [LOG_NORMAL, TWO_CLASS])
def test_no_spread_means_a_factor_of_one(shape):
    values, weights = differences.factor_nodes(0.0, shape, 0.1, *differences.normal_nodes(3))
    assert values == pytest.approx(np.ones(values.size), rel=1e-15)
    assert weights.sum() == pytest.approx(1.0, rel=1e-15)


def test_fading_keeps_or_draws_afresh():
    assert differences.faded(0.3, 0.5, 0.2, 1.0) == 0.3
    assert differences.faded(0.3, 0.5, 0.2, 0.0) == pytest.approx(0.1, rel=1e-15)
    assert differences.faded(0.3, 0.5, 0.2, 0.25) == pytest.approx(0.25 * 0.3 + 0.75 * 0.1, rel=1e-15)


@pytest.mark.parametrize(
    ("x", "expected"),
    [(-5.0, 1.0), (0.0, 1.0), (0.5, 2.5), (1.0, 4.0), (1.25, 3.0), (2.0, 0.0), (9.0, 0.0)],
)
def test_interpolation_is_straight_between_points_and_flat_beyond_them(x, expected):
    values, grid = np.array([1.0, 4.0, 0.0]), np.array([0.0, 1.0, 2.0])
    assert differences.interpolate_density(values, grid, x) == pytest.approx(expected, rel=1e-14, abs=1e-15)


def by_week_and_density() -> UterineNkTable:
    """Excess week + density index in the first regimen, twice that in the second."""
    excess = np.arange(3.0)[:, None] + np.arange(float(LOSS_WEEKS))[None, :]
    return factories.uterine_nk_table(np.stack([excess, 2.0 * excess]), regimens=2, densities=3)


def test_mean_excess_weights_weeks_by_their_share():
    table = by_week_and_density()
    share = np.zeros(LOSS_WEEKS)
    share[2], share[10] = 0.25, 0.75
    middle = float(table.log_density[1])
    assert differences.nk_mean_excess(table, 0, middle, share) == pytest.approx(1.0 + 0.5 + 7.5, rel=1e-13)
    assert differences.nk_mean_excess(table, 1, middle, share) == pytest.approx(18.0, rel=1e-13)


def test_cumulative_excess_is_scaled_by_the_strength_of_the_mechanism():
    table, p = by_week_and_density(), factories.law_parameters(uterine_nk_excess=0.5)
    cumulative = np.minimum(np.arange(LOSS_WEEKS + 1.0) * 0.1, 1.0)
    total = differences.nk_cumulative(table, 0, float(table.log_density[0]), p, cumulative)
    assert total[:4] == pytest.approx([0.0, 0.0, 0.5 * 0.1, 0.5 * 0.3], rel=1e-13, abs=1e-16)
    assert total[-1] == pytest.approx(0.5 * 0.1 * 45.0, rel=1e-13)


def test_implantation_multiplier():
    table = factories.uterine_nk_table(densities=3)
    table.implantation_log_multiplier[0] = [0.0, -1.0, -2.0]
    p = factories.law_parameters(uterine_nk_implantation_log_effect=0.2)
    between = 0.5 * float(table.log_density[1] + table.log_density[2])
    assert differences.implantation_multiplier(table, 0, between, p) == pytest.approx(
        math.exp(-0.3), rel=1e-13
    )
    assert differences.implantation_multiplier(table, 0, -10.0, p) == 1.0


def one_cause(**changes: float):
    """Only antiphospholipid antibodies, a tenth of women, twice the mean hazard added; variance 1 in all."""
    none = {f"excess_{k}": 0.0 for k in ("uterine_anomaly", "thyroid_antibodies", "translocation")}
    usual = {
        "prevalence_antiphospholipid": 0.1,
        "excess_antiphospholipid": 2.0,
        "sd_euploid_lasting": math.sqrt(math.log(2.0)),
        "uterine_nk_excess": 0.5,
    }
    return factories.law_parameters(**(none | usual | changes))


def test_a_named_cause_takes_its_share_of_the_budget():
    w0, sd = differences.remaining_budget(one_cause(), 0.2, 0.16)
    # mean 1 - 0.2 - 0.5 * 0.2; variance 1 - 4 * 0.09 - 0.25 * 0.16
    assert w0 == pytest.approx(0.7, rel=1e-14)
    assert math.expm1(sd * sd) * 0.49 == pytest.approx(0.6, rel=1e-13)


def test_causes_that_exceed_mean_or_variance_are_refused():
    impossible = (-1.0, -1.0)
    assert differences.remaining_budget(one_cause(sd_euploid_lasting=0.5), 0.0, 0.0) == impossible
    assert differences.remaining_budget(one_cause(), 1.7, 0.0) == impossible
    assert differences.remaining_budget(one_cause(), 0.0, 3.0) == impossible


def test_without_named_causes_the_whole_spread_is_unexplained():
    p = one_cause(excess_antiphospholipid=0.0, sd_euploid_lasting=0.6)
    assert differences.remaining_budget(p, 0.0, 0.0) == pytest.approx((1.0, 0.6), rel=1e-14)


def test_prevalences_and_excesses_come_in_the_order_of_the_conditions():
    p = factories.law_parameters(
        prevalence_antiphospholipid=0.01,
        prevalence_uterine_anomaly=0.02,
        prevalence_thyroid_antibodies=0.03,
        prevalence_translocation=0.04,
        excess_antiphospholipid=1.0,
        excess_uterine_anomaly=2.0,
        excess_thyroid_antibodies=3.0,
        excess_translocation=4.0,
    )
    assert differences.prevalences(p).tolist() == [0.01, 0.02, 0.03, 0.04]
    assert differences.excesses(p).tolist() == [1.0, 2.0, 3.0, 4.0]

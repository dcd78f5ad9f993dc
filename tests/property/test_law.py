"""What must hold of the law for any valid input, whatever the numbers are."""

import math

import factories
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from decidua.inference import generations, quadrature
from decidua.life import differences, law, outcomes
from decidua.life.parameters import (
    CAUSES,
    CLINICAL_WEEK,
    CONDITIONS,
    FIRST_WEEK,
    LOG_NORMAL,
    LOSS_WEEKS,
    SHAPES,
    TWO_CLASS,
    LawParameters,
)

REGIMENS, DENSITIES = 2, 4


def numbers(low, high):
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


parameters = st.builds(
    lambda **values: factories.within_budget(LawParameters(**values)),
    **{name: numbers(*limits) for name, limits in factories.WIDE.items()},
)


def women_with(shared, residual):
    return st.builds(
        factories.woman,
        shared=shared,
        residual=residual,
        log_density=numbers(-2.0, 12.0),
        **{f"has_{name}": st.integers(0, 1) for name in CONDITIONS},
    )


women = women_with(shared=numbers(0.01, 20.0), residual=numbers(0.01, 20.0))
# The low class of the two-class shape may be free of loss: a factor of exactly 0.
women_free_of_loss = women_with(shared=numbers(0.0, 1.0), residual=st.just(0.0))
ages = numbers(12.0, 60.0)
pregnancies = st.builds(
    factories.pregnancy,
    age_years=ages,
    partner_age_years=st.just(math.nan) | numbers(12.0, 90.0),
    regimen=st.integers(0, REGIMENS - 1),
    log_hazard_ratio=numbers(-1.0, 1.0),
)
# A few levels spread over densities and weeks: any table, without drawing every one of its cells.
nk_tables = st.builds(
    lambda levels, seed: factories.uterine_nk_table(
        np.random.default_rng(seed).choice(levels, (REGIMENS, DENSITIES, LOSS_WEEKS)),
        regimens=REGIMENS,
        densities=DENSITIES,
    ),
    st.lists(numbers(0.0, 10.0), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
)
birth_shares = st.builds(factories.birth_share, numbers(0.0, 1.0))
weights = numbers(0.01, 1.0)
extra = numbers(0.0, 2.0)
shapes = st.sampled_from(sorted(SHAPES.values()))
spreads = numbers(0.0, 1.2)


def outcomes_of(woman, pregnancy, weight, p, nk, share=None):
    return outcomes.pregnancy_outcomes(woman, pregnancy, weight, p, factories.law_tables(p, share), nk)


def p_miscarriage(*given_):
    return float(outcomes_of(*given_).miscarriage.sum())


@settings(max_examples=200)
@given(women | women_free_of_loss, pregnancies, weights, parameters, nk_tables, birth_shares)
def test_all_outcomes_are_chances_and_sum_to_one(woman, pregnancy, weight, p, nk, share):
    result = outcomes_of(woman, pregnancy, weight, p, nk, share)
    assert min(part.min() for part in result) >= 0.0
    total = math.fsum(x for part in result for x in part.ravel().tolist())
    assert abs(total - 1.0) <= 1e-12


# Rounding of a sum of 140 chances near 1; a real fall would be of the size of the change.
ROUNDING = 1e-13

EUPLOID_HAZARDS = (
    "euploid_log_hazard",
    "preclinical_hazard_euploid",
    "uterine_nk_excess",
    *(f"excess_{name}" for name in CONDITIONS),
)


@settings(max_examples=60)
@given(women, pregnancies, weights, parameters, nk_tables, st.sampled_from(EUPLOID_HAZARDS), extra)
def test_more_euploid_hazard_never_lowers_the_chance_of_miscarriage(
    woman, pregnancy, weight, p, nk, name, more
):
    raised = p._replace(**{name: getattr(p, name) + more})
    before = p_miscarriage(woman, pregnancy, weight, p, nk)
    assert p_miscarriage(woman, pregnancy, weight, raised, nk) >= before - ROUNDING


@settings(max_examples=60)
@given(women, pregnancies, weights, parameters, nk_tables, nk_tables, extra)
def test_more_cells_in_the_table_or_a_worse_treatment_never_lower_it(
    woman, pregnancy, weight, p, nk, added, more
):
    before = p_miscarriage(woman, pregnancy, weight, p, nk)
    higher = nk._replace(hazard_excess=nk.hazard_excess + added.hazard_excess)
    worse = pregnancy._replace(treatment_log_hazard_ratio=pregnancy.treatment_log_hazard_ratio + more)
    less_lucky = woman._replace(residual=woman.residual + more)
    assert p_miscarriage(woman, pregnancy, weight, p, higher) >= before - ROUNDING
    assert p_miscarriage(woman, worse, weight, p, nk) >= before - ROUNDING
    assert p_miscarriage(less_lucky, pregnancy, weight, p, nk) >= before - ROUNDING


@settings(max_examples=60)
@given(women, pregnancies, weights, parameters, nk_tables, extra)
def test_more_of_what_both_channels_share_never_lowers_it(woman, pregnancy, weight, p, nk, more):
    """With no viable aneuploid conceptus: where some live, they are spared what may kill every euploid one.

    A woman whose cumulative euploid hazard is above 4, a hundred times the mean, would then gain from more
    aneuploidy; no woman is like that.
    """
    lethal = p._replace(viable_aneuploid_share=0.0)
    before = p_miscarriage(woman, pregnancy, weight, lethal, nk)
    prone = woman._replace(shared=woman.shared + more)
    for name in ("aneuploid_log_odds", "setting_log_shift"):
        raised = lethal._replace(**{name: getattr(lethal, name) + more})
        assert p_miscarriage(woman, pregnancy, weight, raised, nk) >= before - ROUNDING
    assert p_miscarriage(prone, pregnancy, weight, lethal, nk) >= before - ROUNDING


@settings(max_examples=60)
@given(pregnancies, weights, parameters, nk_tables, women, numbers(0.0, 0.3), numbers(0.0, 0.95))
def test_fewer_viable_aneuploid_conceptuses_never_lower_it(pregnancy, weight, p, nk, woman, fewer, more):
    deadlier = p._replace(
        viable_aneuploid_share=max(p.viable_aneuploid_share - fewer, 0.0),
        preclinical_share_aneuploid=max(p.preclinical_share_aneuploid, more),
    )
    before = p_miscarriage(woman, pregnancy, weight, p, nk)
    assert p_miscarriage(woman, pregnancy, weight, deadlier, nk) >= before - ROUNDING


@settings(max_examples=60)
@given(women, pregnancies, weights, parameters, nk_tables)
def test_clinical_loss_in_one_formula_equals_the_sum_over_weeks_and_causes(woman, pregnancy, weight, p, nk):
    tables = factories.law_tables(p)
    result = outcomes_of(woman, pregnancy, weight, p, nk)
    early = float(result.miscarriage[:, : CLINICAL_WEEK - FIRST_WEEK].sum())
    clinical = float(result.miscarriage[:, CLINICAL_WEEK - FIRST_WEEK :].sum())
    odds = law.aneuploid_odds(pregnancy.age_years, pregnancy.partner_age_years, p) * woman.shared
    cells = differences.nk_cumulative(nk, pregnancy.regimen, woman.log_density, p, tables.euploid_cumulative)[
        -1
    ]
    multiplier = outcomes.hazard_by_cause(woman, weight, 0.0, p).sum() + cells
    hazard = law.euploid_hazard(pregnancy.age_years, p) * woman.shared * multiplier
    hazard *= math.exp(pregnancy.treatment_log_hazard_ratio)
    expected = law.p_clinical_loss(odds, hazard, p) * (1.0 - early)
    # the share that reaches week 6 is found by subtraction here, so rounding is absolute
    assert abs(clinical - expected) <= 1e-13


@settings(max_examples=60)
@given(women, pregnancies, weights, parameters, nk_tables, parameters)
def test_where_all_are_aneuploid_no_euploid_cause_has_an_effect(woman, pregnancy, weight, p, nk, other):
    all_aneuploid = p._replace(aneuploid_log_odds=80.0)
    euploid = ("euploid_log_hazard", "uterine_nk_excess", *(f"excess_{name}" for name in CONDITIONS))
    changed = all_aneuploid._replace(**{name: getattr(other, name) for name in euploid})
    result = outcomes_of(woman, pregnancy, weight, all_aneuploid, nk)
    treated = pregnancy._replace(treatment_log_hazard_ratio=-1.0)
    same = outcomes_of(woman._replace(residual=0.5), treated, weight, changed, nk)
    assert result.miscarriage[1:].max() == 0.0
    for found, expected in zip(same, result, strict=True):
        np.testing.assert_array_equal(found, expected)


@settings(max_examples=60)
@given(parameters, ages, shapes, numbers(0.05, 0.95), numbers(0.05, 0.95))
def test_alike_women_show_no_recurrence(p, age, shape, after_loss, after_birth):
    none = {f"sd_{name}": 0.0 for name in ("shared_lasting", "euploid_lasting", "shared_fading")}
    alike = p._replace(**none, **{f"excess_{name}": 0.0 for name in CONDITIONS})
    z, z_weights = differences.normal_nodes(5)
    nodes = generations.build_nodes(alike, shape, z, z_weights, 1.0, 0.0)
    odds, hazard = law.aneuploid_odds(age, math.nan, alike), law.euploid_hazard(age, alike)
    p_loss = generations.loss_at_nodes(nodes, odds, hazard, alike)
    go_on = np.array([after_loss, *[after_birth] * 3])
    counts = generations.expected_generations(nodes, p_loss, alike, go_on)
    np.testing.assert_allclose(
        counts.losses / counts.pregnancies, law.p_clinical_loss(odds, hazard, alike), rtol=1e-12
    )


@settings(max_examples=60)
@given(spreads, numbers(0.01, 0.9))
def test_both_shapes_of_a_factor_have_the_same_mean_and_variance(sd, high_share):
    """Forty normal nodes integrate the squares of every factor here to rounding."""
    z, z_weights = differences.normal_nodes(40)
    for shape in (LOG_NORMAL, TWO_CLASS):
        values, chances = differences.factor_nodes(sd, shape, high_share, z, z_weights)
        assert values.min() >= 0.0
        assert chances.sum() == np.float64(1.0) or abs(chances.sum() - 1.0) < 1e-14
        np.testing.assert_allclose(chances @ values, 1.0, rtol=1e-12)
        variance = chances @ (values - 1.0) ** 2
        np.testing.assert_allclose(variance, math.expm1(sd * sd), rtol=1e-9, atol=1e-14)


atoms = st.lists(
    st.tuples(numbers(0.0, 30.0), numbers(0.01, 1.0)), min_size=12, max_size=40, unique_by=lambda a: a[0]
)


@settings(max_examples=60)
@given(atoms, st.integers(1, 8))
def test_gauss_rules_are_exact_for_polynomials_of_degree_2n_minus_1(distribution, count):
    values, chances = np.array(distribution).T
    nodes, node_weights = quadrature.gauss_rule(values, chances, count)
    assert node_weights.min() >= 0.0
    assert values.min() - 1e-9 <= nodes.min() <= nodes.max() <= values.max() + 1e-9
    for degree in range(2 * count):
        expected = (chances * values**degree).sum() / chances.sum()
        np.testing.assert_allclose((node_weights * nodes**degree).sum(), expected, rtol=1e-9)


@settings(max_examples=60)
@given(spreads, shapes, numbers(0.01, 0.9), numbers(0.0, 1.0))
def test_fading_keeps_the_distribution_and_gives_the_stated_correlation(sd, shape, high_share, correlation):
    z, z_weights = differences.normal_nodes(7)
    values, chances = differences.factor_nodes(sd, shape, high_share, z, z_weights)
    joint = np.array(
        [
            [
                differences.faded(chances[i] if i == j else 0.0, chances[i], chances[j], correlation)
                for j in range(values.size)
            ]
            for i in range(values.size)
        ]
    )
    np.testing.assert_allclose(joint.sum(axis=0), chances, rtol=1e-12)
    np.testing.assert_allclose(joint.sum(axis=1), chances, rtol=1e-12)
    mean = chances @ values
    variance = chances @ (values - mean) ** 2
    covariance = (values - mean) @ joint @ (values - mean)
    np.testing.assert_allclose(covariance, correlation * variance, rtol=1e-10, atol=1e-14)


@settings(max_examples=60)
@given(women, pregnancies, weights, parameters, nk_tables)
def test_causes_before_six_weeks_are_unknown(woman, pregnancy, weight, p, nk):
    """A loss of week 4 or 5 belongs to aneuploidy or to the rest, never to a named cause."""
    early = outcomes_of(woman, pregnancy, weight, p, nk).miscarriage[:, : CLINICAL_WEEK - FIRST_WEEK]
    assert early[CAUSES.index("uterine_nk") : CAUSES.index("euploid_other")].max() == 0.0

"""What must hold of every answer to a history, in each draw, whatever was told."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from decidua.base.estimates import Estimate
from decidua.inference import evaluation
from decidua.inference.evaluation import evaluate
from decidua.inference.history import answer_history, past_losses, prepared_for
from decidua.life.parameters import CAUSES
from decidua.measure.history import CONDITIONS, History, Pregnancy, Test

THIN = 100  # a few draws of every mechanism: what holds must hold in each draw
ROUNDING = 1e-12
few = settings(max_examples=25)

ages = st.floats(18.0, 45.0, allow_subnormal=False)
WEEKS = {"miscarriage": (4, 23), "stillbirth": (24, 41), "live_birth": (24, 42), "induced": (6, 20)}


def pregnancy_at(age: float):
    def one(outcome: str):
        weeks = st.integers(*WEEKS[outcome]) if outcome in WEEKS else st.none()
        karyotypes = ("unknown", "euploid", "aneuploid") if outcome == "miscarriage" else ("unknown",)
        return st.builds(
            Pregnancy,
            outcome=st.just(outcome),
            age_years=st.just(age),
            week=st.none() | weeks,
            karyotype=st.sampled_from(karyotypes),
            confirmed=st.sampled_from(("scan", "test", "unknown")),
            new_partner=st.booleans(),
        )

    return st.sampled_from((*WEEKS, "ectopic")).flatmap(one)


@st.composite
def histories(draw, *, size: int = 4, same_age: bool = False) -> History:
    known = sorted(draw(st.lists(ages, max_size=size)))
    if same_age and known:
        known = [known[0]] * len(known)
    now = known[-1] if known else draw(ages)
    return History(
        age_years=now,
        partner_age_years=draw(st.none() | st.floats(18.0, 60.0)),
        pregnancies=tuple(draw(pregnancy_at(age)) for age in known),
        conditions={name: draw(st.sampled_from(("yes", "no", "unknown"))) for name in CONDITIONS},
    )


def uterine(value: float) -> Test:
    return Test(test="uterine_nk", value=value, unit="cells_per_mm2")


losses = st.builds(
    Pregnancy,
    outcome=st.just("miscarriage"),
    week=st.none() | st.integers(6, 9),
    karyotype=st.sampled_from(("unknown", "aneuploid", "euploid")),
)
readings = st.lists(st.floats(20.0, 2000.0).map(uterine), max_size=2).map(tuple)


def found_for(history: History, structure: str = "fading-log_normal"):
    return evaluate(history, prepared_for(history, structure=structure, thin=THIN))


def causes_of(history: History, order: int):
    """Causes of one past loss by draw, shape (draws, CAUSES)."""
    found = found_for(history)
    return found.posterior.causes[:, found.orders.index(order)]


def estimates(answer):
    """Every chance that the answer gives."""
    nk = answer.uterine_nk
    shares = (nk.p_above_cut_before, nk.p_above_cut_after, nk.share_high_among_women_with_births)
    prospects = (answer.next_live_birth, answer.next_loss, answer.same_age_no_losses)
    causes = [e for loss in answer.past_losses for e in loss.causes.values()]
    return [e for e in (*shares, *prospects, *answer.within_pregnancies.values(), *causes) if e is not None]


@few
@given(histories(), readings, st.integers(0, 48))
def test_every_chance_lies_in_its_interval_between_zero_and_one(history, tests, months):
    answer = answer_history(replace(history, tests=tests, trying_months=months), thin=THIN, changes=False)
    for chance in estimates(answer):
        assert isinstance(chance, Estimate)
        assert 0.0 <= chance.lo <= chance.mean <= chance.hi <= 1.0


@few
@given(histories(), readings)
def test_the_next_pregnancy_is_born_or_lost_and_more_tries_never_lower_a_birth(history, tests):
    found = found_for(replace(history, tests=tests))
    birth, loss = found.ahead(evaluation.NEXT_BIRTH), found.ahead(evaluation.NEXT_LOSS)
    assert np.all(birth + loss <= 1.0 + ROUNDING)
    within = np.array([found.ahead(evaluation.ANY_BIRTH + k) for k in range(3)])
    np.testing.assert_allclose(within[0], birth, rtol=1e-12)
    assert np.all(np.diff(within, axis=0) >= -ROUNDING)
    assert within.max() <= 1.0 + ROUNDING


@few
@given(histories(), st.integers(4, 40), st.sampled_from(("seen", "not_seen", "unknown")))
def test_an_ongoing_pregnancy_ends_in_a_birth_with_a_chance(history, week, heartbeat):
    now = Pregnancy(outcome="ongoing", age_years=history.age_years, week=week, heartbeat=heartbeat)
    treated = replace(now, treatments=("prednisolone_tang2013",))
    for ongoing in (now, treated):
        found = found_for(replace(history, pregnancies=(*history.pregnancies, ongoing)))
        for which in (evaluation.CURRENT_BIRTH, evaluation.UNTREATED_HERE):
            assert np.all((found.ahead(which) >= 0.0) & (found.ahead(which) <= 1.0 + ROUNDING))
        if ongoing is now:
            np.testing.assert_allclose(found.ahead(evaluation.UNTREATED_HERE), 1.0, rtol=1e-12)


@few
@given(histories(), readings)
def test_the_causes_of_each_past_loss_sum_to_one_in_each_draw(history, tests):
    history = replace(history, tests=tests)
    found = found_for(history)
    for loss in past_losses(history, found):
        causes = found.posterior.causes[:, found.orders.index(loss.order)]
        assert causes.min() >= 0.0
        np.testing.assert_allclose(causes.sum(axis=1), 1.0, rtol=0.0, atol=1e-9)
    assert abs(found.weights.sum() - 1.0) <= ROUNDING
    assert found.weights.min() >= 0.0


@few
@given(ages, losses, st.integers(0, 4), st.integers(0, 2))
def test_one_more_loss_of_the_same_kind_never_lowers_the_next_chance_of_loss(age, loss, count, births):
    same_age = replace(loss, age_years=age)
    born = (Pregnancy(outcome="live_birth", age_years=age),) * births
    fewer = History(age_years=age, pregnancies=born + (same_age,) * count)
    more = replace(fewer, pregnancies=(*fewer.pregnancies, same_age))
    before, after = (found_for(history).ahead(evaluation.NEXT_LOSS) for history in (fewer, more))
    assert np.all(after >= before - ROUNDING)


@few
@given(histories(size=3))
def test_without_an_age_nothing_is_said_of_the_future_but_of_the_past(history):
    untold = tuple(replace(p, age_years=None) for p in history.pregnancies)
    history = replace(history, age_years=None, partner_age_years=None, pregnancies=untold)
    answer = answer_history(history, thin=THIN, changes=False)
    assert (answer.next_live_birth, answer.next_loss, answer.same_age_no_losses) == (None, None, None)
    assert (dict(answer.within_pregnancies), answer.current) == ({}, None)
    lost = [k for k, p in enumerate(history.pregnancies, start=1) if p.outcome == "miscarriage"]
    assert [loss.order for loss in answer.past_losses] == lost
    assert all(set(loss.causes) == set(CAUSES) for loss in answer.past_losses)


@few
@given(histories(same_age=True), st.randoms(use_true_random=False), st.booleans())
def test_order_says_nothing_where_women_differ_for_life_alone(history, random, two_classes):
    one_partner = [replace(p, new_partner=False) for p in history.pregnancies]
    places = list(range(len(one_partner)))
    random.shuffle(places)
    structure = "exchangeable-two_class" if two_classes else "exchangeable-log_normal"
    told = replace(history, pregnancies=tuple(one_partner))
    mixed = replace(history, pregnancies=tuple(one_partner[i] for i in places))
    first, second = (found_for(each, structure) for each in (told, mixed))
    for field in ("likelihood", "ahead", "density", "shared", "conditions"):
        found, expected = getattr(second.posterior, field), getattr(first.posterior, field)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)
    for place, order in enumerate(places, start=1):
        if one_partner[order].outcome == "ectopic":
            continue
        now = second.posterior.causes[:, second.orders.index(place)]
        then = first.posterior.causes[:, first.orders.index(order + 1)]
        np.testing.assert_allclose(now, then, rtol=1e-9, atol=1e-12)


@few
@given(histories(), st.floats(30.0, 1000.0), st.floats(1.0, 3.0))
def test_a_higher_reading_never_lowers_the_density_in_any_draw(history, reading, fold):
    low, high = (found_for(replace(history, tests=(uterine(r),))) for r in (reading, reading * fold))
    score = low.prepared.stack.density_score
    assert np.all(high.posterior.density @ score >= low.posterior.density @ score - ROUNDING)
    assert np.all(high.posterior.density @ np.exp(score) >= low.posterior.density @ np.exp(score) - ROUNDING)


@few
@given(ages, st.floats(1.0, 5.0))
def test_a_reading_above_the_median_of_a_draw_raises_its_log_density(age, fold):
    """Of the logarithm: a reading at the median narrows the density, and so lowers its plain mean."""
    alone = History(age_years=age)
    prepared = prepared_for(replace(alone, tests=(uterine(1.0),)), thin=THIN)
    highest = float(np.exp(prepared.draws.columns["law.uterine_nk_log_median"].max()))
    score = prepared.stack.density_score
    before = evaluate(alone, prepared).posterior.density @ score
    after = evaluate(replace(alone, tests=(uterine(highest * fold),)), prepared).posterior.density @ score
    assert np.all(after >= before - ROUNDING)


@few
@given(histories(), st.none() | st.integers(6, 20))
def test_a_karyotype_decides_the_aneuploid_share_of_its_loss(history, week):
    loss = Pregnancy(outcome="miscarriage", age_years=history.age_years, week=week)
    order = len(history.pregnancies) + 1

    def shares(karyotype: str):
        told = (*history.pregnancies, replace(loss, karyotype=karyotype))
        return causes_of(replace(history, pregnancies=told), order)[:, 0]

    assert np.all(shares("euploid") <= shares("unknown"))
    assert np.all(shares("euploid") == 0.0)
    np.testing.assert_allclose(shares("aneuploid"), 1.0, rtol=1e-12)


@few
@given(ages, st.integers(1, 3), st.none() | st.integers(6, 12))
def test_a_euploid_loss_never_makes_the_losses_beside_it_more_aneuploid(age, others, week):
    """With a translocation ruled out: else a euploid result speaks against that cause of the others too."""
    loss = Pregnancy(outcome="miscarriage", age_years=age, week=week)
    told = (loss,) * (others + 1)
    base = History(age_years=age, pregnancies=told, conditions={"translocation": "no"})
    found = replace(base, pregnancies=(*told[:-1], replace(loss, karyotype="euploid")))
    unknown, euploid = (found_for(history).posterior.causes[:, :, 0] for history in (base, found))
    assert np.all(euploid <= unknown + ROUNDING)

"""The story's own world, as the story tells it and marked as contested."""

import pytest

from decidua.womb import SAFETY_SENTENCE, story_world


@pytest.fixture(scope="module")
def world():
    return story_world()


def by(world, count, regimen):
    return next(c for c in world["courses"] if c["count"] == count and c["regimen"] == regimen)


def test_it_says_that_it_assumes_a_contested_mechanism(world):
    assert world["assumes_contested_mechanism"] is True
    assert world["mechanism"] == "attack"
    assert world["safety"] == SAFETY_SENTENCE


def test_two_counts_with_and_without_treatment(world):
    assert len(world["courses"]) == 4
    assert by(world, "typical", "none")["density_at_test_per_mm2"] == 133.0
    # Log-normal of mean 257 and SD 212: median 198, sigma 0.72, so one sigma up is 407.
    assert by(world, "high", "none")["density_at_test_per_mm2"] == pytest.approx(407.0, rel=0.01)


def test_a_high_count_adds_hazard_and_takes_trophoblast(world):
    typical, high = by(world, "typical", "none"), by(world, "high", "none")
    assert all(h > t for h, t in zip(high["hazard_excess"], typical["hazard_excess"], strict=True))
    assert high["trophoblast"][8] < typical["trophoblast"][8]


def test_treatment_lowers_the_count_and_the_hazard_of_a_high_count_only(world):
    plain, treated = by(world, "high", "none"), by(world, "high", "story_protocol")
    assert treated["uterine_nk_per_mm2"][4] < plain["uterine_nk_per_mm2"][4]
    assert treated["hazard_excess"][4] < plain["hazard_excess"][4]
    usual = [by(world, "typical", regimen)["hazard_excess"] for regimen in ("none", "story_protocol")]
    assert usual[0] == pytest.approx(usual[1], rel=1e-6)
    assert by(world, "typical", "story_protocol")["normalised"] is None


def test_every_series_has_one_value_a_week(world):
    for course in world["courses"]:
        series = [value for value in course.values() if isinstance(value, list)]
        assert {len(values) for values in series} == {len(world["weeks"])}

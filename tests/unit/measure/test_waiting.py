"""Months of trying without a pregnancy: two kinds of couples, sterility by age, implantation."""

from __future__ import annotations

import numpy as np
import pytest

from decidua.evidence import load_ledger
from decidua.measure import waiting

LEDGER = load_ledger()
SHARE, FERTILE, SUB_FERTILE, POWER, GRAVID = 0.281, 0.432, 0.076, 0.8, 1.1
COUPLES = waiting.Couples(SHARE, FERTILE, SUB_FERTILE, POWER, GRAVID)


def ratio_at(band: str, kind: str = "gravid") -> float:
    return LEDGER.value(f"life.fecundability.wesselink_{kind}.age_{band}")


def waited(months: int, *, age: float = 29.5, is_gravid: bool = True, implantation: float = 1.0) -> float:
    found = waiting.p_not_pregnant(
        months,
        age_years=age,
        is_gravid=is_gravid,
        implantation=np.array([implantation]),
        couples=COUPLES,
        ledger=LEDGER,
    )
    return float(found[0])


def sterile(age: float) -> float:
    return waiting.share_sterile(age, ledger=LEDGER)


@pytest.mark.parametrize("months", [0, 1, 6, 18])
@pytest.mark.parametrize("implantation", [0.5, 1.0, 1.3])
def test_the_chance_is_a_plain_product_over_the_months(months, implantation):
    ratio = GRAVID * ratio_at("28_30") ** POWER
    fertile, sub_fertile = 1.0, 1.0
    for _ in range(months):
        fertile *= 1.0 - FERTILE * ratio * implantation
        sub_fertile *= 1.0 - SUB_FERTILE * ratio * implantation
    couples = (1.0 - SHARE) * fertile + SHARE * sub_fertile
    expected = sterile(29.5) + (1.0 - sterile(29.5)) * couples
    assert waited(months, implantation=implantation) == pytest.approx(expected, rel=1e-12)


def test_one_month_by_hand():
    """Age 23, never pregnant, ratio 1: 0.719 couples at 0.432, 0.281 at 0.076; sterility between ages."""
    z = 0.005 + 0.6 * (0.010 - 0.005)
    expected = z + (1.0 - z) * (0.719 * 0.568 + 0.281 * 0.924)
    assert waited(1, age=23.0, is_gravid=False) == pytest.approx(expected, rel=1e-12)


def test_nobody_has_conceived_before_the_first_month_and_only_the_sterile_never_do():
    assert waited(0) == 1.0
    assert waited(5000) == pytest.approx(sterile(29.5), rel=1e-9)


def test_every_month_lowers_the_chance_of_still_waiting():
    by_month = [waited(months) for months in range(37)]
    assert np.all(np.diff(by_month) < 0.0)


def test_a_chance_per_cycle_stops_at_one():
    assert waited(1, implantation=1000.0) == pytest.approx(sterile(29.5), rel=1e-12)


def test_each_density_has_its_own_implantation():
    implantation = np.array([[0.5, 1.0], [1.0, 2.0]])
    found = waiting.p_not_pregnant(
        6, age_years=29.5, is_gravid=True, implantation=implantation, couples=COUPLES, ledger=LEDGER
    )
    expected = [[waited(6, implantation=float(x)) for x in row] for row in implantation]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize(("age", "band"), [(23.0, "21_24"), (35.5, "34_36"), (43.0, "40_45")])
@pytest.mark.parametrize(("is_gravid", "kind"), [(True, "gravid"), (False, "nulligravid")])
def test_the_ratio_is_the_published_one_in_the_middle_of_its_band(age, band, is_gravid, kind):
    found = waiting.fecundability_ratio(age, is_gravid=is_gravid, ledger=LEDGER)
    assert found == pytest.approx(ratio_at(band, kind), rel=1e-12)


def test_between_bands_the_ratio_lies_on_a_straight_line_and_beyond_them_it_stays():
    halfway = waiting.fecundability_ratio(37.0, is_gravid=True, ledger=LEDGER)
    assert halfway == pytest.approx((ratio_at("34_36") + ratio_at("37_39")) / 2.0, rel=1e-12)
    assert waiting.fecundability_ratio(16.0, is_gravid=True, ledger=LEDGER) == ratio_at("21_24")
    assert waiting.fecundability_ratio(50.0, is_gravid=True, ledger=LEDGER) == ratio_at("40_45")


def test_sterility_rises_with_age_through_the_published_ages():
    for age in waiting.STERILITY_AGES:
        assert sterile(age) == LEDGER.value(f"life.sterility.share_at_age_{age}")
    assert sterile(36.5) == pytest.approx((sterile(35) + sterile(38)) / 2.0, rel=1e-12)
    assert np.all(np.diff([sterile(age) for age in range(20, 46)]) > 0.0)


def test_a_woman_never_pregnant_before_has_waited_longer_with_a_lower_ratio():
    assert waited(12, age=35.5, is_gravid=False) > waited(12, age=35.5, is_gravid=True)

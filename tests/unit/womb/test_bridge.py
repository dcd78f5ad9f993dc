"""The table that carries the womb into the law: units, signs, order, and equality with the model."""

import hashlib

import numpy as np
import pytest

from decidua.base.errors import InputError
from decidua.womb import MECHANISM_CLASS, MECHANISMS, REGIMENS, load_bridge, simulate_pregnancy
from decidua.womb.bridge import bridge_content, read_bridge, write_bridge
from decidua.womb.tabulation import recognition_prior, signals, unit_scales

HIGH = [m for m, name in enumerate(MECHANISMS) if MECHANISM_CLASS[name] == "high_count_harms"]
LOW = MECHANISMS.index("too_few")
MARKER = MECHANISMS.index("marker")
OLDER_REGIMENS = 9  # before the course of the story was added


@pytest.fixture(scope="module")
def bridge():
    return load_bridge()


def test_a_new_regimen_leaves_the_rows_of_the_older_ones_as_they_were(bridge):
    digest = hashlib.sha256()
    for table in (bridge.hazard_excess, bridge.implantation_log_multiplier):
        digest.update(np.ascontiguousarray(table[:, :OLDER_REGIMENS]).tobytes())
    assert digest.hexdigest()[:16] == "9bf3954171cb2fd6"


def test_the_story_course_is_the_story_protocol_where_the_count_stays_high(bridge):
    course, protocol = (REGIMENS.index(name) for name in ("story_course", "story_protocol"))
    stays = np.exp(bridge.log_density_grid) > 400.0
    assert stays.sum() == 3
    for table, axis in ((bridge.hazard_excess, 3), (bridge.implantation_log_multiplier, 3)):
        rows = np.moveaxis(table, axis, 0)[stays]
        assert np.array_equal(rows[:, :, course], rows[:, :, protocol])


def test_shape_and_axes(bridge):
    assert bridge.mechanisms == MECHANISMS
    assert bridge.regimens == REGIMENS
    assert bridge.hazard_excess.shape == (5, 10, 3, 13, 39)
    assert bridge.implantation_log_multiplier.shape == (5, 10, 3, 13)
    assert np.exp(bridge.log_density_grid[[0, -1]]) == pytest.approx([20.0, 900.0], rel=1e-12)
    assert np.ptp(np.diff(bridge.log_density_grid)) < 1e-12
    assert bridge.weeks.tolist() == list(range(4, 43))
    assert bridge.recognition_levels.tolist() == [0.2, 0.5, 0.8]
    assert bridge.recognition_weights.sum() == pytest.approx(1.0, rel=1e-15)


def test_nothing_is_negative_and_marker_is_exactly_zero(bridge):
    assert bridge.hazard_excess.min() >= 0.0
    assert np.all(np.isfinite(bridge.implantation_log_multiplier))
    assert np.all(bridge.hazard_excess[MARKER] == 0.0)
    assert np.all(bridge.implantation_log_multiplier[MARKER] == 0.0)


def test_hazard_follows_density_in_the_right_direction(bridge):
    by_density = np.diff(bridge.hazard_excess, axis=3)
    assert by_density[HIGH].min() > 0.0
    assert by_density[LOW].max() < 0.0


def test_implantation_follows_density_in_the_right_direction(bridge):
    by_density = np.diff(bridge.implantation_log_multiplier, axis=3)
    assert by_density[HIGH].max() < 0.0
    assert by_density[LOW].min() > 0.0


def test_units_at_the_references(bridge):
    """Computed afresh from courses, not from the scales: 300 against 133, and 60 against 133 for too_few."""
    levels, weights = recognition_prior()

    def mean_hazard(name, density):
        runs = [simulate_pregnancy(name, density_per_mm2=density, recognition=r) for r in levels]
        return sum(w * run.weekly_hazard_excess()[6:13].mean() for w, run in zip(weights, runs, strict=True))

    for name, reference in (
        ("attack", 300.0),
        ("perfusion", 300.0),
        ("decidual_quality", 300.0),
        ("too_few", 60.0),
    ):
        assert mean_hazard(name, reference) - mean_hazard(name, 133.0) == pytest.approx(1.0, rel=1e-6), name


def test_implantation_is_zero_at_the_median_and_minus_one_at_the_reference(bridge):
    levels, weights = recognition_prior()
    for name, reference in (("attack", 300.0), ("too_few", 60.0)):
        m = MECHANISMS.index(name)
        scale, origin = bridge.implantation_scale[m], bridge.implantation_origin[m]
        for density, wanted in ((133.0, 0.0), (reference, -1.0)):
            found = [signals(name, regimen="none", recognition=r, density_per_mm2=density)[1] for r in levels]
            assert (origin - weights @ np.array(found)) / scale == pytest.approx(wanted, abs=1e-6)


def test_a_table_node_near_the_median_adds_little(bridge):
    hazard, implantation = bridge.averaged()
    node = int(np.argmin(np.abs(bridge.log_density_grid - np.log(133.0))))
    weeks = (bridge.weeks >= 6) & (bridge.weeks <= 12)
    assert np.all(hazard[:, 0, node][:, weeks].mean(axis=1) < 1.0)
    assert implantation[:, 0, node] == pytest.approx(np.zeros(5), abs=0.05)


def test_average_over_recognition_is_the_weighted_sum(bridge):
    hazard, implantation = bridge.averaged()
    by_hand = sum(w * bridge.hazard_excess[:, :, c] for c, w in enumerate(bridge.recognition_weights))
    assert hazard == pytest.approx(by_hand, rel=1e-12)
    assert hazard.shape == (5, 10, 13, 39)
    assert implantation.shape == (5, 10, 13)


def test_a_missing_recognition_matters_to_attack_alone_upwards(bridge):
    weeks = slice(2, 9)
    attack = bridge.hazard_excess[0, 0, :, 8, weeks].mean(axis=1)
    assert attack[0] > attack[1] > attack[2]
    quality = bridge.hazard_excess[2, 0, :, 8, weeks].mean(axis=1)
    assert quality == pytest.approx(quality[:1].repeat(3), rel=1e-6)


def test_progesterone_and_aspirin_change_nothing_in_the_table(bridge):
    for name in ("progesterone_promise2015", "progesterone_prism2019", "aspirin_low_dose"):
        r = REGIMENS.index(name)
        assert bridge.hazard_excess[:, r] == pytest.approx(bridge.hazard_excess[:, 0], rel=1e-6, abs=1e-9)


def test_steroid_acts_only_through_density(bridge):
    """Less harm by many cells, more by few; under decidual quality little changes, for it cuts both ways."""
    r, weeks = REGIMENS.index("prednisolone_tang2013"), slice(4, 9)
    change = bridge.averaged()[0][:, r, :, weeks].mean(-1) / bridge.averaged()[0][:, 0, :, weeks].mean(
        -1
    ).clip(1e-9)
    assert np.all(change[:2] < 1.0)
    assert np.all(change[LOW] > 1.0)
    assert np.all(np.abs(change[2] - 1.0) < 0.15)


# abs: the tail of the perfusion signal decays to nothing after week 13; 1e-9 of the unit is nothing.
SAMPLE = [
    ("attack", "none", 1, 6),
    ("attack", "story_protocol", 0, 11),
    ("perfusion", "prednisolone_tang2013", 2, 9),
    ("decidual_quality", "prednisolone_sun2023", 1, 3),
    ("too_few", "progesterone_prism2019", 0, 0),
    ("too_few", "prednisolone_quenby2005", 1, 4),
    ("attack", "prednisolone_cooper2019", 1, 8),
]


@pytest.mark.parametrize(("mechanism", "regimen", "level", "node"), SAMPLE)
def test_a_regenerated_sample_equals_the_shipped_table(bridge, mechanism, regimen, level, node):
    m, r = MECHANISMS.index(mechanism), REGIMENS.index(regimen)
    density = float(np.exp(bridge.log_density_grid[node]))
    hazard, after = signals(
        mechanism,
        regimen=regimen,
        recognition=float(bridge.recognition_levels[level]),
        density_per_mm2=density,
    )
    shipped = bridge.hazard_excess[m, r, level, node]
    assert hazard / bridge.hazard_scale[m] == pytest.approx(shipped, rel=1e-6, abs=1e-9)
    multiplier = (bridge.implantation_origin[m] - after) / bridge.implantation_scale[m]
    assert multiplier == pytest.approx(
        bridge.implantation_log_multiplier[m, r, level, node], rel=1e-6, abs=1e-9
    )


def test_the_shipped_scales_are_those_of_the_model(bridge):
    for shipped, found in zip(
        (bridge.hazard_scale, bridge.implantation_scale, bridge.implantation_origin),
        unit_scales(),
        strict=True,
    ):
        assert shipped == pytest.approx(found, rel=1e-6)


def test_the_table_names_what_it_was_made_from(bridge, tmp_path, monkeypatch):
    assert bridge.content == bridge_content()
    path = tmp_path / "copy.npz"
    write_bridge(bridge, path)
    assert np.array_equal(read_bridge(path).hazard_excess, bridge.hazard_excess)
    monkeypatch.setattr("decidua.womb.bridge.bridge_content", lambda: "another")
    load_bridge.cache_clear()
    with pytest.raises(InputError, match="stale"):
        load_bridge()
    load_bridge.cache_clear()


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "broken.npz"
    path.write_bytes(b"not a table")
    with pytest.raises(InputError, match=r"broken\.npz"):
        read_bridge(path)

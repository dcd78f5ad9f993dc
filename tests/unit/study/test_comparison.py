"""A study's numbers: the same for any threads, zero where nothing differs, no surer than its women."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from decidua.base.errors import InputError
from decidua.care.pathways import load_pathway
from decidua.life import lived as of
from decidua.study import study_lives
from decidua.study.comparison import run_study
from decidua.study.study_file import read_study, with_pathways
from decidua.study.study_lives import MEASURES, measures, waits

WOMEN, DRAWS, SEED = 40_000, 20, 5


@pytest.fixture(scope="module")
def result():
    return run_study(read_study("when-to-test"), women=WOMEN, draws=DRAWS, seed=SEED)


def sums(result, arm, measure):
    place = [one.care.name for one in result.arms].index(arm)
    return result.accounts.reached[place, 0, MEASURES.index(measure)]


def test_any_threads_and_chunks_give_the_same_accounts(result, monkeypatch):
    monkeypatch.setattr(study_lives, "CHUNK_WOMEN", 7_001)
    again = run_study(read_study("when-to-test"), women=WOMEN, draws=DRAWS, seed=SEED, jobs=3)
    for each in fields(result.accounts):
        a, b = (getattr(one.accounts, each.name) for one in (result, again))
        assert np.array_equal(a, b), each.name
    assert result.arms == again.arms


def test_the_arm_compared_with_differs_from_itself_by_nothing(result):
    assert all(found.value.mean == 0.0 for found in result.arm("never_test").difference.values())
    assert result.strayed == 0


def test_who_lives_again_is_all_that_differs():
    """Letting every woman live again in every arm gives the very same accounts."""
    study = read_study("when-to-test")
    few = run_study(study, women=6_000, draws=5, seed=SEED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_lives, "may_be_reached", lambda without, _: np.ones(len(without), dtype=bool))
        every = run_study(study, women=6_000, draws=5, seed=SEED)
    assert np.array_equal(few.accounts.reached, every.accounts.reached)
    assert np.array_equal(few.accounts.moved, every.accounts.moved)


def test_fewer_are_tested_the_later_the_test(result):
    tested = [int(sums(result, f"test_after_{n}", "women_tested").sum()) for n in (1, 2, 3, 4)]
    assert tested == sorted(tested, reverse=True)
    assert 0 < tested[-1] < tested[0] <= result.accounts.with_a_loss.sum()
    blood = sums(result, "blood_test_after_3", "women_tested")
    assert np.array_equal(blood, sums(result, "test_after_3", "women_tested"))


def test_marks_of_care_lie_inside_one_another(result):
    for arm in ("test_after_1", "blood_test_after_3"):
        names = ("women_tested", "women_flagged", "women_treated", "women_treated_same_outcome")
        counts = [sums(result, arm, name) for name in names]
        assert all((a >= b).all() for a, b in pairwise(counts))
        assert (sums(result, arm, "women_flagged_not_high") <= counts[1]).all()


def test_too_few_women_leave_the_interval_open_and_the_chances_untold():
    few = run_study(read_study("when-to-test"), women=3_000, draws=50, seed=SEED)
    births = few.arm("test_after_2").difference["live_births"]
    assert births.value.hi - births.value.lo >= 2.0 * 1.95 * births.error
    assert few.arm("test_after_2").benefit.p_no_benefit is None or births.resolved >= 0.3


def test_waits_are_counted_up_to_a_limit():
    lived = np.zeros((4, len(of.LIVED)), dtype=np.int64)
    lived[1:, of.FIRST_LOSS_DAY] = 10_000
    lived[2, of.NEXT_BIRTH_DAY], lived[3, of.NEXT_BIRTH_DAY] = 10_400, 19_000
    assert waits(lived, 1000).tolist() == [0, 1000, 400, 1000]


def test_an_outcome_is_the_same_when_births_losses_and_stillbirths_are():
    without = np.zeros((3, len(of.LIVED)), dtype=np.int64)
    lived = without.copy()
    lived[:, of.TREATED] = (0, 1, 1)
    lived[2, of.BIRTHS] = 1
    same = measures(lived, without, 100)[MEASURES.index("women_treated_same_outcome")]
    assert same.tolist() == [0, 1, 0]


def test_a_study_file_of_ones_own_is_read_and_refused_by_field(tmp_path):
    good = "name: mine\ntitle: My own\nquestion: What then?\nagainst: never_test\n"
    path = tmp_path / "mine.yaml"
    path.write_text(good + "arms: [never_test, test_after_2]\n", encoding="utf-8")
    assert [care.name for care in read_study(path).pathways] == ["never_test", "test_after_2"]
    for arms, words in (
        ("[never_test]", "arms"),
        ("[never_test, often]", "mine: arms: often"),
        ("[test_after_1, test_after_2]", "against"),
    ):
        path.write_text(good + f"arms: {arms}\n", encoding="utf-8")
        with pytest.raises(InputError, match=words):
            read_study(path)
    with pytest.raises(InputError, match="when-to-test"):
        read_study("whenever")


def test_two_pathways_of_one_name_are_refused(tmp_path):
    study = read_study("when-to-test").file
    copy = tmp_path / "copy.yaml"
    copy.write_text(yaml_of(load_pathway("test_after_2")), encoding="utf-8")
    doubled = study.model_copy(update={"arms": ("never_test", "test_after_2", str(copy))})
    with pytest.raises(InputError, match="names of their own"):
        with_pathways(doubled)


def yaml_of(care) -> str:
    import json

    return json.dumps(care.model_dump(mode="json", exclude_none=True))

"""Pathways as data: what ships can be followed, and a file that cannot be is refused in one clear line."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from decidua.base.errors import InputError
from decidua.care.following import days_before_conception, treatments_of, wait_days
from decidua.care.pathways import PATHWAYS, as_pathway, load_pathway, shipped_folder
from decidua.inference.harms import doses_of
from decidua.womb import load_regimen

USUAL = {"name": "mine", "title": "A pathway of mine", "test": "uterine_nk", "after_losses": 2}


def written(tmp_path, **changes):
    path = tmp_path / "mine.yaml"
    raw = {**USUAL, **changes}
    path.write_text(yaml.safe_dump({k: v for k, v in raw.items() if v is not None}), encoding="utf-8")
    return path


def test_every_shipped_file_is_a_pathway_of_its_own_name():
    assert {path.stem for path in shipped_folder().glob("*.yaml")} == set(PATHWAYS)
    assert all(load_pathway(name).name == name for name in PATHWAYS)


def test_the_story_course_is_what_the_story_protocol_gives_a_woman_who_stays_high():
    course, protocol = (doses_of(load_regimen(name)) for name in ("story_course", "story_protocol"))
    assert course.first_day == protocol.first_day
    given = np.zeros(protocol.mg_per_day.size)
    given[: course.mg_per_day.size] = course.mg_per_day
    assert np.array_equal(given, protocol.mg_per_day)


def test_its_wait_is_what_it_gives_before_the_cycle_of_conception():
    assert wait_days(load_pathway("test_after_2")) == -doses_of(load_regimen("story_course")).first_day
    assert days_before_conception(load_regimen("prednisolone_tang2013")) == 0


def test_a_file_of_ones_own(tmp_path):
    care = as_pathway(
        written(
            tmp_path,
            if_high="prednisolone_tang2013",
            progesterone={"after_losses": 3, "regimen": "progesterone_promise2015"},
        )
    )
    assert treatments_of(care) == (
        (),
        ("prednisolone_tang2013",),
        ("progesterone_promise2015",),
        ("prednisolone_tang2013", "progesterone_promise2015"),
    )
    assert wait_days(care) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after_losses": 11}, "after_losses"),
        ({"after_losses": None}, "after_losses, 1 to 10, beside a test"),
        ({"test": "none"}, "no after_losses without a test"),
        ({"if_high": "story_protocol"}, "one of prednisolone_tang2013"),
        ({"if_high": "vitamins"}, "vitamins"),
        ({"doctor": "best"}, "these fields: name, title, test"),
        ({"p_accepts": 1.5}, "p_accepts"),
        ({"progesterone": {"after_losses": 3, "regimen": "story_course"}}, "without a steroid"),
        ({"days_until_result": -1}, "days_until_result"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_one_line(tmp_path, changes, words):
    with pytest.raises(InputError) as refused:
        as_pathway(written(tmp_path, **changes))
    told = str(refused.value)
    assert words in told
    assert "mine.yaml" in told
    assert "\n" not in told


def test_an_unknown_name_is_refused():
    with pytest.raises(InputError, match="never_test"):
        load_pathway("often_test")

"""The first thing that is wrong with plain data, in one message."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, model_validator

from decidua.base.errors import InputError
from decidua.base.records import checked, without_prefix


class Inside(BaseModel):
    weeks: int


class Course(BaseModel):
    model_config = ConfigDict(extra="forbid")
    steps: list[Inside]

    @model_validator(mode="after")
    def has_steps(self):
        if not self.steps:
            raise ValueError("one step or more")
        return self


def test_a_record_comes_back_whole():
    assert checked(Course, {"steps": [{"weeks": 3}]}).steps[0].weeks == 3


def test_the_field_is_named_with_its_place():
    with pytest.raises(InputError) as refused:
        checked(Course, {"steps": [{"weeks": 3}, {"weeks": "soon"}]}, file="own.yaml")
    assert (refused.value.file, refused.value.field, refused.value.value) == (
        "own.yaml",
        "steps.1.weeks",
        "soon",
    )


def test_what_is_wrong_with_all_of_it_has_the_name_that_was_given():
    with pytest.raises(InputError) as refused:
        checked(Course, {"steps": []}, whole="course", told=without_prefix)
    assert (refused.value.field, refused.value.allowed) == ("course", "one step or more")

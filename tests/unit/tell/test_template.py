"""Templates escape text, and refuse a name without a value."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, UndefinedError

from decidua.tell.template import environment_for, template


def rendered(text: str, **values: str) -> str:
    return environment_for(DictLoader({"one.j2": text})).get_template("one.j2").render(**values)


def test_text_is_escaped():
    assert rendered("{{ said }}", said="<b>") == "&lt;b&gt;"


def test_a_name_without_a_value_is_an_error():
    with pytest.raises(UndefinedError, match="said"):
        rendered("{{ said }}")


def test_tags_leave_no_blank_lines():
    assert rendered("{% if said %}\n  {% set a = 1 %}\n{{ said }}\n{% endif %}\n", said="yes") == "yes\n"


def test_the_templates_of_this_room_are_read_once():
    assert template("history.svg.j2") is template("history.svg.j2")

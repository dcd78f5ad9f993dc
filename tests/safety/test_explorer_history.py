"""Every rule of the safety layer over every step of a history in the explorer, for every shipped example."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from decidua.measure.history import example_history, example_names
from decidua.tell.safety import check_public_html
from decidua.web.app import create_app
from decidua.web.history_fields import fields_of
from decidua.web.settings import Settings

CLIENT = TestClient(create_app(Settings(is_warmed=False)))
STEPS = {
    "form": {"do": "edit"},
    "check": {"do": "check"},
    "answer": {"do": "answer"},
    "answer without numbers": {"do": "answer", "numbers": "none"},
    "answer with all numbers": {"do": "answer", "numbers": "clinician", "nk": "yes"},
    "answer with causes": {"do": "answer", "causes": "yes"},
    "answer beside an earlier one": {"do": "answer", "earlier": "age=31&p1-outcome=miscarriage"},
    "answer in other words": {"do": "answer", "word-loss": "miscarriage", "word-person": "woman"},
}


def is_asked_for(found, step):
    """Whoever chose all numbers asked for those of small chances too; their words still come first."""
    return step == "answer with all numbers" and found.rule == "small chance in numbers"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", example_names())
def test_every_step_keeps_every_rule(name, step):
    page = CLIENT.post("/history", data={**fields_of(example_history(name)), **STEPS[step]})
    assert page.status_code == 200
    found = [str(one) for one in check_public_html(page.text) if not is_asked_for(one, step)]
    assert found == []


@pytest.mark.parametrize("name", example_names())
def test_an_answer_about_the_future_says_if_pregnant_again(name):
    history = example_history(name)
    page = CLIENT.post("/history", data={**fields_of(history), "do": "answer"}).text
    assert ("if pregnant again" in page) == (history.age_years is not None)
    assert "not about one person" in page
    assert "Not a medical device" in page

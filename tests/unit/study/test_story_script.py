"""The script is whole, agrees with the claims, and is refused where it does not."""

from __future__ import annotations

import pytest

from decidua.base.errors import InputError
from decidua.evidence import load_ledger
from decidua.study.story_script import checked_script, claims_by_id, load_script
from decidua.womb.regimens import REGIMENS, load_regimen

LEDGER = load_ledger()
ORDER = [
    "what-they-are", "men-too", "friend-or-foe", "too-many", "implantation", "repeated-loss",
    "asking-for-a-test", "steroid", "infection", "weeks-ten-and-twelve", "progesterone-and-aspirin",
]  # fmt: skip


def content() -> dict:
    return load_script().model_dump(mode="json")


def test_the_steps_stand_in_the_order_of_the_story():
    assert [step.id for step in load_script().steps] == ORDER
    assert [step.id for step in load_script().questions] == list("abcdefgh")


def test_every_verdict_is_that_of_its_claim():
    known = claims_by_id(LEDGER)
    assert all(step.verdict == known[step.claims[0]].verdict for step in load_script().walk)


def test_another_verdict_is_refused():
    wrong = content()
    wrong["steps"][0]["verdict"] = "contradicted"
    with pytest.raises(InputError, match=r"what-they-are\.verdict: contradicted .* allowed: supported"):
        checked_script(wrong, LEDGER)


def test_a_claim_that_is_not_there_is_refused():
    wrong = content()
    wrong["questions"][2]["claims"] = ["z9"]
    with pytest.raises(InputError, match=r"c\.claims: z9"):
        checked_script(wrong, LEDGER)


def test_a_key_that_is_not_known_is_refused():
    wrong = content()
    wrong["steps"][1]["opinion"] = "yes"
    with pytest.raises(InputError, match=r"steps\.1\.opinion"):
        checked_script(wrong, LEDGER)


def test_a_question_about_a_history_tells_one():
    told = {step.id: step.history for step in load_script().questions if step.history}
    assert set(told) == set("abcde")
    assert all(history.example or history.words for history in told.values())


def test_no_text_blames_and_the_question_about_waiting_begins_with_what_no_test_can_do():
    texts = [text for step in load_script().walk for text in (step.title, *step.own_world, *step.evidence)]
    texts += [text for step in load_script().walk for detail in step.details for text in detail.text]
    assert not [text for text in texts if "wrongly" in text or "candidate" in text]
    waiting = next(step for step in load_script().questions if step.id == "h")
    assert "No test of NK cells" in waiting.evidence[0]


def test_no_title_of_a_course_says_that_anything_failed():
    assert not [name for name in REGIMENS if "fail" in load_regimen(name).title]

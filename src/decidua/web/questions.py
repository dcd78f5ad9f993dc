"""Readers' questions as a thread: the question, the model's reply, its sources."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from decidua.evidence import load_ledger
from decidua.tell.story_json import story_record
from decidua.tell.story_told import OWN_WORLD, tell_steps
from decidua.tell.weights_words import weights_label
from decidua.tell.words import sentence
from decidua.web.pages import WebPage
from decidua.web.render import render
from decidua.web.story_numbers import WAITING, numbers_of, waiting_answer, waiting_page

QUESTIONS = WebPage("/questions", "Questions that readers ask", "/api/v1/questions", short="Questions")
PAGES = (QUESTIONS,)

router = APIRouter()


@router.get("/questions", response_class=HTMLResponse, include_in_schema=False)
def show_questions(request: Request) -> Response:
    """Every question with its reply."""
    numbers = numbers_of(request)
    if numbers is None:
        return waiting_page(request, QUESTIONS)
    asked = [told for told in tell_steps(numbers.story) if told.step.is_question]
    return render(
        request,
        "questions.html.j2",
        page=QUESTIONS,
        asked=asked,
        figures={told.step.id: [numbers.figures[name] for name in told.step.figures] for told in asked},
        guidelines=list(load_ledger().guidelines.values()),
        own_world=OWN_WORLD[numbers.story.mechanism],
        contested=sentence("contested_mechanism"),
        weights_label=weights_label(),
    )


@router.get(
    "/api/v1/questions",
    tags=["article"],
    summary="Readers' questions with the model's replies",
    responses=WAITING,
    response_model=dict[str, Any],
)
def questions(request: Request) -> Any:
    """Each question with its claims, replies and sources, and the numbers in them."""
    numbers = numbers_of(request)
    if numbers is None:
        return waiting_answer()
    story = numbers.story
    record = story_record(story)
    asked = {step.id for step in story.script.questions}
    return {**record, "steps": [step for step in record["steps"] if step["id"] in asked]}

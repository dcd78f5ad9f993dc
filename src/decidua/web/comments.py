"""Readers' comments under the questions: a thread and a form for each, nothing shown before it was read.

These pages are there only for whoever starts the explorer with `--comments`.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from decidua.base.provenance import SCHEMA_VERSION
from decidua.study.story_script import load_script
from decidua.tell.story_text import plain
from decidua.tell.story_told import tell_steps
from decidua.web.comment_book import DAYS_KEPT_WAITING, Comment, CommentBook
from decidua.web.comment_text import LONGEST_NAME, LONGEST_TEXT, NotAcceptedError, cleaned_name, cleaned_text
from decidua.web.errors import try_again
from decidua.web.forms import form_fields
from decidua.web.pages import WebPage
from decidua.web.pool import BusyError
from decidua.web.render import render
from decidua.web.story_numbers import numbers_so_far

FIRST = load_script().questions[0].id
COMMENTS = WebPage(
    "/comments",
    "What readers say",
    "/api/v1/comments",
    short="Comments",
    visits=(f"/comments/{FIRST}", f"/comments/{FIRST}?sent=1"),
)
PAGES = (COMMENTS,)
TOO_OLD = "This form is more than a day old, or the program was started again. Please send it once more."
SECONDS_TO_WAIT = 60
LARGEST_NUMBER = 2**53

router = APIRouter()


class ToldComment(BaseModel):
    """A comment as JSON."""

    number: int
    name: str
    text: str
    written: str
    replies: list[ToldComment] = []


class ToldThread(BaseModel):
    """The approved comments about one question."""

    schema_version: str
    question: str
    comments: list[ToldComment]


@router.get("/comments", response_class=HTMLResponse, include_in_schema=False)
def show_comments(request: Request) -> Response:
    """Every question, and how many comments it has."""
    titles = _titles(request)
    counts = _book(request).counts(list(titles))
    return render(request, "comments.html.j2", page=COMMENTS, titles=titles, counts=counts)


@router.get("/comments/{question}", response_class=HTMLResponse, include_in_schema=False)
def show_thread(
    request: Request, question: str, to: int = Query(0, ge=0, le=LARGEST_NUMBER), sent: int = Query(0, ge=0)
) -> Response:
    """The comments about a question, and the form for another.

    Arguments:  to    number of the comment that the form replies to
                sent  number of the comment that was sent a moment ago
    """
    return _thread_page(request, question, {"to": str(to)}, sent=sent)


@router.post("/comments/{question}", include_in_schema=False)
async def send_comment(request: Request, question: str) -> Response:
    """Put a comment into the queue; a refusal comes with the form as it was filled in."""
    _refuse_unknown(question)
    fields = await form_fields(request)
    try:
        number = await run_in_threadpool(_taken, _book(request), question, fields)
    except NotAcceptedError as refused:
        return await run_in_threadpool(
            _thread_page, request, question, fields, refused=str(refused), status=422
        )
    except BusyError as busy:
        page = await run_in_threadpool(_thread_page, request, question, fields, refused=str(busy))
        return try_again(page, seconds=SECONDS_TO_WAIT)
    return RedirectResponse(f"/comments/{question}?sent={number}#sent", status_code=303)


@router.get("/api/v1/comments", tags=["comments"], summary="How many comments each question has")
def comment_counts(request: Request) -> dict[str, Any]:
    """Number of approved comments by question."""
    counts = _book(request).counts(list(_titles(request)))
    return {"schema_version": SCHEMA_VERSION, "comments": counts}


@router.get(
    "/api/v1/comments/{question}",
    tags=["comments"],
    summary="The approved comments about a question",
    responses={404: {"description": "No such question"}},
)
def comments_of(request: Request, question: str) -> ToldThread:
    """The approved comments, oldest first, each with its replies."""
    _refuse_unknown(question)
    told = [_told(one) for one in _book(request).thread(question)]
    return ToldThread(schema_version=SCHEMA_VERSION, question=question, comments=told)


def _taken(book: CommentBook, question: str, fields: dict[str, str]) -> int:
    """The number of a comment that was taken into the queue."""
    if not book.is_form_token(fields.get("token", "")):
        raise NotAcceptedError(TOO_OLD)
    text, name = cleaned_text(fields.get("text", "")), cleaned_name(fields.get("name", ""))
    answered = _answered(book.thread(question), fields.get("to", ""))
    return book.add(question, text=text, name=name, replies_to=answered.number if answered else None)


def _answered(thread: tuple[Comment, ...], number: str) -> Comment | None:
    """The comment that is replied to; None for a comment on the question itself."""
    if number in ("", "0"):
        return None
    for one in thread:
        if number in {str(one.number), *(str(reply.number) for reply in one.replies)}:
            return one
    raise NotAcceptedError("The comment that this replies to is no longer here. Your text is kept below.")


def _thread_page(
    request: Request,
    question: str,
    fields: dict[str, str],
    *,
    refused: str = "",
    sent: int = 0,
    status: int = 200,
) -> Response:
    _refuse_unknown(question)
    book, title = _book(request), _titles(request)[question]
    thread = book.thread(question)
    try:
        answered = _answered(thread, fields.get("to", ""))
    except NotAcceptedError:
        answered = None
    return render(
        request,
        "comment_thread.html.j2",
        page=COMMENTS,
        status=status,
        question=question,
        title=title,
        thread=thread,
        answered=answered,
        fields=fields,
        refused=refused,
        sent=sent,
        token=book.form_token(),
        longest={"name": LONGEST_NAME, "text": LONGEST_TEXT},
        days_waiting=DAYS_KEPT_WAITING,
    )


def _book(request: Request) -> CommentBook:
    book: CommentBook = request.app.state.comments
    return book


def _refuse_unknown(question: str) -> None:
    if question not in {step.id for step in load_script().questions}:
        raise HTTPException(404)


def _titles(request: Request) -> dict[str, str]:
    """The title of every question by its id; who asks it, until the numbers in the titles are worked out."""
    numbers = numbers_so_far(request)
    titles = {step.id: f"{step.by} ({step.id})" for step in load_script().questions}
    if numbers is not None:
        titles |= {
            told.step.id: plain(told.title) for told in tell_steps(numbers.story) if told.step.is_question
        }
    return titles


def _told(one: Comment) -> ToldComment:
    return ToldComment(
        number=one.number,
        name=one.name,
        text=one.text,
        written=one.written,
        replies=[_told(reply) for reply in one.replies],
    )

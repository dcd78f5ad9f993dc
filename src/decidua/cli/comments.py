"""`decidua comments`: the queue of readers' comments, for whoever runs the explorer."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from decidua.base.errors import EXIT_USAGE, InputError

if TYPE_CHECKING:
    from decidua.web.comment_book import Comment, CommentBook

WORDS_OF_READERS = "What follows was written by readers. It is not advice, and not what the model says."


class Action(StrEnum):
    """What is done with comments."""

    LIST = "list"
    APPROVE = "approve"
    DELETE = "delete"


def comments_command(
    action: Annotated[
        Action,
        typer.Argument(
            help="list shows what waits; approve lets comments appear; delete deletes them for good."
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The database given to serve --comments.")],
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="NUMBER...", help="Which comments to approve or delete.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="With list: approved comments too.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="With list: write one JSON object.")] = False,
) -> None:
    """Read, approve or delete what readers of the explorer wrote.

    The explorer may be running meanwhile. A comment appears once it is approved; one that nobody approves
    within 30 days is deleted.
    """
    refuse_without_isso()
    if not file.is_file():
        raise InputError(field="FILE", value=str(file), allowed="a database that serve --comments made")
    from decidua.web.comment_book import CommentBook

    book = CommentBook(file)
    if action is not Action.LIST:
        _moderate(book, action, numbers or [])
        return
    told = book.everything() if everything else book.waiting()
    typer.echo(_as_json(told) if json_output else _as_lines(told))


def refuse_without_isso() -> None:
    """End with one line where the extra is not installed."""
    from decidua.web.comment_book import is_installed

    if not is_installed():
        typer.echo(
            "comments need Isso, which the program otherwise does not; "
            'install it with: pip install "decidua[comments]"',
            err=True,
        )
        raise typer.Exit(EXIT_USAGE)


def _moderate(book: CommentBook, action: Action, numbers: list[int]) -> None:
    """All of the comments or, when one is not there, none."""
    there = {one.number for one in (book.everything() if action is Action.DELETE else book.waiting())}
    kind = "comment" if action is Action.DELETE else "waiting comment"
    for number in numbers or [0]:
        if number not in there:
            raise InputError(field="NUMBER", value=number, allowed=f"numbers of a {kind}: {_listed(there)}")
    for number in numbers:
        (book.delete if action is Action.DELETE else book.approve)(number)
        typer.echo(f"comment {number}: {action.value}d")


def _listed(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "there is none"


def _as_lines(told: tuple[Comment, ...]) -> str:
    if not told:
        return "No comment waits to be read."
    return "\n\n".join([WORDS_OF_READERS, *map(_as_paragraph, told)])


def _as_paragraph(one: Comment) -> str:
    reply = f", reply to {one.replies_to}" if one.replies_to else ""
    head = f"{one.number}  {one.written}, question {one.question}{reply}, {one.name or 'a reader'}:"
    return "\n".join([head, *(f"    {line}" for line in one.text.splitlines())])


def _as_json(told: tuple[Comment, ...]) -> str:
    from decidua.base.version import SCHEMA_VERSION

    return json.dumps({"schema_version": SCHEMA_VERSION, "comments": [_record(one) for one in told]})


def _record(one: Comment) -> dict[str, Any]:
    from decidua.web.comment_book import APPROVED

    return {
        "number": one.number,
        "question": one.question,
        "name": one.name,
        "text": one.text,
        "written": one.written,
        "is_approved": one.state == APPROVED,
        "replies_to": one.replies_to,
    }

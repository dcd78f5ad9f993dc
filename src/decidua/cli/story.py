"""`decidua story`: the popular story, step by step, beside the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "story.html"


def story_command(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Also write the page story.html into this folder."),
    ] = None,
    mechanism: Annotated[
        str, typer.Option("--mechanism", help="Whose world stands beside the evidence.")
    ] = "attack",
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
) -> None:
    """Walk the popular story about natural killer cells, step by step, beside the evidence.

    Each step has what the story says, the story's own world, what studies show, a verdict and sources.
    """
    from decidua.study.story import walk_the_story
    from decidua.tell.files import folder_for

    folder = folder_for(out)
    story = walk_the_story(mechanism)
    if folder is not None:
        from decidua.tell.files import write_whole
        from decidua.tell.story_page import story_html

        write_whole(folder / NAME, story_html(story))
        typer.echo(f"wrote {folder / NAME}", err=True)
    if json_output:
        import json

        from decidua.tell.story_json import story_record

        typer.echo(json.dumps(story_record(story), ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from decidua.tell.story_terminal import print_story

        print_story(story, Console(highlight=False))

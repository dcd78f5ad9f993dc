"""The explorer with the numbers of the story, worked out once for a whole run of the tests."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI

from decidua.web.app import create_app
from decidua.web.settings import Settings
from decidua.web.story_numbers import KEY, StoryNumbers, work_out


@cache
def story_numbers() -> StoryNumbers:
    return work_out({}, lambda share, doing: None)


@cache
def told_app() -> FastAPI:
    app = create_app(Settings(is_warmed=False))
    app.state.jobs.keep(KEY, story_numbers())
    return app

"""The style sheet and the script, read once and served from memory."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from decidua.tell.history_figure import figure_styles

PAGES = ()

router = APIRouter()


@cache
def style_sheet() -> str:
    """One sheet: the colours and type that every page of the program has, then what the explorer adds."""
    shared = files("decidua.tell").joinpath("templates", "story.css").read_text(encoding="utf-8")
    return shared + figure_styles() + _static("explorer.css")


@cache
def _static(name: str) -> str:
    return files("decidua.web").joinpath("static", name).read_text(encoding="utf-8")


@router.get("/static/explorer.css", include_in_schema=False)
def show_style_sheet() -> Response:
    """The one style sheet."""
    return Response(style_sheet(), media_type="text/css")


@router.get("/static/explorer.js", include_in_schema=False)
def show_script() -> Response:
    """The one script; every page works without it."""
    return Response(_static("explorer.js"), media_type="text/javascript")

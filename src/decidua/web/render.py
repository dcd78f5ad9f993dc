"""From a template and its values to a page, with what every page shares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from decidua.base.provenance import evidence_version
from decidua.base.version import MODEL_VERSION, __version__
from decidua.evidence import load_ledger
from decidua.tell.story_page import origin_attribute
from decidua.tell.template import environment_for
from decidua.tell.words import load_words
from decidua.web.pages import WebPage

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """Templates of this room, with those of `tell` under `tell/`; a name without a value is an error."""
    from jinja2 import PackageLoader, PrefixLoader

    loader = PrefixLoader({"tell": PackageLoader("decidua.tell"), "web": PackageLoader("decidua.web")})
    made = environment_for(loader)
    made.globals |= _shared()
    return made


@cache
def _shared() -> dict[str, Any]:
    return {
        "sentences": load_words().sentences,
        "support": tuple(load_ledger().support.values()),
        "origin": origin_attribute,
        "versions": {
            "decidua": __version__,
            "model": MODEL_VERSION,
            "evidence": evidence_version(),
        },
    }


def render(
    request: Request, template: str, *, page: WebPage, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page of the site.

    Arguments:  request   for the navigation and the settings of the application
                template  file in the folder `templates`, such as "front.html.j2"
                page      which page it is
                status    of the response
                values    what the template shows
    Returns:    the response; the headers are added where all responses pass
    """
    content = (
        environment()
        .get_template(f"web/{template}")
        .render(
            page=page,
            navigation=[one for one in request.app.state.pages if one.in_navigation],
            here=request.url.path,
            settings=request.app.state.settings,
            **values,
        )
    )
    return HTMLResponse(content, status_code=status)


def drawn(svg: str) -> Markup:
    """A figure that this program drew, ready to stand in a page."""
    return Markup(svg)  # noqa: S704 - never text that a reader typed

"""The site: every module that brings pages, in the order of the navigation."""

from __future__ import annotations

from types import ModuleType

from fastapi import FastAPI

from decidua.web import (
    article,
    assets,
    comments,
    evidence_pages,
    front,
    groups_page,
    history_api,
    history_page,
    questions,
    runs_page,
    study_page,
    validation_page,
    womb_page,
)
from decidua.web.pages import WebPage
from decidua.web.settings import Settings

# A module of pages has `router`, with its pages and their JSON twins, and `PAGES`, which says what they are.
MODULES: tuple[ModuleType, ...] = (
    front,
    article,
    questions,
    history_page,
    groups_page,
    history_api,
    womb_page,
    study_page,
    evidence_pages,
    validation_page,
    runs_page,
    assets,
)


def modules_of(settings: Settings) -> tuple[ModuleType, ...]:
    """The modules of the site; comments are among them only where there is a database for them."""
    return (*MODULES, comments) if settings.comments else MODULES


def pages_of(settings: Settings) -> tuple[WebPage, ...]:
    """The pages that there are under these settings, in the order of the navigation."""
    return tuple(
        page
        for module in modules_of(settings)
        for page in module.PAGES
        if settings.explorer in page.explorers
    )


def add_pages(app: FastAPI) -> None:
    """Let the application answer for every page and its twin."""
    modules = modules_of(app.state.settings)
    app.state.routes = [route for module in modules for route in module.router.routes]
    for module in modules:
        app.include_router(module.router)


def warm_pages(app: FastAPI) -> None:
    """Let every module that has long work to do begin it, so that the first reader need not wait for it."""
    for module in MODULES:
        if hasattr(module, "warm"):
            module.warm(app)

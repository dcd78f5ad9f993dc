"""What a page of the explorer says of itself; the site's list of pages is made of these."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException, Request

from decidua.web.settings import Explorer


@dataclass(frozen=True, slots=True)
class WebPage:
    """One page, as the navigation, the tests and the list of the API know it.

    Arguments:  path           where it is, without parameters
                title          its heading and the title of the window
                twin           the path of the same content as JSON
                in_navigation  whether the list at the head of every page names it
                short          its name in that list; the title when empty
                explorers      in which explorers it exists
                visits         further addresses of it that tests look at, such as a search or one entry
    """

    path: str
    title: str
    twin: str
    in_navigation: bool = True
    short: str = ""
    explorers: tuple[Explorer, ...] = ("personal", "group")
    visits: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the navigation calls it."""
        return self.short or self.title


def only_personal(request: Request) -> None:
    """Where the explorer shows groups only, what answers a history is not there."""
    if request.app.state.settings.explorer != "personal":
        raise HTTPException(404, "This explorer shows groups only.")

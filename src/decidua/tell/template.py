"""The templates of pages and figures, all read under the same rules."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment, Template


def template(name: str) -> Template:
    """A template of this room, by the name of its file, such as "story.html.j2"."""
    return _own_environment().get_template(name)


def environment_for(loader: BaseLoader) -> Environment:
    """Templates in which text is escaped, and a name without a value is an error.

    Arguments:  loader  where the templates are
    Returns:    an environment, to which a caller may add its own globals
    """
    from jinja2 import Environment, StrictUndefined

    # Read once: a page must not change under the code that fills it.
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _own_environment() -> Environment:
    from jinja2 import PackageLoader

    return environment_for(PackageLoader("decidua.tell"))

"""The command line: a thin face that reads arguments, calls one function and sets the exit code."""

from __future__ import annotations

import atexit
import gc
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from decidua.base.first_use import tell_at_first_use
from decidua.cli.lazy import SETTINGS, LazyGroup

EPILOG = (
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 interrupted. "
    "For research and education, not a medical device: it speaks of groups of people with a history like the "
    "one given, never of one person's treatment."
)

# A start makes a quarter of a million objects, and nearly all stay. Looking for garbage among them after each
# 700 new ones took a tenth of a second, and twice more at the end, when all memory goes back, four tenths.
NEW_OBJECTS_BETWEEN_LOOKS = 400_000
FIRST_USE = "compiling: once after installation, for up to two minutes"

app = typer.Typer(
    cls=LazyGroup,
    name="decidua",
    help="Natural killer cells in the womb and pregnancy loss: one open model, asked in several directions.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help pages: laying them out in colour costs a third of the time that `decidua --help` may take.
    rich_markup_mode=None,
    context_settings=SETTINGS,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from decidua.base.provenance import evidence_version
        from decidua.base.version import MODEL_VERSION, __version__

        typer.echo(f"decidua {__version__} (model {MODEL_VERSION}, evidence {evidence_version()})")
        typer.echo("For research and education. Not a medical device.")
        raise typer.Exit


@app.callback()
def _front_door(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the versions and stop."),
    ] = False,
) -> None:
    """Natural killer cells in the womb and pregnancy loss: one open model, asked in several directions."""


def _print_what_can_be_printed() -> None:
    """A sign that a terminal does not know, such as a curly quotation mark, becomes “?”, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def main() -> None:
    """Run the command line with the arguments of this process."""
    _print_what_can_be_printed()
    gc.set_threshold(NEW_OBJECTS_BETWEEN_LOOKS)
    atexit.register(gc.freeze)
    tell_at_first_use(lambda: typer.echo(FIRST_USE, err=True))
    app(prog_name="decidua")

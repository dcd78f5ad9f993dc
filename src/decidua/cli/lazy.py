"""Commands by name, each imported only when it is run, and errors turned into exit codes."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from decidua.base.errors import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_NOT_SOLVED, InputError, NotSolvedError

SETTINGS: dict[Any, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command lives, its line in the list of commands, and what is said when it is cut off."""

    module: str
    function: str
    line: str
    after_interruption: str = ""


# The lines repeat the first line of each command's docstring, so that the list can be shown without importing
# any of them; a test keeps the two equal.
PLACES = {
    "story": Place(
        "decidua.cli.story",
        "story_command",
        "Walk the popular story about natural killer cells, step by step, beside the evidence.",
    ),
    "history": Place(
        "decidua.cli.history",
        "history_command",
        "What a history of pregnancies says about causes and prospects, and how sure that is.",
    ),
    "pregnancy": Place(
        "decidua.cli.pregnancy",
        "pregnancy_command",
        "Run one womb through a pregnancy, day by day: cells, embryo, hormones, drugs and infection.",
    ),
    "export": Place(
        "decidua.cli.export",
        "export_command",
        "Write the womb model with one regimen as SBML, for other simulators.",
    ),
    "population": Place(
        "decidua.cli.population",
        "population_command",
        "Simulate the reproductive lives of many women.",
    ),
    "study": Place(
        "decidua.cli.study",
        "study_command",
        "Compare pathways of care over the same simulated women.",
    ),
    "evidence": Place(
        "decidua.cli.evidence",
        "evidence_command",
        "Show every number the program uses, with its sources and what uses it.",
    ),
    "validate": Place(
        "decidua.cli.validate",
        "validate_command",
        "Compare the model with published results, whether they agree or not.",
    ),
    "calibrate": Place(
        "decidua.cli.calibrate",
        "calibrate_command",
        "Fit the law of a pregnancy to the published tables again.",
        "; run the same command again to go on",
    ),
    "serve": Place(
        "decidua.cli.serve",
        "serve_command",
        "Open the explorer: a site on this machine with every answer of the program.",
    ),
    "comments": Place(
        "decidua.cli.comments",
        "comments_command",
        "Read, approve or delete what readers of the explorer wrote.",
    ),
    "doctor": Place(
        "decidua.cli.doctor",
        "doctor_command",
        "Check that this installation is whole, and say what is missing.",
    ),
}


class LazyGroup(TyperGroup):
    """A group of commands that imports the one it runs and lists the others without importing them."""

    _is_listing = False

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: _only_listed(name, place.line) for name, place in PLACES.items()}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, or while listing only its name and line."""
        if self._is_listing or cmd_name not in PLACES:
            return super().get_command(ctx, cmd_name)
        return loaded_command(cmd_name, PLACES[cmd_name])

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page without importing any command."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False

    def invoke(self, ctx: Any) -> Any:
        """Run a command; bad input becomes one line and exit code 3, an interruption exit code 4."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo(f"interrupted{PLACES[ctx.invoked_subcommand].after_interruption}", err=True)
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except InputError as error:
            typer.echo(f"decidua: {error}", err=True)
            raise typer.Exit(EXIT_BAD_INPUT) from None
        except NotSolvedError as error:
            typer.echo(f"decidua: {error}", err=True)
            raise typer.Exit(EXIT_NOT_SOLVED) from None


def _only_listed(name: str, line: str) -> Any:
    return TyperCommand(name, help=line, short_help=line)


def loaded_command(name: str, place: Place) -> Any:
    """Import a command's module and build the command from its function's signature."""
    function = getattr(import_module(place.module), place.function)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=SETTINGS)
    alone.command(name)(function)
    return typer.main.get_command(alone)

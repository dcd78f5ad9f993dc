"""Every output that a person may read, and how to make it. A new command or option is entered here."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from decidua.cli import app

TERMINAL = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
MADE_FILE = "{out}"


@dataclass(frozen=True, slots=True)
class Output:
    """One command line, and which of what it makes is looked at: standard output, or files of a kind."""

    name: str
    arguments: tuple[str, ...]
    files: str = ""
    is_prospect: bool = False

    @property
    def is_one_mechanism(self) -> bool:
        return "--mechanism" in self.arguments


HISTORIES = {
    "one early loss, then three births": ("--age", "38", "loss@29w7", "birth@30", "birth@33", "birth@35"),
    "one loss, then a birth": ("--age", "33", "loss@30w8", "birth@31"),
    "two losses, then a birth": ("--age", "34", "loss@29w7", "loss@30w9", "birth@32"),
    "four losses": ("--age", "36", "loss@31w7", "loss@32w8", "loss@33w6", "loss@35w9"),
    "several losses, age unknown": ("loss", "loss", "loss"),
    "a steroid course in an ongoing pregnancy": (
        *("--age", "36", "loss@31w7", "loss@32w8", "loss@34w9"),
        "ongoing@36w12:prednisolone_tang2013",
    ),
    "nothing yet, at 44": ("--age", "44"),
}

STORY = Output("story page", ("story", "--out", MADE_FILE), files="*.html", is_prospect=True)

PREGNANCY = (
    "pregnancy", "--weeks", "20", "--mechanism", "attack", "--regimen", "story_protocol", "--density", "350",
    "--infection-week", "9",
)  # fmt: skip
STUDY = ("study", "when-to-test", "--women", "20000", "--draws", "20", "--seed", "1", "--jobs", "1")
OWN_WORLD_STUDY = Path(__file__).parents[1] / "data" / "own-world-study.yaml"
TAPERS = ("pregnancy", "--taper-study", "--weeks-from", "10", "--weeks-to", "12", "--weeks", "22")

OUTPUTS = (
    Output("story in the terminal", ("story",), is_prospect=True),
    STORY,
    Output("claims", ("evidence", "--claims")),
    Output("one pregnancy", ("pregnancy", "--weeks", "20")),
    Output("one pregnancy in the story's own world", PREGNANCY),
    Output(
        "page of one pregnancy",
        (*PREGNANCY, "--women", "2", "--jobs", "1", "--out", MADE_FILE),
        files="*.html",
    ),
    Output("figures of one pregnancy", (*PREGNANCY, "--out", MADE_FILE), files="*.svg"),
    Output("taper study", TAPERS, is_prospect=True),
    Output("page of the taper study", (*TAPERS, "--out", MADE_FILE), files="*.html", is_prospect=True),
    Output("study", STUDY, is_prospect=True),
    Output("page of a study", (*STUDY, "--out", MADE_FILE), files="*.html", is_prospect=True),
    Output(
        "page of a study in the story's own world",
        ("study", str(OWN_WORLD_STUDY), *STUDY[2:], "--out", MADE_FILE),
        files="*.html",
        is_prospect=True,
    ),
    Output("studies", ("study", "--list")),
    Output(
        "population with care",
        (
            *("population", "--women", "300", "--seed", "1", "--jobs", "1"),
            *("--pathway", "test_after_1", "--out", MADE_FILE),
        ),
    ),
    Output("population", ("population", "--women", "300", "--seed", "1", "--jobs", "1", "--out", MADE_FILE)),
    *(
        Output(f"history: {name}", ("history", *arguments), is_prospect="--age" in arguments)
        for name, arguments in HISTORIES.items()
    ),
    Output(
        "history in the story's own world",
        ("history", *HISTORIES["four losses"], "--mechanism", "attack"),
        is_prospect=True,
    ),
    Output(
        "history as a figure",
        ("history", *HISTORIES["two losses, then a birth"], "--svg", f"{MADE_FILE}/history.svg"),
        files="*.svg",
        is_prospect=True,
    ),
    Output(
        "history as a figure, in the story's own world",
        ("history", *HISTORIES["four losses"], "--mechanism", "attack", "--svg", f"{MADE_FILE}/history.svg"),
        files="*.svg",
        is_prospect=True,
    ),
)

POPULATION = ("population", "--women", "300", "--seed", "1", "--jobs", "1", "--out", MADE_FILE)

JSON_OUTPUTS = (
    Output("population", POPULATION, files="summary.json"),
    Output(
        "population in the story's own world", (*POPULATION, "--mechanism", "attack"), files="summary.json"
    ),
    *(Output(f"history: {name}", ("history", *arguments, "--json")) for name, arguments in HISTORIES.items()),
    Output(
        "history in the story's own world",
        ("history", *HISTORIES["four losses"], "--mechanism", "attack", "--json"),
    ),
    Output("claims", ("evidence", "--claims", "--json")),
    Output("study", (*STUDY, "--json")),
    Output("one pregnancy in the story's own world", (*PREGNANCY, "--json")),
    Output("taper study", (*TAPERS, "--json")),
)


@cache
def made(output: Output) -> tuple[str, ...]:
    """The texts that a command line makes, each run once for all rules."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [argument.replace(MADE_FILE, folder) for argument in output.arguments]
        shown = CliRunner().invoke(app, arguments, env=TERMINAL)
        line = f"decidua {' '.join(output.arguments)}"
        assert shown.exit_code == 0, f"{line}: {shown.output} {shown.exception!r}"
        if not output.files:
            return (shown.stdout,)
        texts = tuple(path.read_text(encoding="utf-8") for path in sorted(Path(folder).rglob(output.files)))
        assert texts, f"{line} made no {output.files}"
        return texts

"""`decidua history`: what a history of pregnancies says, on the terminal, as JSON or as a figure."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from decidua.inference.answer import HistoryAnswer
    from decidua.measure.history import History
    from decidua.tell.history_parts import Wish

FILE_ENDINGS = (".yaml", ".yml", ".json", ".txt")
RECURRENCE = ("fading", "exchangeable")
FRAILTY = ("log_normal", "two_class")
NUMBERS = ("public", "clinician")


def history_command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE|WORDS",
            help="A file (- for standard input), or words, oldest first, such as loss@30.5w8 birth@32.",
        ),
    ] = None,
    age: Annotated[str | None, typer.Option(metavar="YEARS", help="Age now, beside words.")] = None,
    partner_age: Annotated[
        str | None, typer.Option(metavar="YEARS", help="The partner's age now, beside words.")
    ] = None,
    trying_months: Annotated[
        str | None, typer.Option(metavar="MONTHS", help="Months of trying without a pregnancy, beside words.")
    ] = None,
    example: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use a shipped example; a wrong name lists them.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the figure of the next pregnancy here.")
    ] = None,
    mechanism: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Assume one contested mechanism: attack, perfusion, decidual_quality, too_few or marker.",
        ),
    ] = None,
    recurrence: Annotated[
        str, typer.Option(metavar="NAME", help="How losses go together: fading or exchangeable.")
    ] = RECURRENCE[0],
    frailty: Annotated[
        str, typer.Option(metavar="NAME", help="How women differ: log_normal or two_class.")
    ] = FRAILTY[0],
    causes: Annotated[
        bool, typer.Option("--causes", help="Show what may have been behind past losses.")
    ] = False,
    nk: Annotated[
        bool, typer.Option("--nk", help="Show what is said about uterine NK cells though none were tested.")
    ] = False,
    later: Annotated[
        bool, typer.Option("--later", help="Show the pregnancy after one that goes on now, too.")
    ] = False,
    words_only: Annotated[bool, typer.Option("--words-only", help="Show the page without numbers.")] = False,
    numbers: Annotated[
        str,
        typer.Option(
            metavar="LAYER",
            help="public: whole numbers, words first for small chances; clinician: all, with intervals.",
        ),
    ] = NUMBERS[0],
) -> None:
    """What a history of pregnancies says about causes and prospects, and how sure that is.

    It speaks of groups of people with a history like this, if pregnant again. The history is not stored and
    not sent anywhere. For research and education, not a medical device.
    """
    structure = f"{_one_of(recurrence, RECURRENCE, 'recurrence')}-{_one_of(frailty, FRAILTY, 'frailty')}"
    layer = "none" if words_only else _one_of(numbers, NUMBERS, "numbers")
    wish = _wish(layer, nk=nk, causes=causes, later=later)
    given = {"age": age, "partner_age": partner_age, "trying_months": trying_months}
    beside = {name: value for name, value in given.items() if value is not None}
    history = _history(words or [], beside=beside, example=example)
    answer = _answer(history, structure=structure, mechanism=mechanism)
    if svg is not None:
        _write_figure(answer, svg)
    if json_output:
        _print_json(answer)
    else:
        _print_page(answer, history, wish)


def _one_of(given: str, allowed: tuple[str, ...], option: str) -> str:
    from decidua.base.errors import InputError

    if given not in allowed:
        raise InputError(field=f"--{option}", value=given, allowed=", ".join(allowed))
    return given


def _wish(layer: Any, *, nk: bool, causes: bool, later: bool) -> Wish:
    from decidua.tell.history_parts import Wish

    return Wish(numbers=layer, nk=nk, causes=causes, later=later)


def _history(words: list[str], *, beside: dict[str, str], example: str | None) -> History:
    """The history from the one place where it was given."""
    from decidua.measure.history import example_history, history_from_words

    is_file = len(words) > 0 and _is_file(words[0])
    if (is_file and len(words) > 1) or (example is not None and words):
        raise typer.BadParameter("give one file, or words, or --example, not several of them")
    if beside and (is_file or example is not None):
        raise typer.BadParameter("options for ages and months go with words; a file has them inside")
    if example is not None:
        return example_history(example)
    if is_file:
        return _from_file(words[0])
    if not words and not beside:
        raise typer.BadParameter("give a file, words such as loss@30.5w8, --age or --example; see --help")
    return history_from_words(words, **beside)


def _is_file(word: str) -> bool:
    """Whether a word is meant as a file; words for pregnancies never look like one."""
    from decidua.measure.words import OUTCOME_WORDS

    if word.partition(":")[0].partition("@")[0] in OUTCOME_WORDS:
        return False
    looks_so = word == "-" or os.sep in word or "/" in word or word.lower().endswith(FILE_ENDINGS)
    return looks_so or _exists(word)


def _exists(word: str) -> bool:
    try:
        return Path(word).exists()
    # A word that no file could be called by.
    except (OSError, ValueError):
        return False


def _from_file(name: str) -> History:
    from decidua.measure.history import parse_history, read_history

    return parse_history(_standard_input(), name="standard input") if name == "-" else read_history(name)


def _standard_input() -> str:
    """Standard input within the limits that hold for a file."""
    from decidua.base.errors import InputError
    from decidua.measure.layout import LARGEST_FILE_BYTES
    from decidua.measure.plain_yaml import TOO_LARGE, WHOLE

    content = sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError(file="standard input", value="more", allowed=TOO_LARGE)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(file="standard input", value="what is not text in UTF-8", allowed=WHOLE) from None


def _answer(history: History, *, structure: str, mechanism: str | None) -> HistoryAnswer:
    from decidua.inference.history import answer_history
    from decidua.womb.mechanisms import mechanism_code

    if mechanism is not None:
        mechanism_code(mechanism)  # refuses every other word
    return answer_history(history, structure=structure, mechanism=mechanism)


def _write_figure(answer: HistoryAnswer, path: Path) -> None:
    from decidua.base.errors import InputError
    from decidua.tell.files import write_whole
    from decidua.tell.history_figure import history_figure

    if answer.next_live_birth is None:
        raise InputError(field="--svg", value="a history without an age now", allowed="a history with one")
    write_whole(path, history_figure(answer))


def _print_json(answer: HistoryAnswer) -> None:
    import json

    typer.echo(json.dumps(answer.to_dict(), ensure_ascii=False, allow_nan=False))


def _print_page(answer: HistoryAnswer, history: History, wish: Wish) -> None:
    from rich.console import Console

    from decidua.tell.history_page import print_history

    print_history(answer, history=history, wish=wish, console=Console(highlight=False))

"""The command line starts quickly, lists itself truthfully and turns errors into the published exit codes."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import types

import pytest
from typer.testing import CliRunner

import decidua
from decidua.base.errors import InputError, NotSolvedError
from decidua.cli import app, lazy
from decidua.inference.calibration import DEFAULT_LIVE_POINTS

HEAVY = ("numba", "scipy", "polars", "roadrunner", "altair", "pydantic")
DECIDUA = [sys.executable, "-m", "decidua"]


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_help_loads_nothing_heavy():
    """What makes the start quick; benchmarks/startup.py has the time."""
    code = (
        "import sys\nfrom decidua.cli import main\nsys.argv = ['decidua', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_terminal_that_knows_plain_letters_alone_gets_its_page():
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    asked = [*DECIDUA, "evidence", "--claims"]
    done = subprocess.run(asked, env=plain, capture_output=True, text=True, check=True)
    assert "NK cells" in done.stdout
    assert done.stdout.isascii()
    assert "?" in done.stdout
    assert done.stderr == ""


def test_calibrate_offers_the_default_that_its_module_declares():
    shown = " ".join(run("calibrate", "--help").output.split())
    assert f"default: {DEFAULT_LIVE_POINTS};" in shown


def test_help_lists_every_command_without_importing_any(monkeypatch):
    monkeypatch.setattr(lazy, "import_module", lambda name: pytest.fail(f"imported {name}"))
    shown = run("--help")
    assert shown.exit_code == 0
    flat = " ".join(shown.output.split())
    for name, place in lazy.PLACES.items():
        assert f"{name} {place.line}" in flat


@pytest.mark.parametrize("name", lazy.PLACES)
def test_the_listed_line_is_the_first_line_of_the_command_itself(name):
    place = lazy.PLACES[name]
    function = getattr(lazy.import_module(place.module), place.function)
    assert inspect.getdoc(function).splitlines()[0] == place.line


@pytest.mark.parametrize("name", lazy.PLACES)
def test_every_command_explains_itself_and_each_of_its_options(name):
    command = lazy.loaded_command(name, lazy.PLACES[name])
    assert not [option.name for option in command.params if not (getattr(option, "help", None) or "").strip()]
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert lazy.PLACES[name].line[:40] in " ".join(shown.output.split())


def test_the_version_names_program_model_and_evidence():
    shown = run("--version")
    assert shown.exit_code == 0
    assert f"decidua {decidua.__version__} (model {decidua.MODEL_VERSION}, evidence " in shown.output
    assert "Not a medical device." in shown.output


def test_an_unknown_command_is_wrong_usage_and_gets_a_suggestion():
    shown = run("histry")
    assert shown.exit_code == 2
    assert "history" in shown.stderr


def test_an_unknown_option_is_wrong_usage():
    assert run("doctor", "--loudly").exit_code == 2


@pytest.fixture
def command_that_raises(monkeypatch):
    """Puts a command named `broken` in the table that raises whatever it is given."""

    def install(error: BaseException) -> None:
        def broken_command() -> None:
            """Raise what the test wants."""
            raise error

        module = types.ModuleType("tests_broken_command")
        module.broken_command = broken_command
        monkeypatch.setitem(sys.modules, module.__name__, module)
        place = lazy.Place(module.__name__, "broken_command", "Raise what the test wants.")
        monkeypatch.setitem(lazy.PLACES, "broken", place)

    return install


def test_bad_input_is_one_line_on_standard_error_and_code_3(command_that_raises):
    command_that_raises(InputError(file="ours.yaml", field="age", value=200, allowed="12 to 60"))
    shown = run("broken")
    assert shown.exit_code == 3
    assert shown.stdout == ""
    assert shown.stderr == "decidua: ours.yaml: age: 200 is not accepted; allowed: 12 to 60\n"


def test_what_cannot_be_solved_is_one_line_and_code_1(command_that_raises):
    command_that_raises(NotSolvedError("the womb model could not be solved (too stiff); inputs: density=1"))
    shown = run("broken")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr == "decidua: the womb model could not be solved (too stiff); inputs: density=1\n"


def test_bad_evidence_is_bad_input_too(command_that_raises):
    from decidua.evidence import EvidenceError

    command_that_raises(EvidenceError(field="AR1", value="held out", allowed="a calibration table"))
    shown = run("broken")
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "AR1: held out is not accepted" in shown.stderr


def test_an_interruption_is_code_4(command_that_raises):
    command_that_raises(KeyboardInterrupt())
    shown = run("broken")
    assert shown.exit_code == 4
    assert "interrupted" in shown.stderr


def test_any_other_error_is_a_fault_of_the_program_and_is_not_hidden(command_that_raises):
    command_that_raises(ZeroDivisionError("a fault"))
    assert isinstance(run("broken").exception, ZeroDivisionError)


def test_the_module_runs_like_the_command():
    done = subprocess.run([*DECIDUA, "--help"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("Usage: decidua ")


def test_the_public_names_are_there_and_others_are_not():
    assert all(hasattr(decidua, name) for name in decidua.__all__)
    assert set(decidua.__all__) <= set(dir(decidua))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = decidua.nothing

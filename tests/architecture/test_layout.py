"""The shape of the package: arrows between rooms, short files, one-sentence rooms, no cycles, no print."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "decidua"
FILES = sorted(PACKAGE.rglob("*.py"))
CHECKED_BY = re.compile(r'Checked by:(.*?)(?:\n\s*\n|""")', re.DOTALL)
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
LONGEST_FILE = 500

BELOW_STUDY = {"base", "evidence", "measure", "womb", "life", "inference", "care"}
MAY_USE = {
    "base": set(),
    "evidence": {"base"},
    "measure": {"base", "evidence"},
    "womb": {"base", "evidence"},
    "life": {"base"},
    "inference": {"base", "evidence", "measure", "womb", "life"},
    "care": {"base", "evidence", "measure", "womb", "life"},
    "study": BELOW_STUDY,
    "tell": {*BELOW_STUDY, "study"},
    "interop": {*BELOW_STUDY, "study", "tell"},
    "cli": {*BELOW_STUDY, "study", "tell", "interop", "web"},  # web for `decidua serve` alone
    "web": {*BELOW_STUDY, "study", "tell", "interop"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(path: Path, tree: ast.AST) -> set[str]:
    """Every decidua module that a file imports, also inside functions."""
    found: set[str] = set()
    package = module_name(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *filter(None, [node.module])])
            found |= {whole, *(f"{whole}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == "decidua"}


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
MODULES = {module_name(path) for path in FILES}


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else None


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_room_is_one_of_the_design():
    assert set(ROOMS) <= set(MAY_USE)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_it_may_use(room):
    wrong = {
        f"{named(path)} imports {module}"
        for path in FILES
        if room_of(module_name(path)) == room
        for module in imported_modules(path, TREES[path])
        if (other := room_of(module)) not in (None, room) and other not in MAY_USE[room]
    }
    assert not wrong


def test_no_room_is_empty():
    thin = {
        room
        for room in ROOMS
        if not any(len(path.read_text(encoding="utf-8")) > 200 for path in (PACKAGE / room).rglob("*.py"))
    }
    assert not thin


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_in_one_sentence(room):
    docstring = ast.get_docstring(TREES[PACKAGE / room / "__init__.py"])
    assert docstring, f"{room}/__init__.py has no docstring"
    assert re.fullmatch(r"[^.]+(\.\S[^.]*)*\.", docstring.splitlines()[0]), docstring
    assert len(docstring.splitlines()) == 1, "one sentence, on one line"


def test_every_module_says_what_it_is():
    assert not [named(path) for path, tree in TREES.items() if not ast.get_docstring(tree)]


def test_every_check_that_is_named_is_there():
    project = PACKAGE.parents[1]
    named_checks = {
        (path.name, check)
        for path in FILES
        for paragraph in CHECKED_BY.findall(path.read_text(encoding="utf-8"))
        for check in re.findall(r"(?:tests|verify|benchmarks)/[\w/]+\.py", paragraph)
    }
    assert len(named_checks) > 100
    assert not [each for each in sorted(named_checks) if not (project / each[1]).is_file()]


def test_no_file_is_longer_than_a_person_can_hold():
    folders = [PACKAGE, *(PACKAGE.parents[1] / name for name in ("tests", "benchmarks", "verify"))]
    long = {
        path.name: lines
        for folder in folders
        for path in folder.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_module_needs_itself():
    """Imports inside functions count too: being late does not make an arrow point another way."""
    arrows = {
        module_name(path): {
            name for name in imported_modules(path, tree) if name in MODULES and name != module_name(path)
        }
        for path, tree in TREES.items()
    }
    # A package's own face and the modules it gathers name each other by design of the language.
    for module, needs in arrows.items():
        needs -= {other for other in needs if module.startswith(f"{other}.")}
    arrows["decidua"] = set()
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as cycle:
        pytest.fail(" -> ".join(cycle.args[1]))


def test_the_library_never_prints():
    prints = {
        f"{named(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert not prints


def test_only_base_knows_numba():
    """Every compiled function goes through the one decorator, whose cache notices edits in other files."""
    users = {
        named(path)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "numba" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numba")
    }
    assert users <= {"base/compiled.py", "base/compiled_once.py"}


@pytest.mark.parametrize(
    "module", ["numpy", "scipy", "numba", "polars", "altair", "roadrunner", "pydantic", "jinja2", "fastapi"]
)
def test_importing_decidua_and_listing_commands_stays_light(module):
    code = f"import sys, decidua, decidua.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_no_path_of_a_machine_and_no_download_address_is_in_the_project():
    folders = ["src", "tests", "docs", "locks", ".ci", "benchmarks", "verify"]
    files = [path for name in folders for path in (PACKAGE.parents[1] / name).rglob("*") if path.is_file()]
    wrong = re.compile(rb"/w[o]rk/|/r[o]ot/|/h[o]me/\w|index-url[ =]|find-links[ =]|\.w[h]l\b")
    assert not [path.name for path in files if path.suffix != ".pyc" and wrong.search(path.read_bytes())]

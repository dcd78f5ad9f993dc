"""Every command, option, key and link that the pages name exists, and every one that exists is named."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import decidua
from decidua.cli import app, lazy

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
TERMINAL = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
QUICK = ("evidence", "doctor", "history", "--version")


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def fences(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", read(name), re.MULTILINE | re.DOTALL)


def example_lines() -> list[str]:
    """Every line of a shell example that starts with the command itself."""
    lines = [
        line for name in map(name_of, PAGES) for block in fences(name, "sh") for line in block.splitlines()
    ]
    return sorted({line.split(" #")[0].strip() for line in lines if line.startswith("decidua ")})


def options_of(command: str) -> set[str]:
    built = lazy.loaded_command(command, lazy.PLACES[command])
    return {name for option in built.params for name in option.opts if name.startswith("--")}


@pytest.mark.parametrize("command", lazy.PLACES)
def test_every_command_and_option_is_in_the_pages(command):
    page = read("docs/commands.md")
    assert f"## decidua {command}\n" in page
    assert f"`decidua {command}`" in read("README.md")
    part = page.split(f"## decidua {command}\n")[1].split("\n## ")[0]
    assert not {option for option in options_of(command) - {"--help"} if option not in part}


@pytest.mark.parametrize("line", example_lines())
def test_an_example_uses_only_commands_and_options_that_exist(line):
    _, command, *arguments = shlex.split(line)
    assert command in lazy.PLACES or command == "--version"
    named = {argument.split("=")[0] for argument in arguments if argument.startswith("--")}
    assert named <= options_of(command) | {"--help"}


@pytest.fixture
def with_example_files(tmp_path, monkeypatch):
    """The history that the README shows, under the name it gives it."""
    (history,) = fences("README.md", "yaml")
    (tmp_path / "ours.yaml").write_text(history, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("with_example_files")
@pytest.mark.parametrize("line", [line for line in example_lines() if line.split()[1] in QUICK])
def test_a_quick_example_runs_as_printed(line):
    shown = CliRunner().invoke(app, shlex.split(line)[1:], env=TERMINAL)
    assert shown.exit_code == 0, shown.output
    if "--json" in line:
        assert json.loads(shown.stdout)["schema_version"]


def test_the_long_example_of_a_history_is_accepted_in_full(tmp_path):
    (history,) = fences("docs/commands.md", "yaml")
    file = tmp_path / "history.yaml"
    file.write_text(history, encoding="utf-8")
    shown = CliRunner().invoke(app, ["history", str(file), "--json"], env=TERMINAL)
    assert shown.exit_code == 0, shown.output
    assert "harms" in json.loads(shown.stdout)["current_pregnancy"]


def contract_keys() -> list[str]:
    part = read("docs/contracts.md").split("## decidua history --json")[1].split("\n## ")[0]
    return re.findall(r"^\| `([\w.]+)` \|", part, re.MULTILINE)


def test_every_key_of_the_contract_is_in_the_answer():
    arguments = ["history", "--age", "34", "loss@30w8", "loss@31w9", "birth@32", "--json"]
    shown = CliRunner().invoke(app, arguments, env=TERMINAL)
    assert shown.exit_code == 0, shown.output
    answer = json.loads(shown.stdout)

    def is_there(key: str) -> bool:
        inside = answer
        for part in key.split("."):
            if not isinstance(inside, dict) or part not in inside:
                return False
            inside = inside[part]
        return True

    # An ongoing pregnancy has its own example above.
    assert len(contract_keys()) > 10
    elsewhere = [key for key in contract_keys() if not key.startswith("current_pregnancy")]
    assert not [key for key in elsewhere if not is_there(key)]


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), f"{name_of(page)} links to {target}"
        assert not anchor or anchor in anchors(file), f"{name_of(page)} links to {target}"


def test_the_glossary_is_in_order_and_one_line_each():
    entries = re.findall(r"^- \*\*(.+?)\*\*", read("GLOSSARY.md"), re.MULTILINE)
    assert len(entries) > 40
    assert entries == sorted(entries, key=str.lower)


def test_versions_agree():
    assert yaml.safe_load(read("CITATION.cff"))["version"] == decidua.__version__
    assert f"\n## {decidua.__version__}, model {decidua.MODEL_VERSION}\n" in read("CHANGELOG.md")


def test_the_readme_shows_what_make_does():
    """Without make, the same commands: each line of the recipe stands in the README."""
    recipe = re.findall(r"^\t(?:\$\(PIP\) install --quiet|\$\(BIN\)/)(.+)$", read("Makefile"), re.MULTILINE)
    flat = " ".join(read("README.md").split())
    assert len(recipe) >= 6
    assert not [line for line in recipe if line.strip() not in flat]


@pytest.mark.parametrize("name", ["locks/run.txt", "locks/dev.txt", "locks/comments.txt"])
def test_a_lock_is_pinned_and_hashed_and_holds_no_address(name):
    lines = read(name).splitlines()
    pinned = [line for line in lines if re.match(r"\w", line)]
    assert pinned
    assert all(re.match(r"[\w.-]+==\S+( ; .+)? \\$", line) for line in pinned)
    assert sum(line.strip().startswith("--hash=sha256:") for line in lines) >= len(pinned)
    assert not [line for line in lines if "://" in line or "--index" in line or "--find" in line]


def test_the_locks_hold_everything_the_project_asks_for_and_agree():
    asked = tomllib.loads(read("pyproject.toml"))

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[<>=~ ]", line)[0].lower() for line in wanted}

    def locked(name: str) -> set[str]:
        return {
            line.split(" \\")[0] for line in read(name).splitlines() if "==" in line and line[0].isalnum()
        }

    run, dev, comments = (locked(f"locks/{name}.txt") for name in ("run", "dev", "comments"))
    assert names(asked["project"]["dependencies"]) | {"hatchling"} <= {
        line.split("==")[0].lower() for line in run
    }
    wanted = names(
        [*asked["project"]["optional-dependencies"]["calibrate"], *asked["dependency-groups"]["dev"]]
    )
    assert wanted <= {line.split("==")[0].lower() for line in dev}
    # A marker may differ where the larger set asks for a package on more systems; the version may not.
    assert names(asked["project"]["optional-dependencies"]["comments"]) <= {
        line.split("==")[0] for line in comments
    }
    versions = {line.split(" ;")[0] for line in dev}
    assert {line.split(" ;")[0] for line in run} <= versions
    shared = {pin.split("==")[0] for pin in versions}
    beside = {line.split(" ;")[0] for line in comments if line.split("==")[0] in shared}
    assert beside <= versions

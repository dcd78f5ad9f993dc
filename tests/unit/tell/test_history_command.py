"""`decidua history` as a thin face: where a history comes from, what is written where, and how it refuses."""

from __future__ import annotations

import json
import sys
import types
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from decidua.cli import app
from decidua.measure.history import example_names

FILE = "age: 34\npregnancies:\n  - {outcome: miscarriage, age: 30.25, week: 8}\n"


class Asked:
    """Stands in for the inference and keeps what it was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.history = None
        self.options = {}

    def __call__(self, history, **options):
        self.history, self.options = history, options
        return self.answer


@pytest.fixture
def asked(two_losses, monkeypatch):
    asked = Asked(two_losses)
    module = types.ModuleType("decidua.inference.history")
    module.answer_history = asked
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return asked


def run(*arguments, **settings):
    return CliRunner().invoke(app, ["history", *arguments], env={"COLUMNS": "80", "TERM": "dumb"}, **settings)


def refused(*arguments, **settings):
    shown = run(*arguments, **settings)
    assert shown.exit_code == 3, shown.output
    assert shown.stdout == ""
    assert len(shown.stderr.splitlines()) == 1
    return shown.stderr


def test_words_make_a_history(asked):
    shown = run("--age", "34", "--partner-age", "36", "loss@30.5w8", "birth@32")
    assert shown.exit_code == 0
    assert (asked.history.age_years, asked.history.partner_age_years) == (34.0, 36.0)
    assert [p.outcome for p in asked.history.pregnancies] == ["miscarriage", "live_birth"]
    assert asked.history.pregnancies[0].week == 8
    assert "about 75 have a baby born alive" in shown.stdout


def test_an_age_alone_is_a_history(asked):
    assert run("--age", "44", "--trying-months", "9").exit_code == 0
    assert (asked.history.age_years, asked.history.trying_months) == (44.0, 9)


@pytest.mark.parametrize("name", ["ours.yaml", "ours", "loss.yaml"])
def test_a_file_makes_a_history(name, asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(FILE, encoding="utf-8")
    assert run(name).exit_code == 0
    assert asked.history.pregnancies[0].age_years == 30.25


def test_a_file_never_hides_a_word(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loss").write_text(FILE, encoding="utf-8")
    assert run("loss").exit_code == 0
    assert asked.history.pregnancies[0].age_years is None


def test_standard_input_makes_a_history(asked):
    assert run("-", input=FILE).exit_code == 0
    assert asked.history.age_years == 34.0


@pytest.mark.parametrize("name", example_names())
def test_an_example_makes_a_history(name, asked):
    assert run("--example", name).exit_code == 0
    text = (files("decidua.measure") / "examples" / f"{name}.yaml").read_text(encoding="utf-8")
    assert len(asked.history.pregnancies) == text.count("outcome:")


def test_the_model_is_chosen_by_options(asked):
    assert (
        run(
            "loss", "--recurrence", "exchangeable", "--frailty", "two_class", "--mechanism", "attack"
        ).exit_code
        == 0
    )
    assert asked.options == {"structure": "exchangeable-two_class", "mechanism": "attack"}
    assert run("loss").exit_code == 0
    assert asked.options == {"structure": "fading-log_normal", "mechanism": None}


def test_json_is_one_object_and_nothing_else(asked, tmp_path):
    shown = run("--age", "34", "loss@30.25", "--json", "--svg", str(tmp_path / "figure.svg"))
    assert json.loads(shown.stdout) == asked.answer.to_dict()
    assert shown.stderr == ""
    assert (tmp_path / "figure.svg").is_file()


def test_the_figure_is_written_and_holds_nothing_of_the_history(asked, tmp_path):
    path = tmp_path / "figure.svg"
    shown = run("--age", "34.75", "loss@30.25w8", "birth@32.5", "--svg", str(path))
    assert shown.exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).get("role") == "img"
    assert not [value for value in ("34.75", "30.25", "32.5", "w8") if value in text]


@pytest.mark.parametrize(
    ("option", "found"),
    [
        ("--causes", "by chance: about 52"),
        ("--nk", "among women with births"),
        ("--words-only", "most have a baby"),
    ],
)
def test_what_is_shown_on_request(option, found, asked):
    assert found in " ".join(run("--age", "34", "loss", option).stdout.split())
    assert found not in " ".join(run("--age", "34", "loss").stdout.split()) or option == "--nk"


def test_clinicians_see_intervals(asked):
    assert "about 92 (81 to 98)" in run("--age", "34", "loss", "--numbers", "clinician").stdout
    assert "(81 to 98)" not in run("--age", "34", "loss").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("los@30",), "loss"),
        (("loss@30w61",), "61"),
        (("--age", "200", "loss"), "12 to 60"),
        (("missing.yaml",), "missing.yaml"),
        (("some/where",), "some/where"),
        (("--example", "nothing"), "one-early-loss"),
        (("loss", "--mechanism", "magic"), "attack, perfusion"),
        (("loss", "--recurrence", "never"), "fading, exchangeable"),
        (("loss", "--frailty", "none"), "log_normal, two_class"),
        (("loss", "--numbers", "all"), "public, clinician"),
        (("x" * 5000,), "is not accepted"),
        (("null\0.yaml",), "is not accepted"),
    ],
)
def test_bad_input_is_one_line_and_code_3(arguments, said, asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused(*arguments)
    assert asked.history is None


@pytest.mark.parametrize("text", ["", "\0", "age: [", "x" * 1_000_002, "pregnancies: []\nname: Ann\n"])
def test_bad_standard_input_is_one_line_and_code_3(text, asked):
    assert refused("-", input=text).startswith("decidua: standard input: ")


def test_standard_input_that_is_no_text_is_refused(asked):
    assert "UTF-8" in refused("-", input=b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ours.yaml", "loss"),
        ("loss", "--example", "trying-without-a-pregnancy"),
        ("ours.yaml", "--age", "34"),
        ("--example", "trying-without-a-pregnancy", "--age", "34"),
    ],
)
def test_a_history_from_two_places_is_wrong_usage(arguments, asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.yaml").write_text(FILE, encoding="utf-8")
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert asked.history is None


def test_a_figure_that_cannot_be_written_is_refused_and_nothing_is_shown(asked, tmp_path):
    assert "this path is not accepted" in refused(
        "--age", "34", "loss", "--svg", str(tmp_path / "no" / "a.svg")
    )
    assert not list(tmp_path.iterdir())


def test_without_an_age_there_is_no_figure(asked, past_only, tmp_path):
    asked.answer = past_only
    assert "--svg" in refused("loss", "--svg", str(tmp_path / "a.svg"))
    assert not list(tmp_path.iterdir())
    assert "The past only" in run("loss").stdout

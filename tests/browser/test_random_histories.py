"""Random histories typed in: page, files, JSON, command line and Python agree to the last digit shown.

What the page should show is rounded here, straight from the numbers of the JSON object and by other means
than the page's own.
"""

from __future__ import annotations

import csv
import json
import urllib.request
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor
from pathlib import Path

import pytest
from playwright.sync_api import Page
from random_histories import random_history
from typer.testing import CliRunner

from decidua.cli import app as command
from decidua.inference.history import answer_history
from decidua.measure.history import history_from_content, history_text
from decidua.measure.layout import TEST_UNITS
from decidua.measure.records import KARYOTYPES, OUTCOMES

pytestmark = pytest.mark.needs_chromium

SEEDS = range(12)
OPEN_ALL = "all => all.forEach(one => one.open = true)"
NOW = "a baby born alive in this pregnancy"
NEXT = "a baby born alive in the next pregnancy"
WITHOUT_A_LOSS = "the same, for people of that age without a loss"
SAMPLE = "a next sample of the womb lining above the line of one laboratory, out of 1,000 people"
AMONG_BIRTHS = "the same among women with births"
SHARES_IN_WORDS = ((1, "hardly any"), (10, "very few"), (20, "few"), (30, "less than a third"))
WIDEST = 40  # of 100: beyond, nobody can tell


@pytest.fixture(scope="module")
def page(browser) -> Iterator[Page]:
    opened = browser.new_context(java_script_enabled=False).new_page()
    yield opened
    opened.context.close()


def fields_of(content: dict) -> Iterator[tuple[str, object]]:
    """Every box of the form that is filled in, by its id, and what is typed, chosen or ticked there."""
    person = {name: content[name] for name in ("age", "partner_age", "trying_months") if name in content}
    yield from (person | content["conditions"]).items()
    for number, one in enumerate(content["pregnancies"], start=1):
        ticks = dict.fromkeys(one.get("treatments", ()), True)
        said = {name: value for name, value in one.items() if name != "treatments"} | ticks
        yield from ((f"p{number}-{name}", value) for name, value in said.items())
    for number, one in enumerate(content["tests"], start=1):
        said = {"kind": f"{one['test']}:{one['unit']}", **one}
        yield from ((f"t{number}-{name}", said[name]) for name in said if name not in ("test", "unit"))


def type_in(page: Page, explorer, content: dict) -> None:
    page.goto(f"{explorer.base}/history")
    for letter, things in (("p", content["pregnancies"]), ("t", content["tests"])):
        for _ in things:
            page.locator("details").evaluate_all(OPEN_ALL)
            page.locator(f"button[value='add-{letter}']").click()
    page.locator("details").evaluate_all(OPEN_ALL)
    for box, value in fields_of(content):
        fill(page, f"#{box}", value)


def fill(page: Page, box: str, value: object) -> None:
    if isinstance(value, bool):
        page.set_checked(box, value)
    elif isinstance(value, str):
        page.select_option(box, "" if value == "unknown" else value)
    else:
        page.fill(box, f"{value:g}")


def spoken(chance: dict[str, float], numbers: str) -> str:
    """A chance as the page should say it: a whole number of 100 people, a range rounded outward, or words."""
    mean, lo, hi = (round(100 * Decimal(chance[name]), 7) for name in ("mean", "lo", "hi"))
    if lo == hi and mean in (0, 100):
        return "all" if mean else "none"
    if numbers == "public" and mean < 30:
        return next(words for below, words in SHARES_IN_WORDS if mean < below)
    return f"{counted(mean)} ({min(floor(lo), whole(mean))} to {max(ceil(hi), whole(mean))})"


def people(chance: dict[str, float]) -> str:
    """A share as the page should say it of 1,000 people: in tens, with a range rounded outward."""
    mean, lo, hi = (round(100 * Decimal(chance[name]), 7) for name in ("mean", "lo", "hi"))
    if hi - lo > WIDEST:
        return "we cannot tell"
    said = "fewer than 10" if 0 < mean < 1 else f"about {10 * whole(mean)}"
    low, high = min(floor(lo), whole(mean)), max(ceil(hi), whole(mean))
    return f"{said} ({10 * low} to {10 * high})"


def whole(mean: Decimal) -> int:
    return min(max(int(mean.to_integral_value(ROUND_HALF_UP)), 1), 99)


def counted(mean: Decimal) -> str:
    if 0 < mean < 1:
        return "fewer than 1"
    return "more than 99" if 99 < mean < 100 else f"about {whole(mean)}"


def caption_of(chance: dict[str, float]) -> str:
    """What stands under the figure of a hundred, which parts them in two."""
    mean = 100 * Decimal(chance["mean"])
    others = f"about {100 - whole(mean)}" if 1 <= mean <= 99 else counted(100 - mean)
    return f"The line parts {counted(mean)} with a baby born alive from {others} without."


def births_of(told: dict) -> list[dict[str, float]]:
    """The chances of which the page draws a figure: this pregnancy, if there is one, and the next."""
    parts = (told.get("current_pregnancy"), told.get("next_pregnancy"))
    return [part["live_birth"] for part in parts if part and part["live_birth"]]


def rows_of(told: dict, numbers: str) -> list[tuple[str, str]]:
    """What the page should show of a JSON object: this pregnancy, if there is one, then the next.

    Whoever is pregnant now sees a later pregnancy only on request, or with all numbers.
    """
    ahead, within = told.get("next_pregnancy"), told.get("within_pregnancies", {})
    rows = [(NEXT if ahead and one is ahead["live_birth"] else NOW, one) for one in births_of(told)]
    if numbers == "public" and "current_pregnancy" in told:
        rows = [row for row in rows if row[0] == NOW]
    elif ahead:
        rows.append((WITHOUT_A_LOSS, ahead["same_age_no_losses"]))
        rows += [
            (f"one or more within {count} pregnancies", within[count]) for count in within if count != "1"
        ]
    return [(what, spoken(chance, numbers)) for what, chance in rows]


def cells_of(told: dict) -> list[tuple[str, str]]:
    """What a comparison should show of NK cells, never without that of women with births."""
    cells = told["uterine_nk"]
    among_births = cells["share_high_among_women_with_births"]
    return [(SAMPLE, people(cells["p_above_cut"]["after"])), (AMONG_BIRTHS, people(among_births))]


def asked(explorer, content: dict) -> dict:
    sent = urllib.request.Request(f"{explorer.base}/api/v1/history", json.dumps(content).encode())
    sent.add_header("content-type", "application/json")
    with urllib.request.urlopen(sent, timeout=60) as answered:
        return json.loads(answered.read())


def shown(page: Page, table: str) -> list[tuple[str, ...]]:
    return [
        tuple(row.locator("td, th").all_text_contents()) for row in page.locator(f"{table} tbody tr").all()
    ]


def answer(page: Page) -> None:
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_label("with all numbers and their ranges").check()
    page.get_by_role("button", name="Show the answer").click()


def downloaded(page: Page, kind: str) -> str:
    page.locator("details").evaluate_all(OPEN_ALL)
    with page.expect_download() as file:
        page.locator(f"button[value='download:{kind}']").click()
    return Path(file.value.path()).read_text(encoding="utf-8")


def numbers_in(told: object, path: str = "") -> Iterator[tuple[str, float, float, float]]:
    """Every chance of a JSON object with its path, as the file for a spreadsheet names it."""
    if isinstance(told, dict) and set(told) == {"mean", "lo", "hi"}:
        yield path, told["mean"], told["lo"], told["hi"]
        return
    named = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for name, value in named:
        step = f"[{name}]" if isinstance(told, list) else f".{name}" if path else str(name)
        yield from numbers_in(value, path + step)


def compare(page: Page, told: dict, before: dict, wish: str) -> None:
    """Beside the answer of now stands that of before the tests, in the same form."""
    page.get_by_role("button", name="Compare with before the tests").click()
    then, now = ([*rows_of(one, wish), *cells_of(one)] for one in (before, told))
    expected = [(what, dict(then)[what], said) for what, said in now]
    assert shown(page, "section[aria-labelledby=compared-title]") == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_page_files_api_command_and_library_agree_to_the_last_digit(page, explorer, seed, tmp_path):
    content = random_history(seed)
    history = history_from_content(content)
    told, before = asked(explorer, content), asked(explorer, {**content, "tests": []})
    file = tmp_path / "history.yaml"
    file.write_text(history_text(history), encoding="utf-8")
    printed = json.loads(CliRunner().invoke(command, ["history", str(file), "--json"]).stdout)
    assert told == printed == json.loads(json.dumps(answer_history(history).to_dict()))

    type_in(page, explorer, content)
    answer(page)
    assert shown(page, "figure.hundred") == rows_of(told, "clinician")
    captions = page.locator("figure.hundred figcaption").all_inner_texts()
    assert [caption.partition(". ")[2] for caption in captions] == [
        caption_of(one) for one in births_of(told)
    ]
    assert json.loads(downloaded(page, "json")) == told
    lines = list(csv.reader(downloaded(page, "csv").splitlines()))[1:]
    assert [(what, *map(float, of)) for what, *of, _ in lines] == list(numbers_in(told))
    if content["tests"]:
        compare(page, told, before, "clinician")
        page.select_option("#numbers", "public")
        page.get_by_role("button", name="Show it like this").click()
        compare(page, told, before, "public")


def test_these_histories_hold_everything_that_a_history_can_say():
    histories = [random_history(seed) for seed in SEEDS]
    pregnancies = [one for history in histories for one in history["pregnancies"]]
    tests = [one for history in histories for one in history["tests"]]
    assert {one["outcome"] for one in pregnancies} == set(OUTCOMES)
    assert {one["karyotype"] for one in pregnancies if "karyotype" in one} == set(KARYOTYPES)
    assert {(one["test"], one["unit"]) for one in tests} == {
        (t, unit) for t, units in TEST_UNITS.items() for unit in units
    }
    for field in ("age", "week", "confirmed", "new_partner", "treatments"):
        assert len({field in one for one in pregnancies}) == 2, field
    for field in ("age", "partner_age", "trying_months"):
        assert len({field in one for one in histories}) == 2, field
    assert {word for one in histories for word in one["conditions"].values()} == {"yes", "no", "unknown"}

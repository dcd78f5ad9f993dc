"""What waiting for a test costs, counted in simulated lives: from two losses in a row to four or five.

Counting takes longer than a page may, so the counts ship as a small file. A test compares what they were made
from with what there is now: the law's sources, its draws, the womb's table and the ledger's values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.base.estimates import Estimate
from decidua.base.sources import kernel_hash
from decidua.evidence import load_ledger
from decidua.evidence.draws import draws_file
from decidua.life import lived as of
from decidua.life.pathway import NO_CARE
from decidua.life.rows import PREGNANCY_NUMBERS, room_for
from decidua.life.tally import empty_tally
from decidua.life.ways import DAYS_IN_YEAR, LIVE_BIRTH, MISCARRIAGE, IntArray
from decidua.life.woman import MOST_PREGNANCIES, by_draw, live_all
from decidua.study.kept_run import in_order
from decidua.study.population_chunks import CHUNK_WOMEN, live_shortly
from decidua.study.population_world import Plan, World, world_of
from decidua.study.spread import Spread, spread_over_draws
from decidua.study.story_script import load_script
from decidua.study.study_file import shipped_folder
from decidua.womb.bridge import bridge_content

FILE = "waiting.json"
WOMEN, SEED = 16_000_000, 4
AGES_AROUND = 2.0  # years: a group of an age holds those whose second loss falls so near to it
AVERAGE = "average"
PARTS = ("losses", "birth", "stopped", "aneuploid_losses")
READ_FROM = ("life.", "calibration.")  # entries that lives are made of


@cache
def lived_waiting() -> Mapping[str, Any]:
    """The shipped counts."""
    found: dict[str, Any] = json.loads((shipped_folder() / FILE).read_text(encoding="utf-8"))
    return found


def waiting_of(age_years: int, until: int, mechanism: str | None) -> dict[str, Estimate]:
    """What became of women with two losses in a row around an age, until more losses, a birth, or the end.

    Arguments:  age_years  one of the story's ages
                until      losses in a row at which waiting ends
                mechanism  its draws alone, or None for all by their weights
    Returns:    losses    further losses of one woman
                birth     chance of a live birth first
                stopped   chance of neither: she stops trying, or does not conceive again
                aneuploid share of those losses with a wrong number of chromosomes
    """
    found = lived_waiting()["groups"][str(age_years)][str(until)][mechanism or AVERAGE]
    return {name: Estimate(each["mean"], each["lo"], each["hi"]) for name, each in found.items()}


def content() -> str:
    """Hash of all that the counts depend on."""
    ledger, package = load_ledger(), Path(__file__).parents[1]
    values = {name: ledger.value(name) for name in sorted(ledger) if name.startswith(READ_FROM)}
    plan = Plan()
    told = json.dumps([kernel_hash(package / "life"), bridge_content(), plan.arguments, WOMEN, SEED, values])
    digest = hashlib.sha256(told.encode())
    digest.update(draws_file(plan.structure).read_bytes())
    return digest.hexdigest()[:16]


def count_waiting(*, women: int = WOMEN, jobs: int = 1) -> dict[str, Any]:
    """Count all groups again.

    Arguments:  women  how many live without care
                jobs   threads
    Returns:    what the shipped file holds
    Checked by: tests/unit/study/test_waiting_lives.py, verify/test_care.py (against the closed form)
    """
    world, given = world_of(Plan()), load_script().inputs
    ages, untils = given.ages_years, given.waited_until_losses
    first = given.tested_after_losses
    chunks = list(pairwise([*range(0, women, CHUNK_WOMEN), women]))
    total = np.zeros((len(ages), len(untils), 2, 1 + len(PARTS), len(world.mechanism)), dtype=np.int64)
    for part in in_order(lambda chunk: _chunk(world, *chunk, ages, first, untils), chunks, jobs=jobs):
        total += part
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "content": content(),
        "women": women,
        "seed": SEED,
        "ages_around_years": AGES_AROUND,
        "groups": {
            str(age): {str(until): _by_mechanism(total[a, u], world) for u, until in enumerate(untils)}
            for a, age in enumerate(ages)
        },
    }


def _by_mechanism(sums: IntArray, world: World) -> dict[str, dict[str, dict[str, float]]]:
    names = np.array(world.mechanism)
    everyone = np.ones(len(names), dtype=bool)
    kept = {AVERAGE: everyone, **{str(name): names == name for name in dict.fromkeys(world.mechanism)}}
    return {name: _estimates(sums[:, :, keep], world.weight[keep]) for name, keep in kept.items()}


def _estimates(sums: IntArray, weight: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Means over women of the group; the last one over their further losses."""
    (women, *parts), (_, *squares) = sums
    losses, aneuploid = parts[0], parts[3]
    out = {name: _told(_spread(parts[k], squares[k], women, weight)) for k, name in enumerate(PARTS[:3])}
    return out | {"aneuploid": _told(_spread(aneuploid, aneuploid, losses, weight))}


def _spread(sums: IntArray, squares: IntArray, women: IntArray, weight: NDArray[np.float64]) -> Spread:
    lived = women > 0
    return spread_over_draws(sums[lived], squares[lived], women[lived], weight[lived])


def _told(spread: Spread) -> dict[str, float]:
    found = spread.estimate(1.0)
    return {name: round(value, 6) for name, value in {**found.to_dict(), "error": spread.error}.items()}


def _chunk(
    world: World, first: int, last: int, ages: tuple[int, ...], losses: int, untils: tuple[int, ...]
) -> IntArray:
    """Sums over the women of a chunk with so many losses in a row, shape as in `count_waiting`."""
    rows = rows_of_women_with(world, first, last, losses)
    draws = len(world.mechanism)
    out = np.zeros((len(ages), len(untils), 2, 1 + len(PARTS), draws), dtype=np.int64)
    for u, until in enumerate(untils):
        age, draw, values = waits_of(rows, losses, until)
        for a, around in enumerate(ages):
            near = np.abs(age - around) <= AGES_AROUND
            for k, each in enumerate((np.ones_like(draw), *values)):
                mine = each[near]
                out[a, u, 0, k] = np.bincount(draw[near], weights=mine, minlength=draws)
                out[a, u, 1, k] = np.bincount(draw[near], weights=mine * mine, minlength=draws)
    return out


def rows_of_women_with(world: World, first: int, last: int, losses: int) -> IntArray:
    """Recognised pregnancies, by woman and order, of those who ever have so many losses in a row."""
    women, edges = by_draw(SEED, first, last, world.draws)
    short = live_shortly(world, women, edges, seed=SEED, first=first, last=last, pathway=NO_CARE)
    which = short[women - first, of.LONGEST_RUN] >= losses
    counts = [int(which[a:b].sum()) for a, b in pairwise(edges)]
    kept, places = women[which], np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    rows = room_for(women=last - first, pregnancies=(kept.size + 1) * MOST_PREGNANCIES)
    tally = empty_tally(len(world.mechanism))
    filled = live_all(SEED, first, kept, places, world.draws, world.ways, NO_CARE, tally, rows)
    found = rows.pregnancies[:filled]
    found = found[found[:, PREGNANCY_NUMBERS.index("recognised")] == 1]
    in_order_of_lives: IntArray = found[np.lexsort((found[:, 1], found[:, 0]))]
    return in_order_of_lives


def waits_of(
    rows: IntArray, losses: int, until: int
) -> tuple[NDArray[np.float64], IntArray, tuple[IntArray, ...]]:
    """Each run of so many losses, and what follows until a longer run, a birth, or nothing more.

    Arguments:  rows    recognised pregnancies by woman and order, columns PREGNANCY_NUMBERS
                losses  in a row, with which waiting begins
                until   in a row, with which it ends
    Returns:    age at the loss with which it begins; draw; PARTS of each run
    """
    column = {name: rows[:, k] for k, name in enumerate(PREGNANCY_NUMBERS)}
    run, is_loss = column["previous_losses_consecutive"], column["outcome"] == MISCARRIAGE
    start = np.flatnonzero(is_loss & (run == losses - 1))
    of_start = np.searchsorted(start, np.arange(len(rows)), side="right") - 1
    waits = (run >= losses) & (run < until)

    def per_start(which: NDArray[np.bool_]) -> IntArray:
        return np.bincount(of_start[which], minlength=start.size).astype(np.int64)

    further, birth = per_start(waits & is_loss), per_start(waits & (column["outcome"] == LIVE_BIRTH))
    reached = further == until - losses
    stopped = ((birth == 0) & ~reached).astype(np.int64)
    aneuploid = per_start(waits & is_loss & (column["aneuploid"] == 1))
    age = column["day_of_age"][start] / DAYS_IN_YEAR
    return age, column["draw"][start], (further, birth, stopped, aneuploid)

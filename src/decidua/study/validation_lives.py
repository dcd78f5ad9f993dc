"""Held-out tests on simulated lives: worlds, counts, predictions and rows, in this order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from decidua.evidence import Ledger
from decidua.study.validation_lives_asked import Asked
from decidua.study.validation_lives_counts import Counts, Table, count_world
from decidua.study.validation_lives_coverage import coverage_of, coverage_row
from decidua.study.validation_lives_predict import parameters_of_draws, predictions_of
from decidua.study.validation_lives_rows import Judge
from decidua.study.validation_lives_rule import LivesRule
from decidua.study.validation_lives_statistics import Cells, comparisons_of_order
from decidua.study.validation_lives_tests import tables_of
from decidua.study.validation_lives_weeks import Observed
from decidua.study.validation_lives_world import Worlds, worlds_of
from decidua.study.validation_rows import Predictions, Row
from decidua.study.validation_rule import Rule

TAIL = "L1."

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Simulation:
    """How the lives are run; only `is_fast` changes a result."""

    jobs: int
    is_fast: bool
    progress: Progress


@dataclass(frozen=True)
class Compared:
    """Rows and coverage of one comparison."""

    rows: list[Row]
    coverage: dict[str, Any]


def compare_lives(
    rule: Rule, lives: LivesRule, ledger: Ledger, *, structure: str, other_shape: str | None,
    observed: Observed | None, simulation: Simulation,
) -> Compared:  # fmt: skip
    """Every row that needs simulated lives.

    Arguments:  rule         the first rule: z and spreads
                lives        the lives' rule
                ledger       the shipped one
                structure    whose draws are judged
                other_shape  structure under which the tail (H1) is also reported, or None
                observed     pregnancies by week of entry and end, or None
                simulation   threads, size and progress
    Returns:    Compared
    """
    judge = Judge(rule, lives, ledger)
    worlds = worlds_of(lives, ledger, structure)
    counts = counts_of(worlds, all_tables(lives, ledger), simulation)
    predictions = predicted(worlds, counts)
    rows = (
        judge.rows(predictions)
        + judge.week_rows(predictions, observed)
        + order_rows(judge, counts, structure)
    )
    coverage = coverage_of(rows, lives.raw["coverage"])
    rows += [judge.clinics_row(predictions), judge.ceiling_row(predictions)]
    rows.append(coverage_row(coverage, lives.raw["coverage"], structure))
    if other_shape is not None:
        rows += tail_rows(judge, worlds_of(lives, ledger, other_shape), simulation)
    return Compared(rows, coverage)


def all_tables(lives: LivesRule, ledger: Ledger) -> list[Table]:
    """Every table of cells of the rule."""
    return tables_of(lives, youngest=[int(row.age_lo or 0) for row in ledger.table("NYBO_AGE").rows])


def counts_of(worlds: Worlds, tables: Sequence[Table], simulation: Simulation) -> Counts:
    """Let every world live that a table needs."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(table.world for table in tables):
        women = worlds.rule.women(name, is_fast=simulation.is_fast)

        def told(done: int, name: str = name, women: int = women) -> None:
            simulation.progress(f"simulated lives, {name}: {done:,} of {women:,} women")

        found |= count_world(
            worlds.named(name),
            [table for table in tables if table.world == name],
            seed=worlds.rule.raw["simulation"]["seed"],
            women=women,
            jobs=simulation.jobs,
            progress=told,
        )
    return found


def predicted(worlds: Worlds, counts: Counts, *, prefix: str = "") -> Predictions:
    """Every statistic of the rule, or those whose name begins so."""
    world_of = {table.name: table.world for table in all_tables(worlds.rule, worlds.ledger)}
    asked = [one for one in Asked(worlds.rule, worlds.ledger).everything() if one.name.startswith(prefix)]
    return predictions_of(
        asked,
        counts,
        world_of=world_of.__getitem__,
        structure=worlds.structure,
        weight=worlds.shipped.weight,
        parameters=parameters_of_draws(worlds.shipped),
    )


def tail_rows(judge: Judge, worlds: Worlds, simulation: Simulation) -> list[Row]:
    """The tail under another shape of the differences between women."""
    wanted = ("knudsen", "women.register")
    tables = [table for table in all_tables(worlds.rule, worlds.ledger) if table.name in wanted]
    predictions = predicted(worlds, counts_of(worlds, tables, simulation), prefix="knudsen.")
    entries = [entry for entry in judge.lives.raw["rows"] if entry["id"].startswith(TAIL)]
    return [judge.row(entry, predictions) for entry in entries]


def order_rows(judge: Judge, counts: Counts, structure: str) -> list[Row]:
    """The rows of H4 that compare an order, beside the world in which nobody stops."""
    gravidities = judge.lives.assumed("gravidities")
    held, without = (
        comparisons_of_order(Cells(*counts[name].sum(axis=(1, 2)).astype(float)), gravidities)
        for name in ("roman", "roman.no_stopping")
    )
    entries = [entry for entry in judge.lives.raw["rows"] if entry.get("kind") == "order"]
    return [
        judge.order_row(entry, held[entry["predict"]], without[entry["predict"]], structure)
        for entry in entries
    ]

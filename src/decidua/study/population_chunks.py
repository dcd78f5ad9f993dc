"""A chunk of women: let them live, and turn what was written of them into tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from decidua.life import rows as written
from decidua.life.parameters import CAUSES
from decidua.life.pathway import NO_CARE, Pathway
from decidua.life.rows import NO_ROWS, PREGNANCY_NUMBERS, WOMAN_NUMBERS, Rows, room_for
from decidua.life.tally import Tally, empty_tally
from decidua.life.ways import DAYS_IN_YEAR, OUTCOMES, REASONS, IntArray
from decidua.life.woman import MOST_PREGNANCIES, by_draw, live_all
from decidua.study.population_world import World

if TYPE_CHECKING:
    import polars as pl

CHUNK_WOMEN = 65_536
ROWS_EACH = 6  # room for pregnancies, for each woman, at the first try


@dataclass(frozen=True)
class Lives:
    """What became of some women."""

    tally: Tally
    rows: Rows | None = None  # pregnancies by woman and order
    pregnancies: int = 0  # rows that are filled


def simulate_lives(
    world: World, *, seed: int, first: int, last: int, pathway: Pathway = NO_CARE, with_rows: bool = False
) -> Lives:
    """Let women `first` to `last` - 1 live.

    The result is the same whatever other women live before, beside or after them.

    Arguments:  world        the law under every draw, and how couples plan, conceive and are seen
                seed         0 to MAX_SEED
                first, last  numbers of the women, >= 0
                pathway      what care does
                with_rows    also write down every pregnancy and every woman
    Returns:    Lives
    """
    women, edges = by_draw(seed, first, last, world.draws)
    each = ROWS_EACH
    while True:
        tally = empty_tally(len(world.mechanism))
        rows = room_for(women=last - first, pregnancies=_room(last - first, each)) if with_rows else NO_ROWS
        filled = live_all(seed, first, women, edges, world.draws, world.ways, pathway, tally, rows)
        if filled >= 0:
            return Lives(tally, in_order(rows, filled) if with_rows else None, filled)
        each *= 2


def live_shortly(
    world: World, women: IntArray, edges: IntArray, *, seed: int, first: int, last: int, pathway: Pathway
) -> IntArray:
    """Let some of the women `first` to `last` - 1 live, and keep one short row of each life.

    Arguments:  women, edges  their numbers by draw, from `by_draw` or a part of it
    Returns:    shape (last - first, LIVED); zeros for women who were left out
    """
    rows = room_for(women=0, pregnancies=0, lived=last - first)
    tally = empty_tally(len(world.mechanism))
    live_all(seed, first, women, edges, world.draws, world.ways, pathway, tally, rows)
    return rows.lived


def _room(women: int, each: int) -> int:
    return women * each + MOST_PREGNANCIES


def in_order(rows: Rows, filled: int) -> Rows:
    """Pregnancies by woman, then by order; women stand in order already."""
    found = rows.pregnancies[:filled]
    return rows._replace(pregnancies=found[np.lexsort((found[:, 1], found[:, 0]))])


def pregnancy_table(lives: Lives, world: World) -> pl.DataFrame:
    """One row for each pregnancy, under the names of the contract."""
    import polars as pl

    rows = _needed(lives)
    found = {name: rows.pregnancies[:, k] for k, name in enumerate(PREGNANCY_NUMBERS)}
    nk = np.exp(rows.latents[found["woman"] - rows.women[0, 0], 0])
    heartbeat = pl.Series(found["heartbeat_seen_week"])
    columns = {
        "woman": found["woman"],
        "order": found["order"].astype(np.int16),
        "cycle_conceived": found["cycle_conceived"].astype(np.int16),
        "age_at_conception_years": found["day_of_age"] / DAYS_IN_YEAR,
        "partner_age_years": found["partner_day_of_age"] / DAYS_IN_YEAR,
        "outcome": _words(found["outcome"], OUTCOMES),
        "week": found["week"].astype(np.int16),
        "recognised": found["recognised"] > 0,
        "noticed": found["noticed"] > 0,
        "cause": _words(found["cause"], CAUSES),
        "aneuploid": found["aneuploid"] > 0,
        "bleeding": found["bleeding"] > 0,
        "heartbeat_seen_week": heartbeat.replace(written.NOT_SEEN, None).cast(pl.Int16),
        "uterine_nk_per_mm2": nk,
        "previous_losses_consecutive": found["previous_losses_consecutive"].astype(np.int16),
        "previous_losses": found["previous_losses"].astype(np.int16),
        "previous_births": found["previous_births"].astype(np.int16),
        **{name: found[name] > 0 for name in ("tested", "flagged", "treated")},
        "partner_number": found["partner_number"].astype(np.int16),
        "years_since_first_trying": found["days_since_first_trying"] / DAYS_IN_YEAR,
        "draw": found["draw"].astype(np.int32),
        "mechanism": _mechanisms(found["draw"], world),
    }
    return pl.DataFrame(columns)


def woman_table(lives: Lives, world: World) -> pl.DataFrame:
    """One row for each woman, with the latents that only the simulation knows."""
    import polars as pl

    rows = _needed(lives)
    found = {name: rows.women[:, k] for k, name in enumerate(WOMAN_NUMBERS)}
    counts = ("children_wanted", "pregnancies", "recognised_pregnancies", "losses", "births")
    conditions = ("antiphospholipid", "uterine_anomaly", "thyroid_antibodies", "translocation")
    columns = {
        "woman": found["woman"],
        "start_age_years": found["start_day"] / DAYS_IN_YEAR,
        "end_age_years": found["end_day"] / DAYS_IN_YEAR,
        "sterile_from_age_years": found["sterile_day"] / DAYS_IN_YEAR,
        "stopped_because": _words(found["reason"], REASONS),
        **{name: found[name].astype(np.int16) for name in (*counts, "longest_run_of_losses")},
        **{name: found[name] > 0 for name in ("tested", "flagged", "treated")},
        **{name: found[name] > 0 for name in conditions},
        "uterine_nk_per_mm2": np.exp(rows.latents[:, 0]),
        "shared_factor": rows.latents[:, 1],
        "euploid_factor": rows.latents[:, 2],
        "p_conceive_per_cycle": rows.latents[:, 3],
        "draw": found["draw"].astype(np.int32),
        "mechanism": _mechanisms(found["draw"], world),
    }
    return pl.DataFrame(columns)


def _needed(lives: Lives) -> Rows:
    if lives.rows is None:
        raise ValueError("these lives were counted and not written down")
    return lives.rows


def _words(codes: np.ndarray, words: tuple[str, ...]) -> pl.Series:
    """Codes as words; a code below 0 is no word."""
    import polars as pl

    known = pl.Series(np.where(codes < 0, len(words), codes).astype(np.uint32))
    return pl.Series([*words, None], dtype=pl.Enum(words)).gather(known)


def _mechanisms(draws: np.ndarray, world: World) -> pl.Series:
    import polars as pl

    names = tuple(dict.fromkeys(world.mechanism))
    return pl.Series(list(world.mechanism), dtype=pl.Enum(names)).gather(pl.Series(draws))

"""Each held-out test on simulated lives: the rows that its entry filter takes, as cells and events.

One function for each filter of the lives' rule, under the same name; the rule says in words what it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from decidua.study import filters
from decidua.study.validation_lives_counts import Chunk, Table
from decidua.study.validation_lives_referral import from_first_try, referred, within
from decidua.study.validation_lives_rule import LivesRule

if TYPE_CHECKING:
    import polars as pl

AGES, YOUNGEST = 35, 15  # years of age as strata, 15 to 49
LONGEST_RUN = 5  # losses in a row, this number or more
MOST_LOSSES = 12  # of a woman in life
GRAVIDITIES = 6
COHORT_RUNS = (2, 3, 4, 5)
REGRESSION_AGES, REGRESSION_LOSSES, REGRESSION_BIRTHS = 26, 4, 3  # from 20 years; 2 to 5; 0 to 2
KOLTE_AGES, KOLTE_MOST = 18, 4  # bands of two years; losses, run and births 0 to 3
EGERUP_BEFORE, EGERUP_AFTER, EGERUP_AGES = 4, 3, (30, 35, 40)


def col(name: str) -> pl.Expr:
    """A column."""
    import polars as pl

    return pl.col(name)


def cells_of(rows: pl.DataFrame, cell: pl.Expr, event: pl.Expr) -> pl.DataFrame:
    """What is counted of rows: where each belongs, and whether it happened."""
    return rows.select("woman", "draw", cell.cast(int).alias("cell"), event.alias("event"))


def year_of_age() -> pl.Expr:
    """Place of the completed year of age among the strata."""
    return (col("age_at_conception_years").floor().cast(int) - YOUNGEST).clip(0, AGES - 1)


def born() -> pl.Expr:
    """Live births."""
    return col("outcome") == "live_birth"


def unexplained() -> pl.Expr:
    """Neither antiphospholipid antibodies nor a uterine anomaly nor a translocation."""
    return ~(col("antiphospholipid") | col("uterine_anomaly") | col("translocation"))


def women(chunk: Chunk) -> pl.DataFrame:
    """Every woman once: how many live under each draw."""
    return cells_of(chunk.women, col("woman") * 0, col("woman") >= 0)


def knudsen(chunk: Chunk) -> pl.DataFrame:
    """By losses in a row before."""
    kept = chunk.recognised.filter(filters.not_ended_by_choice())
    return cells_of(kept, col("previous_losses_consecutive").clip(0, LONGEST_RUN), filters.lost())


def bhattacharya(chunk: Chunk) -> pl.DataFrame:
    """By year of age and losses in a row before, 0 to 3."""
    kept = chunk.recognised.filter(filters.not_ended_by_choice() & ~filters.after_losses_in_a_row(4))
    return cells_of(kept, year_of_age() * 4 + col("previous_losses_consecutive"), filters.lost())


def roman(chunk: Chunk) -> pl.DataFrame:
    """By final number of recognised pregnancies and place among them; the last cells hold every first one."""
    import polars as pl

    numbered = chunk.recognised.with_columns(pl.int_range(pl.len()).over("woman").alias("place"))
    ever = col("recognised_pregnancies_ever")
    kept = cells_of(
        numbered.filter(ever <= GRAVIDITIES),
        (ever - 1).cast(int) * GRAVIDITIES + col("place"),
        filters.lost(),
    )
    firsts = cells_of(
        numbered.filter(col("place") == 0), col("place") + GRAVIDITIES * GRAVIDITIES, filters.lost()
    )
    return pl.concat([kept, firsts])


def nybo(chunk: Chunk, *, youngest: Sequence[int]) -> pl.DataFrame:
    """By the published bands of age."""
    import polars as pl

    kept = chunk.recognised.filter(filters.not_ended_by_choice())
    age = col("age_at_conception_years")
    band = pl.sum_horizontal([(age >= lo).cast(int) for lo in youngest[1:]])
    return cells_of(kept, band, filters.lost())


def lidegaard(chunk: Chunk) -> pl.DataFrame:
    """Women ever pregnant, by their recognised losses in life."""
    kept = chunk.women.filter(col("recognised_pregnancies") > 0)
    return cells_of(kept, col("losses").clip(0, MOST_LOSSES), col("losses") >= 0)


def brigham(chunk: Chunk) -> pl.DataFrame:
    """By year of age from 20 and losses in a row, 2 to 5; event: not lost."""
    entry = filters.after_losses_in_a_row(2) & filters.conceived_at_ages(20, 45) & unexplained()
    run = col("previous_losses_consecutive").clip(2, 5) - 2
    place = col("age_at_conception_years").floor().cast(int) - 20
    return cells_of(chunk.recognised.filter(entry), place * REGRESSION_LOSSES + run, ~filters.lost())


def cohorts(chunk: Chunk) -> pl.DataFrame:
    """The next pregnancy by run of losses, cause known or not, and age 35; the last two: no loss before."""
    import polars as pl

    from_35 = (col("age_at_conception_years") >= 35.0).cast(int)
    parts = [
        cells_of(
            chunk.recognised.filter(filters.first_referral(run)),
            4 * place + 2 * unexplained().cast(int) + from_35,
            born(),
        )
        for place, run in enumerate(COHORT_RUNS)
    ]
    without = chunk.recognised.filter(filters.after_losses(0, 0))
    return pl.concat([*parts, cells_of(without, from_35 + 4 * len(COHORT_RUNS), born())])


def promise(chunk: Chunk, *, week: int, cycles: int) -> pl.DataFrame:
    """From a positive test: 3 losses before or more, and no loss before."""
    import polars as pl

    entry = filters.alive_at_week(week) & filters.conceived_at_ages(18, 39)
    kept = chunk.pregnancies.filter(entry & filters.conceived_within_cycles(cycles))
    parts = [
        cells_of(kept.filter(filters.after_losses(3)), pl.lit(0), born()),
        cells_of(kept.filter(filters.after_losses(0, 0)), pl.lit(1), born()),
    ]
    return pl.concat(parts)


def prism(chunk: Chunk, *, week: int) -> pl.DataFrame:
    """After bleeding by no loss before or some, and all pregnancies, bleeding or not."""
    import polars as pl

    event = filters.born_alive_from_week(34)
    kept = chunk.recognised.filter(filters.alive_at_week(week))
    bled = kept.filter(filters.bleeding())
    return pl.concat(
        [
            cells_of(bled, (col("previous_losses") > 0), event),
            cells_of(kept, pl.lit(2), event),
        ]
    )


def lund(chunk: Chunk, *, delay_years: float) -> pl.DataFrame:
    """Women from the visit after 3 losses in a row: birth within 5 and 15 years; within 5 of first trying."""
    import polars as pl

    seen, started = referred(chunk, run=3, delay_years=delay_years), from_first_try(chunk)
    return pl.concat(
        [
            cells_of(seen, pl.lit(0), within("born_age", 5.0)),
            cells_of(seen, pl.lit(1), within("born_age", 15.0)),
            cells_of(started, pl.lit(2), within("born_age", 5.0)),
        ]
    )


def koki_conceived(chunk: Chunk, *, delay_years: float) -> pl.DataFrame:
    """Women from the visit after 2 losses in a row: pregnant within a year; the same from first trying."""
    import polars as pl

    seen, started = referred(chunk, run=2, delay_years=delay_years), from_first_try(chunk)
    event = within("conceived_age", 1.0)
    return pl.concat([cells_of(seen, pl.lit(0), event), cells_of(started, pl.lit(1), event)])


def koki(chunk: Chunk) -> pl.DataFrame:
    """By year of age from 20, losses 2 to 5 and births 0 to 2; event: not lost."""
    kept = chunk.recognised.filter(filters.after_losses(2) & filters.conceived_at_ages(20, 45))
    place = col("age_at_conception_years").floor().cast(int) - 20
    losses, births = col("previous_losses").clip(2, 5) - 2, col("previous_births").clip(0, 2)
    return cells_of(kept, (place * REGRESSION_LOSSES + losses) * REGRESSION_BIRTHS + births, ~filters.lost())


def kolte(chunk: Chunk) -> pl.DataFrame:
    """By two years of age, losses, losses in a row and births, 0 to 3 each."""
    kept = chunk.recognised.filter(filters.not_ended_by_choice())
    place = (year_of_age() // 2).clip(0, KOLTE_AGES - 1)
    for name in ("previous_losses", "previous_losses_consecutive", "previous_births"):
        place = place * KOLTE_MOST + col(name).clip(0, KOLTE_MOST - 1)
    return cells_of(kept, place, filters.lost())


def ozawa(chunk: Chunk) -> pl.DataFrame:
    """Losses by year of age and 2 or more losses before, or fewer; event: aneuploid."""
    many = (col("previous_losses") >= 2).cast(int)
    return cells_of(chunk.recognised.filter(filters.lost()), year_of_age() * 2 + many, col("aneuploid"))


def nikitina(chunk: Chunk) -> pl.DataFrame:
    """Losses by year of age and 2 or more losses before, or none; event: aneuploid."""
    many = (col("previous_losses") >= 2).cast(int)
    kept = chunk.recognised.filter(filters.lost() & (filters.after_losses(2) | filters.after_losses(0, 0)))
    return cells_of(kept, year_of_age() * 2 + many, col("aneuploid"))


def egerup(chunk: Chunk) -> pl.DataFrame:
    """After a birth and 3 losses or more since: losses before that birth, losses since it, age."""
    import polars as pl

    kept = chunk.recognised.filter(filters.after_births(1) & filters.after_losses_in_a_row(3))
    run = col("previous_losses_consecutive")
    before = (col("previous_losses") - run).clip(0, EGERUP_BEFORE - 1).cast(int)
    after = run.clip(3, 2 + EGERUP_AFTER).cast(int) - 3
    band = pl.sum_horizontal([(col("age_at_conception_years") >= age).cast(int) for age in EGERUP_AGES])
    place = (before * EGERUP_AFTER + after) * (1 + len(EGERUP_AGES)) + band
    return cells_of(kept, place, filters.lost())


def franssen(chunk: Chunk, *, delay_years: float, years: float) -> pl.DataFrame:
    """Women from the visit after 2 losses: loss and birth in these years, without and with translocation."""
    import polars as pl

    seen = referred(chunk, run=2, delay_years=delay_years)
    carrier = col("translocation").cast(int) * 2
    return pl.concat(
        [
            cells_of(seen, carrier, within("lost_age", years)),
            cells_of(seen, carrier + 1, within("born_age", years)),
        ]
    )


def etm(chunk: Chunk, *, bands: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Pregnancies alive at the first week of each band; event: lost in its weeks."""
    import polars as pl

    return pl.concat(
        [
            cells_of(
                chunk.pregnancies.filter(filters.alive_at_week(first)),
                pl.lit(place),
                filters.lost() & (col("week") <= last),
            )
            for place, (first, last) in enumerate(bands)
        ]
    )


def tables_of(rule: LivesRule, *, youngest: Sequence[int]) -> list[Table]:
    """Every table of the rule, with the numbers that it declares.

    Arguments:  rule      the lives' rule
                youngest  first ages of the published bands of H5
    """
    delay = rule.assumed("referral_delay_years")
    bands = [(row["first"], row["last"]) for row in rule.raw["weeks"]["rows"]]
    regression = REGRESSION_AGES * REGRESSION_LOSSES
    everyone = [Table(f"women.{name}", name, 1, women) for name in rule.raw["worlds"]]
    test = partial(promise, week=rule.assumed("test_week"), cycles=rule.assumed("conceived_within_cycles"))
    after = {"delay_years": delay, "years": rule.assumed("carrier_follow_up_years")}
    of_world: dict[str, list[tuple[str, int, Callable[[Chunk], pl.DataFrame]]]] = {
        "register": [
            ("knudsen", LONGEST_RUN + 1, knudsen),
            ("bhattacharya", AGES * 4, bhattacharya),
            ("roman", GRAVIDITIES**2 + 1, roman),
            ("nybo", len(youngest), partial(nybo, youngest=youngest)),
            ("kolte", KOLTE_AGES * KOLTE_MOST**3, kolte),
            ("ozawa", AGES * 2, ozawa),
            ("nikitina", AGES * 2, nikitina),
        ],
        "all_pregnancies": [("lidegaard", MOST_LOSSES + 1, lidegaard)],
        "no_stopping": [("roman.no_stopping", GRAVIDITIES**2 + 1, roman)],
        "clinic": [
            ("brigham", regression, brigham),
            ("cohorts", 4 * len(COHORT_RUNS) + 2, cohorts),
            ("promise", 2, test),
            ("prism", 3, partial(prism, week=rule.assumed("bleeding_entry_week"))),
            ("lund", 3, partial(lund, delay_years=delay)),
            ("koki_conceived", 2, partial(koki_conceived, delay_years=delay)),
            ("koki", regression * REGRESSION_BIRTHS, koki),
            ("egerup", EGERUP_BEFORE * EGERUP_AFTER * (1 + len(EGERUP_AGES)), egerup),
            ("franssen", 4, partial(franssen, **after)),
            ("etm", len(bands), partial(etm, bands=bands)),
        ],
    }
    return everyone + [Table(name, world, n, f) for world, mine in of_world.items() for name, n, f in mine]

"""Women from a first visit after losses in a row, those who never conceive again included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decidua.life.ways import DAYS_IN_YEAR, OVULATION_DAY
from decidua.study import filters
from decidua.study.validation_lives_counts import Chunk

if TYPE_CHECKING:
    import polars as pl

GAVE_UP = "gave_up_after_a_loss"


def ended_age() -> pl.Expr:
    """Age on the day on which a pregnancy is over."""
    import polars as pl

    days = 7 * (pl.col("week").cast(int) + 1) - OVULATION_DAY
    return pl.col("age_at_conception_years") + days / DAYS_IN_YEAR


def within(age: str, years: float) -> pl.Expr:
    """Whether this came within so many years of the visit; never is no."""
    import polars as pl

    return (pl.col(age) - pl.col("visit_age") <= years).fill_null(False)


def later_events(later: pl.DataFrame) -> pl.DataFrame:
    """For each woman the age at her first conception, birth and loss among these pregnancies."""
    import polars as pl

    ended = ended_age()
    return later.group_by("woman").agg(
        pl.col("age_at_conception_years").min().alias("conceived_age"),
        ended.filter(pl.col("outcome") == "live_birth").min().alias("born_age"),
        ended.filter(filters.lost()).min().alias("lost_age"),
    )


def referred(chunk: Chunk, *, run: int, delay_years: float) -> pl.DataFrame:
    """Women who reach a run of losses and come to a first visit.

    Women who gave up after that loss, or conceived before the visit, do not come; those who never conceive
    again do. Recognised pregnancies alone count.

    Arguments:  chunk        some women
                run          losses in a row that lead to the visit
                delay_years  from the end of the last of them to the visit
    Returns:    woman, draw, translocation, visit_age, and conceived_age, born_age, lost_age, null if never
    """
    import polars as pl

    rows = chunk.recognised
    completes = filters.lost() & filters.after_losses_in_a_row(run - 1, run - 1)
    first = rows.filter(completes).sort("woman", "order").unique("woman", keep="first", maintain_order=True)
    seen = first.select(
        "woman",
        "draw",
        "translocation",
        (ended_age() + delay_years).alias("visit_age"),
        pl.col("order").alias("order_at"),
    )
    after = rows.join(seen.select("woman", "order_at"), on="woman").filter(
        pl.col("order") > pl.col("order_at")
    )
    stopped = chunk.women.select("woman", pl.col("stopped_because").cast(pl.String))
    joined = seen.join(later_events(after), on="woman", how="left").join(stopped, on="woman", how="left")
    never = pl.col("conceived_age").is_null()
    gave_up = never & (pl.col("stopped_because") == GAVE_UP)
    too_early = (pl.col("conceived_age") < pl.col("visit_age")).fill_null(False)
    return joined.filter(~gave_up & ~too_early)


def from_first_try(chunk: Chunk) -> pl.DataFrame:
    """All women from the day on which they first try to conceive; columns as of `referred`."""
    import polars as pl

    started = chunk.women.select(
        "woman", "draw", "translocation", pl.col("start_age_years").alias("visit_age")
    )
    return started.join(later_events(chunk.recognised), on="woman", how="left")

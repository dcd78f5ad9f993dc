"""Named filters that make simulated pregnancies comparable with a published table.

Each takes numbers, if any, and gives a Polars expression over the rows of `pregnancies.parquet` (some over
rows that `with_history` has enriched). Expressions combine with & and |, so a table's entry rules are written
in one line:

    rows.filter(recognised_from_week(6) & conceived_at_ages(18, 39) & after_losses_in_a_row(3))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decidua.base.address import uniforms_at
from decidua.base.errors import InputError
from decidua.life import purposes

if TYPE_CHECKING:
    import polars as pl


FORGOTTEN_BEFORE_WEEK = 12  # a later loss is remembered, by definition of this filter


def _column(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name)


def recognised_from_week(week: int) -> pl.Expr:
    """Losses from this completed week on, and everything that is no miscarriage: a register's ascertainment.

    Later weeks stand for older times, when early losses rarely reached a register.

    Arguments:  week  4 (every positive test) to 23
    """
    return (_column("outcome") != "miscarriage") | (_column("week") >= week)


def noticed() -> pl.Expr:
    """Pregnancies that the woman herself noticed."""
    return _column("noticed")


def alive_at_week(week: int) -> pl.Expr:
    """Still going on at the start of this week, as where women enter a study at a first scan."""
    return _column("week") >= week


def heartbeat_seen() -> pl.Expr:
    """A scan showed a heartbeat."""
    return _column("heartbeat_seen_week").is_not_null()


def conceived_at_ages(youngest: float, oldest: float) -> pl.Expr:
    """Conceived between these ages in completed years, both included."""
    return _column("age_at_conception_years").is_between(youngest, oldest + 1.0, closed="left")


def after_losses_in_a_row(fewest: int, most: int | None = None) -> pl.Expr:
    """So many recognised losses since the last birth; `most` left out means that number or more."""
    return _between("previous_losses_consecutive", fewest, most)


def after_losses(fewest: int, most: int | None = None) -> pl.Expr:
    """So many recognised losses before, births between them or not."""
    return _between("previous_losses", fewest, most)


def after_births(fewest: int, most: int | None = None) -> pl.Expr:
    """So many live births before."""
    return _between("previous_births", fewest, most)


def not_ended_by_choice() -> pl.Expr:
    """Pregnancies without those that were ended by choice, as in the crude shares of registers."""
    return _column("outcome") != "induced"


def bleeding() -> pl.Expr:
    """Bleeding before the end of week 12, the entry event of trials in threatened miscarriage."""
    return _column("bleeding")


def untreated() -> pl.Expr:
    """Pregnancies without treatment."""
    return ~_column("treated")


def same_partner() -> pl.Expr:
    """With the partner of the pregnancy before; needs `with_history`."""
    return ~_column("new_partner")


def conceived_within_cycles(cycles: int) -> pl.Expr:
    """Conceived within so many cycles of trying."""
    return _column("cycle_conceived") <= cycles


def by_final_gravidity(pregnancies: int) -> pl.Expr:
    """Pregnancies of women who had so many recognised ones in all; needs `with_history`."""
    return _column("recognised_pregnancies_ever") == pregnancies


def secondary_loss() -> pl.Expr:
    """Losses in a row that came after a birth."""
    return (_column("previous_losses_consecutive") > 0) & (_column("previous_births") > 0)


def first_referral(losses: int) -> pl.Expr:
    """The first pregnancy after a run of losses reached this number: one row for each woman.

    The row stands for the pregnancy after referral, so women who never conceive again are not in it.
    Needs `with_history`.
    """
    return (_column("previous_losses_consecutive") == losses) & _column("is_first_at_this_run")


def born_alive_from_week(week: int) -> pl.Expr:
    """Live births from this week on: what counts as one differs between tables (22, 24, 28 or 34 weeks).

    Arguments:  week  24 to 45; earlier births are miscarriages here
    """
    if not 24 <= week <= 45:
        raise InputError(field="week", value=week, allowed="24 to 45")
    return (_column("outcome") == "live_birth") & (_column("week") >= week)


def lost() -> pl.Expr:
    """Miscarriages."""
    return _column("outcome") == "miscarriage"


def _between(column: str, fewest: int, most: int | None) -> pl.Expr:
    found = _column(column) >= fewest
    return found if most is None else found & (_column(column) <= most)


def with_history(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with what only a woman's other rows tell; recognised pregnancies only are counted.

    Adds:  new_partner                  since her pregnancy before
           recognised_pregnancies_ever  in her whole simulated life
           is_first_at_this_run         no earlier pregnancy of hers had so long a run behind it
    """
    import polars as pl

    run, woman = pl.col("previous_losses_consecutive"), "woman"
    earlier = pl.col("previous_losses_consecutive").cum_max().shift(1).over(woman).fill_null(0)
    return rows.sort(woman, "order").with_columns(
        (pl.col("partner_number") != pl.col("partner_number").shift(1).over(woman))
        .fill_null(False)
        .alias("new_partner"),
        pl.col("recognised").sum().over(woman).alias("recognised_pregnancies_ever"),
        (run > earlier).alias("is_first_at_this_run"),
    )


def told_from_memory(rows: pl.DataFrame, *, share_forgotten: float, seed: int) -> pl.DataFrame:
    """Rows as women would tell them: each early loss is forgotten with the same chance.

    Arguments:  rows             pregnancies
                share_forgotten  of early losses, 0 to 1; the caller's number, since none was read
                seed             of the forgetting
    Returns:    the rows that are told, with `told_losses_before` counted among them
    """
    import numpy as np
    import polars as pl

    women, orders = (rows[name].to_numpy().astype(np.int64) for name in ("woman", "order"))
    forgotten = pl.Series(uniforms_at(seed, women, orders, purposes.TOLD)) < share_forgotten
    early = lost() & (pl.col("week") < FORGOTTEN_BEFORE_WEEK)
    kept = rows.filter(noticed() & ~(early & forgotten)).sort("woman", "order")
    told = pl.when(lost()).then(1).otherwise(0)
    return kept.with_columns((told.cum_sum().over("woman") - told).alias("told_losses_before"))

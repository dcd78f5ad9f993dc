"""`decidua population`: many simulated lives, counted or written down row by row."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from decidua.base.errors import InputError

if TYPE_CHECKING:
    from decidua.care.pathways import CarePathway
    from decidua.study.population_world import Plan

MOST_WOMEN = 10_000_000_000
MOST_SEED = 2**63 - 1
YOUNGEST, OLDEST = 12.0, 49.0
MOST_WANTED = 20
TELL_SECONDS = 2.0


def population_command(
    women: Annotated[
        int, typer.Option("--women", min=1, max=MOST_WOMEN, metavar="N", help="How many women live.")
    ],
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MOST_SEED, metavar="S", help="Same seed, same lives.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for summary.json and tables.")],
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="J", help="Threads; by default one for each core.")
    ] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Also write women.parquet and pregnancies.parquet.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    start_ages: Annotated[
        str | None, typer.Option("--start-ages", metavar="LO-HI", help="Age at first trying: 25-35, or 30.")
    ] = None,
    children: Annotated[
        int | None,
        typer.Option("--children", min=1, max=MOST_WANTED, metavar="N", help="All want so many children."),
    ] = None,
    horizon_years: Annotated[
        float | None,
        typer.Option("--horizon-years", min=0.5, max=40.0, metavar="Y", help="Followed for so long."),
    ] = None,
    structure: Annotated[
        str, typer.Option("--structure", metavar="NAME", help="How women differ.")
    ] = "fading-log_normal",
    mechanism: Annotated[
        str | None, typer.Option("--mechanism", metavar="NAME", help="One cell mechanism alone.")
    ] = None,
    draw: Annotated[
        int | None,
        typer.Option("--draw", min=0, metavar="K", help="One draw of the parameters for all women."),
    ] = None,
    ascertainment: Annotated[
        str, typer.Option("--ascertainment", metavar="RULE", help="Which losses count as recognised.")
    ] = "register",
    induced: Annotated[
        str, typer.Option("--induced", metavar="RULE", help="Pregnancies ended by choice.")
    ] = "intended",
    pathway: Annotated[
        str | None,
        typer.Option("--pathway", metavar="NAME|FILE", help="Care: a shipped pathway, or a YAML file."),
    ] = None,
) -> None:
    """Simulate the reproductive lives of many women.

    Every random number is a function of seed, woman, pregnancy and purpose: any number of threads and any
    interruption give the same tables, and more women change no other. Progress goes to standard error.
    """
    plan = _plan(start_ages, children, horizon_years, structure, mechanism, draw, ascertainment, induced)
    care = _care(pathway)
    found = _run(women, seed, plan, care, out, jobs=jobs or os.cpu_count() or 1, rows=rows, resume=resume)
    _show(found, out)


def _plan(
    start_ages: str | None,
    children: int | None,
    horizon_years: float | None,
    structure: str,
    mechanism: str | None,
    draw: int | None,
    ascertainment: str,
    induced: str,
) -> Plan:
    from decidua.inference.structures import STRUCTURES
    from decidua.life.ways import ASCERTAINMENTS
    from decidua.study.population_world import INDUCED_RULES, Plan, draws_of
    from decidua.womb import MECHANISMS

    _refuse("--structure", structure, [each.name for each in STRUCTURES])
    _refuse("--mechanism", mechanism, MECHANISMS)
    _refuse("--ascertainment", ascertainment, ASCERTAINMENTS)
    _refuse("--induced", induced, INDUCED_RULES)
    plan = Plan(
        structure=structure,
        mechanism=mechanism,
        start_ages=_ages(start_ages),
        wanted=children,
        horizon_years=horizon_years,
        ascertainment=ascertainment,
        induced=induced,
    )
    if draw is None:
        return plan
    count = len(draws_of(plan))
    if draw >= count:
        raise InputError(field="--draw", value=draw, allowed=f"0 to {count - 1}")
    from dataclasses import replace

    return replace(plan, draw=draw)


def _refuse(option: str, value: str | None, allowed: Any) -> None:
    if value is not None and value not in allowed:
        raise InputError(field=option, value=value, allowed=", ".join(allowed))


def _ages(words: str | None) -> tuple[float, float] | None:
    """Two ages from LO-HI, or one age twice."""
    if words is None:
        return None
    number = r"(\d{1,2}(?:\.\d{1,3})?)"
    found = re.fullmatch(rf"{number}(?:-{number})?", words.strip())
    lo, hi = (float(found[1]), float(found[2] or found[1])) if found else (1.0, 0.0)
    if not YOUNGEST <= lo <= hi <= OLDEST:
        allowed = f"one age or LO-HI, from {YOUNGEST:.0f} to {OLDEST:.0f} years: 25-35"
        raise InputError(field="--start-ages", value=words, allowed=allowed)
    return lo, hi


def _care(pathway: str | None) -> CarePathway | None:
    from decidua.care.pathways import as_pathway

    return None if pathway is None else as_pathway(pathway)


def _run(
    women: int,
    seed: int,
    plan: Plan,
    care: CarePathway | None,
    out: Path,
    *,
    jobs: int,
    rows: bool,
    resume: bool,
) -> dict[str, Any]:
    from decidua.study.population_run import Wanted, run
    from decidua.study.population_summary import summary_of

    told = Teller()
    wanted = Wanted(women, seed, plan, rows, care)
    try:
        return run(wanted, out, jobs=jobs, resume=resume, progress=told.progress, summarise=summary_of)
    except KeyboardInterrupt:
        typer.echo(f"\n{told.done:,} women are kept; --resume goes on from there", err=True)
        raise


class Teller:
    """Tells on standard error how far a run is, and how fast it goes."""

    def __init__(self, what: str = "lives") -> None:
        self.done, self._from, self._what = 0, 0, what
        self._started = self._told = time.monotonic()

    def progress(self, done: int, wanted: int) -> None:
        """Called after every chunk."""
        now = time.monotonic()
        if self.done == 0:
            self._from, self._started = done, now
        self.done = done
        if now - self._told < TELL_SECONDS and done < wanted:
            return
        self._told = now
        rate = (done - self._from) / max(now - self._started, 1e-9)
        left = f", {(wanted - done) / rate:.0f} s left" if rate > 0.0 and done < wanted else ""
        speed = f", {rate:,.0f} {self._what} a second" if rate > 0.0 else ""
        sys.stderr.write(f"{done:,} of {wanted:,} women{speed}{left}\n")


def _show(found: dict[str, Any], out: Path) -> None:
    from decidua.tell.words import sentence

    counts, chances = found["counts"], found["chances"]
    lost = chances["miscarriage_if_recognised"]
    typer.echo(
        f"{found['women']:,} simulated women: {counts['recognised_pregnancies']:,} recognised pregnancies, "
        f"{counts['live_births']:,} live births, {counts['recognised_miscarriages']:,} miscarriages"
    )
    typer.echo(
        f"miscarriages of 100 recognised pregnancies: {100 * lost['mean']:.1f} "
        f"(95%: {100 * lost['lo']:.1f} to {100 * lost['hi']:.1f})"
    )
    if "assumes" in found:
        typer.echo(f"{found['mechanism']}: {sentence('contested_mechanism')}")
    if counts["women_tested"] or counts["women_treated"]:
        typer.echo(
            f"care: {counts['women_tested']:,} women tested, {counts['women_flagged']:,} of them with a high "
            f"reading; {counts['women_treated']:,} women treated"
        )
        typer.echo(sentence("steroid"))
    typer.echo(f"{out / 'summary.json'}")
    typer.echo(sentence("not_a_device"))

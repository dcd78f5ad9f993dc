"""`decidua pregnancy`: one simulated pregnancy day by day, many virtual women, or a study of tapers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from decidua.study.pregnancy import PregnancyAnswer, PregnancyQuestion
    from decidua.study.taper import TaperStudy

STORY_PROTOCOL = "story_protocol"
MOST_WOMEN = 10_000_000
MOST_JOBS = 256
LARGEST_SEED = 2**63 - 1
SECONDS_BETWEEN_LINES = 2.0


def pregnancy_command(
    density: Annotated[
        float | None,
        typer.Option(metavar="N", help="NK cells per mm2 on cycle day 21, untreated (250; women: drawn)."),
    ] = None,
    recognition: Annotated[
        float | None,
        typer.Option(metavar="0-1", help="How well the embryo is recognised (0.5; women: drawn)."),
    ] = None,
    genotype: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="KIR and HLA-C that set recognition; a wrong name lists them."),
    ] = None,
    mechanism: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The cells and loss: attack, perfusion, decidual_quality, too_few or marker (no effect).",
        ),
    ] = None,
    regimen: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="A shipped course of drugs, or a YAML file of your own."),
    ] = None,
    unk_course: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Course of the cells in pregnancy: level_then_lower or steady_fall."
        ),
    ] = "level_then_lower",
    infection_week: Annotated[
        float | None, typer.Option(metavar="WEEK", help="Week in which an infection begins.")
    ] = None,
    corpus_luteum_removed_week: Annotated[
        float | None, typer.Option(metavar="WEEK", help="Week in which the corpus luteum is removed.")
    ] = None,
    weeks: Annotated[float, typer.Option(metavar="N", help="Week at which the run ends, 4 to 45.")] = 40.0,
    women: Annotated[
        int | None, typer.Option(metavar="N", help="Also run this many virtual women and show bands.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the virtual women.")] = 1,
    jobs: Annotated[
        int | None, typer.Option(metavar="J", help="Worker processes for women; changes no result.")
    ] = None,
    taper_study: Annotated[
        bool, typer.Option("--taper-study", help="Compare tapers that start in different weeks.")
    ] = False,
    weeks_from: Annotated[int, typer.Option(metavar="WEEK", help="First week of the earliest taper.")] = 8,
    weeks_to: Annotated[int, typer.Option(metavar="WEEK", help="First week of the latest taper.")] = 20,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Also write tables, figures and a page here.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
) -> None:
    """Run one womb through a pregnancy, day by day: cells, embryo, hormones, drugs and infection.

    A simulated woman put together from studies of groups, never a forecast for one person. Courses of
    drugs exist in the simulator only. If you take steroids, do not stop or change them without your clinic:
    stopping suddenly can be dangerous.
    """
    from decidua.tell.files import folder_for

    if taper_study and women is not None:
        raise typer.BadParameter("give --taper-study or --women, not both")
    if recognition is not None and genotype is not None:
        raise typer.BadParameter("give --recognition or --genotype, not both")
    checked_women = _whole("--women", women, 1, MOST_WOMEN)
    checked_seed = _whole("--seed", seed, 0, LARGEST_SEED) or 0
    workers = _whole("--jobs", jobs, 1, MOST_JOBS) or min(2, os.cpu_count() or 1)
    question = _question(
        regimen=regimen or (STORY_PROTOCOL if taper_study else "none"),
        mechanism=mechanism,
        density_per_mm2=density,
        recognition=recognition,
        genotype=genotype,
        unk_course=unk_course,
        infection_week=infection_week,
        corpus_luteum_removed_week=corpus_luteum_removed_week,
        end_week=weeks,
    )
    started = time.monotonic()
    if taper_study:
        _tell_tapers(_tapers(question, weeks_from, weeks_to), folder_for(out), json_output)
        return
    answer = _answer(question)
    folder = folder_for(out)
    if checked_women is not None:
        answer = _with_women(answer, checked_women, checked_seed, workers)
    _tell(answer, folder, json_output)
    if folder is not None:
        _log(folder, jobs=workers, seconds=time.monotonic() - started)


def _question(*, regimen: str, mechanism: str | None, **given: Any) -> PregnancyQuestion:
    from decidua.study.pregnancy import NO_EFFECT, PregnancyQuestion, regimen_named

    return PregnancyQuestion(regimen=regimen_named(regimen), mechanism=mechanism or NO_EFFECT, **given)


def _whole(option: str, value: int | None, low: int, high: int) -> int | None:
    from decidua.base.errors import InputError

    if value is not None and not low <= value <= high:
        raise InputError(field=option, value=value, allowed=f"{low} to {high}")
    return value


def _answer(question: PregnancyQuestion) -> PregnancyAnswer:
    from decidua.study.pregnancy import ask_pregnancy

    return ask_pregnancy(question)


def _tapers(question: PregnancyQuestion, weeks_from: int, weeks_to: int) -> TaperStudy:
    from decidua.study.taper import study_tapers

    return study_tapers(question, weeks_from=weeks_from, weeks_to=weeks_to)


def _with_women(answer: PregnancyAnswer, women: int, seed: int, jobs: int) -> PregnancyAnswer:
    from decidua.study.pregnancy import ask_women

    told = Told(women=women, jobs=jobs)
    return ask_women(answer, women=women, seed=seed, jobs=jobs, progress=told.progress)


class Told:
    """Lines on standard error: an estimate of the time first, then how far it is, and how fast."""

    def __init__(self, *, women: int, jobs: int) -> None:
        self.women, self.jobs = women, jobs
        self.started = self.last = time.monotonic()
        self.first: tuple[int, float] | None = None

    def progress(self, done: int) -> None:
        """Called with the number of women done so far."""
        now = time.monotonic()
        if self.first is None:
            self.first = (done, now)
            return
        # Starting the workers is not part of the rate.
        rate = (done - self.first[0]) / max(now - self.first[1], 1e-9)
        left = (self.women - done) / max(rate, 1e-9)
        if self.last == self.started:
            whole = now - self.started + left
            typer.echo(f"about {whole:.0f} s for {self.women:,} women, jobs: {self.jobs}", err=True)
            self.last = now
        elif now - self.last >= SECONDS_BETWEEN_LINES and done < self.women:
            self.last = now
            line = f"{done:,} of {self.women:,} women, {rate:.0f} a second, {left:.0f} s left"
            typer.echo(line, err=True)


def _tell(answer: PregnancyAnswer, folder: Path | None, json_output: bool) -> None:
    if folder is not None:
        from decidua.tell.pregnancy_files import write_pregnancy

        _say_written(write_pregnancy(answer, folder), folder)
    if json_output:
        from decidua.tell.pregnancy_files import as_json
        from decidua.tell.pregnancy_json import pregnancy_record

        typer.echo(as_json(pregnancy_record(answer)))
    else:
        from rich.console import Console

        from decidua.tell.pregnancy_terminal import print_pregnancy

        print_pregnancy(answer, Console(highlight=False))


def _tell_tapers(study: TaperStudy, folder: Path | None, json_output: bool) -> None:
    from decidua.tell import taper_page

    if folder is not None:
        _say_written(taper_page.write_tapers(study, folder), folder)
    if json_output:
        from decidua.tell.pregnancy_files import as_json

        typer.echo(as_json(taper_page.taper_record(study)))
    else:
        from rich.console import Console

        taper_page.print_tapers(study, Console(highlight=False))


def _say_written(names: list[str], folder: Path) -> None:
    typer.echo(f"wrote {', '.join(sorted(names))} into {folder}", err=True)


def _log(folder: Path, *, jobs: int, seconds: float) -> None:
    """What is outside every promise of identity."""
    import json

    from decidua.tell.files import write_whole

    write_whole(folder / "run_log.json", json.dumps({"jobs": jobs, "seconds": round(seconds, 3)}))

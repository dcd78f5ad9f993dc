"""Virtual women: the same pregnancy in many of them, and the bands that hold most of them, in flat memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decidua.inference.workers import Tell, in_processes
from decidua.study.pregnancy_draws import Drawn, draw_women
from decidua.womb import Regimen, SolverError
from decidua.womb.mechanisms import mechanism_code
from decidua.womb.parameters import DAYS_PER_WEEK
from decidua.womb.schedule import Schedule, schedule_of
from decidua.womb.solver import NEVER, OUTPUTS, Run, density_multiplier, parameters_with, solve

FloatArray = NDArray[np.float64]
Progress = Callable[[int], None]

# A band of the middle 95 in 100 women hides errors of this size; see docs/pregnancy.md for what it costs.
RTOL, ATOL = 1e-7, 1e-10
CAREFUL_RTOL, CAREFUL_ATOL = 1e-9, 1e-12
WOMEN_PER_CHUNK = 32
SECONDS_TO_BE_ENDED = 5.0  # by the parent, which has been told why
LEVELS = (0.025, 0.5, 0.975)
MOST_BYTES_AT_ONCE = 32_000_000
WANTED = (
    "uterine_nk",
    "senescent_cells",
    "activation",
    "inhibition",
    "recognition_signal",
    "trophoblast",
    "invasion",
    "narrow_arteries",
    "oxidative_stress",
    "perfusion",
    "progesterone",
    "prednisolone_ng_per_ml",
    "prednisolone_unbound_ng_per_ml",
    "steroid_exposure",
    "adrenal_drive",
    "maternal_cortisol",
    "maternal_cortisol_free",
    "fetal_cortisol",
    "thromboxane",
    "infection",
    "loss_signal",
)
# What is kept of each woman besides her course.
TRAITS = ("density_per_mm2", "recognition", "on_steroid", "normalised", "ended_week")


@dataclass(frozen=True)
class WomenPlan:
    """What all virtual women share; a number that is None is drawn for each of them."""

    mechanism: str
    regimen: Regimen
    women: int
    seed: int
    density_per_mm2: float | None = None
    recognition: float | None = None
    genotype: str | None = None
    unk_course: str = "level_then_lower"
    infection_week: float | None = None
    corpus_luteum_removed_week: float | None = None
    end_week: float = 40.0

    @property
    def last_day(self) -> int:
        """Day of gestation on which every course ends."""
        return int(self.end_week * DAYS_PER_WEEK + 1e-9)

    @property
    def chunks(self) -> int:
        """How many chunks of women there are."""
        return -(-self.women // WOMEN_PER_CHUNK)

    def chunk(self, number: int) -> tuple[int, int]:
        """First woman of a chunk, and how many it holds."""
        first = number * WOMEN_PER_CHUNK
        return first, min(WOMEN_PER_CHUNK, self.women - first)


@dataclass(frozen=True)
class Bands:
    """Where the middle 95 in 100 of the women lie, day by day.

    time_days  days since the last period, shape (days,)
    bands      variable to values at LEVELS, each shape (3, days)
    women      how many
    on_steroid, normalised, ended   shares of the women: given prednisolone; with a count below the
               protocol's cut (None without one); with trophoblast lost for want of progesterone or by killing
    """

    time_days: FloatArray
    bands: Mapping[str, FloatArray]
    women: int
    on_steroid: float
    normalised: float | None
    ended: float
    density_per_mm2: tuple[float, float, float]


def banded() -> tuple[str, ...]:
    """The variables that have bands: those of WANTED that the model gives."""
    return tuple(name for name in WANTED if name in OUTPUTS)


def simulate_women(plan: WomenPlan, *, jobs: int, progress: Progress | None = None) -> Bands:
    """Run every woman and find the bands.

    Courses go to a temporary file as single-precision numbers, chunk by chunk at places that the address of
    the women fixes; quantiles are exact and read one variable and a few days at a time. Memory does not grow
    with the number of women; the file takes 4 bytes for each woman, day and variable.

    Arguments:  plan      what is asked
                jobs      worker processes; libRoadRunner holds Python's lock while it solves, so that
                          threads would wait for one another. 1 uses this process alone. Changes no result.
                progress  called with the number of women done so far, or None
    Returns:    Bands
    Raises:     SolverError naming what was set for the woman whose model could not be solved
    Checked by: tests/unit/study/test_pregnancy_women.py
    """
    tell = progress or (lambda _: None)
    with tempfile.TemporaryDirectory(prefix="decidua-women-") as folder:
        scratch = Scratch(Path(folder), plan)
        scratch.create()
        _run_all(scratch, min(jobs, plan.chunks), tell)
        return _bands(plan, scratch)


@dataclass(frozen=True)
class Scratch:
    """Where the courses lie: one file of blocks (variable, woman, day) by chunk, one of traits by woman."""

    folder: Path
    plan: WomenPlan

    @property
    def days(self) -> int:
        """Days of a course."""
        return self.plan.last_day + 1

    def create(self) -> None:
        """Make both files at their full size, which takes no room on the disk yet."""
        plan, trait_bytes = self.plan, 8 * len(TRAITS)
        for name, size in (("courses", self._at(plan.women)), ("traits", trait_bytes * plan.women)):
            with (self.folder / name).open("wb") as file:
                file.truncate(size)

    def write(self, chunk: int, courses: NDArray[np.float32], traits: FloatArray) -> None:
        """Put a chunk in its place; shapes (variables, women, days) and (women, traits)."""
        first, _ = self.plan.chunk(chunk)
        for name, place, values in (
            ("courses", self._at(first), courses),
            ("traits", 8 * len(TRAITS) * first, traits),
        ):
            with (self.folder / name).open("r+b") as file:
                file.seek(place)
                file.write(np.ascontiguousarray(values).tobytes())

    def read(self, variable: int, days: slice) -> NDArray[np.float32]:
        """One variable of all women on some days, shape (women, days)."""
        out = np.empty((self.plan.women, days.stop - days.start), dtype=np.float32)
        with (self.folder / "courses").open("rb") as file:
            for chunk in range(self.plan.chunks):
                first, count = self.plan.chunk(chunk)
                file.seek(self._at(first) + 4 * variable * count * self.days)
                block = np.frombuffer(file.read(4 * count * self.days), dtype=np.float32)
                out[first : first + count] = block.reshape(count, self.days)[:, days]
        return out

    def traits(self) -> FloatArray:
        """Traits of all women, shape (women, traits)."""
        return np.fromfile(self.folder / "traits").reshape(self.plan.women, len(TRAITS))

    def _at(self, woman: int) -> int:
        return 4 * woman * len(banded()) * self.days


@dataclass(frozen=True)
class Share:
    """The part of the chunks that one worker does: every so many from its own on."""

    scratch: Scratch
    first: int
    step: int


def _run_all(scratch: Scratch, jobs: int, tell: Progress) -> None:
    done = 0

    def count(line: str) -> None:
        nonlocal done
        if not line.isdigit():
            raise SolverError(line)
        done += int(line)
        tell(done)

    shares = {f"women {k + 1} of {jobs}": Share(scratch, k, jobs) for k in range(jobs)}
    if jobs == 1:
        _work(shares["women 1 of 1"], count)
    else:
        in_processes(_work, shares, jobs=jobs, progress=count)


def _work(share: Share, tell: Tell) -> None:
    """Do a share; what goes wrong is told in words, so that the parent can say it."""
    plan = share.scratch.plan
    for chunk in range(share.first, plan.chunks, share.step):
        try:
            share.scratch.write(chunk, *run_chunk(plan, chunk))
        except SolverError as error:
            tell(f"{error}")
            time.sleep(SECONDS_TO_BE_ENDED)
            return
        tell(str(plan.chunk(chunk)[1]))


def run_chunk(plan: WomenPlan, chunk: int) -> tuple[NDArray[np.float32], FloatArray]:
    """Courses and traits of one chunk of women, shapes (variables, women, days) and (women, traits)."""
    first, count = plan.chunk(chunk)
    drawn = draw_women(plan.seed, first=first, count=count)
    courses = np.empty((len(banded()), count, plan.last_day + 1), dtype=np.float32)
    traits = np.empty((count, len(TRAITS)))
    for k in range(count):
        courses[:, k], traits[k] = _one_woman(plan, drawn, k)
    return courses, traits


def _one_woman(plan: WomenPlan, drawn: Drawn, k: int) -> tuple[NDArray[np.float32], FloatArray]:
    """Course on days 0 to the last, and traits."""
    values = parameters_with({name: float(column[k]) for name, column in drawn.priors.items()})
    run = _run(plan, drawn, k, values)
    found = {name: column[-(plan.last_day + 1) :] for name, column in _solved(run, values).items()}
    has_steroid = any(change.drug == "prednisolone" for change in run.schedule.changes)
    normal = np.nan if run.schedule.normalised is None else float(run.schedule.normalised)
    recognition = float(found["recognition_signal"][0]) if plan.genotype else run.recognition
    traits = np.array(
        [run.density_per_mm2, recognition, float(has_steroid), normal, _ended_week(found, values)]
    )
    return np.stack([found[name] for name in banded()]).astype(np.float32), traits


def _solved(run: Run, values: Mapping[str, float]) -> dict[str, FloatArray]:
    """The course; a woman whose model asks for more care gets the tolerances of a single pregnancy."""
    try:
        return solve(run, parameters=values)
    except SolverError:
        return solve(replace(run, rtol=CAREFUL_RTOL, atol=CAREFUL_ATOL), parameters=values)


def _run(plan: WomenPlan, drawn: Drawn, k: int, values: Mapping[str, float]) -> Run:
    density = float(drawn.density_per_mm2[k]) if plan.density_per_mm2 is None else plan.density_per_mm2
    return Run(
        schedule=_schedule(plan, density, values),
        density_per_mm2=density,
        recognition=float(drawn.recognition[k]) if plan.recognition is None else plan.recognition,
        genotype=plan.genotype,
        mechanism=mechanism_code(plan.mechanism),
        end_day=float(plan.last_day),
        level_course=plan.unk_course == "level_then_lower",
        infection_day=_day_or_never(plan.infection_week),
        corpus_luteum_removed_day=_day_or_never(plan.corpus_luteum_removed_week),
        rtol=RTOL,
        atol=ATOL,
    )


def _schedule(plan: WomenPlan, density: float, values: Mapping[str, float]) -> Schedule:
    """The regimen for one woman, whose count answers to her own drug effect."""
    return schedule_of(
        plan.regimen,
        density_per_mm2=density,
        multiplier=lambda dose: density_multiplier(dose, parameters=values),
        infection_day=None if plan.infection_week is None else plan.infection_week * DAYS_PER_WEEK,
    )


def _day_or_never(week: float | None) -> float:
    return NEVER if week is None else week * DAYS_PER_WEEK


def _ended_week(found: Mapping[str, FloatArray], values: Mapping[str, float]) -> float:
    """Week in which trophoblast falls below the declared share of a normal one; NaN if it does not."""
    share = values["trophoblast_ended_share"]
    is_below = found["trophoblast"] < share * found["trophoblast_normal"]
    below = np.flatnonzero((found["time"] > values["trophoblast_implantation_day"]) & is_below)
    return float(found["time"][below[0]] / DAYS_PER_WEEK) if below.size else np.nan


def _bands(plan: WomenPlan, scratch: Scratch) -> Bands:
    traits = dict(zip(TRAITS, scratch.traits().T, strict=True))
    tested = ~np.isnan(traits["normalised"])
    low, middle, high = np.quantile(traits["density_per_mm2"], LEVELS, method="hazen")
    return Bands(
        time_days=np.arange(scratch.days, dtype=np.float64),
        bands={name: _quantiles(scratch, v) for v, name in enumerate(banded())},
        women=plan.women,
        on_steroid=float(traits["on_steroid"].mean()),
        normalised=float(traits["normalised"][tested].mean()) if tested.any() else None,
        ended=float((~np.isnan(traits["ended_week"])).mean()),
        density_per_mm2=(float(low), float(middle), float(high)),
    )


def _quantiles(scratch: Scratch, variable: int) -> FloatArray:
    """Exact quantiles of one variable by day, a few days at a time where there are very many women."""
    parts = [
        np.quantile(scratch.read(variable, days), LEVELS, axis=0, method="hazen")
        for days in _day_blocks(scratch)
    ]
    return np.concatenate(parts, axis=1, dtype=np.float64)


def _day_blocks(scratch: Scratch) -> Iterator[slice]:
    step = max(1, MOST_BYTES_AT_ONCE // (4 * scratch.plan.women))
    for first in range(0, scratch.days, step):
        yield slice(first, min(first + step, scratch.days))

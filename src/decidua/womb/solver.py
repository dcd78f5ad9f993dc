"""Composes the Antimony parts to one model, compiles it once for each schedule and thread, and runs it."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.womb import parameters as ledger_parameters
from decidua.womb.parameters import CYCLE_DAYS
from decidua.womb.schedule import DoseChange, Schedule

PARTS = ("units", "endometrium", "trophoblast", "arteries", "hormones", "drug", "infection", "mechanisms")
STATES = (
    "uterine_nk",
    "senescent_cells",
    "activation",
    "trophoblast",
    "narrow_arteries",
    "oxidative_stress",
    "corpus_luteum",
    "fetal_cortisol",
    "prednisolone_gut",
    "prednisolone_ng_per_ml",
    "steroid_exposure",
    "infection",
)
DRUGS = ("prednisolone", "progesterone", "aspirin")
SIGNALS = ("signal_attack", "signal_perfusion", "signal_decidual_quality", "signal_too_few")
OUTPUTS = (
    *STATES,
    "uterine_nk_untreated",
    "trophoblast_normal",
    "plugs_open",
    "perfusion",
    "premature_flow",
    "placental_progesterone",
    "progesterone_given",
    "progesterone",
    "maternal_cortisol",
    "fetal_prednisolone_ng_per_ml",
    *(f"{drug}_mg_per_day" for drug in DRUGS),
    *SIGNALS,
    "loss_signal",
)
NEVER = 1e9
MOST_MODELS_KEPT = 24
LARGEST_NEGATIVE = 1e-7
Array = NDArray[np.float64]


class SolverError(RuntimeError):
    """The model could not be solved; the message names the inputs and parameters of the run."""


@dataclass(frozen=True)
class Run:
    """What is set for one run of the model, and on which grid of days it is read."""

    schedule: Schedule
    density_per_mm2: float
    recognition: float
    mechanism: int
    end_day: float
    points_per_day: int = 1
    level_course: bool = True
    infection_day: float = NEVER
    corpus_luteum_removed_day: float = NEVER
    doses_per_day: int = 0  # 0: the day's dose flows in evenly; else single doses, this many a day
    rtol: float = 1e-9
    atol: float = 1e-12

    def inputs(self) -> dict[str, float]:
        """Values of the model's inputs, by name."""
        doses = {f"{drug}_mg_per_day": self.schedule.dose_at_start(drug) for drug in DRUGS}
        return {
            "density_per_mm2": self.density_per_mm2,
            "recognition": self.recognition,
            "mechanism": float(self.mechanism),
            "level_course": float(self.level_course),
            "infection_day": self.infection_day,
            "corpus_luteum_removed_day": self.corpus_luteum_removed_day,
            "cycle_start": self.schedule.start_day,
            "corpus_luteum_present": 1.0,
            "by_event": float(self.doses_per_day > 0),
            **doses,
        }


@cache
def model_parts() -> str:
    """The text of the model's parts in their order, without parameters."""
    folder = Path(__file__).parent / "models"
    return "\n".join((folder / f"{part}.ant").read_text(encoding="utf-8") for part in PARTS)


@cache
def model_parameters() -> dict[str, float]:
    """Every parameter of the model; two come from a run of the model itself.

    The density falls linearly in the largest drug effect, so one run with that effect at 1 gives the effect
    that meets the declared multiplier on day 21 of 20 mg a day.
    """
    trial = {
        **ledger_parameters.with_derived(ledger_parameters.ledger_values()),
        "prednisolone_unk_max_effect": 1.0,
        "infection_steroid_max_effect": 0.0,
    }
    dose = ledger_parameters.DOSE_OF_DENSITY_MULTIPLIER_MG_PER_DAY
    fall_at_one = 1.0 - density_multiplier(dose, parameters=trial)
    wanted_fall = 1.0 - trial["prednisolone_unk_multiplier_20mg_21days"]
    found = {**trial, "prednisolone_unk_max_effect": wanted_fall / fall_at_one}
    return {**found, "infection_steroid_max_effect": ledger_parameters.infection_steroid_effect(found)}


def density_multiplier(dose_mg_per_day: float, *, parameters: Mapping[str, float] | None = None) -> float:
    """Density on the mid-luteal day of the first cycle on a daily dose, over the untreated density.

    Arguments:  dose_mg_per_day  mg per day from cycle day 1, >= 0
                parameters       other parameters than the shipped ones
    Returns:    multiple, at most 1; the same for every density, since cells come and go in proportion
    """
    values = model_parameters() if parameters is None else parameters
    schedule = Schedule(start_day=0.0, changes=(DoseChange(0.0, "prednisolone", dose_mg_per_day),))
    day = values["unk_mid_luteal_day"]
    run = Run(schedule=schedule, density_per_mm2=1.0, recognition=0.5, mechanism=5, end_day=day)
    found = solve(run, parameters=values)
    return float(found["uterine_nk"][-1] / found["uterine_nk_untreated"][-1])


def antimony_text(schedule: Schedule, *, parameters: Mapping[str, float], doses_per_day: int = 0) -> str:
    """The whole model in Antimony: its parts, its parameters and the regimen as events.

    Arguments:  schedule       changes of dose
                parameters     name to value
                doses_per_day  0 for an even flow, else single doses of prednisolone each day
    Returns:    text that Antimony reads
    """
    parts = model_parts()
    used = set(re.findall(r"[a-z][a-z0-9_]*", parts))
    values = [f"{name} = {value!r};" for name, value in sorted(parameters.items()) if name in used]
    nothing = Run(schedule=schedule, density_per_mm2=1.0, recognition=0.5, mechanism=5, end_day=1.0)
    inputs = [f"{name} = {value!r};" for name, value in nothing.inputs().items()]
    events = [*_dose_events(schedule, doses_per_day), *_menses_events(schedule)]
    events += _single_dose_event(schedule, doses_per_day)
    return "\n".join(["model decidua_womb", parts, *values, *inputs, *events, "end", ""])


def _dose_events(schedule: Schedule, doses_per_day: int) -> list[str]:
    later = [change for change in schedule.changes if change.day > schedule.start_day]
    return [_dose_event(change, doses_per_day) for change in later]


def _dose_event(change: DoseChange, doses_per_day: int) -> str:
    new = f"{change.drug}_mg_per_day = {change.mg_per_day!r}"
    if doses_per_day and change.drug == "prednisolone":
        new += f", next_dose = {change.day + 0.5 / doses_per_day!r}"
    return f"at (time >= {change.day!r}): {new};"


def _menses_events(schedule: Schedule) -> list[str]:
    """Cycles before conception end in menses: the lining is shed and all that stands in it starts again."""
    days = np.arange(schedule.start_day + CYCLE_DAYS, 0.5, CYCLE_DAYS)
    shed = "density_per_mm2 * unk_first_day_share * (1 - unk_drug_effect)"
    again = f"uterine_nk = {shed}, senescent_cells = 0, narrow_arteries = 1, oxidative_stress = 0"
    return [f"at (time >= {float(day)!r}): cycle_start = {float(day)!r}, {again};" for day in days]


def _single_dose_event(schedule: Schedule, doses_per_day: int) -> list[str]:
    """Each dose in the middle of its share of the day, so that it stands for the even flow of that share."""
    if not doses_per_day:
        return []
    share = f"prednisolone_availability * prednisolone_mg_per_day / {doses_per_day}"
    taken = f"prednisolone_gut = prednisolone_gut + {share}, next_dose = next_dose + {1.0 / doses_per_day!r}"
    due = "(time >= next_dose) && (prednisolone_mg_per_day > 0)"
    first = schedule.start_day + 0.5 / doses_per_day
    return [f"next_dose = {first!r};", f"at ({due}): {taken};"]


_kept = threading.local()


def _compiled(text: str) -> Any:
    """The compiled model of this text for this thread: an instance must not be shared by threads."""
    models: dict[str, Any] = _kept.__dict__.setdefault("models", {})
    if text not in models:
        while len(models) >= MOST_MODELS_KEPT:
            models.pop(next(iter(models)))
        models[text] = _compile(text)
    return models[text]


# libAntimony keeps the models it has read in one table for the whole process.
_antimony_lock = threading.Lock()


def _compile(text: str) -> Any:
    # SUNDIALS, below libRoadRunner, writes to standard error by itself; the caller gets a SolverError.
    os.environ.setdefault("SUNLOGGER_ERROR_FILENAME", os.devnull)
    antimony, roadrunner = import_module("antimony"), import_module("roadrunner")
    roadrunner.Logger.disableLogging()
    with _antimony_lock:
        antimony.clearPreviousLoads()
        if antimony.loadAntimonyString(text) < 0:
            raise SolverError(f"the model cannot be read: {antimony.getLastError()}")
        sbml = antimony.getSBMLString("decidua_womb")
    # Two instances that share compiled code were seen to take different steps; compiled anew each time they
    # agree bit for bit, which the identity of results over threads rests on.
    options = roadrunner.LoadSBMLOptions()
    options.modelGeneratorOpt |= roadrunner.LoadSBMLOptions.RECOMPILE
    try:
        return roadrunner.RoadRunner(sbml, options)
    except RuntimeError as error:
        raise SolverError(f"the model cannot be compiled: {error}") from None


def solve(run: Run, *, parameters: Mapping[str, float] | None = None) -> dict[str, Array]:
    """Run the model and read every output on its grid of days.

    Arguments:  run         inputs, schedule and tolerances
                parameters  other parameters than the shipped ones
    Returns:    `time` in days since the last period, and each of OUTPUTS, arrays of one length
    Raises:     SolverError naming inputs and parameters when the solver stops or a value makes no sense
    Checked by: tests/unit/womb
    """
    values = model_parameters() if parameters is None else parameters
    text = antimony_text(run.schedule, parameters=values, doses_per_day=run.doses_per_day)
    found = _simulated(_compiled(text), run, values)
    columns = dict(zip(("time", *OUTPUTS), found.T, strict=True))
    _refuse_nonsense(columns, run, values)
    return {name: np.maximum(column, 0.0) if name != "time" else column for name, column in columns.items()}


def _simulated(model: Any, run: Run, parameters: Mapping[str, float]) -> Array:
    days = run.end_day - run.schedule.start_day
    points = round(days * run.points_per_day) + 1
    try:
        model.resetToOrigin()
        _set_up(model, run, parameters)
        table = model.simulate(run.schedule.start_day, run.end_day, points, ["time", *OUTPUTS])
    except RuntimeError as error:
        _kept.models.clear()  # an instance that stopped half way is not trusted again
        raise _failure(run, parameters, why=str(error)) from None
    return np.array(table, dtype=np.float64)


def _set_up(model: Any, run: Run, parameters: Mapping[str, float]) -> None:
    for name, value in run.inputs().items():
        model.setValue(name, value)
    model.setValue("uterine_nk", run.density_per_mm2 * parameters["unk_first_day_share"])
    integrator = model.getIntegrator()
    settings = {
        "relative_tolerance": run.rtol,
        "absolute_tolerance": run.atol,
        "stiff": True,
        "maximum_num_steps": 100_000,
        "maximum_time_step": 7.0,
    }
    for name, setting in settings.items():
        integrator.setValue(name, setting)


def _refuse_nonsense(columns: Mapping[str, Array], run: Run, parameters: Mapping[str, float]) -> None:
    for name in OUTPUTS:
        column = columns[name]
        if not np.all(np.isfinite(column)):
            raise _failure(run, parameters, why=f"{name} is not finite")
        if column.min() < -LARGEST_NEGATIVE * max(1.0, float(column.max())):
            raise _failure(run, parameters, why=f"{name} falls to {column.min():.3g}, below zero")


def _failure(run: Run, parameters: Mapping[str, float], *, why: str) -> SolverError:
    inputs = ", ".join(f"{name}={value:g}" for name, value in run.inputs().items())
    values = ", ".join(f"{name}={value:g}" for name, value in sorted(parameters.items()))
    return SolverError(f"the womb model could not be solved ({why}); inputs: {inputs}; parameters: {values}")

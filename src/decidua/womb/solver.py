"""Compiles the model once for each schedule and thread, sets what a run needs, and runs it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.base.errors import NotSolvedError
from decidua.womb.composition import DRUGS, MODEL, composed_text, model_parts, used_names
from decidua.womb.drug_effect import density_multiplier, model_parameters, parameters_with
from decidua.womb.genotypes import genotype_inputs
from decidua.womb.schedule import Schedule

__all__ = [
    "NEVER",
    "OUTPUTS",
    "STATES",
    "Array",
    "Run",
    "SolverError",
    "antimony_text",
    "density_multiplier",
    "model_parameters",
    "model_parts",
    "model_text",
    "parameters_with",
    "sbml_text",
    "solve",
]

STATES = (
    "uterine_nk",
    "senescent_cells",
    "activation",
    "trophoblast",
    "invasion",
    "narrow_arteries",
    "oxidative_stress",
    "corpus_luteum",
    "adrenal_drive",
    "fetal_cortisol",
    "prednisolone_gut",
    "prednisolone_body",
    "prednisolone_eliminated",
    "prednisolone_given_mg",
    "steroid_exposure",
    "thromboxane",
    "infection",
)
SIGNALS = ("signal_attack", "signal_perfusion", "signal_decidual_quality", "signal_too_few")
OUTPUTS = (
    *STATES,
    "uterine_nk_untreated",
    "recognition_signal",
    "inhibition",
    "trophoblast_normal",
    "plugs_open",
    "perfusion",
    "premature_flow",
    "placental_progesterone",
    "progesterone_given",
    "progesterone",
    "maternal_cortisol",
    "maternal_cortisol_free",
    "corticosteroid_binding_globulin",
    "fetal_cortisol_from_mother",
    "placental_barrier",
    "prednisolone_ng_per_ml",
    "prednisolone_unbound_ng_per_ml",
    "fetal_prednisolone_ng_per_ml",
    *(f"{drug}_mg_per_day" for drug in DRUGS),
    *SIGNALS,
    "loss_signal",
)
NEVER = 1e9
MOST_MODELS_KEPT = 24
LARGEST_NEGATIVE = 1e-7
Array = NDArray[np.float64]


class SolverError(NotSolvedError):
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
    genotype: str | None = None  # one of GENOTYPES; then `recognition` is not heard
    hla_e: float = 1.0
    hla_g: float = 1.0
    fetal_cortisol_made: bool = True

    def inputs(self) -> dict[str, float]:
        """Values of the model's inputs, by name."""
        doses = {f"{drug}_mg_per_day": self.schedule.dose_at_start(drug) for drug in DRUGS}
        return {
            "density_per_mm2": self.density_per_mm2,
            "recognition": self.recognition,
            "hla_e": self.hla_e,
            "hla_g": self.hla_g,
            "mechanism": float(self.mechanism),
            "level_course": float(self.level_course),
            "infection_day": self.infection_day,
            "corpus_luteum_removed_day": self.corpus_luteum_removed_day,
            "cycle_start": self.schedule.start_day,
            "corpus_luteum_present": 1.0,
            "fetal_cortisol_made": float(self.fetal_cortisol_made),
            "by_event": float(self.doses_per_day > 0),
            **genotype_inputs(self.genotype),
            **doses,
        }


def model_text(run: Run, *, parameters: Mapping[str, float] | None = None) -> str:
    """The whole model of one run in Antimony, its inputs and parameters written in.

    Arguments:  run         inputs and schedule
                parameters  other parameters than the shipped ones
    Returns:    text that Antimony reads
    """
    values = model_parameters() if parameters is None else parameters
    return composed_text(
        run.schedule, parameters=values, inputs=run.inputs(), doses_per_day=run.doses_per_day
    )


def antimony_text(schedule: Schedule, *, parameters: Mapping[str, float], doses_per_day: int = 0) -> str:
    """The text that is compiled for a schedule: all that differs between its runs is set afterwards.

    Arguments:  schedule       changes of dose
                parameters     name to value
                doses_per_day  0 for an even flow, else single doses of prednisolone each day
    Returns:    text that Antimony reads
    """
    nothing = Run(
        schedule=schedule,
        density_per_mm2=1.0,
        recognition=0.5,
        mechanism=5,
        end_day=1.0,
        doses_per_day=doses_per_day,
    )
    return model_text(nothing, parameters=parameters)


# libAntimony keeps the models it has read in one table for the whole process.
_antimony_lock = threading.Lock()


def sbml_text(text: str) -> str:
    """A model in Antimony as SBML Level 3 Version 2.

    Arguments:  text  what `model_text` gives
    Returns:    SBML
    Raises:     SolverError when Antimony cannot read it
    """
    antimony = import_module("antimony")
    with _antimony_lock:
        antimony.clearPreviousLoads()
        if antimony.loadAntimonyString(text) < 0:
            raise SolverError(f"the model cannot be read: {antimony.getLastError()}")
        sbml: str = antimony.getSBMLString(MODEL)
    return sbml


@dataclass
class _Compiled:
    """A model of one thread, and where its parameters stand in its own table."""

    runner: Any
    names: tuple[str, ...]
    indices: dict[str, int]
    tolerances: tuple[float, float] | None = None


_kept = threading.local()


def _compiled(schedule: Schedule, doses_per_day: int) -> _Compiled:
    """The compiled model for this thread: an instance must not be shared by threads."""
    models: dict[Any, _Compiled] = _kept.__dict__.setdefault("models", {})
    key = (schedule.start_day, schedule.changes, doses_per_day)
    if key not in models:
        while len(models) >= MOST_MODELS_KEPT:
            models.pop(next(iter(models)))
        models[key] = _compile(
            antimony_text(schedule, parameters=model_parameters(), doses_per_day=doses_per_day)
        )
    return models[key]


def _compile(text: str) -> _Compiled:
    # SUNDIALS, below libRoadRunner, writes errors to standard error and warnings to standard output by
    # itself; the caller gets a SolverError, and standard output is for results.
    for level in ("ERROR", "WARNING"):
        os.environ.setdefault(f"SUNLOGGER_{level}_FILENAME", os.devnull)
    sbml, roadrunner = sbml_text(text), import_module("roadrunner")
    roadrunner.Logger.disableLogging()
    # Two instances that share compiled code were seen to take different steps; compiled anew each time they
    # agree bit for bit, which the identity of results over threads rests on.
    options = roadrunner.LoadSBMLOptions()
    options.modelGeneratorOpt |= roadrunner.LoadSBMLOptions.RECOMPILE
    try:
        runner = roadrunner.RoadRunner(sbml, options)
    except RuntimeError as error:
        raise SolverError(f"the model cannot be compiled: {error}") from None
    found = {name: index for index, name in enumerate(runner.model.getGlobalParameterIds())}
    names = tuple(name for name in sorted(model_parameters()) if name in used_names())
    return _Compiled(runner, names, found)


def solve(run: Run, *, parameters: Mapping[str, float] | None = None) -> dict[str, Array]:
    """Run the model and read every output on its grid of days.

    Arguments:  run         inputs, schedule and tolerances
                parameters  other parameters than the shipped ones (`parameters_with`); none is compiled in
    Returns:    `time` in days since the last period, and each of OUTPUTS, arrays of one length
    Raises:     SolverError naming inputs and parameters when the solver stops or a value makes no sense
    Checked by: tests/unit/womb
    """
    values = model_parameters() if parameters is None else parameters
    _refuse_missing(values)
    found = _simulated(_compiled(run.schedule, run.doses_per_day), run, values)
    if not np.all(np.isfinite(found)) or np.any(found.min(axis=0)[1:] < 0.0):
        _refuse_nonsense(found, run, values)
        np.maximum(found[:, 1:], 0.0, out=found[:, 1:])
    return dict(zip(("time", *OUTPUTS), found.T.copy(), strict=True))


def _refuse_missing(parameters: Mapping[str, float]) -> None:
    missing = [name for name in model_parameters() if name not in parameters and name in used_names()]
    if missing:
        raise SolverError(f"parameters without a value: {', '.join(missing)}")


def _simulated(compiled: _Compiled, run: Run, parameters: Mapping[str, float]) -> Array:
    days = run.end_day - run.schedule.start_day
    points = round(days * run.points_per_day) + 1
    try:
        compiled.runner.resetToOrigin()
        _set_up(compiled, run, parameters)
        table = compiled.runner.simulate(run.schedule.start_day, run.end_day, points, ["time", *OUTPUTS])
    except RuntimeError as error:
        _kept.models.clear()  # an instance that stopped half way is not trusted again
        raise _failure(run, parameters, why=str(error)) from None
    return np.array(table, dtype=np.float64)


def _set_up(compiled: _Compiled, run: Run, parameters: Mapping[str, float]) -> None:
    """Set everything in one call: a call to the runner costs as much as dozens of values."""
    values = {name: parameters[name] for name in compiled.names} | run.inputs()
    compiled.runner.model.setGlobalParameterValues(
        [compiled.indices[name] for name in values], list(values.values())
    )
    compiled.runner.setValue("uterine_nk", run.density_per_mm2 * parameters["unk_first_day_share"])
    if compiled.tolerances != (run.rtol, run.atol):
        _set_integrator(compiled, run)


def _set_integrator(compiled: _Compiled, run: Run) -> None:
    integrator = compiled.runner.getIntegrator()
    settings = {
        "relative_tolerance": run.rtol,
        "absolute_tolerance": run.atol,
        "stiff": True,
        "maximum_num_steps": 100_000,
        "maximum_time_step": 7.0,
    }
    for name, setting in settings.items():
        integrator.setValue(name, setting)
    compiled.tolerances = (run.rtol, run.atol)


def _refuse_nonsense(found: Array, run: Run, parameters: Mapping[str, float]) -> None:
    for name, column in zip(OUTPUTS, found.T[1:], strict=True):
        if not np.all(np.isfinite(column)):
            raise _failure(run, parameters, why=f"{name} is not finite")
        if column.min() < -LARGEST_NEGATIVE * max(1.0, float(column.max())):
            raise _failure(run, parameters, why=f"{name} falls to {column.min():.3g}, below zero")


def _failure(run: Run, parameters: Mapping[str, float], *, why: str) -> SolverError:
    inputs = ", ".join(f"{name}={value:g}" for name, value in run.inputs().items())
    values = ", ".join(f"{name}={value:g}" for name, value in sorted(parameters.items()))
    return SolverError(f"the womb model could not be solved ({why}); inputs: {inputs}; parameters: {values}")

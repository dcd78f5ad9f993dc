"""Every comparison of the model with published results and real histories, as one result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.estimates import weighted_estimate
from decidua.base.provenance import SCHEMA_VERSION, provenance
from decidua.evidence import Ledger, load_ledger
from decidua.evidence.draws import Draws, draws_file, load_draws
from decidua.inference.assembly import stage_values
from decidua.inference.class_weights import weights_are
from decidua.inference.posterior import Likelihood, likelihood_of
from decidua.inference.prepared import law_parameters_at
from decidua.inference.priors import DEFAULT_STRUCTURE, structure_named
from decidua.inference.targets import calibration_targets
from decidua.life.parameters import SHAPES
from decidua.study.survey import Settings, compare_survey, leak_warning
from decidua.study.survey_file import read_survey
from decidua.study.survey_model import model_chances
from decidua.study.validation_bands import ceiling_row, mean_error_row
from decidua.study.validation_ceiling import simulated_c_statistic
from decidua.study.validation_clinics import Clinics
from decidua.study.validation_lives import Compared, Simulation, compare_lives
from decidua.study.validation_lives_rule import load_lives_rule
from decidua.study.validation_lives_weeks import Observed, read_weeks
from decidua.study.validation_registers import Registers
from decidua.study.validation_rows import (
    Predictions,
    Row,
    cell_rows,
    row_of,
    sorted_rows,
)
from decidua.study.validation_rule import Rule, load_rule
from decidua.study.validation_womb import womb_rows, womb_rule_dict
from decidua.study.validation_women import women_of
from decidua.womb import MECHANISM_CLASS

# Both shapes of the differences between women are reported for the tail, which they tell apart.
OTHER_SHAPE = "fading-two_class"
TAIL = "H1."
DRAWS, FAST_DRAWS = 200, 20
CEILING_DRAWS, FAST_CEILING_DRAWS = 20, 4

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """What every comparison needs."""

    ledger: Ledger
    rule: Rule
    is_fast: bool
    progress: Progress

    @property
    def p_go_on(self) -> tuple[float, ...]:
        """Chance of a further pregnancy after a birth: first, second, third and later."""
        return tuple(self.ledger.value(f"calibration.p_go_on_after_birth_{k}") for k in (1, 2, 3))


def validate(
    *, structure: str | None = None, survey: Path | None = None, weeks: Path | None = None,
    is_fast: bool = False, jobs: int = 1, progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Compare the model with published results, and with a survey's histories where its folder is given.

    Arguments:  structure  whose draws are judged; the tail is also judged under the other shape
                survey     folder with the survey's files, or None
                weeks      file of pregnancies by week of entry and end, or None
                is_fast    few draws and a tenth of the lives
                jobs       threads of the simulated lives; changes no result
                progress   called with a line of text now and then
    Returns:    dict ready for JSON: schema_version, rules, rows (misses first), coverage, survey, provenance
    Raises:     InputError when the survey's files or the weeks' file cannot be used
    Checked by: tests/unit/study/test_validation.py
    """
    name = structure or DEFAULT_STRUCTURE.name
    bench = Bench(load_ledger(), load_rule(), is_fast, progress)
    settings = Settings.of(bench.rule, is_fast=is_fast)
    # The survey is read first, so that a folder that cannot be used is refused at once.
    scored = None if survey is None else read_survey(survey)
    observed = None if weeks is None else read_weeks(weeks, load_lives_rule().raw["weeks"])
    lives = lives_of(bench, name, observed, jobs)
    rows = sorted_rows([*table_rows(bench, name), *lives.rows])
    compared = None
    if scored is not None:
        progress("scoring the survey's histories")
        predictor = partial(_chances, structure=name, progress=progress)
        compared = compare_survey(
            scored, ledger=bench.ledger, settings=settings, predictor=predictor, is_fast=is_fast
        )
        compared["warning"] = leak_warning(compared, settings)
    return {
        "schema_version": SCHEMA_VERSION,
        "rule": bench.rule.to_dict(),
        "womb_rule": womb_rule_dict(),
        "lives_rule": load_lives_rule().to_dict(),
        "rows": [row.to_dict() for row in rows],
        "coverage": lives.coverage,
        "survey": compared,
        "structures": _structures(name),
        "provenance": _provenance(
            bench, name, load_draws(name), has_survey=survey is not None, has_weeks=weeks is not None
        ),
    }


def lives_of(bench: Bench, structure: str, observed: Observed | None, jobs: int) -> Compared:
    """Every row that needs simulated lives."""
    other = OTHER_SHAPE if OTHER_SHAPE in _judged_structures(structure) else None
    simulation = Simulation(jobs, bench.is_fast, bench.progress)
    return compare_lives(
        bench.rule,
        load_lives_rule(),
        bench.ledger,
        structure=structure,
        other_shape=other,
        observed=observed,
        simulation=simulation,
    )


def _chances(pasts: Any, draws: int, *, structure: str, progress: Progress) -> Any:
    def told(done: int, total: int) -> None:
        progress(f"histories: {done} of {total}")

    return model_chances(pasts, structure=structure, draws=draws, progress=told)


def table_rows(bench: Bench, structure: str) -> list[Row]:
    """All rows of published tables that closed forms or the womb can meet."""
    predictions = predict(bench, structure)
    judged = partial(row_of, rule=bench.rule, ledger=bench.ledger)
    rows = [judged(entry, predictions=predictions) for entry in bench.rule.raw["rows"]]
    if OTHER_SHAPE in _judged_structures(structure):
        other = predict(bench, OTHER_SHAPE, only_tail=True)
        tail = [entry for entry in bench.rule.raw["rows"] if entry["id"].startswith(TAIL)]
        rows += [judged(entry, predictions=other) for entry in tail]
    rule, ledger = bench.rule, bench.ledger
    bench.progress("inside the womb")
    rows += womb_rows(rule=rule, ledger=ledger)
    rows += cell_rows(calibration_targets(ledger), rule=rule, ledger=ledger, predictions=predictions)
    return [*rows, _cohort_row(bench, predictions), _ceiling_row(bench, structure)]


def _judged_structures(structure: str) -> tuple[str, ...]:
    """The structure itself, and for the default one the other shape where its draws are here."""
    has_other = structure == DEFAULT_STRUCTURE.name and draws_file(OTHER_SHAPE).is_file()
    return (structure, OTHER_SHAPE) if has_other else (structure,)


def _structures(structure: str) -> dict[str, list[str]]:
    judged = _judged_structures(structure)
    return {"judged": list(judged), "absent": [name for name in (OTHER_SHAPE,) if name not in judged]}


def spread_over(draws: Draws, count: int) -> Draws:
    """So many draws, the same number of each mechanism, evenly spaced."""
    names = np.array(draws.mechanism)
    each = max(count // np.unique(names).size, 1)
    kept = []
    for name in dict.fromkeys(draws.mechanism):
        here = np.flatnonzero(names == name)
        kept.append(here[np.unique(np.linspace(0, here.size - 1, each).astype(int))])
    return draws.only(np.concatenate(kept))


def predict(bench: Bench, structure: str, *, only_tail: bool = False) -> Predictions:
    """Every statistic over the draws of one structure."""
    draws = spread_over(load_draws(structure), FAST_DRAWS if bench.is_fast else DRAWS)
    likelihood = None if only_tail else likelihood_of(bench.ledger, structure_named(structure))
    found = []
    for i in range(len(draws)):
        found.append(_one_draw(bench, draws, i, likelihood))
        if i % 20 == 0:
            bench.progress(f"{structure}: draw {i + 1} of {len(draws)}")
    by_name = {name: np.array([one[name] for one in found]) for name in found[0]}
    return Predictions(structure, by_name, draws.weight)


def _one_draw(bench: Bench, draws: Draws, i: int, likelihood: Likelihood | None) -> dict[str, float]:
    """Every statistic of one draw; without a likelihood only the tail."""
    structure, p = structure_named(draws.structure), law_parameters_at(draws, i)
    shape = SHAPES[structure.frailty]
    after_loss = float(draws.columns["calibration.p_go_on_after_loss"][i])
    registers = Registers(bench.rule, bench.ledger, (after_loss, *bench.p_go_on))
    women = women_of(p._replace(setting_log_shift=0.0), shape=shape)
    if likelihood is None:
        return registers.knudsen(women)
    cells = _likelihood_cells(likelihood, draws, i)
    clinics = Clinics(bench.rule, bench.ledger).predictions(p, shape=shape)
    return registers.predictions(women) | clinics | cells


def _likelihood_cells(likelihood: Likelihood, draws: Draws, i: int) -> dict[str, float]:
    """What this draw expects in the cells of the calibration tables."""
    predicted = likelihood.predicted(stage_values(draws, i, likelihood.stage.structure))
    if predicted is None:
        raise ArithmeticError(f"draw {i} exceeds the budget of variance")
    return {f"cell.{k}": float(value) for k, value in enumerate(predicted)}


def _ceiling_row(bench: Bench, structure: str) -> Row:
    """H19: discrimination of age and history on data that the law itself made."""
    draws = spread_over(load_draws(structure), FAST_CEILING_DRAWS if bench.is_fast else CEILING_DRAWS)
    found = weighted_estimate(np.array(list(_ceilings(bench, draws))), draws.weight)
    return ceiling_row(
        bench.rule.raw["ceiling"],
        found,
        structure=structure,
        statistic="C statistic of age and history on pregnancies that the law made; higher is a miss too",
        reason="the ages of the simulated women are assumed; a wider range of ages raises the statistic",
    )


def _cohort_row(bench: Bench, predictions: Predictions) -> Row:
    """H10: the published cohorts after one common shift of their level."""
    cohorts = [{**one, "predict": f"cohort.{one['id']}"} for one in bench.rule.raw["cohorts"]]
    return mean_error_row(
        bench.rule.raw["mean_error"],
        cohorts,
        ledger=bench.ledger,
        predictions=predictions,
        statistic="mean error of {count} cohorts in percentage points after one common level (shift "
        "{shift:+.2f} on the logit scale; published column: the largest error allowed)",
        reason="once the level is free, one number for all four cohorts does as well",
    )


def _ceilings(bench: Bench, draws: Draws) -> Iterable[float]:
    shape = SHAPES[structure_named(draws.structure).frailty]
    for i in range(len(draws)):
        p = law_parameters_at(draws, i)._replace(setting_log_shift=0.0)
        after_loss = float(draws.columns["calibration.p_go_on_after_loss"][i])
        yield simulated_c_statistic(
            women_of(p, shape=shape),
            bench.rule.raw["ceiling"],
            p_go_on=(after_loss, *bench.p_go_on),
            interval_years=bench.rule.assumed("register_interval_years"),
            seed=i,
        )


def _provenance(
    bench: Bench, structure: str, draws: Draws, *, has_survey: bool, has_weeks: bool
) -> dict[str, Any]:
    weights: dict[str, float] = {}
    for mechanism, weight in zip(draws.mechanism, draws.weight, strict=True):
        name = MECHANISM_CLASS[mechanism]
        weights[name] = weights.get(name, 0.0) + float(weight)
    arguments = {"structure": structure, "fast": bench.is_fast, "survey": has_survey, "weeks": has_weeks}
    seed = load_lives_rule().raw["simulation"]["seed"]
    return provenance(seed=seed, arguments=arguments, mechanism_weights=weights, weights_are=weights_are())

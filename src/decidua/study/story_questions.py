"""The readers' questions about a history, (a) to (e), answered for every draw."""

from __future__ import annotations

from dataclasses import dataclass, replace

from decidua.base.estimates import Estimate
from decidua.inference.evaluation import CURRENT_BIRTH, NEXT_BIRTH, UNTREATED_HERE, Evaluation
from decidua.measure.history import History, example_history, history_from_words
from decidua.study.story_groups import Lens, estimate, evaluated, older, uterine_nk_of
from decidua.study.story_script import Step, Told

Values = dict[str, "float | str | Estimate"]

ANEUPLOID, UTERINE_NK = 0, 1


@dataclass(frozen=True)
class AgeRow:
    """Births if pregnant again, were the same history some years earlier or later."""

    age_years: float
    births: Estimate
    no_losses: Estimate


def told_history(told: Told) -> History:
    """The history that a question tells."""
    if told.example is not None:
        return example_history(told.example)
    return history_from_words(told.words, age=told.age)


def question_values(step: Step, *, lenses: tuple[Lens, ...]) -> Values:
    """The numbers of one question about a history, by name: `avg.a.births` and the like.

    Arguments:  step    a question with a history
                lenses  whose worlds
    Returns:    values by name
    Checked by: tests/unit/study/test_story_groups.py (agree with `decidua history`)
    """
    history = told_history(step.history or Told())
    runs = {name: (stage, evaluated(stage)) for name, stage in _stages(history).items()}
    values: Values = _inputs(step.id, history)
    for lens in lenses:
        found = _of_lens(history, runs, lens)
        values |= {f"{lens.name}.{step.id}.{name}": value for name, value in found.items()}
    return values


def _stages(history: History) -> dict[str, History]:
    """The whole history; where births followed a first loss, also that loss alone."""
    past = history.pregnancies
    if history.births > 1:
        return {"loss": replace(history, pregnancies=past[:1]), "whole": history}
    return {"whole": history}


def _inputs(name: str, history: History) -> Values:
    values: Values = {}
    if history.age_years is not None:
        values[f"input.{name}.age_years"] = history.age_years
    if history.ongoing is not None and history.ongoing.week is not None:
        values[f"input.{name}.week"] = float(history.ongoing.week)
    if history.tests:
        values[f"input.{name}.reading"] = history.tests[0].value
    return values


def _of_lens(history: History, runs: dict[str, tuple[History, Evaluation]], lens: Lens) -> Values:
    _, whole = runs["whole"]
    told = {name: uterine_nk_of(*stage, lens) for name, stage in runs.items()}
    found: Values = {f"density_{name}": nk.density_after for name, nk in told.items()}
    found["density_none"] = told["whole"].density_before
    causes = whole.posterior.causes.mean(axis=1)
    found["aneuploid"] = estimate(whole, causes[:, ANEUPLOID], lens)
    found["nk"] = estimate(whole, causes[:, UTERINE_NK], lens)
    if history.is_ongoing:
        found["live_birth"] = estimate(whole, whole.ahead(CURRENT_BIRTH), lens)
        found["untreated_here"] = estimate(whole, whole.ahead(UNTREATED_HERE), lens)
    elif history.age_years is not None:
        row = age_row(history, 0.0, lens)
        found |= {"births": row.births, "same_age": row.no_losses}
    return found


def age_row(history: History, years: float, lens: Lens) -> AgeRow:
    """Births if pregnant again with every age moved by so many years, beside nobody's losses at that age."""
    moved = older(history, years)
    alone = replace(moved, pregnancies=(), tests=(), trying_months=0)
    with_history, without = evaluated(moved), evaluated(alone)
    return AgeRow(
        age_years=moved.age_years or 0.0,
        births=estimate(with_history, with_history.ahead(NEXT_BIRTH), lens),
        no_losses=estimate(without, without.ahead(NEXT_BIRTH), lens),
    )

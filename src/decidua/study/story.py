"""The popular story walked in its own order: every run that the page shows, worked out once, as data."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from decidua.base.errors import InputError
from decidua.base.estimates import Estimate, weighted_estimate
from decidua.base.provenance import provenance
from decidua.evidence import Ledger, load_ledger
from decidua.inference.assembly import mechanism_weights
from decidua.inference.class_weights import weights_are
from decidua.inference.evaluation import NEXT_BIRTH
from decidua.measure.history import History
from decidua.study import story_tests, story_worlds
from decidua.study.story_drugs import DrugEffect, DrugRun, Repeated, run_drug
from decidua.study.story_groups import (
    CUT,
    ByCount,
    Lens,
    births_by_count,
    estimate,
    evaluated,
    lens_weights,
    lenses,
    losses_history,
    uterine_nk_of,
    with_blood,
    with_reading,
)
from decidua.study.story_questions import AgeRow, Values, age_row, question_values, told_history
from decidua.study.story_script import Inputs, Script, load_script
from decidua.study.story_waiting import (
    Waiting,
    aneuploid_share_of_last_loss,
    waiting_in_lives,
)
from decidua.study.story_worlds import Worlds, run_worlds, world_values
from decidua.womb import MECHANISM_CLASS, MECHANISMS, load_regimen
from decidua.womb.story import story_counts_per_mm2

# The story is about too many cells, so only a world in which a high count does harm can be its own.
TOO_MANY = tuple(name for name in MECHANISMS if MECHANISM_CLASS[name] == "high_count_harms")
ABOUT_TOO_MANY = "the story is about too many cells"
DRUGS = ("story_protocol", "progesterone_promise2015", "aspirin_low_dose")
WAIT_WORDS = {4: "four", 5: "five"}
UTERINE_NK = 1
CLINIC_CUT = "measure.blood_nk.cut_percent_of_lymphocytes.clinic_pages"
COUNTS_SHOWN = (80.0, 133.0, 200.0, 300.0)


@dataclass(frozen=True)
class Story:
    """Everything the page says and draws.

    values     numbers by name: `own.` is the story's own world, `avg.` the average over mechanism classes
    worlds     womb runs for the figures
    by_count   births by lasting count, for `own` and `avg`: list of (cells per mm2, Estimate)
    by_losses  births by number of losses, likewise: list of (losses, Estimate)
    drugs      effect of each regimen by lens, and across repeatability
    waiting    by age, lens and number of losses waited for
    ages       rows of age for the questions that show how the answer moves
    """

    mechanism: str
    script: Script
    values: Mapping[str, float | str | Estimate]
    worlds: Worlds
    by_count: Mapping[str, list[tuple[float, Estimate]]]
    by_losses: Mapping[str, list[tuple[int, Estimate]]]
    drugs: Mapping[tuple[str, str], DrugEffect]
    repeated: Mapping[tuple[str, str], tuple[Repeated, ...]]
    waiting: Mapping[tuple[int, str, int], Waiting]
    ages: Mapping[str, tuple[AgeRow, ...]]
    provenance: Mapping[str, Any]


def walk_the_story(mechanism: str = "attack") -> Story:
    """Run everything that the story page shows, all draws once each.

    Arguments:  mechanism  whose world counts as the story's own, one of TOO_MANY
    Returns:    Story
    Raises:     InputError for any other mechanism
    Checked by: tests/unit/study/test_story_page.py
    """
    if mechanism not in TOO_MANY:
        raise InputError(field="mechanism", value=mechanism, allowed=", ".join(TOO_MANY), why=ABOUT_TOO_MANY)
    script, ledger, seen = load_script(), load_ledger(), lenses(mechanism)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="decidua-womb") as beside:
        wombs = beside.submit(run_worlds, mechanism, inputs=script.inputs)
        groups = _Groups(script, ledger, seen)
        worlds = wombs.result()
    values = _still_values(script, ledger) | world_values(worlds, inputs=script.inputs)
    return Story(
        mechanism=mechanism,
        script=script,
        values=values | _recognition(mechanism) | groups.values,
        worlds=worlds,
        by_count=groups.by_count,
        by_losses=groups.by_losses,
        drugs={(d.regimen, lens.name): d.effect(lens) for d in groups.drugs for lens in seen},
        repeated={
            (d.regimen, lens.name): d.across_repeatability(lens) for d in groups.drugs for lens in seen
        },
        waiting=groups.waiting,
        ages=groups.ages,
        provenance=_provenance(mechanism),
    )


def _provenance(mechanism: str) -> dict[str, Any]:
    by_class: dict[str, float] = dict.fromkeys(MECHANISM_CLASS.values(), 0.0)
    for name, weight in mechanism_weights().items():
        by_class[MECHANISM_CLASS[name]] += weight
    arguments = {"mechanism": mechanism}
    return provenance(seed=None, arguments=arguments, mechanism_weights=by_class, weights_are=weights_are())


def _still_values(script: Script, ledger: Ledger) -> Values:
    """Numbers that need no draws: declared inputs, and what tests show without any effect of the cells."""
    given = script.inputs
    values: Values = {
        f"input.{name}": float(value)
        for name, value in given.model_dump().items()
        if isinstance(value, int | float)
    }
    values |= {
        "input.age_first": float(given.ages_years[0]),
        "input.age_last": float(given.ages_years[-1]),
        "input.waited_until_first": float(given.waited_until_losses[0]),
        "input.waited_until_last": float(given.waited_until_losses[-1]),
        "measure.half_differ": story_tests.half_of_second_readings_differ_by(ledger),
        "blood.share_above_clinic_cut": story_tests.share_of_healthy_women_above(
            ledger.value(CLINIC_CUT), ledger
        ),
    }
    protocol = load_regimen(story_worlds.PROTOCOL).protocol
    if protocol is not None:
        values["protocol.taper_week"] = protocol.taper_from_gestation_weeks
    return (
        values
        | story_tests.regression_values(ledger)
        | story_tests.guideline_counts(ledger, left_out=given.guidelines_not_counted)
    )


def _recognition(mechanism: str) -> Values:
    """How much recognition matters in this world, and the other way round where too few cells do harm."""
    high = story_counts_per_mm2()["high"]
    opposite = story_worlds.recognition_ratio("too_few", density_per_mm2=high)
    return {
        "own.recognition_ratio": story_worlds.recognition_ratio(mechanism, density_per_mm2=high),
        "too_few.recognition_ratio": 1.0 / opposite,
    }


class _Groups:
    """All that comes from the draws; each history is evaluated once."""

    def __init__(self, script: Script, ledger: Ledger, seen: tuple[Lens, ...]) -> None:
        self.script, self.ledger, self.seen = script, ledger, seen
        self.values: Values = {}
        given = script.inputs
        self.group = self._losses(given.losses, given.age_years)
        self.drugs = self._drugs(given)
        self._readings()
        self.by_count = self._by_count()
        self.by_losses = self._by_losses(given)
        self._implantation()
        self.waiting = self._waiting(given)
        self.ages = self._questions(given)

    def _losses(self, count: int, age_years: int) -> History:
        return losses_history(count, age_years=age_years, loss_week=self.script.inputs.loss_week)

    def _keep(self, name: str, of_lens: Any) -> None:
        for lens in self.seen:
            self.values[f"{lens.name}.{name}"] = of_lens(lens)

    def _drugs(self, given: Inputs) -> tuple[DrugRun, ...]:
        high = story_counts_per_mm2()["high"]
        group = with_reading(self.group, high)
        runs = tuple(
            run_drug(name, group=group, from_week=given.drug_from_week, ledger=self.ledger) for name in DRUGS
        )
        for run in runs:
            for lens in self.seen:
                self.values |= _drug_values(f"{lens.name}.drug.{run.regimen}", run.effect(lens))
        return runs

    def _readings(self) -> None:
        """How far one test moves the births of the group, and high readings among women with births."""
        counts, given = story_counts_per_mm2(), self.script.inputs
        pairs = {
            "reading_difference": tuple(with_reading(self.group, counts[c]) for c in ("typical", "high")),
            "blood_difference": (
                with_blood(self.group, given.blood_low_percent_of_lymphocytes),
                with_blood(self.group, given.blood_high_percent_of_lymphocytes),
            ),
        }
        for name, (first, second) in pairs.items():
            usual, high = evaluated(first), evaluated(second)
            self._keep(name, lambda lens, a=usual, b=high: _mean_births(b, lens) - _mean_births(a, lens))
        here = evaluated(self.group)
        self._keep(
            "high_among_births",
            lambda lens: uterine_nk_of(self.group, here, lens).share_high_among_women_with_births,
        )

    def _by_count(self) -> dict[str, list[tuple[float, Estimate]]]:
        table = births_by_count(self.group)
        usual = story_counts_per_mm2()["typical"]
        self._keep("births.usual_count", lambda lens: _at(table, usual, lens))
        self._keep("births.high_count", lambda lens: _at(table, self.ledger.value(CUT), lens))
        return {lens.name: [(count, _at(table, count, lens)) for count in COUNTS_SHOWN] for lens in self.seen}

    def _by_losses(self, given: Inputs) -> dict[str, list[tuple[int, Estimate]]]:
        found: dict[str, list[tuple[int, Estimate]]] = {lens.name: [] for lens in self.seen}
        for count in range(given.most_losses + 1):
            here = evaluated(self._losses(count, given.age_years))
            self._keep(f"births.losses_{count}", lambda lens, e=here: estimate(e, e.ahead(NEXT_BIRTH), lens))
            for lens in self.seen:
                found[lens.name].append((count, estimate(here, here.ahead(NEXT_BIRTH), lens)))
        for age in given.ages_years:
            here = evaluated(self._losses(given.losses, age))
            name = f"births.losses_{given.losses}.age_{age}"
            self._keep(name, lambda lens, e=here: estimate(e, e.ahead(NEXT_BIRTH), lens))
        last = evaluated(self.group)
        self._keep("aneuploid_share", lambda lens: estimate(last, aneuploid_share_of_last_loss(last), lens))
        self._keep("nk_share", lambda lens: estimate(last, last.posterior.causes[:, -1, UTERINE_NK], lens))
        return found

    def _implantation(self) -> None:
        high = story_counts_per_mm2()["high"]
        nothing_known = evaluated(History())
        by_draw = story_worlds.implantation_by_draw(nothing_known.prepared.draws, density_per_mm2=high)
        self._keep("implantation_high", lambda lens: estimate(nothing_known, by_draw, lens))

    def _waiting(self, given: Inputs) -> dict[tuple[int, str, int], Waiting]:
        found = {}
        for age in given.ages_years:
            for until in given.waited_until_losses:
                for lens in self.seen:
                    wait = waiting_in_lives(age_years=age, instead_of=until, lens=lens)
                    found[age, lens.name, until] = wait
                    if age == given.age_years:
                        self._keep_wait(f"{lens.name}.waiting.{WAIT_WORDS[until]}", wait)
        return found

    def _keep_wait(self, name: str, wait: Waiting) -> None:
        parts = {name: getattr(wait, name) for name in ("losses", "birth", "aneuploid", "stopped")}
        self.values |= {f"{name}.{part}": value for part, value in parts.items() if value is not None}

    def _questions(self, given: Inputs) -> dict[str, tuple[AgeRow, ...]]:
        ages = {}
        for step in self.script.questions:
            if step.history is None:
                continue
            self.values |= question_values(step, lenses=self.seen)
            if step.age_moves:
                history = told_history(step.history)
                ages[step.id] = tuple(
                    age_row(history, years, self.seen[-1]) for years in given.age_shifts_years
                )
        return ages


def _drug_values(name: str, effect: DrugEffect) -> Values:
    return {
        f"{name}.gain": effect.gain,
        f"{name}.births_with": effect.births_with,
        f"{name}.births_without": effect.births_without,
        f"{name}.p_no_benefit": effect.p_no_benefit,
        f"{name}.p_net_harm": effect.p_net_harm,
        f"{name}.prior_share": effect.prior_share,
    }


def _mean_births(evaluation: Any, lens: Lens) -> float:
    return estimate(evaluation, evaluation.ahead(NEXT_BIRTH), lens).mean


def _at(table: ByCount, count: float, lens: Lens) -> Estimate:
    return weighted_estimate(table.at(count), lens_weights(table.evaluation, lens))

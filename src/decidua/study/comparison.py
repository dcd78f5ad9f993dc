"""From sums over women to what a study says: per 1,000 women, by explanation, across repeatability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from decidua.base.estimates import Estimate
from decidua.base.provenance import provenance
from decidua.care.following import DAYS_UNTIL_RESULT, P_ACCEPTS
from decidua.care.pathways import CarePathway
from decidua.care.readings import BLOOD_ERRORS, UTERINE_ERRORS
from decidua.evidence import Ledger, load_ledger
from decidua.inference.assembly import REPEATABILITY
from decidua.inference.benefit import NO_CHANGE, carried_by, share_assumed
from decidua.inference.class_weights import order_is_stable, weights_are
from decidua.life.parameters import FloatArray
from decidua.life.pathway import Pathway
from decidua.life.ways import IntArray
from decidua.measure.history import History
from decidua.study.care_world import cared_world
from decidua.study.kept_run import Progress
from decidua.study.population_summary import weights_by_class
from decidua.study.population_world import DAYS_IN_MONTH, World, draws_of
from decidua.study.spread import Spread, spread_over_draws
from decidua.study.story_drugs import BANDS
from decidua.study.story_groups import AVERAGE, Lens, evaluated, uterine_nk_of
from decidua.study.study_file import ReadStudy
from decidua.study.study_lives import (
    MEASURES,
    WAIT,
    Accounts,
    Arms,
    counted_days,
    run_arms,
)

PER = 1000.0
LEAST_RESOLVED = 0.3  # share of the variance over draws that must be no chance before chances are told
MONTHS = "months_from_first_loss_to_birth"
DEFAULT_WOMEN, DEFAULT_DRAWS = 4_000_000, 200


@dataclass(frozen=True)
class Found:
    """One number of a study.

    value     per 1,000 women, or months per woman; interval over draws, with what the number of women leaves
              open
    error     standard error from the number of simulated women alone
    resolved  share of the variance over draws that is no chance in the simulation; below 1 the interval
              rests the more on few women
    """

    value: Estimate
    error: float
    resolved: float


@dataclass(frozen=True)
class Benefit:
    """What a pathway does to live births for each 100 women whom it treats, and how sure that is.

    births_per_100   live births it adds, in whole lives; what waiting costs all who are tested is part of it
    p_no_benefit     chance of less than one birth more per 100; None where too few women were simulated
    p_net_harm       chance of one birth fewer per 100, or worse; None likewise
    prior_share      share of the entries it rests on that are assumed
    """

    births_per_100: Estimate
    p_no_benefit: float | None
    p_net_harm: float | None
    prior_share: float


@dataclass(frozen=True)
class Arm:
    """One pathway in a study; `difference` is to the arm compared with.

    without_waiting  the same difference if neither result nor course made anybody wait
    """

    care: CarePathway
    with_a_loss: Mapping[str, Found]
    all_women: Mapping[str, Found]
    difference: Mapping[str, Found]
    without_waiting: Mapping[str, Found]
    by_mechanism: Mapping[str, Mapping[str, Found]]
    by_repeatability: tuple[tuple[float, float, Mapping[str, Found]], ...]
    benefit: Benefit | None
    benefit_without_waiting: Benefit | None


@dataclass(frozen=True)
class StudyResult:
    """Everything that the terminal, the page and the files tell."""

    study: ReadStudy
    women: int
    seed: int
    share_with_a_loss: float
    arms: tuple[Arm, ...]
    strayed: int
    order_is_stable: bool
    high_among_births: Estimate
    accounts: Accounts
    world: World
    provenance: Mapping[str, Any]

    def arm(self, name: str) -> Arm:
        """One arm by the name of its pathway."""
        return next(arm for arm in self.arms if arm.care.name == name)


def run_study(
    study: ReadStudy,
    *,
    women: int = DEFAULT_WOMEN,
    draws: int | None = DEFAULT_DRAWS,
    seed: int,
    jobs: int = 1,
    progress: Progress | None = None,
    folder: Path | None = None,
) -> StudyResult:
    """Compare the arms of a study over the same women.

    Arguments:  study     from `read_study`
                women     how many live, in every arm, each under one of the draws
                draws     of the law, equally many of each mechanism; None: all
                seed      of the lives
                jobs      threads; any number gives the same result
                progress  called with women done and women wanted
                folder    where sums are kept as it goes, and gone on from; nothing is kept if None
    Returns:    StudyResult
    Checked by: tests/unit/study/test_comparison.py
    """
    ledger, plan = load_ledger(), study.plan(draws=draws)
    world, pathways = cared_world(plan, study.pathways, ledger)
    arms = Arms(world, with_shadows(pathways), study.against, counted_days(study.file.wait_counted_months))
    accounts = run_arms(
        arms, women=women, seed=seed, jobs=jobs, progress=progress or _tell_nobody, folder=folder
    )
    sums = Sums(accounts, world.weight)
    names, repeatability = np.array(world.mechanism), draws_of(plan).columns[REPEATABILITY]
    return StudyResult(
        study=study,
        women=women,
        seed=seed,
        share_with_a_loss=float(accounts.with_a_loss.sum() / women),
        arms=tuple(
            _arm(care, place, sums, names, repeatability, ledger) for place, care in enumerate(study.pathways)
        ),
        strayed=int(accounts.strayed.sum()),
        order_is_stable=order_is_stable(),
        high_among_births=high_among_women_with_births(),
        accounts=accounts,
        world=world,
        provenance=provenance(
            seed=seed,
            arguments={
                "women": women,
                "study": study.model_dump(mode="json", exclude_none=True),
                **plan.arguments,
            },
            mechanism_weights=weights_by_class(world),
            weights_are=weights_are(),
        ),
    )


def _tell_nobody(_done: int, _of: int) -> None:
    """Progress that nobody asked for."""


@cache
def high_among_women_with_births() -> Estimate:
    """Share of women with a birth whose sample reads above the line of the laboratory that set it."""
    nothing_known, average = History(), Lens(AVERAGE, None)
    found = uterine_nk_of(nothing_known, evaluated(nothing_known), average)
    return found.share_high_among_women_with_births


def with_shadows(pathways: Mapping[str, Pathway]) -> dict[str, Pathway]:
    """All pathways, and after them each once more without any waiting."""
    shadows = {f"{name}/no wait": p._replace(result_days=0, wait_days=0) for name, p in pathways.items()}
    return {**pathways, **shadows}


@dataclass(frozen=True)
class Sums:
    """Accounts as the numbers of a study are made from them."""

    accounts: Accounts
    weight: FloatArray

    def shadow(self, arm: int) -> int:
        """Where the same pathway without any waiting stands."""
        return arm + len(self.accounts.reached) // 2

    def level(self, arm: int, measure: str, *, of_all: bool, keep: NDArray[np.bool_] | None = None) -> Found:
        """Per 1,000 women with a loss, or of all."""
        m, a = MEASURES.index(measure), self.accounts
        sums, squares = a.reached[arm, :, m]
        if not of_all:
            return self._found(sums, squares, a.with_a_loss, measure, keep)
        return self._found(sums + a.others[0, m], squares + a.others[1, m], a.women, measure, keep)

    def difference(self, arm: int, measure: str, *, keep: NDArray[np.bool_] | None = None) -> Found:
        """Per 1,000 women with a loss, against the arm compared with."""
        sums, squares = self.accounts.moved[arm, :, MEASURES.index(measure)]
        return self._found(sums, squares, self.accounts.with_a_loss, measure, keep)

    def _found(
        self, sums: IntArray, squares: IntArray, women: IntArray, measure: str, keep: NDArray[np.bool_] | None
    ) -> Found:
        lived = women > 0 if keep is None else keep & (women > 0)
        scale = PER if measure != WAIT else 1.0 / DAYS_IN_MONTH
        spread = spread_over_draws(sums[lived], squares[lived], women[lived], self.weight[lived])
        return Found(spread.estimate(scale), scale * spread.error, spread.resolved)


def _arm(
    care: CarePathway,
    place: int,
    sums: Sums,
    mechanism: NDArray[np.str_],
    repeatability: FloatArray,
    ledger: Ledger,
) -> Arm:
    def differences(keep: NDArray[np.bool_] | None = None) -> dict[str, Found]:
        return {told(name): sums.difference(place, name, keep=keep) for name in MEASURES}

    return Arm(
        care=care,
        with_a_loss={told(name): sums.level(place, name, of_all=False) for name in MEASURES},
        all_women={name: sums.level(place, name, of_all=True) for name in MEASURES if name != WAIT},
        difference=differences(),
        without_waiting={told(name): sums.difference(sums.shadow(place), name) for name in MEASURES},
        by_mechanism={str(name): differences(mechanism == name) for name in dict.fromkeys(mechanism)},
        by_repeatability=tuple(
            (lo, hi, differences((repeatability >= lo) & (repeatability <= hi)))
            for lo, hi in bands(repeatability)
        ),
        benefit=_benefit(care, place, sums, ledger),
        benefit_without_waiting=_benefit(care, sums.shadow(place), sums, ledger),
    )


def told(measure: str) -> str:
    """Under which name a measure is told."""
    return MONTHS if measure == WAIT else measure


def bands(values: FloatArray) -> list[tuple[float, float]]:
    """Equal bands of the range of repeatability, ends rounded outward."""
    edges = np.linspace(values.min(), values.max(), BANDS + 1)
    edges[0], edges[-1] = np.floor(10.0 * edges[0]) / 10.0, np.ceil(10.0 * edges[-1]) / 10.0
    return [(float(lo), float(hi)) for lo, hi in pairwise(edges)]


def _benefit(care: CarePathway, place: int, sums: Sums, ledger: Ledger) -> Benefit | None:
    """Births of the treated against the same women untreated; None where nobody is treated."""
    a, births = sums.accounts, MEASURES.index("live_births")
    treated = float(a.reached[place, 0, MEASURES.index("women_treated")].sum() / a.with_a_loss.sum())
    if treated == 0.0:
        return None
    lived = a.with_a_loss > 0
    moved = a.moved[place, :, births][:, lived]
    spread = spread_over_draws(moved[0], moved[1], a.with_a_loss[lived], sums.weight[lived])
    return Benefit(
        births_per_100=spread.estimate(100.0 / treated),
        p_no_benefit=_p_below(NO_CHANGE, spread, treated),
        p_net_harm=_p_below(-NO_CHANGE, spread, treated),
        prior_share=share_assumed(rests_on(care), ledger),
    )


def _p_below(cut: float, spread: Spread, treated: float) -> float | None:
    """Chance over draws that the gain lies below a cut, with what so few women leave open of the gain.

    None where nobody was moved, or too few women were simulated to tell draws apart, unless the whole range
    lies on one side: the range is told in any case, and a chance that cannot be told would contradict it.
    """
    if spread.error == 0.0:
        return None
    range_of_gain = spread.estimate(1.0 / treated)
    is_one_sided = range_of_gain.hi < cut or range_of_gain.lo >= cut
    if spread.resolved < LEAST_RESOLVED and not is_one_sided:
        return None
    gain, error = spread.by_draw / treated, spread.error / treated
    return min(float(spread.weight @ ndtr((cut - gain) / error)), 1.0)


def rests_on(care: CarePathway) -> tuple[str, ...]:
    """Ledger entries through which a pathway acts on births."""
    errors = {"uterine_nk": UTERINE_ERRORS, "blood_nk": BLOOD_ERRORS, "none": ()}[care.test]
    waits = (DAYS_UNTIL_RESULT,) if care.test != "none" else ()
    return (*carried_by(care.regimens), *errors, *waits, P_ACCEPTS)

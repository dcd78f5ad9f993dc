"""Stage two whole: evidence of every mechanism, weights of the classes, and whether their order is stable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from decidua.evidence import Ledger
from decidua.evidence.draws import Draws, load_draws
from decidua.inference.weights_evidence import (
    Problem,
    Run,
    by_draw,
    density_at_no_effect,
    importance,
    nested,
)
from decidua.inference.weights_likelihood import TABLES, Studies
from decidua.inference.weights_priors import LEVEL_SHIFT, NAMES, STRENGTHS, stage_two
from decidua.inference.weights_selection import Selected, selected
from decidua.inference.weights_studies import published_studies, wanted_tables
from decidua.life.parameters import FloatArray
from decidua.womb import MECHANISM_CLASS, MECHANISMS

CLASSES = ("high_count_harms", "low_count_harms", "no_effect")
LEFT_OUT = ("GOMAA_2014", "cohort before any pregnancy")
USED = tuple(name for name in TABLES if name not in LEFT_OUT)
NO_EFFECT = "marker"
SMALLEST_ERROR = 0.005
NEAR = float(np.log(3.0))  # a Bayes factor below three is barely worth a mention: such classes have no order

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be worked out; everything here changes the result."""

    structure: str = "fading-log_normal"
    draws: int = 24
    live_points: int = 80
    seeds: tuple[int, ...] = (1, 2, 3, 4)
    size: int = 1500
    points: int = 300
    size_of_sensitivity: int = 1000
    points_of_sensitivity: int = 300
    draws_of_sensitivity: int = 6
    kept: int = 300

    @property
    def arguments(self) -> dict[str, Any]:
        """As they stand in provenance."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


QUICK = Wanted(
    draws=2,
    live_points=30,
    seeds=(1,),
    size=300,
    points=100,
    size_of_sensitivity=120,
    points_of_sensitivity=40,
    draws_of_sensitivity=1,
)


@dataclass(frozen=True)
class Change:
    """One way in which the analysis could have been done differently."""

    name: str
    without: str | None = None
    also: str | None = None
    factor: float = 1.0
    of: tuple[int, ...] = ()


def changes() -> tuple[Change, ...]:
    """Prior of the strengths halved and doubled, each table dropped, the trial that is left out taken in."""
    wider = [Change(f"strength prior times {f:g}", factor=f, of=STRENGTHS) for f in (0.5, 2.0)]
    dropped = [Change(f"without {name}", without=name) for name in USED]
    level = Change("level shift prior times 2", factor=2.0, of=(NAMES.index(LEVEL_SHIFT),))
    return (*wider, *dropped, level, Change("with GOMAA_2014", also="GOMAA_2014"))


@dataclass(frozen=True)
class Weighed:
    """Evidence by mechanism under each stage-one draw, and what follows for the classes."""

    log_evidence: dict[str, FloatArray]  # mechanism to log evidence by draw

    @property
    def by_class(self) -> dict[str, FloatArray]:
        """Evidence of each class by draw: the mean over its mechanisms, which share the prior equally."""
        top = max(float(values.max()) for values in self.log_evidence.values())
        return {
            name: np.mean(
                [np.exp(v - top) for m, v in self.log_evidence.items() if MECHANISM_CLASS[m] == name], axis=0
            )
            for name in CLASSES
        }

    @property
    def weights(self) -> dict[str, float]:
        """Posterior weight of each class: worked out under every stage-one draw, then averaged."""
        found = self.by_class
        total = sum(found.values())
        return {name: float(np.mean(found[name] / total)) for name in CLASSES}

    @property
    def log_bayes_factors(self) -> dict[str, float]:
        """Natural log of the Bayes factor of each class against no effect."""
        found = {name: float(np.log(values.mean())) for name, values in self.by_class.items()}
        return {name: found[name] - found["no_effect"] for name in CLASSES}

    @property
    def order(self) -> tuple[str, ...]:
        """Classes from most to least weight."""
        weights = self.weights
        return tuple(sorted(CLASSES, key=lambda name: -weights[name]))

    @property
    def is_ordered(self) -> bool:
        """Whether neighbours in the order differ by more than such a factor."""
        weights = self.weights
        logs = sorted(np.log(max(weights[name], 1e-300)) for name in CLASSES)
        return bool(min(np.diff(logs)) > NEAR)


def problem_of(
    mechanism: str, ledger: Ledger, found: Selected, studies: Studies, change: Change | None = None
) -> Problem:
    """One mechanism with the published tables, or with one change."""
    names = set(USED)
    stage = stage_two(ledger, mechanism)
    if change is not None:
        names = (names - {change.without}) | ({change.also} if change.also else set())
        stage = stage.with_scale(change.factor, of=change.of)
    wanted = wanted_tables(TABLES, frozenset(names))
    return Problem(stage, found.mean[mechanism], found.by_draw[mechanism], found.grid, studies, wanted)


def weigh(
    wanted: Wanted, ledger: Ledger, *, progress: Progress, draws: Draws | None = None
) -> dict[str, Any]:
    """Weigh the mechanisms: main analysis, checks, sensitivities.

    Arguments:  wanted    numbers of draws, points and seeds
                ledger    rows and declared priors
                progress  called with lines of text
                draws     stage-one draws; the shipped ones by default
    Returns:    plain data, ready to be written as JSON
    Checked by: tests/unit/inference/test_weights.py, verify/mechanism_recovery.py
    """
    given = load_draws(wanted.structure) if draws is None else draws
    found = selected(given, ledger, count=wanted.draws, progress=progress)
    studies = published_studies(ledger)
    runs = {m: _runs(problem_of(m, ledger, found, studies), m, wanted, progress) for m in MECHANISMS}
    main, posterior = _main(runs, ledger, found, studies, wanted)
    progress("main analysis done: " + _told(main))
    others = _sensitivities(ledger, found, studies, wanted, progress)
    return {
        "classes": main.weights,
        "order": list(main.order),
        "order_is_stable": order_is_stable(main, others),
        "log_bayes_factors": main.log_bayes_factors,
        "log_bayes_factor_errors": _errors(runs),
        "mechanisms": {m: _of_mechanism(m, runs, main, ledger, found, studies) for m in MECHANISMS},
        "sensitivities": {
            name: {
                "weights": one.weights,
                "log_bayes_factors": one.log_bayes_factors,
                "order": list(one.order),
            }
            for name, one in others.items()
        },
        "draws": posterior,
        "fingerprint": found.fingerprint,
        "arguments": wanted.arguments,
    }


def _told(one: Weighed) -> str:
    return ", ".join(f"{name} {weight:.2f}" for name, weight in one.weights.items())


def _runs(problem: Problem, mechanism: str, wanted: Wanted, progress: Progress) -> dict[str, list[Run]]:
    """Nested and importance sampling under every seed."""
    deep = []
    for seed in wanted.seeds:
        deep.append(nested(problem, seed=seed, live_points=wanted.live_points))
        progress(f"{mechanism}: seed {seed}, log evidence {deep[-1].log_evidence:.2f}")
    fast = [importance(problem, seed=seed, size=wanted.size) for seed in wanted.seeds]
    return {"nested": deep, "importance": fast}


def _pooled(runs: list[Run]) -> Run:
    """Runs of one problem as one, every run with the same weight."""
    logs = np.array([run.log_evidence for run in runs])
    return Run(
        np.concatenate([run.points for run in runs]),
        np.concatenate([run.weights for run in runs]) / len(runs),
        float(np.log(np.mean(np.exp(logs - logs.max()))) + logs.max()),
        float(logs.std(ddof=1) / np.sqrt(logs.size)) if logs.size > 1 else runs[0].log_evidence_error,
        sum(run.calls for run in runs),
    )


def _joined(first: Run, second: Run) -> tuple[float, float]:
    """Two independent estimates of one log evidence, weighted by their precision, and the error left."""
    precision = [1.0 / max(run.log_evidence_error, SMALLEST_ERROR) ** 2 for run in (first, second)]
    logs = [run.log_evidence for run in (first, second)]
    return float(np.average(logs, weights=precision)), float(sum(precision) ** -0.5)


def _main(
    runs: Mapping[str, Mapping[str, list[Run]]],
    ledger: Ledger,
    found: Selected,
    studies: Studies,
    wanted: Wanted,
) -> tuple[Weighed, dict[str, dict[str, list[float]]]]:
    """Evidence by draw from both samplers, and the posterior points that go into the shipped draws."""
    evidence, kept = {}, {}
    for m in MECHANISMS:
        whole = _pooled(runs[m]["nested"] + runs[m]["importance"])
        points, each = by_draw(problem_of(m, ledger, found, studies), whole, points=wanted.points, seed=1)
        log_evidence, _ = _joined(_pooled(runs[m]["nested"]), _pooled(runs[m]["importance"]))
        evidence[m] = log_evidence + np.log(np.maximum(each.ratio, 1e-300))
        kept[m] = _kept(points, each.weights, wanted.kept)
    return Weighed(evidence), kept


def _kept(points: FloatArray, weights: FloatArray, count: int) -> dict[str, list[float]]:
    """Equally weighted points by ledger id; the factor of the steroid on its own scale again."""
    from decidua.inference.posterior import systematic

    some = points[systematic(weights, count, np.random.default_rng(2))].copy()
    some[:, 4] = np.exp(some[:, 4])
    return {name: [float(f"{value:.6g}") for value in some[:, i]] for i, name in enumerate(NAMES)}


def _sensitivities(
    ledger: Ledger, found: Selected, studies: Studies, wanted: Wanted, progress: Progress
) -> dict[str, Weighed]:
    """Every change, by importance sampling under fewer stage-one draws."""
    step = max(len(found.by_draw[NO_EFFECT]) // wanted.draws_of_sensitivity, 1)
    fewer = replace(found, by_draw={m: tables[::step] for m, tables in found.by_draw.items()})
    out = {}
    for change in changes():
        evidence = {}
        for m in MECHANISMS:
            problem = problem_of(m, ledger, fewer, studies, change)
            run = importance(problem, seed=1, size=wanted.size_of_sensitivity)
            _, each = by_draw(problem, run, points=wanted.points_of_sensitivity, seed=1)
            evidence[m] = run.log_evidence + np.log(np.maximum(each.ratio, 1e-300))
        out[change.name] = Weighed(evidence)
        progress(f"{change.name}: {_told(out[change.name])}")
    return out


def order_is_stable(main: Weighed, others: Mapping[str, Weighed]) -> bool:
    """Whether the classes keep their order in every other analysis, with room between neighbours."""
    every = [main, *others.values()]
    return all(one.order == main.order and one.is_ordered for one in every)


def _errors(runs: Mapping[str, Mapping[str, list[Run]]]) -> dict[str, float]:
    """Monte Carlo error of each class's log Bayes factor against no effect, from the spread over seeds."""
    spreads = [_spread_over_seeds(runs, method) for method in ("nested", "importance")]
    return {
        name: float(sum(max(one[name], SMALLEST_ERROR) ** -2 for one in spreads) ** -0.5) for name in CLASSES
    }


def _spread_over_seeds(runs: Mapping[str, Mapping[str, list[Run]]], method: str) -> dict[str, float]:
    """The same for one sampler; with one seed its own errors stand in."""
    if len(runs[NO_EFFECT][method]) == 1:
        own = {m: runs[m][method][0].log_evidence_error for m in MECHANISMS}
        return dict.fromkeys(CLASSES, float(np.hypot(max(own.values()), own[NO_EFFECT])))
    by_seed = [
        Weighed({m: np.array([runs[m][method][s].log_evidence]) for m in MECHANISMS}).log_bayes_factors
        for s in range(len(runs[NO_EFFECT][method]))
    ]
    return {
        name: float(np.std([found[name] for found in by_seed], ddof=1) / np.sqrt(len(by_seed)))
        for name in CLASSES
    }


def _of_mechanism(
    m: str,
    runs: Mapping[str, Mapping[str, list[Run]]],
    main: Weighed,
    ledger: Ledger,
    found: Selected,
    studies: Studies,
) -> dict[str, Any]:
    """Evidence by seed and by method, the check at no effect, and points to look at again later."""
    problem = problem_of(m, ledger, found, studies)
    deep, fast = _pooled(runs[m]["nested"]), _pooled(runs[m]["importance"])
    none = _pooled(runs[NO_EFFECT]["nested"])
    checked = deep.points[np.linspace(0, len(deep.points) - 1, 5).astype(int)]
    out: dict[str, Any] = {
        "class": MECHANISM_CLASS[m],
        "log_evidence": deep.log_evidence,
        "log_evidence_error": deep.log_evidence_error,
        "by_seed": [run.log_evidence for run in runs[m]["nested"]],
        "by_importance": fast.log_evidence,
        "by_importance_error": fast.log_evidence_error,
        "over_draws": {
            "mean": float(np.mean(main.log_evidence[m])),
            "sd": float(np.std(main.log_evidence[m])),
        },
        "by_table": dict(zip(TABLES, _mean_by_table(problem, deep), strict=True)),
        "checked": [[float(x) for x in point] for point in checked],
        "checked_log_likelihood": [problem.log_likelihood(point) for point in checked],
        "calls": deep.calls,
    }
    if MECHANISM_CLASS[m] != "no_effect":
        out["log_no_effect_against_this"] = {
            "evidence": none.log_evidence - deep.log_evidence,
            "savage_dickey": float(np.log(max(density_at_no_effect(problem, fast), 1e-3))),
        }
    return out


def _mean_by_table(problem: Problem, run: Run) -> list[float]:
    """Posterior mean of the log likelihood of every table."""
    some = np.random.default_rng(3).choice(len(run.points), size=200, p=run.weights)
    return [float(x) for x in problem.by_table(run.points[some]).mean(axis=0)]

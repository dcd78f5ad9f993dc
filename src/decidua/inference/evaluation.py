"""One history under all draws: encode it, weigh the density nodes by its tests, sweep on two threads."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from decidua.base.errors import InputError
from decidua.evidence import Ledger, load_ledger
from decidua.evidence.draws import Draws
from decidua.inference import ahead as ahead_module
from decidua.inference.ages import age_scenarios
from decidua.inference.ahead import Ahead
from decidua.inference.cells import BLOOD_CORRELATION
from decidua.inference.encoding import Course, encode, is_renewed_after, known_conditions, worlds
from decidua.inference.prepared import Prepared, log_density_nodes, noise_log_sd, rules_for
from decidua.inference.rules import Rules
from decidua.inference.sweep import Posterior, sweep
from decidua.inference.threads import in_chunks
from decidua.inference.threads import pool as pool
from decidua.life.parameters import FloatArray
from decidua.measure.history import History
from decidua.measure.nk_tests import likelihood_of_tests
from decidua.measure.waiting import COUPLES, Couples, p_not_pregnant


class ImpossibleHistoryError(InputError):
    """The law gives a history no chance at all."""


@dataclass(frozen=True)
class Evaluation:
    """Posterior sums of one history with the weight of every draw."""

    prepared: Prepared
    posterior: Posterior
    weights: FloatArray  # (draws,) prior weight times likelihood, sums to 1
    orders: tuple[int, ...]  # place in the history of each row of `posterior.causes`
    rules: Rules

    def ahead(self, which: int) -> FloatArray:
        """One answer about the future for every draw."""
        return self.posterior.ahead[:, which]

    def prevalence(self, condition: int) -> FloatArray:
        """Share of women with a condition before the history, by draw; needs the branch of each condition."""
        return np.asarray(self.rules.weights[:, :, 1 + condition].sum(axis=(1, 2)))

    @property
    def effective_draws(self) -> float:
        """How many equally weighted draws these are worth."""
        return float(1.0 / np.sum(self.weights**2))


def evaluate(
    history: History,
    prepared: Prepared,
    *,
    with_future: bool = True,
    with_causes: bool = True,
    with_conditions: bool = False,
    pregnancies: int = ahead_module.PREGNANCIES,
) -> Evaluation:
    """Exact posterior of one history under every draw.

    Arguments:  history          as read
                prepared         draws on a grid
                with_future      whether the next pregnancies are asked about
                with_causes      whether causes of past losses and conditions are asked about; 0 if not
                with_conditions  with causes: whether the next pregnancy of women with each condition is too
                pregnancies      how many are looked ahead; answers about later ones are 0
    Returns:    Evaluation; ages that nobody gave are averaged over
    Raises:     ImpossibleHistoryError when no draw gives the history any chance
    """
    ledger = load_ledger()
    rules = rules_for(prepared, known_conditions(history), worlds(history), with_causes=with_causes)
    density = density_weights(history, prepared, ledger)
    parts, shares = [], []
    orders: tuple[int, ...] = ()
    for ages, share in age_scenarios(history, ledger):
        course = encode(history, ages, ledger)
        asked = asked_of(
            history,
            ledger,
            with_future=with_future,
            with_conditions=with_conditions,
            pregnancies=pregnancies,
        )
        parts.append(_on_threads(course, asked, density, prepared, rules))
        shares.append(share)
        orders = tuple(int(order) for order in course.order)
    posterior = parts[0] if len(parts) == 1 else _mixed(parts, np.array(shares))
    weights = prepared.draws.weight * posterior.likelihood
    if not weights.sum() > 0.0:
        raise ImpossibleHistoryError(
            field="pregnancies",
            value="this history",
            allowed="a history that the law of pregnancy gives some chance",
            why="an unbalanced karyotype needs a translocation, and a loss at six weeks or later",
        )
    return Evaluation(prepared, posterior, weights / weights.sum(), orders, rules)


def _on_threads(
    course: Course, asked: Ahead, density: FloatArray, prepared: Prepared, rules: Rules
) -> Posterior:
    """Sweep all draws, chunk by chunk."""

    def swept(first: int, last: int) -> Posterior:
        return sweep(course, asked, density, prepared.stack, rules, first, last)

    done = in_chunks(swept, count=len(prepared))
    return Posterior(*(np.concatenate(part) for part in zip(*done, strict=True)))


def _mixed(parts: list[Posterior], shares: FloatArray) -> Posterior:
    """Average over scenarios of ages, each weighted by its share and its likelihood."""
    scale = np.array([share * part.likelihood for share, part in zip(shares, parts, strict=True)])
    total = scale.sum(axis=0)
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0.0)

    def average(field: str) -> FloatArray:
        arrays = [getattr(part, field) for part in parts]
        shape = (-1,) + (1,) * (arrays[0].ndim - 1)
        mixed = sum(w.reshape(shape) * a for w, a in zip(scale, arrays, strict=True))
        return np.asarray(mixed * inverse.reshape(shape))

    rest = [field for field in Posterior._fields if field != "likelihood"]
    return Posterior(total, *(average(field) for field in rest))


def asked_of(
    history: History,
    ledger: Ledger,
    *,
    with_future: bool,
    with_conditions: bool = False,
    pregnancies: int = ahead_module.PREGNANCIES,
) -> Ahead:
    """What is asked of the future: nothing without an age now."""
    last = history.pregnancies[-1] if history.pregnancies else None
    ongoing = last is not None and last.outcome == "ongoing"
    age = history.age_years if with_future and history.age_years is not None else math.nan
    return Ahead(
        age_years=float(age),
        partner_age_years=math.nan if history.partner_age_years is None else float(history.partner_age_years),
        interval_years=ledger.value("life.interval_between_pregnancies_years"),
        is_renewed=int(is_renewed_after(history)),
        is_ongoing=int(ongoing),
        ongoing_week=int(last.week or 0) if last is not None and ongoing else 0,
        pregnancies=0 if math.isnan(age) else pregnancies,
        with_conditions=int(with_conditions),
    )


def density_weights(history: History, prepared: Prepared, ledger: Ledger) -> FloatArray:
    """Weight of each uterine NK density: prior, times results, times months of trying without pregnancy."""
    stack, draws = prepared.stack, prepared.draws
    out = np.tile(stack.density_weight, (len(prepared), 1))
    if history.tests:
        out = out * likelihood_of_tests(
            history.tests,
            log_density=log_density_nodes(prepared),
            score=stack.density_score,
            cycle_log_sd=noise_log_sd(draws, ledger.value("measure.uterine_nk.control_log_sd")),
            blood_correlation=draws.columns[BLOOD_CORRELATION],
            ledger=ledger,
        )
    if history.trying_months > 0 and history.age_years is not None:
        out = out * p_not_pregnant(
            history.trying_months,
            age_years=history.age_years,
            is_gravid=bool(history.pregnancies),
            implantation=stack.implantation,
            couples=couples_by_draw(draws, ledger),
            ledger=ledger,
        )
    return np.ascontiguousarray(out)


def couples_by_draw(draws: Draws, ledger: Ledger) -> Couples:
    """The couples of every draw, each shape (draws, 1)."""
    columns = (np.broadcast_to(draws.columns.get(name, ledger.value(name)), len(draws)) for name in COUPLES)
    return Couples(*(column[:, None] for column in columns))


NEXT_LOSS = ahead_module.NEXT_LOSS
NEXT_BIRTH = ahead_module.NEXT_BIRTH
CURRENT_BIRTH = ahead_module.CURRENT_BIRTH
UNTREATED_HERE = ahead_module.UNTREATED_HERE
ANY_BIRTH = ahead_module.ANY_BIRTH

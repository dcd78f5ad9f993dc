"""One history under all draws: encode it, weigh the density nodes by its tests, sweep on two threads."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np

from decidua.evidence import Ledger, load_ledger
from decidua.inference import ahead as ahead_module
from decidua.inference.ages import age_scenarios
from decidua.inference.ahead import Ahead
from decidua.inference.assembly import BLOOD_CORRELATION
from decidua.inference.encoding import encode, known_conditions, worlds
from decidua.inference.prepared import Prepared, log_density_nodes, noise_log_sd, rules_for
from decidua.inference.sweep import Posterior, sweep
from decidua.life.parameters import FloatArray
from decidua.measure.history import History
from decidua.measure.nk_tests import likelihood_of_tests
from decidua.measure.waiting import p_not_pregnant


@dataclass(frozen=True)
class Evaluation:
    """Posterior sums of one history with the weight of every draw."""

    prepared: Prepared
    posterior: Posterior
    weights: FloatArray  # (draws,) prior weight times likelihood, sums to 1
    orders: tuple[int, ...]  # place in the history of each row of `posterior.causes`

    def ahead(self, which: int) -> FloatArray:
        """One answer about the future for every draw."""
        return self.posterior.ahead[:, which]

    @property
    def effective_draws(self) -> float:
        """How many equally weighted draws these are worth."""
        return float(1.0 / np.sum(self.weights**2))


@cache
def pool() -> ThreadPoolExecutor:
    """The threads that sweep; compiled code lets go of the interpreter."""
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="decidua-history")


def evaluate(history: History, prepared: Prepared, *, with_future: bool = True) -> Evaluation:
    """Exact posterior of one history under every draw.

    Arguments:  history      as read
                prepared     draws on a grid
                with_future  whether the next pregnancies are asked about
    Returns:    Evaluation; ages that nobody gave are averaged over
    """
    ledger = load_ledger()
    rules = rules_for(prepared, known_conditions(history), worlds(history))
    density = density_weights(history, prepared, ledger)
    parts, shares, orders = [], [], ()
    for ages, share in age_scenarios(history, ledger):
        course = encode(history, ages, ledger)
        asked = asked_of(history, ledger, with_future=with_future)
        parts.append(_on_threads(course, asked, density, prepared, rules))
        shares.append(share)
        orders = tuple(int(order) for order in course.order)
    posterior = parts[0] if len(parts) == 1 else _mixed(parts, np.array(shares))
    weights = prepared.draws.weight * posterior.likelihood
    if not weights.sum() > 0.0:
        raise ArithmeticError("no draw gives this history any chance")
    return Evaluation(prepared, posterior, weights / weights.sum(), orders)


def _on_threads(course, asked, density, prepared, rules) -> Posterior:  # type: ignore[no-untyped-def]
    """Sweep fixed chunks of draws on threads; results are put together in order."""
    edges = np.linspace(0, len(prepared), (os.cpu_count() or 1) + 1).astype(int)
    jobs = [
        pool().submit(sweep, course, asked, density, prepared.stack, rules, int(a), int(b))
        for a, b in zip(edges[:-1], edges[1:], strict=True)
        if b > a
    ]
    done = [job.result() for job in jobs]
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


def asked_of(history: History, ledger: Ledger, *, with_future: bool) -> Ahead:
    """What is asked of the future: nothing without an age now."""
    last = history.pregnancies[-1] if history.pregnancies else None
    ongoing = last is not None and last.outcome == "ongoing"
    age = history.age_years if with_future and history.age_years is not None else math.nan
    return Ahead(
        age_years=float(age),
        partner_age_years=math.nan if history.partner_age_years is None else float(history.partner_age_years),
        interval_years=ledger.value("life.interval_between_pregnancies_years"),
        is_renewed=int(last is not None and last.outcome in ("live_birth", "stillbirth")),
        is_ongoing=int(ongoing),
        ongoing_week=int(last.week or 0) if last is not None and ongoing else 0,
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
            ledger=ledger,
        )
    return np.ascontiguousarray(out)


NEXT_LOSS = ahead_module.NEXT_LOSS
NEXT_BIRTH = ahead_module.NEXT_BIRTH
CURRENT_BIRTH = ahead_module.CURRENT_BIRTH
UNTREATED_HERE = ahead_module.UNTREATED_HERE
ANY_BIRTH = ahead_module.ANY_BIRTH

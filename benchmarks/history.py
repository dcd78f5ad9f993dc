"""Five pregnancies under all draws: time against its limits, and what doubling the nodes moves."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from decidua.inference.evaluation import ANY_BIRTH, NEXT_BIRTH, NEXT_LOSS, evaluate
from decidua.inference.history import prepared_for
from decidua.measure.history import History, history_from_words
from decidua.measure.records import Test

LIMIT_MS, AIM_MS, LIMIT_POINTS = 250.0, 50.0, 0.1
RUNS = 9
FIVE = "loss@30w8 loss@31w9 birth@32 loss@33w7 loss@34w8"
OTHERS = {
    "five losses": (34, "loss@30w8 loss@31w9 loss@32w8 loss@33w7 loss@34w8"),
    "karyotypes": (36, "loss@30w8:euploid loss@31w9:aneuploid loss@32w8:unbalanced birth@34 loss@35"),
    "three losses at 41": (41, "loss@38w8 loss@39w9 loss@40w10"),
    "one loss, three births": (38, "loss@29w7 birth@30 birth@33 birth@35"),
}


def told(words: str, age: float) -> History:
    """A history from words."""
    return history_from_words(words.split(), age=age, partner_age=None)


def cases() -> dict[str, History]:
    """The histories on which doubling the nodes is tried; one of them with a reading and months of trying."""
    out = {"five pregnancies": told(FIVE, 34)}
    out |= {name: told(words, age) for name, (age, words) in OTHERS.items()}
    reading = Test(test="uterine_nk", value=420.0, unit="cells_per_mm2", days_after_ovulation=8)
    out["five losses and a reading"] = replace(out["five losses"], tests=(reading,), trying_months=12)
    return out


def median_ms(run: Callable[[], object]) -> float:
    """Median wall time of one call, after two that do not count, in milliseconds."""
    run()
    run()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times)


def answers(history: History, *, quadrature: int) -> np.ndarray:
    """Chances of every answer about the future and the past, averaged over draws."""
    found = evaluate(history, prepared_for(history, quadrature=quadrature))
    ahead = [
        found.weights @ found.ahead(k) for k in (NEXT_LOSS, NEXT_BIRTH, *range(ANY_BIRTH, ANY_BIRTH + 3))
    ]
    causes = np.einsum("i,ikc->kc", found.weights, found.posterior.causes)
    return np.concatenate([ahead, causes.ravel(), found.weights @ found.posterior.conditions])


def main() -> None:
    """Print time and accuracy with their limits."""
    history = told(FIVE, 34)
    prepared = prepared_for(history)
    taken = median_ms(lambda: evaluate(history, prepared))
    print(
        f"five pregnancies, {len(prepared)} draws: {taken:.0f} ms, {taken / LIMIT_MS:.2f} of the limit "
        f"({LIMIT_MS:.0f} ms), {taken / AIM_MS:.2f} of the aim ({AIM_MS:.0f} ms)"
    )
    grid = prepared.grid
    factors, branches = grid.shared * grid.fading, grid.everyone + 4 * grid.with_condition
    windows = 3 * 4 + 1  # three survivals for each loss, one for the birth
    needed = np.random.default_rng(1).random(
        len(prepared) * factors * windows * (branches + 2 * grid.density)
    )
    bare = median_ms(lambda: np.exp(-needed))
    print(
        f"the {needed.size / 1e6:.1f} million exponentials it needs, bare: {bare:.0f} ms,"
        f" ratio {taken / bare:.1f}"
    )
    largest = 0.0
    for name, case in cases().items():
        moved = 100.0 * np.abs(answers(case, quadrature=2) - answers(case, quadrature=1)).max()
        largest = max(largest, float(moved))
        print(f"doubling all nodes, {name}: largest move {moved:.3f} points")
    verdict = "agree" if largest <= LIMIT_POINTS else "disagree"
    print(f"{verdict}: largest move {largest:.3f} points, limit {LIMIT_POINTS}")


if __name__ == "__main__":
    main()

"""Whether the weighing of the mechanisms finds the class that printed the studies, and which study would.

Studies of the published sizes are simulated under each class and weighed as if published; then larger ones.
Truths are drawn from the priors and from stage one. A weighing that cannot tell must say so: with studies of
the published sizes the true class should come first little more often than by chance, and its mean weight
should not fall below that of a false one.

Run `python verify/mechanism_recovery.py` for the tables in docs/weights.md; the test takes fewer sets.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from decidua.evidence import load_ledger
from decidua.evidence.draws import load_draws
from decidua.inference.calibration_report import markdown
from decidua.inference.weights import CLASSES, USED, problem_of
from decidua.inference.weights_evidence import Problem
from decidua.inference.weights_likelihood import TABLES, Studies, Trial
from decidua.inference.weights_priors import NAMES
from decidua.inference.weights_report import CLASSES as WORDS
from decidua.inference.weights_samples import Outcomes
from decidua.inference.weights_selection import selected
from decidua.inference.weights_simulate import confusion
from decidua.inference.weights_studies import published_studies, wanted_tables
from decidua.womb import MECHANISMS

STRUCTURE = "fading-log_normal"
TRUTHS = {"high_count_harms": "attack", "low_count_harms": "too_few", "no_effect": "marker"}
SETS, LARGER_SETS, SIZE, DRAWS, SEED = 20, 6, 300, 4, 11
LITTLE = 0.02  # of the declared discrepancy
STRENGTH = 0.5  # true log hazard ratio in larger studies: what a study would be planned to find


def problems(count: int, tables: frozenset[str]) -> dict[str, Problem]:
    """Every mechanism under the mean of a few stage-one draws."""
    ledger = load_ledger()
    found = selected(load_draws(STRUCTURE), ledger, count=count, progress=tell)
    made = {m: problem_of(m, ledger, found, published_studies(ledger)) for m in MECHANISMS}
    wanted = wanted_tables(TABLES, tables)
    return {m: Problem(p.stage, p.mean, p.by_draw, p.grid, p.studies, wanted) for m, p in made.items()}


def without_discrepancy(made: Mapping[str, Problem]) -> dict[str, Problem]:
    """The same where tables hardly differ for reasons that no model explains."""
    at = NAMES.index("mechanisms.discrepancy_sd")
    return {m: replace(p, stage=p.stage.with_scale(LITTLE, of=(at,))) for m, p in made.items()}


def with_outcomes(like: Studies, women: float) -> Studies:
    """A study of readings before the next pregnancy after losses, of this size."""
    lost = round(women * like.outcomes.lost / (like.outcomes.lost + like.outcomes.born))
    return like._replace(outcomes=like.outcomes._replace(lost=float(lost), born=women - lost))


def with_trial(like: Studies, women: float) -> Studies:
    """A trial of the steroid in women with a high reading, of this size."""
    half = women / 2.0
    return like._replace(tang=Trial(half, 0.0, half, 0.0))


def with_cohort(like: Studies, women: float) -> Studies:
    """Readings before a first pregnancy, in women who were not picked for losses; one in six loses it."""
    lost = round(women / 6.0)
    return like._replace(cohort=Outcomes(float(lost), 1.0, women - lost, 1.0))


LARGER = {
    "next pregnancy after losses, 500 women": (with_outcomes, 500.0),
    "next pregnancy after losses, 5,000 women": (with_outcomes, 5000.0),
    "trial in women with a high reading, 500 women": (with_trial, 500.0),
    "trial in women with a high reading, 5,000 women": (with_trial, 5000.0),
    "cohort before any pregnancy, 1,000 women": (with_cohort, 1000.0),
    "cohort before any pregnancy, 5,000 women": (with_cohort, 5000.0),
    "cohort before any pregnancy, 20,000 women": (with_cohort, 20000.0),
}
LARGEST = "cohort before any pregnancy, 20,000 women"


def recovery(*, sets: int, size: int, draws: int) -> dict[str, dict[str, Any]]:
    """Confusion at the published sizes."""
    made = problems(draws, frozenset(USED))
    like = next(iter(made.values())).studies
    return confusion(made, like, truths=TRUTHS, sets=sets, seed=SEED, size=size)


def larger_studies(*, sets: int, size: int, draws: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Confusion with one larger study beside the published ones."""
    tables = frozenset((*USED, "cohort before any pregnancy"))
    with_it, without = problems(draws, tables), problems(draws, frozenset(USED))
    out = {}
    for name, (enlarge, women) in LARGER.items():
        made = with_it if name.startswith("cohort") else without
        like = enlarge(made["marker"].studies, women)
        out[name] = confusion(made, like, truths=TRUTHS, sets=sets, seed=SEED, size=size, effect=STRENGTH)
        tell(name)
    made, (enlarge, women) = without_discrepancy(with_it), LARGER[LARGEST]
    like, name = enlarge(made["marker"].studies, women), f"{LARGEST}, and no unexplained difference"
    out[name] = confusion(made, like, truths=TRUTHS, sets=sets, seed=SEED, size=size, effect=STRENGTH)
    return out


def confusion_table(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """True class by row: how often each class comes first, and its mean weight."""
    rows = [
        (WORDS[true], *(f"{100 * one['first'][name]:.0f} ({one['weight'][name]:.2f})" for name in CLASSES))
        for true, one in found.items()
    ]
    return markdown(("true class", *(f"{WORDS[name]} first, in 100 (mean weight)" for name in CLASSES)), rows)


def larger_table(found: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]) -> str:
    """Mean weight of the true class, study by study."""
    rows = [
        (
            name,
            *(f"{100 * one[true]['first'][true]:.0f} ({one[true]['weight'][true]:.2f})" for true in CLASSES),
        )
        for name, one in found.items()
    ]
    return markdown(("study", *(f"truth: {WORDS[name]}" for name in CLASSES)), rows)


def tell(line: str) -> None:
    """Progress."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(confusion_table(recovery(sets=SETS, size=SIZE, draws=DRAWS)))
    print()
    print(larger_table(larger_studies(sets=LARGER_SETS, size=SIZE, draws=DRAWS)))

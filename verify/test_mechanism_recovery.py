"""A fast version of the recovery of mechanisms: few sets, and a study so large that it must tell."""

from __future__ import annotations

import mechanism_recovery
from verdicts import verdict

from decidua.inference.weights import CLASSES, USED
from decidua.inference.weights_simulate import confusion

SETS, SIZE = 3, 150


def test_a_very_large_cohort_tells_the_classes_apart_where_nothing_is_unexplained():
    """Women read before any pregnancy, 100,000 of them, and nothing else: each true class must come first."""
    made = mechanism_recovery.without_discrepancy(
        mechanism_recovery.problems(1, frozenset({"cohort before any pregnancy"}))
    )
    like = mechanism_recovery.with_cohort(made["marker"].studies, 100_000.0)
    found = confusion(made, like, truths=mechanism_recovery.TRUTHS, sets=SETS, seed=3, size=SIZE, effect=0.6)
    for true in ("high_count_harms", "low_count_harms"):
        verdict(
            f"a very large cohort finds that {true}",
            statistic=1.0 - found[true]["weight"][true],
            threshold=0.45,
            smallest_detectable=0.55,
        )


def test_studies_of_the_published_sizes_do_not_claim_to_tell():
    made = mechanism_recovery.problems(1, frozenset(USED))
    like = made["marker"].studies
    found = confusion(made, like, truths=mechanism_recovery.TRUTHS, sets=SETS, seed=4, size=SIZE)
    for true, one in found.items():
        assert abs(sum(one["first"].values()) - 1.0) < 1e-9
        assert abs(sum(one["weight"].values()) - 1.0) < 1e-9
        verdict(
            f"no false certainty where {true}",
            statistic=max(one["weight"][name] for name in CLASSES if name != true),
            threshold=0.8,
            smallest_detectable=0.8,
        )

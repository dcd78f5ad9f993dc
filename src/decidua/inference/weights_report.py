"""The tables of stage two in plain Markdown: what the command prints and the documentation shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decidua.inference.calibration_report import markdown
from decidua.inference.class_weights import order_is_the_same

CLASSES = {
    "high_count_harms": "a high count harms",
    "low_count_harms": "a low count harms",
    "no_effect": "no effect",
}
CLOSE = (
    "The order of the classes is the same in every analysis, but two of them lie too close together to trust "
    "it: **we cannot tell**."
)
UNSTABLE = "The order of the classes changes from analysis to analysis: **we cannot tell**."
STABLE = "The order of the classes is the same in every analysis."


def report(found: Mapping[str, Any]) -> str:
    """All tables, each under its heading."""
    parts = {
        "Weights of the classes": classes_table(found) + "\n\n" + _order_in_words(found),
        "Evidence of each mechanism": mechanisms_table(found),
        "Check at no effect": savage_dickey_table(found),
        "What each table says": by_table_table(found),
        "Sensitivities": sensitivities_table(found),
    }
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in parts.items()) + "\n"


def _order_in_words(found: Mapping[str, Any]) -> str:
    if found["order_is_stable"]:
        return STABLE
    return CLOSE if order_is_the_same(found) else UNSTABLE


def classes_table(found: Mapping[str, Any]) -> str:
    """Weight and Bayes factor of each class."""
    rows = []
    for name, words in CLASSES.items():
        log, error = found["log_bayes_factors"][name], found["log_bayes_factor_errors"][name]
        factor = "0" if name == "no_effect" else f"{log:+.2f} ± {error:.2f}"
        rows.append((words, "0.333", f"{found['classes'][name]:.3f}", factor))
    return markdown(("class", "weight before", "weight after", "log Bayes factor against no effect"), rows)


def mechanisms_table(found: Mapping[str, Any]) -> str:
    """Evidence under the mean of the tables by two samplers, and over stage-one draws."""
    columns = ("mechanism", "nested sampling", "importance sampling", "over draws of the law, mean (sd)")
    rows = []
    for name, one in found["mechanisms"].items():
        over = one["over_draws"]
        nested = f"{one['log_evidence']:.2f} ± {one['log_evidence_error']:.2f}"
        fast = f"{one['by_importance']:.2f} ± {one['by_importance_error']:.2f}"
        rows.append((name, nested, fast, f"{over['mean']:.2f} ({over['sd']:.2f})"))
    return markdown(columns, rows)


def savage_dickey_table(found: Mapping[str, Any]) -> str:
    """Log Bayes factor of no effect against each mechanism, from evidence and from the density there."""
    rows = [
        (name, f"{both['evidence']:+.2f}", f"{both['savage_dickey']:+.2f}")
        for name, one in found["mechanisms"].items()
        if (both := one.get("log_no_effect_against_this"))
    ]
    return markdown(("mechanism", "from evidence", "from the density at no effect"), rows)


def by_table_table(found: Mapping[str, Any]) -> str:
    """Posterior mean of the log likelihood of every table, less that under no effect."""
    names = [name for name in found["mechanisms"] if name != "marker"]
    none = found["mechanisms"]["marker"]["by_table"]
    rows = [
        (table, *(f"{found['mechanisms'][name]['by_table'][table] - base:+.2f}" for name in names))
        for table, base in none.items()
        if base != 0.0
    ]
    return markdown(("table", *names), rows)


def sensitivities_table(found: Mapping[str, Any]) -> str:
    """Weights under every change, and whether the order holds."""
    rows = [("as published", *_weights(found["classes"]), "itself")]
    for name, one in found["sensitivities"].items():
        same = "the same" if one["order"] == found["order"] else "another"
        rows.append((name, *_weights(one["weights"]), same))
    return markdown(("analysis", *CLASSES.values(), "order beside the first row"), rows)


def _weights(weights: Mapping[str, float]) -> list[str]:
    return [f"{weights[name]:.3f}" for name in CLASSES]

"""The tables of a calibration in plain Markdown: what the command prints and the documentation shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from decidua.inference.calibration_summary import preferred
from decidua.inference.priors import DEFAULT_STRUCTURE

INFORMED = {"tables": "the tables", "both": "both", "prior": "the prior"}


def report(summary: Mapping[str, Any]) -> str:
    """All tables of one calibration, each under its heading."""
    shown = _shown(summary)
    parts = {
        "Runs": runs_table(summary),
        "Agreement of runs": agreement_table(summary),
        "Structures": structures_table(summary) + f"\n\n{preferred(summary)}",
        f"Tables under {shown}": tables_table(summary["structures"][shown]),
        f"Cells that {shown} misses": misses_table(summary["structures"][shown]),
        f"Parameters of {shown}": parameters_table(summary["structures"][shown]),
    }
    parts[f"Named causes under {shown}"] = causes_table(summary["structures"][shown])
    if summary["recovery"]:
        parts["Recovery"] = recovery_table(summary["recovery"])
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in parts.items()) + "\n"


def _shown(summary: Mapping[str, Any]) -> str:
    """The default structure, or the first there is."""
    names = list(summary["structures"])
    return DEFAULT_STRUCTURE.name if DEFAULT_STRUCTURE.name in names else str(names[0])


def markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def runs_table(summary: Mapping[str, Any]) -> str:
    """One line for each run."""
    columns = ("structure", "seed", "live points", "likelihoods", "draws", "log evidence")
    rows = []
    for name, found in summary["structures"].items():
        for run in found["runs"]:
            evidence = f"{run['log_evidence']:.2f} ± {run['log_evidence_error']:.2f}"
            counts = (run["live_points"], f"{run['likelihoods']:,}", run["draws"])
            rows.append((name, run["seed"], *counts, evidence))
    return markdown(columns, rows)


def agreement_table(summary: Mapping[str, Any]) -> str:
    """One line for each structure: whether its runs agree."""
    columns = ("structure", "runs", "largest R-hat of a parameter", "largest R-hat of an expected cell")
    rows = [
        (name, len(found["runs"]), _r_hat(found["largest_r_hat"]), _r_hat(found["largest_r_hat_of_cells"]))
        for name, found in summary["structures"].items()
    ]
    return markdown(columns, rows)


def _r_hat(value: float | None) -> str:
    return "nothing to compare" if value is None else f"{value:.3f}"


def structures_table(summary: Mapping[str, Any]) -> str:
    """One line for each structure, best first."""
    columns = (
        "structure",
        "log score left out",
        "by run",
        "behind the best",
        "effective parameters",
        "Pareto k above 0.7",
        "log evidence",
    )
    rows = []
    for name, score in summary["leave_one_out"].items():
        found = summary["structures"][name]
        rows.append(
            (
                name,
                _number(score["elpd"]),
                ", ".join(_number(run) for run in summary["leave_one_out_by_run"][name]),
                f"{_number(score['difference'])} ± {_number(score['difference_se'])}",
                _number(score["effective_parameters"]),
                score["cells_above_0.7"],
                f"{found['log_evidence']:.2f} ± {found['log_evidence_error']:.2f}",
            )
        )
    return markdown(columns, rows)


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1f}"


def tables_table(found: Mapping[str, Any]) -> str:
    """One line for each published table."""
    columns = ("table", "cells", "misses", "chance of lying as far off")
    rows = [
        (t["table"], t["cells"], ", ".join(t["misses"]) or "none", f"{t['p_as_far']:.2f}")
        for t in found["tables"]
    ]
    return markdown(columns, rows)


def misses_table(found: Mapping[str, Any]) -> str:
    """One line for each published number outside what the law would print, or a sentence."""
    missed = [cell for cell in found["cells"] if cell["is_miss"]]
    if not missed:
        return "Every published number lies inside the range that the law would print."
    return cells_table(missed)


def cells_table(cells: Iterable[Mapping[str, Any]]) -> str:
    """One line for each published number: as printed, as expected, as it might have been printed."""
    columns = ("table", "cell", "published", "expected", "could have been printed")
    rows = [
        (c["table"], c["label"], f"{c['published']:.4g}", _range(c["expected"]), _range(c["could_print"]))
        for c in cells
    ]
    return markdown(columns, rows)


def _range(estimate: Mapping[str, float]) -> str:
    return f"{estimate['mean']:.3g} ({estimate['lo']:.3g} to {estimate['hi']:.3g})"


def parameters_table(found: Mapping[str, Any]) -> str:
    """One line for each parameter, best identified first."""
    columns = ("parameter", "prior mean (sd)", "posterior mean (95% interval)", "sd ratio", "who speaks")
    by_ratio = sorted(found["parameters"].items(), key=lambda item: float(item[1]["sd_ratio"]))
    rows = [
        (
            f"`{name}`",
            f"{_rounded(check['prior_mean'])} ({check['prior_sd']:.2g})",
            _range(check),
            f"{check['sd_ratio']:.2f}",
            INFORMED[check["informed_by"]],
        )
        for name, check in by_ratio
    ]
    return markdown(columns, rows)


def causes_table(found: Mapping[str, Any]) -> str:
    """One line for each named cause of euploid loss."""
    columns = (
        "named cause",
        "hazard ratio against the rest",
        "share of the euploid hazard",
        "share of the variance between women",
    )
    rows = [(name.replace("_", " "), *map(_range, cause.values()))
            for name, cause in found["named_causes"].items()]  # fmt: skip
    return markdown(columns, rows)


def _rounded(value: float) -> str:
    """Three figures; what is zero but for rounding is zero."""
    return f"{0.0 if abs(value) < 1e-12 else value:.3g}"


def recovery_table(found: Mapping[str, Any]) -> str:
    """How often intervals held the truth, over all parameters and for each."""
    sets, held = found["simulated_sets"], found["share_held"]
    columns = ("parameter", *(f"{level}% interval held, of {sets}" for level in held))
    rows: list[tuple[object, ...]] = [("all", *(f"{100 * share:.0f} in 100" for share in held.values()))]
    rows += [
        (f"`{name}`", *(count[level] for level in held)) for name, count in found["by_parameter"].items()
    ]
    return markdown(columns, rows)

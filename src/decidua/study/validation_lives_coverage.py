"""Coverage of the predictive intervals of simulated lives, by cell and by source, with their widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from decidua.base.estimates import Estimate
from decidua.study.validation_rows import HELD_OUT, Row
from decidua.study.validation_rule import AGREE, DISAGREE


def coverage_of(rows: Sequence[Row], says: Mapping[str, Any]) -> dict[str, Any]:
    """Share of cells whose predictive interval holds the published value, by source, with the median width.

    Arguments:  rows  of the lives; those that are reported alone stand by themselves
                says  `coverage` of the lives' rule
    Returns:    dict ready for JSON: cells, sources (each counting once), reported, and what is wanted
    """
    judged = [row for row in rows if row.is_gated and row.is_covered is not None]
    reported = [row for row in rows if row.is_gated is False and row.is_covered is not None]
    sources = {
        row.leakage_group: [r for r in judged if r.leakage_group == row.leakage_group] for row in judged
    }
    by_source = {name: one_coverage(mine) for name, mine in sources.items()}
    return {
        "wanted": [says["lo"], says["hi"]],
        "cells": one_coverage(judged),
        "sources": {
            "count": len(by_source),
            "share_covered": float(np.mean([one["share_covered"] for one in by_source.values()])),
        },
        "by_source": by_source,
        "reported_not_judged": one_coverage(reported),
    }


def one_coverage(rows: Sequence[Row]) -> dict[str, Any]:
    """Coverage of some cells, and how wide their intervals are.

    Chances are measured in percentage points, ratios as upper over lower end, slopes in their own unit.
    """
    covered = [row for row in rows if row.is_covered]
    return {
        "cells": len(rows),
        "covered": len(covered),
        "share_covered": len(covered) / len(rows) if rows else None,
        "covered_with_the_null": sum(bool(row.covers_null) for row in covered),
        "median_width_points": _median([100.0 * (hi - lo) for row, lo, hi in _ends(rows) if _is_chance(row)]),
        "median_ratio": _median([hi / lo for row, lo, hi in _ends(rows) if _is_ratio(row)]),
        "median_width_of_slopes": _median(
            [hi - lo for row, lo, hi in _ends(rows) if row.scale == "identity"]
        ),
    }


def _is_chance(row: Row) -> bool:
    return row.scale == "logit" or (row.scale == "log" and row.id.startswith("L6."))


def _is_ratio(row: Row) -> bool:
    return row.scale == "log" and not _is_chance(row)


def _ends(rows: Sequence[Row]) -> list[tuple[Row, float, float]]:
    return [
        (row, row.predictive_lo, row.predictive_hi)
        for row in rows
        if row.predictive_lo is not None and row.predictive_hi is not None
    ]


def _median(widths: Sequence[float]) -> float | None:
    return float(np.median(widths)) if widths else None


def coverage_row(found: Mapping[str, Any], says: Mapping[str, Any], structure: str) -> Row:
    """Coverage as a row: too little and too much are misses."""
    share, (lo, hi) = found["cells"]["share_covered"], found["wanted"]
    cells = found["cells"]
    return Row(
        id=says["id"],
        label=HELD_OUT,
        verdict=AGREE if lo <= share <= hi else DISAGREE,
        dataset=f"{cells['cells']} cells of {found['sources']['count']} sources",
        statistic=f"lives: share of cells whose 95% predictive interval holds the published value "
        f"({cells['covered_with_the_null']} of the {cells['covered']} that do also hold their null; "
        f"each source counting once {found['sources']['share_covered']:.2f})",
        structure=structure,
        scale="identity",
        published=(lo + hi) / 2.0,
        published_lo=lo,
        published_hi=hi,
        predicted=Estimate(share, share, share),
        null=None,
        z=None,
        leakage_group="all",
        basis="recognised",
        caveat="",
        reason="above: spreads between studies are declared too wide; below: the misses of this page",
        sources=(),
    )

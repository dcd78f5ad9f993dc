"""Puts what `decidua validate --survey FOLDER --weeks FILE --json` wrote into docs/results.md.

Run `python verify/results_page.py FILE` with the file it was written to.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from weights_page import filled

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
LABELS, VERDICTS = ("used to fit", "informed the structure", "held out"), ("agree", "undecided", "disagree")
Row = Mapping[str, Any]


def number(value: float | None) -> str:
    """Three digits, or nothing."""
    return "" if value is None else f"{value:.3g}"


def with_interval(middle: float | None, lo: float | None, hi: float | None) -> str:
    """A value with its interval where it has one."""
    has_interval = lo is not None and hi is not None and lo != hi
    return f"{number(middle)} ({number(lo)} to {number(hi)})" if has_interval else number(middle)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def counts(rows: Sequence[Row]) -> str:
    """Verdicts by label; a label without rows is left out."""
    found = Counter((row["label"], row["verdict"]) for row in rows)
    labels = [label for label in LABELS if any((label, verdict) in found for verdict in VERDICTS)]
    body = [[label, *(str(found[label, verdict]) for verdict in VERDICTS)] for label in labels]
    return table(("label", *VERDICTS), body)


def cells_of(row: Row) -> list[str]:
    """One miss: which row, what, published and predicted."""
    shape = " (two classes)" if "two_class" in row["structure"] else ""
    predicted = row["predicted"]
    return [
        f"{row['id']}{shape}, {row['label']}",
        str(row["statistic"]).removeprefix("lives: "),
        with_interval(row["published"], row["published_lo"], row["published_hi"]),
        with_interval(predicted["mean"], predicted["lo"], predicted["hi"]),
    ]


def misses(rows: Sequence[Row]) -> str:
    """Every miss with its likely reason."""
    body = [[*cells_of(row), row["reason"]] for row in rows if row["verdict"] == "disagree"]
    return table(("row", "what", "published", "model", "likely reason"), body)


def predictive(row: Row) -> str:
    """Its predictive interval."""
    return f"{number(row['predictive_lo'])} to {number(row['predictive_hi'])}"


def lives_misses(rows: Sequence[Row]) -> str:
    """Every miss of simulated lives, with what would settle it."""
    missed = [row for row in rows if row["verdict"] == "disagree"]
    body = [
        [
            *cells_of(row),
            f"{number(row['predictive_lo'])} to {number(row['predictive_hi'])}",
            row["reason"],
            row["settles"],
        ]
        for row in missed
    ]
    head = ("row", "what", "published", "model", "predictive interval", "likely reason", "would settle it")
    return table(head, body)


def lives_others(rows: Sequence[Row]) -> str:
    """Every other row of simulated lives."""
    body = [[*cells_of(row), row["verdict"]] for row in rows if row["verdict"] != "disagree"]
    return table(("row", "what", "published", "model", "verdict"), body)


def coverage(found: Mapping[str, Any]) -> str:
    """How many published values lie in their predictive intervals, in all and by source."""
    cells, (lo, hi) = found["cells"], found["wanted"]
    beside, sources = found["reported_not_judged"], found["sources"]
    told = (
        f"**{cells['covered']} of {cells['cells']} cells lie in their 95% predictive intervals:",
        f"{cells['share_covered']:.2f}, wanted were {lo} to {hi},",
        f"{'met' if lo <= cells['share_covered'] <= hi else 'not met'}.**",
        f"Each of {sources['count']} sources counting once: {sources['share_covered']:.2f}.",
        f"Of the covered, {cells['covered_with_the_null']} intervals hold the null as well.",
        f"Median width: {cells['median_width_points']:.0f} percentage points for chances,",
        f"a ratio of {cells['median_ratio']:.1f} from end to end for odds.",
        f"Reported and not judged (H1, H5): {beside['covered']} of {beside['cells']} covered.",
    )
    body = [
        [name, f"{one['covered']} of {one['cells']}", f"{number(one['median_width_points'])}"]
        for name, one in found["by_source"].items()
    ]
    return "\n".join(told) + "\n\n" + table(("source", "covered", "median width, points"), body)


def survey(found: Mapping[str, Any]) -> str:
    """Predictors on pregnancies nobody fitted, and the gain of the model."""
    head = ("predictor", "log loss", "area under the curve", "calibration slope")
    body = [
        [name, f"{x['log_loss']:.5f}", f"{x['auc']:.3f}", number(x["calibration_slope"])]
        for name, x in found["validation"].items()
    ]
    gains = [
        f"- {years}: {gain['mean']:+.4f} ({gain['lo']:+.4f} to {gain['hi']:+.4f})"
        for years, gain in (
            ("2013-15, upper end asked +0.001", found["difference"]),
            ("2002 to 2013, where levels were fitted", found["difference_on_earlier_cycles"]),
        )
    ]
    told = "Log loss of the model minus published numbers only, 95% interval by resampling women:"
    return "\n\n".join((table(head, body), told, "\n".join(gains)))


def main(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    lived = [row for row in found["rows"] if row["id"].startswith("L")]
    others = [row for row in found["rows"] if not row["id"].startswith("L")]
    blocks = {
        "verdicts": counts(others),
        "misses": misses(others),
        "verdicts of lives": counts(lived),
        "coverage of lives": coverage(found["coverage"]),
        "misses of lives": lives_misses(lived),
        "others of lives": lives_others(lived),
        "survey": survey(found["survey"]),
    }
    page = PAGE.read_text(encoding="utf-8")
    for mark, body in blocks.items():
        page = filled(page, mark, body)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

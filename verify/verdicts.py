"""One line for every check against an independent answer, with the error it could see and a verdict."""

from __future__ import annotations

import math

SEEN: list[str] = []  # every line of this run, printed again at its end by conftest.py


def verdict(
    name: str,
    *,
    statistic: float,
    threshold: float,
    smallest_detectable: float,
    largest_tolerable: float = math.inf,
) -> None:
    """Print whether two independent answers agree, and fail unless they do.

    A check that could not have seen an error worth seeing, or whose statistic is not a number, is undecided,
    and undecided is no success: it asks for more women, more nodes or more draws.

    Arguments:  name                 what was compared with what
                statistic            distance of the two answers, >= 0
                threshold            largest distance that counts as agreement
                smallest_detectable  smallest error that would have passed the threshold
                largest_tolerable    largest error that may go unseen, in the same unit
    Raises:     AssertionError with the line when they disagree or nothing was decided
    """
    word = _word(statistic, threshold, smallest_detectable, largest_tolerable)
    line = (
        f"{word:9s} {name}: statistic {statistic:.3g}, threshold {threshold:.3g}, "
        f"smallest error it could see {smallest_detectable:.2g}"
    )
    SEEN.append(line)
    print(line)
    if word != "agree":
        raise AssertionError(line)


def _word(statistic: float, threshold: float, smallest: float, tolerable: float) -> str:
    if not math.isfinite(statistic) or not math.isfinite(smallest):
        return "undecided"
    if statistic > threshold:
        return "disagree"
    return "agree" if smallest <= tolerable else "undecided"

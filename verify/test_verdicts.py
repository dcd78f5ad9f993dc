"""A verdict must be able to say no, and to say that it does not know."""

import math

import pytest
from verdicts import SEEN, verdict


@pytest.fixture(autouse=True)
def _keep_the_list():
    before = SEEN.copy()
    yield
    SEEN[:] = before


def test_agreement_prints_one_line(capsys):
    verdict("a twin", statistic=1e-12, threshold=1e-10, smallest_detectable=1e-10)
    assert capsys.readouterr().out.startswith("agree     a twin: statistic 1e-12, threshold 1e-10")


@pytest.mark.parametrize(
    ("statistic", "smallest", "word"),
    [
        (4.1, 0.01, "disagree"),
        (math.nan, 0.01, "undecided"),
        (1.0, 0.5, "undecided"),
        (1.0, math.nan, "undecided"),
    ],
)
def test_anything_else_fails(statistic, smallest, word):
    with pytest.raises(AssertionError, match=rf"^{word}"):
        verdict(
            "a twin", statistic=statistic, threshold=4.0, smallest_detectable=smallest, largest_tolerable=0.1
        )

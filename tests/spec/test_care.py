"""Care rules: small tables in, small tables out; the manual shows the same tables."""

from __future__ import annotations

from pathlib import Path

import factories
import pytest
from care_rules import BEGIN, END, outcome, rendered, rules

CASES = [case for rule in rules() for case in rule["cases"]]
PAGE = Path(__file__).parents[2] / "docs" / "care.md"


@pytest.mark.parametrize("case", CASES, ids=[f"{c['pathway']} {'-'.join(c['record'])}" for c in CASES])
def test_a_rule_of_care(case):
    found = outcome(case, factories.law_parameters(uterine_nk_lasting_log_sd=0.3))
    assert found == (case["tested_after"], case["treated_from"])


def test_the_manual_shows_these_rules():
    page = PAGE.read_text(encoding="utf-8")
    assert page[page.index(BEGIN) : page.index(END) + len(END)] == rendered()

"""Runs the care rules of care.yaml through the kernel's own step, and renders them for the manual."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from decidua.base.address import stream_of
from decidua.care.following import pathway_of
from decidua.care.pathways import load_pathway
from decidua.evidence import load_ledger
from decidua.life.between import NOTHING_YET, record_after
from decidua.life.endings import NO_CAUSE, Ending
from decidua.life.latents import Latents
from decidua.life.pathway import BLOOD_NK, EFFECTS, NO_CARE_YET, NOTHING, TREATMENTS, Pathway, care_after
from decidua.life.ways import INDUCED, LIVE_BIRTH, MISCARRIAGE, STILLBIRTH

RULES = Path(__file__).parent / "spec" / "care.yaml"
ENDINGS = {
    "loss": Ending(MISCARRIAGE, 8, NO_CAUSE, 0),
    "birth": Ending(LIVE_BIRTH, 39, NO_CAUSE, 0),
    "stillbirth": Ending(STILLBIRTH, 30, NO_CAUSE, 0),
    "induced": Ending(INDUCED, 9, NO_CAUSE, 0),
}
HEADS = ("pathway", "on record, in order", "reading", "takes it", "tested after", "treated from")
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return found


def outcome(case: Mapping[str, Any], parameters: Any) -> tuple[int | None, int | None]:
    """After which pregnancy she is tested, and from which she is treated."""
    pathway = followed(case)
    her, stream = woman(case, pathway, parameters), stream_of(1, 1)
    record, care = NOTHING_YET, NO_CARE_YET
    tested = treated = None
    for order, word in enumerate(case["record"], start=1):
        record = record_after(record, ENDINGS[word], 1)
        care = care_after(stream, 0, record, care, her, parameters, pathway)
        if care.is_tested and tested is None:
            tested = order
        if care.treatment != NOTHING and treated is None:
            treated = order + 1
    return tested, treated


def followed(case: Mapping[str, Any]) -> Pathway:
    """The pathway with an exact reading, taken by all or by none."""
    care = load_pathway(case["pathway"]).model_copy(update={"p_accepts": 1.0 if case["accepts"] else 0.0})
    rows = np.arange(TREATMENTS, dtype=np.int64)
    effects, reading = np.zeros((1, TREATMENTS, EFFECTS)), np.array([[0.0, 1.0]])
    return pathway_of(care, regimens=rows, effects=effects, reading=reading, ledger=load_ledger())


def woman(case: Mapping[str, Any], pathway: Pathway, p: Any) -> Latents:
    """A woman whose reading comes out as the case has it."""
    beside = 1.0 if case["reading"] == "high" else -1.0
    lasting = pathway.cut + beside
    if pathway.test == BLOOD_NK:
        lasting = p.uterine_nk_log_median + p.uterine_nk_lasting_log_sd * lasting
    return Latents(1.0, 1.0, lasting, 0.0, 0.0, 0.0, 0.0, 0.2, 9000, 18000, 2, 1.0, 0.9, 0, 0.0)


def rendered() -> str:
    """The rules as they stand in docs/care.md."""
    return "\n\n".join([BEGIN, *(chapter(rule) for rule in rules()), END])


def chapter(rule: Mapping[str, Any]) -> str:
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    for case in rule["cases"]:
        cells = (
            f"`{case['pathway']}`",
            ", ".join(case["record"]),
            case["reading"],
            "yes" if case["accepts"] else "no",
            told(case["tested_after"]),
            told(case["treated_from"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([rule["about"], "", *lines])


def told(order: int | None) -> str:
    return "never" if order is None else f"pregnancy {order}"

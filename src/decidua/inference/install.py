"""From fits to what ships: draws, the ledger's calibrated values, and where they come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.errors import InputError
from decidua.base.files import write_json_whole
from decidua.evidence import EVIDENCE_VERSION, load_ledger
from decidua.evidence.content import hash_of
from decidua.evidence.draws import HERE as DRAWS_FOLDER
from decidua.evidence.draws import write_draws
from decidua.inference.assembly import assemble_draws
from decidua.inference.calibration import by_structure, pooled
from decidua.inference.calibration_summary import structures_missing
from decidua.inference.posterior import Fit
from decidua.inference.priors import DEFAULT_STRUCTURE

PROVENANCE_FILE = "provenance.json"
DRAWS_PER_MECHANISM, DRAWS_OF_DEFAULT = 80, 200
SIGNIFICANT_DIGITS = 4
# Where the default structure lacks a parameter, the structure that stands next to it has it.
FALLBACK_STRUCTURE = "fading-two_class"

Progress = Callable[[str], None]


def install(
    fits: Sequence[Fit],
    summary: Mapping[str, Any],
    *,
    seed: int,
    evidence: Path = DRAWS_FOLDER.parent,
    progress: Progress,
) -> None:
    """Write the draws of every structure, the ledger's calibrated values, and provenance last.

    Arguments:  fits      of all structures
                summary   what `summary_of` found of them
                seed      of what is joined to the posterior: cells, drugs, settings
                evidence  folder of the evidence; the package's own
                progress  called with lines of text
    Raises:     InputError when a structure has no fit
    Checked by: tests/unit/inference/test_install.py
    """
    if missing := structures_missing(fits):
        allowed = "a fit of every structure; leave out --structure"
        raise InputError(field="--install", value=f"without {', '.join(missing)}", allowed=allowed)
    shipped = {}
    for name, runs in by_structure(fits).items():
        shipped[name] = _draws_per_mechanism(name)
        draws = assemble_draws(pooled(runs), load_ledger(), draws_per_mechanism=shipped[name], seed=seed)
        write_draws(draws, evidence / "draws" / f"{name}.parquet")
        progress(f"{name}: {len(draws)} draws written")
    changed = update_ledger(evidence, calibrated_values(summary))
    progress(f"{changed} calibrated values of the ledger now say what was found")
    whole = dict(summary) | {"draws_per_mechanism": shipped}
    whole["provenance"] = whole["provenance"] | {
        "evidence_version": f"{EVIDENCE_VERSION}+{hash_of(evidence)}"
    }
    write_json_whole(evidence / "draws" / PROVENANCE_FILE, whole)


def _draws_per_mechanism(structure: str) -> int:
    return DRAWS_OF_DEFAULT if structure == DEFAULT_STRUCTURE.name else DRAWS_PER_MECHANISM


def calibrated_values(summary: Mapping[str, Any]) -> dict[str, Mapping[str, float]]:
    """Posterior mean and interval by ledger id: the default structure, and what only its neighbour has."""
    found: dict[str, Mapping[str, float]] = {}
    for name in (FALLBACK_STRUCTURE, DEFAULT_STRUCTURE.name):
        found |= summary["structures"][name]["parameters"]
    return found


def update_ledger(evidence: Path, values: Mapping[str, Mapping[str, float]]) -> int:
    """Put posterior mean and interval in every calibrated entry; everything else stays to the letter.

    Assumed entries keep their values, although some of them were sampled too: they stay declared priors,
    and some are read by the likelihood as they stand.

    Returns:    how many entries were changed
    """
    changed = 0
    for path in sorted((evidence / "ledger").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        new, count = updated_text(text, values)
        changed += count
        if new != text:
            temporary = path.with_name(f".{path.name}.new")
            temporary.write_text(new, encoding="utf-8", newline="\n")
            temporary.replace(path)
    return changed


def updated_text(text: str, values: Mapping[str, Mapping[str, float]]) -> tuple[str, int]:
    """The text of one ledger file with the calibrated entries changed, and how many were."""
    parts, count = [], 0
    for block in re.split(r"(?m)^(?=- id: )", text):
        name = re.match(r"- id: (\S+)", block)
        is_calibrated = re.search(r"(?m)^  kind: calibrated$", block) is not None
        if name is not None and is_calibrated and name[1] in values:
            block, count = _updated_entry(block, values[name[1]]), count + 1
        parts.append(block)
    return "".join(parts), count


def _updated_entry(block: str, found: Mapping[str, float]) -> str:
    lines = {
        r"  - value: ": _digits(found["mean"]),
        r"    interval: ": f"[{_digits(found['lo'])}, {_digits(found['hi'])}]",
        r"    interval_is: ": "posterior95",
        r"    reading: ": "DERIVED",
    }
    for start, value in lines.items():
        block, count = re.subn(rf"(?m)^({re.escape(start)}).*$", rf"\g<1>{value}", block, count=1)
        if count != 1:
            raise InputError(file="ledger", field=block.split()[2], value=start.strip(), allowed="this line")
    return block


def _digits(value: float) -> str:
    return np.format_float_positional(
        value, precision=SIGNIFICANT_DIGITS, unique=False, fractional=False, trim="0"
    )

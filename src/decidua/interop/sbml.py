"""The womb model of one run as SBML Level 3 Version 2, for any simulator that reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from decidua.base.provenance import provenance
from decidua.womb import MECHANISM_CLASS, as_regimen, render_regimen
from decidua.womb.mechanisms import assumes_contested_mechanism
from decidua.womb.solver import Run, model_text, sbml_text
from decidua.womb.units import in_own_time

_MODEL_OPENS = re.compile(r"<model [^>]*>")


def exported_sbml(run: Run, *, notes: Mapping[str, Any]) -> str:
    """The model with the inputs, parameters and regimen of a run written in, ready to simulate from time 0.

    Some simulators always begin at time 0. A run that begins in an earlier cycle is therefore written in its
    own time, and the notes say on which day of gestation it begins.

    Arguments:  run    inputs and schedule, e.g. of `decidua.womb.pregnancy_run`
                notes  title to text, or to plain data, written into the model's notes
    Returns:    SBML Level 3 Version 2, consistent in its units
    Raises:     SolverError when the model cannot be composed
    Checked by: tests/unit/interop/test_sbml.py (libSBML finds nothing; COPASI gives the same curves)
    """
    first = run.schedule.start_day
    text = model_text(run)
    if first != 0.0:
        text = in_own_time(text, first_day=first)
    begins = {"time 0": f"day {first:g} since the first day of the last period"}
    return _with_notes(sbml_text(text), {**begins, **notes})


def export_notes(mechanism: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader of the file is told: what it is, what it assumes, and where it comes from.

    Arguments:  mechanism  of the run
                arguments  of `decidua.womb.pregnancy_run`
    Returns:    title to text, or to plain data
    """
    known = as_regimen(arguments["regimen"])
    named = {**arguments, "mechanism": mechanism, "regimen": known.name}
    weights = {
        name: float(name == MECHANISM_CLASS[mechanism]) for name in dict.fromkeys(MECHANISM_CLASS.values())
    }
    made = provenance(seed=None, arguments=named, mechanism_weights=weights, weights_are="prior")
    contested = {"mechanism": f"{mechanism}: assumes a contested mechanism"}
    return {
        "purpose": "research and education; a simulated womb, no advice for a person",
        **(contested if assumes_contested_mechanism(mechanism) else {}),
        "regimen": render_regimen(known),
        "provenance": made,
    }


def _with_notes(sbml: str, notes: Mapping[str, Any]) -> str:
    lines = [f"<p>{escape(title)}: {escape(_told(what))}</p>" for title, what in notes.items()]
    body = f'<notes><body xmlns="http://www.w3.org/1999/xhtml">{"".join(lines)}</body></notes>'
    return _MODEL_OPENS.sub(lambda found: f"{found.group(0)}\n    {body}", sbml, count=1)


def _told(what: Any) -> str:
    return what if isinstance(what, str) else json.dumps(what, ensure_ascii=False, sort_keys=True)

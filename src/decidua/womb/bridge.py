"""The table that carries the womb into the law of a pregnancy: added loss by week, and implantation."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from decidua.base.errors import InputError
from decidua.womb.composition import equations
from decidua.womb.mechanisms import MECHANISMS
from decidua.womb.parameters import ledger_values
from decidua.womb.regimens import REGIMENS, load_regimen
from decidua.womb.solver import Array

FORMAT = "bridge/1"
ARRAYS = (
    "recognition_levels",
    "recognition_weights",
    "log_density_grid",
    "weeks",
    "hazard_excess",
    "implantation_log_multiplier",
    "hazard_scale",
    "implantation_scale",
    "implantation_origin",
)


@dataclass(frozen=True)
class Bridge:
    r"""What uterine NK density does to loss and implantation, for each mechanism and regimen.

    The weekly euploid loss hazard gains
    $$ effect \times hazard\_excess(density, week) \times \text{mean euploid hazard of that week} $$
    with `effect` a prior declared elsewhere, matched across classes. Under regimen `none`, averaged over
    recognition, the mean of `hazard_excess` over weeks 6 to 12 at the high cut (too_few: the low reference)
    is 1 above that at the control median; `implantation_log_multiplier` is 0 at the median and -1 there.
    `marker` is exactly zero. Treatment keeps these scales, so it acts only through what it does in the womb.

    mechanisms, regimens          names, the first two axes
    recognition_levels, _weights  shape (3,), with prior weights that sum to 1
    log_density_grid              natural log of cells per mm2, shape (13,)
    weeks                         completed weeks 4 to 42, shape (39,)
    hazard_excess                 shape (mechanism, regimen, recognition, density, week), >= 0
    implantation_log_multiplier   shape (mechanism, regimen, recognition, density)
    hazard_scale, implantation_scale, implantation_origin   shape (mechanism,): signal = origin + scale * unit
    content                       hash of the model, the ledger's entries and the regimens it was made from
    """

    mechanisms: tuple[str, ...]
    regimens: tuple[str, ...]
    recognition_levels: Array
    recognition_weights: Array
    log_density_grid: Array
    weeks: Array
    hazard_excess: Array
    implantation_log_multiplier: Array
    hazard_scale: Array
    implantation_scale: Array
    implantation_origin: Array
    content: str

    def averaged(self) -> tuple[Array, Array]:
        """Both tables averaged over recognition by its prior weights.

        Returns:    hazard excess, shape (mechanism, regimen, density, week), and implantation log multiplier,
                    shape (mechanism, regimen, density)
        """
        weights = self.recognition_weights
        hazard = np.einsum("c,mrcdw->mrdw", weights, self.hazard_excess)
        implantation = np.einsum("c,mrcd->mrd", weights, self.implantation_log_multiplier)
        return hazard, implantation


def bridge_content() -> str:
    """Hash of what the table depends on: equations, ledger values of the womb, regimens but their titles."""
    numbers = {name: value.hex() for name, value in sorted(ledger_values().items())}
    regimens = {name: load_regimen(name).model_dump(mode="json", exclude={"title"}) for name in REGIMENS}
    told = json.dumps([FORMAT, MECHANISMS, equations(), numbers, regimens], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def bridge_path() -> Path:
    """Where the shipped table lies."""
    import decidua.evidence

    return Path(decidua.evidence.__file__).parent / "bridge" / "womb.npz"


def write_bridge(bridge: Bridge, path: Path) -> None:
    """Write a table to one file.

    Arguments:  bridge  the table
                path    file to write, replaced if it is there
    """
    held: dict[str, Any] = {name: getattr(bridge, name) for name in ARRAYS}
    words = {"mechanisms": bridge.mechanisms, "regimens": bridge.regimens, "content": bridge.content}
    held |= {name: np.array(word) for name, word in words.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, **held, format=np.array(FORMAT))


def read_bridge(path: Path) -> Bridge:
    """Read a table from a file.

    Arguments:  path  file that `write_bridge` wrote
    Returns:    Bridge
    Raises:     InputError when it is no such file
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        allowed = "a table of the womb"
        raise InputError(file=path.name, value=path.name, allowed=allowed, why=str(error)) from None
    if str(found.get("format")) != FORMAT:
        raise InputError(file=path.name, field="format", value=str(found.get("format")), allowed=FORMAT)
    return Bridge(
        mechanisms=tuple(str(name) for name in found["mechanisms"]),
        regimens=tuple(str(name) for name in found["regimens"]),
        content=str(found["content"]),
        **{name: _frozen(found[name]) for name in ARRAYS},
    )


@cache
def load_bridge() -> Bridge:
    """The table that ships with the program.

    Returns:    Bridge
    Raises:     InputError when model, ledger or regimens have changed since it was made
    """
    bridge = read_bridge(bridge_path())
    if bridge.content != bridge_content():
        raise InputError(
            file=bridge_path().name,
            field="content",
            value=bridge.content,
            allowed=f"{bridge_content()}, the hash of the present model, ledger and regimens",
            why="the table is stale; make it again with: python -m decidua.womb",
        )
    return bridge


def _frozen(values: Array) -> Array:
    values.setflags(write=False)
    return values

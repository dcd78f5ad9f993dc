"""The posterior draws that ship with the program: one column for each ledger id, one row for each draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decidua.evidence.errors import EvidenceError

HERE = Path(__file__).parent / "draws"
LABELS = ("mechanism", "weight", "log_likelihood")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of one structure of the law, equal numbers for each mechanism.

    columns         ledger id to values, each shape (draws,)
    mechanism       name for each draw
    weight          prior weight of each draw: the mechanism classes share 1 equally
    log_likelihood  of the calibration tables at each draw
    """

    structure: str
    columns: dict[str, FloatArray]
    mechanism: tuple[str, ...]
    weight: FloatArray
    log_likelihood: FloatArray

    def __len__(self) -> int:
        """Number of draws."""
        return len(self.mechanism)

    def only(self, keep: NDArray[np.integer[Any]]) -> Draws:
        """The draws at these positions, weights scaled to sum to 1."""
        at = np.asarray(keep, dtype=np.int64)
        weight = self.weight[at]
        return Draws(
            structure=self.structure,
            columns={name: values[at] for name, values in self.columns.items()},
            mechanism=tuple(self.mechanism[i] for i in at),
            weight=weight / weight.sum(),
            log_likelihood=self.log_likelihood[at],
        )


def draws_file(structure: str) -> Path:
    """Where the draws of one structure are kept."""
    return HERE / f"{structure}.parquet"


@cache
def load_draws(structure: str) -> Draws:
    """The shipped draws of one structure, for instance "fading-log_normal"."""
    return read_draws(draws_file(structure), structure=structure)


def read_draws(path: Path, *, structure: str) -> Draws:
    """Draws from a Parquet file written by `write_draws`."""
    import polars

    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in HERE.glob("*.parquet")))
        raise EvidenceError(file=path.name, field="structure", value=structure, allowed=known or "none yet")
    table = polars.read_parquet(path)
    columns = {
        name: table[name].to_numpy().astype(np.float64) for name in table.columns if name not in LABELS
    }
    return Draws(
        structure=structure,
        columns=columns,
        mechanism=tuple(table["mechanism"].to_list()),
        weight=table["weight"].to_numpy().astype(np.float64),
        log_likelihood=table["log_likelihood"].to_numpy().astype(np.float64),
    )


def write_draws(draws: Draws, path: Path) -> None:
    """Write draws as Parquet, compressed, in the order of the ledger ids."""
    import polars

    frame = {
        "mechanism": list(draws.mechanism),
        "weight": draws.weight,
        "log_likelihood": draws.log_likelihood,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    polars.DataFrame(frame | draws.columns).write_parquet(path, compression="zstd", statistics=False)

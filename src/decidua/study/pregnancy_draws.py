"""The numbers of virtual women, each a pure function of (seed, name, woman): nobody moves another."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from decidua.evidence import load_ledger
from decidua.evidence.prior import Prior

FloatArray = NDArray[np.float64]

PREFIX = "womb."
# Definitions of a unit or of a discrete prior, not properties of a woman.
DEFINITIONS = ("womb.unk.low_reference_per_mm2", "womb.recognition.level_", "womb.recognition.weight_")
LEVELS = ("low", "middle", "high")
CONTROLS = "measure.uterine_nk.control_"
REPEATABILITY = "measure.uterine_nk.repeatability"
WORDS_PER_ADDRESS = 4  # of 64 bits, that the counter-based generator gives for one value of its counter


@dataclass(frozen=True)
class Drawn:
    """What was drawn for some women in a row.

    density_per_mm2  true untreated mid-luteal density, cells per mm2, shape (women,)
    recognition      0 to 1, shape (women,)
    priors           name in the model to values of each declared prior, each shape (women,)
    """

    density_per_mm2: FloatArray
    recognition: FloatArray
    priors: Mapping[str, FloatArray]


def uniforms(seed: int, *, name: str, first: int, count: int) -> FloatArray:
    """Numbers between 0 and 1 for women in a row; each depends on nothing but its address.

    Arguments:  seed     of the run
                name     purpose of the number
                first    number of the first woman, from 0
                count    how many women
    Returns:    shape (count,), each above 0 and below 1
    Checked by: tests/unit/study/test_pregnancy_draws.py
    """
    key = np.frombuffer(hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest(), dtype=np.uint64)
    address = np.array([first, 0, 0, 0], dtype=np.uint64)
    raw = np.random.Philox(key=key, counter=address).random_raw(WORDS_PER_ADDRESS * count)
    whole = (raw[::WORDS_PER_ADDRESS] >> np.uint64(11)).astype(np.float64)
    return np.asarray((whole + 0.5) * 2.0**-53)


def quantiles_of(prior: Prior, q: FloatArray) -> FloatArray:
    """The values below which a declared prior has the chances q; normal and log-normal ones may be cut."""
    a = prior.parameters
    match prior.distribution:
        case "normal":
            values = a["mean"] + a["sd"] * special.ndtri(_between(q, a, a["mean"], a["sd"]))
        case "lognormal":
            logs: dict[str, float] = {name: math.log(a[name]) for name in ("lo", "hi") if name in a}
            middle = math.log(a["median"])
            values = np.exp(middle + a["log_sd"] * special.ndtri(_between(q, logs, middle, a["log_sd"])))
        case "half_normal":
            values = a["sd"] * special.ndtri(0.5 + 0.5 * q)
        case "beta":
            values = special.betaincinv(a["alpha"], a["beta"], q)
        case "gamma":
            values = special.gammaincinv(a["shape"], q) / a["rate"]
        case "uniform":
            values = a["lo"] + (a["hi"] - a["lo"]) * q
    return np.asarray(values, dtype=np.float64)


def _between(q: FloatArray, limits: Mapping[str, float], mean: float, sd: float) -> FloatArray:
    """Chances of a normal that is cut at `lo` and `hi`, as chances of the whole one."""
    low = float(special.ndtr((limits["lo"] - mean) / sd)) if "lo" in limits else 0.0
    high = float(special.ndtr((limits["hi"] - mean) / sd)) if "hi" in limits else 1.0
    return low + (high - low) * q


@cache
def womb_priors() -> dict[str, Prior]:
    """Every declared prior of the womb that describes a woman, by its name in the model."""
    ledger = load_ledger()
    names = [name for name in ledger if name.startswith(PREFIX) and not name.startswith(DEFINITIONS)]
    found = {name: ledger[name].prior for name in names}
    return {
        name.removeprefix(PREFIX).replace(".", "_"): prior
        for name, prior in found.items()
        if prior is not None
    }


def draw_women(seed: int, *, first: int, count: int) -> Drawn:
    """Draw women from the distributions of the ledger.

    The true density is the lasting part of the spread among control women of one laboratory: the spread of
    readings times the root of the repeatability, which is drawn from its own prior.

    Arguments:  seed   of the run
                first  number of the first woman, from 0
                count  how many women
    Returns:    Drawn
    Checked by: tests/unit/study/test_pregnancy_draws.py
    """
    ledger = load_ledger()
    share = prior_draws(seed, REPEATABILITY, _prior_of(REPEATABILITY), first=first, count=count)
    score = special.ndtri(uniforms(seed, name="density", first=first, count=count))
    spread = ledger.value(f"{CONTROLS}log_sd") * np.sqrt(share)
    median = ledger.value(f"{CONTROLS}median_cells_per_mm2")
    return Drawn(
        density_per_mm2=median * np.exp(spread * score),
        recognition=_recognition(uniforms(seed, name="recognition", first=first, count=count)),
        priors={
            name: prior_draws(seed, name, prior, first=first, count=count)
            for name, prior in womb_priors().items()
        },
    )


def prior_draws(seed: int, name: str, prior: Prior, *, first: int, count: int) -> FloatArray:
    """One prior for women in a row, at its address."""
    return quantiles_of(prior, uniforms(seed, name=name, first=first, count=count))


def _recognition(q: FloatArray) -> FloatArray:
    """The level of recognition by its prior weights, as in the table that carries the womb into the law."""
    ledger = load_ledger()
    levels = np.array([ledger.value(f"womb.recognition.level_{name}") for name in LEVELS])
    weights = np.array([ledger.value(f"womb.recognition.weight_{name}") for name in LEVELS])
    return np.asarray(levels[np.searchsorted(np.cumsum(weights / weights.sum())[:-1], q, side="right")])


def _prior_of(name: str) -> Prior:
    prior = load_ledger()[name].prior
    if prior is None:
        raise LookupError(f"{name}: no declared prior")
    return prior

r"""Random numbers by address: every draw is a pure function of (seed, woman, occasion, purpose).

No generator has a state, so nothing depends on the order in which draws are made: not on threads, processes
or chunks, not on other women, and not on what a policy does elsewhere in the same life.

A woman's stream is a start and an odd step, both hashed from seed and woman. The draw at counter c is

$$ u = (\lfloor h(\text{start} + c \cdot \text{step}) / 2^{12} \rfloor + 1/2) \cdot 2^{-52} $$

with h a bijective mix of 64 bits (SplitMix64 with the constants of Stafford's variant 13). Steps differ
between women, so that two streams can share single values by chance but never a run of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decidua.base.compiled import compiled, compiled_in_place

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

PURPOSES = 32  # places for purposes at each occasion
MAX_SEED = 2**63 - 1

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ALTERNATING = np.uint64(0xAAAAAAAAAAAAAAAA)
_ONE, _PURPOSES = np.uint64(1), np.uint64(PURPOSES)
_BY_30, _BY_27, _BY_31, _BY_12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_PAIRS, _FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_BYTES, _ALL_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
_BY_2, _BY_4, _BY_56 = np.uint64(2), np.uint64(4), np.uint64(56)
_FEWEST_CHANGES = np.uint64(24)  # between neighbouring bits of a step, below which its multiples look regular
_UNIT = 2.0**-52  # one bit more and the half would be rounded away, and 1 itself could come out


class Stream(NamedTuple):
    """The random numbers of one woman under one seed."""

    start: np.uint64
    step: np.uint64  # odd


@compiled_in_place
def mixed(z: np.uint64) -> np.uint64:
    """A bijection of 64 bits in which every bit of the argument reaches every bit of the result."""
    z = (z ^ (z >> _BY_30)) * _FIRST
    z = (z ^ (z >> _BY_27)) * _SECOND
    return z ^ (z >> _BY_31)


@compiled_in_place
def stream_of(seed: int, woman: int) -> Stream:
    """The stream of one woman; different women of one seed have different starts.

    Arguments:  seed   0 to MAX_SEED
                woman  number of the woman, >= 0
    Returns:    Stream
    Checked by: tests/unit/base/test_address.py, verify/test_address.py
    """
    world = mixed(np.uint64(seed) + _GOLDEN)
    start = mixed(world ^ mixed(np.uint64(woman) * _GOLDEN + _ONE))
    step = mixed(start + _GOLDEN) | _ONE
    if changes_of(step) < _FEWEST_CHANGES:
        step = step ^ _ALTERNATING
    return Stream(start, step)


@compiled_in_place
def changes_of(step: np.uint64) -> np.uint64:
    """How many neighbouring bits of a step differ: the ones are added up in pairs, fours, bytes, all."""
    x = step ^ (step >> _ONE)
    x = x - ((x >> _ONE) & _PAIRS)
    x = (x & _FOURS) + ((x >> _BY_2) & _FOURS)
    x = (x + (x >> _BY_4)) & _BYTES
    return (x * _ALL_BYTES) >> _BY_56


@compiled_in_place
def uniform_at(stream: Stream, occasion: int, purpose: int) -> float:
    """A uniform number, above 0 and below 1, at one address; for compiled code, which keeps 64 bits apart.

    Arguments:  stream    of the woman
                occasion  0 for what she is born with, else the number of the pregnancy, >= 1
                purpose   what the number decides, 0 to PURPOSES - 1
    Returns:    float, an odd multiple of 2^-53
    """
    counter = np.uint64(occasion) * _PURPOSES + np.uint64(purpose) + _ONE
    return (float(np.int64(mixed(stream.start + counter * stream.step) >> _BY_12)) + 0.5) * _UNIT


@compiled
def uniforms_at(seed: int, women: IntArray, occasions: IntArray, purpose: int) -> FloatArray:
    """The numbers at many addresses, for what is decided about rows after they were written.

    Arguments:  seed              0 to MAX_SEED
                women, occasions  the addresses, each shape (rows,)
                purpose           0 to PURPOSES - 1
    Returns:    shape (rows,)
    """
    out = np.empty(women.size)
    for k in range(women.size):
        out[k] = uniform_at(stream_of(seed, women[k]), occasions[k], purpose)
    return out

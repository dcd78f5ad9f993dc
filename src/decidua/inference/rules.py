"""Nodes of the euploid multiplier for what is known of the conditions, for every draw."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from decidua.base.arrays import put
from decidua.base.compiled import compiled, compiled_step
from decidua.inference import quadrature
from decidua.inference.encoding import IntArray
from decidua.life.parameters import FloatArray


class Rules(NamedTuple):
    """Nodes of the euploid multiplier for what is known of the conditions, by draw, world and branch.

    A world fixes whether there is a translocation, or leaves it open where no karyotype asks; branch 0
    holds all women of the world, branch 1 + k those of them with condition k. Where nobody asks about
    causes there is branch 0 alone.
    """

    nodes: FloatArray  # (draws, worlds, branches, nodes)
    weights: FloatArray  # same; sum over the nodes of branch 0 and over worlds is 1
    worlds: FloatArray  # (worlds,) translocation 1, 0, or -1 where it is left open
    sizes: IntArray  # (branches,) nodes of each branch; what is laid out beyond them is empty


@compiled
def rule_set(
    atoms: FloatArray,
    atom_weight: FloatArray,
    known: FloatArray,
    worlds: FloatArray,
    branches: int,
    everyone: int,
    some: int,
) -> Rules:
    """Gauss rules of every draw for the given knowledge.

    Arguments:  atoms, atom_weight  as in Stack
                known               (4,) 1 present, 0 absent, -1 unknown
                worlds              (worlds,) translocation 1, 0, or -1 for open
                branches            1 without causes, else 1 + known.size
                everyone, some      nodes of branch 0 and of the others
    """
    draws = atoms.shape[0]
    most = max(everyone, some)
    nodes, weights = (
        np.ones((draws, worlds.size, branches, most)),
        np.zeros((draws, worlds.size, branches, most)),
    )
    for i in range(draws):
        allowed = weights_given(atom_weight[i], known)
        total = allowed.sum()
        for w in range(worlds.size):
            here = with_condition(allowed, known.size - 1, worlds[w])
            for b in range(branches):
                count = everyone if b == 0 else some
                kept = here if b == 0 else with_condition(here, b - 1, 1.0)
                mass = kept.sum()
                if mass > 0.0:
                    x, v = quadrature.saturating_rule(atoms[i].ravel(), kept.ravel(), count)
                    put(x, nodes[i, w, b, :count])
                    put(v * mass / total, weights[i, w, b, :count])
    sizes = np.full(branches, some)
    sizes[0] = everyone
    return Rules(nodes, weights, worlds, sizes)


@compiled_step
def weights_given(atom_weight: FloatArray, known: FloatArray) -> FloatArray:
    """Weights of the atoms that agree with what is known."""
    out = atom_weight.copy()
    for k in range(known.size):
        out = with_condition(out, k, known[k])
    return out


@compiled
def with_condition(atom_weight: FloatArray, condition: int, present: float) -> FloatArray:
    """Weights of the atoms with (1) or without (0) a condition; all of them for -1."""
    out = atom_weight.copy()
    if present >= 0.0:
        for s in range(out.shape[0]):
            if (s >> condition) & 1 != int(present):
                out[s] = 0.0
    return out
